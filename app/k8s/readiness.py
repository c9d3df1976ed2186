"""Whether the API server answers, asked with the service's own credential."""

import asyncio
import secrets
from typing import Final

from app.domain.call import Trace
from app.k8s.impersonation import AsService
from app.k8s.request import KubeRequest
from app.k8s.transport import Transport

_SECONDS: Final = 5.0


class KubeReadiness:
    """Asks `/readyz`, which every client that is signed in may."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def check(self) -> None:
        """Return if the API server is ready.

        Raises:
            UpstreamError: it is not, or does not accept our credential.
        """
        trace = Trace("readiness-" + secrets.token_hex(8), asyncio.get_running_loop().time() + _SECONDS)
        await self._transport.send(KubeRequest("GET", "/readyz"), AsService(trace))
