"""Documents of a provider, over TLS: small, soon, and from where they are asked for."""

import asyncio
import ssl
from pathlib import Path
from typing import Final

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from app.identity.oidc_discovery import ProviderError

MAX_BYTES: Final = 1024 * 1024
"""Of the largest document that is read."""
SECONDS: Final = 5.0
"""That a document may take, from the connection's first packet to its last byte."""

_CHUNK: Final = 64 * 1024


class HttpsDocuments:
    """Fetches documents, verified by the authorities in `ca_file`, else by the system's.

    Each over a connection of its own, since there is a fetch an hour; redirects are not followed, and the environment's
    proxies not used.
    """

    def __init__(self, ca_file: Path | None, seconds: float = SECONDS) -> None:
        self._ca_file = ca_file
        self._seconds = seconds

    async def get(self, url: str) -> bytes:
        """The document.

        Raises:
            ProviderError: no answer, or another one than 200, or one that is too large or too slow.
        """
        try:
            tls = await asyncio.to_thread(ssl.create_default_context, cafile=self._ca_file)
        except OSError:  # ssl.SSLError is one
            raise ProviderError("the file with the authorities cannot be read") from None
        try:
            async with (
                ClientSession(
                    connector=TCPConnector(ssl=tls),
                    timeout=ClientTimeout(total=self._seconds),
                    trust_env=False,
                    cookie_jar=DummyCookieJar(),
                    auto_decompress=False,
                    headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "secretspace"},
                ) as session,
                session.get(url, allow_redirects=False) as response,
            ):
                return await _read(response)
        except TimeoutError:
            raise ProviderError("too slow") from None
        except (ClientError, OSError, ValueError):
            raise ProviderError("no connection, or no answer in HTTP") from None


async def _read(response: ClientResponse) -> bytes:
    if response.status != 200:
        raise ProviderError("an answer other than 200")
    document = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        document += chunk
        if len(document) > MAX_BYTES:
            raise ProviderError("a document is too large")
    return bytes(document)
