"""The only place that talks to the API server: one pool of connections, shared by all callers.

Who a call is made for stands in its headers alone (`impersonation`), never in a client object. Answers that are not
2xx become errors of `domain.errors` right here, so that no text of the API server gets any further.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from dataclasses import dataclass, field
from io import BytesIO
from time import perf_counter
from typing import Final, Protocol

import structlog
from aiohttp import (
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerDisconnectedError,
)
from kubernetes_asyncio.client import Configuration
from kubernetes_asyncio.client.rest import RESTClientObject
from multidict import CIMultiDict
from yarl import URL

from app.domain.errors import (
    AppError,
    OwnAccessError,
    UpstreamAnswerError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from app.k8s.credentials import Credentials
from app.k8s.impersonation import Acting, AsReserved, AsService, outbound_headers, shows_own_credential
from app.k8s.request import KubeRequest
from app.k8s.status import to_error
from app.settings import Kubernetes

_READ_CHUNK: Final = 64 * 1024

_log = structlog.get_logger("app.k8s")


class UpstreamObserver(Protocol):
    """Is told of every call, for metrics."""

    def observe(self, verb: str, resource: str, status: int, seconds: float) -> None:
        """Count one call; status 0 stands for no answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer, whole."""

    status: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sessions:
    """One session for calls with the service's credential, and one, without our client certificate, for all others."""

    own: ClientSession
    callers: ClientSession

    def of(self, acting: Acting) -> ClientSession:
        """The session for a call."""
        return self.own if shows_own_credential(acting) else self.callers


class Transport:
    """Sends `KubeRequest`s. Open one with `open_transport`."""

    def __init__(
        self, sessions: Sessions, credentials: Credentials, settings: Kubernetes, observer: UpstreamObserver | None
    ) -> None:
        self._sessions = sessions
        self._credentials = credentials
        self._settings = settings
        self._observer = observer
        self._base = str(credentials.configuration.host).rstrip("/")

    async def send(self, request: KubeRequest, acting: Acting) -> Answer:
        """Make one call; a GET that hits a connection the server just closed is made once more, a write never is.

        Raises:
            AppError: the answer was not 2xx, or there was none (`UpstreamUnavailableError`, `UpstreamTimeoutError`).
        """
        try:
            return await self._once(request, acting)
        except _StaleConnectionError:
            if request.method != "GET":
                raise UpstreamUnavailableError from None
        try:
            return await self._once(request, acting)
        except _StaleConnectionError:
            raise UpstreamUnavailableError from None

    async def watch(self, request: KubeRequest, acting: Acting, idle_seconds: float) -> AsyncIterator[bytes]:
        """The events of a watch, a line of JSON each, until the server ends it.

        One that is silent for `idle_seconds`, bookmarks included, is taken for dead.

        Raises:
            AppError: as for `send`; also when the stream breaks or falls silent.
        """
        timeouts = ClientTimeout(sock_connect=self._settings.connect_timeout.total_seconds(), sock_read=idle_seconds)
        try:
            async with self._open(request, acting, timeouts) as response:
                async for line in response.content:
                    yield line
        except TimeoutError:
            raise UpstreamTimeoutError from None
        except (ClientError, OSError):
            raise UpstreamUnavailableError from None

    async def _once(self, request: KubeRequest, acting: Acting) -> Answer:
        left = acting.trace.deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise UpstreamTimeoutError
        timeouts = ClientTimeout(
            total=left,
            sock_connect=self._settings.connect_timeout.total_seconds(),
            sock_read=self._settings.read_timeout.total_seconds(),
        )
        try:
            async with self._open(request, acting, timeouts) as response:
                return Answer(response.status, await _read(response, self._settings.max_answer_bytes))
        except TimeoutError:
            raise UpstreamTimeoutError from None
        except (ServerDisconnectedError, ConnectionResetError):
            raise _StaleConnectionError from None
        except (ClientResponseError, ClientPayloadError):
            raise UpstreamAnswerError(reason="NotHttp") from None
        except (ClientError, OSError):
            raise UpstreamUnavailableError from None

    @asynccontextmanager
    async def _open(
        self, request: KubeRequest, acting: Acting, timeouts: ClientTimeout
    ) -> AsyncIterator[ClientResponse]:
        """An answer that is 2xx, its body not yet read."""
        if isinstance(acting, AsService) and request.resource == "secrets":
            raise OwnAccessError(request.verb, request.resource)
        headers = _headers(request, outbound_headers(acting, await self._credentials.token()))
        started = perf_counter()
        status = 0
        try:
            async with self._sessions.of(acting).request(
                request.method,
                URL(self._base + request.path, encoded=True).with_query(dict(request.query)),
                headers=headers,
                data=_body(request),
                timeout=timeouts,
                allow_redirects=False,
                proxy=self._credentials.configuration.proxy,
                server_hostname=self._credentials.configuration.tls_server_name,
            ) as response:
                status = response.status
                if not 200 <= status < 300:
                    raise await self._refusal(response, request, acting)
                yield response
        finally:
            if self._observer is not None:
                self._observer.observe(request.verb, request.resource, status, perf_counter() - started)

    async def _refusal(self, response: ClientResponse, request: KubeRequest, acting: Acting) -> AppError:
        body = await _read(response, self._settings.max_answer_bytes)
        error = to_error(response.status, body, response.headers.get("Retry-After"), request, acting)
        if isinstance(error, OwnAccessError) or (
            response.status == 401 and isinstance(error, UpstreamUnavailableError)
        ):
            _log.error(
                "kubernetes.own_access_refused",
                status=response.status,
                verb=request.verb,
                resource=request.resource,
                request_id=acting.trace.request_id,
                **({"user": acting.user} if isinstance(acting, AsReserved) else {}),
            )
        return error


@asynccontextmanager
async def open_transport(
    settings: Kubernetes, credentials: Credentials, observer: UpstreamObserver | None = None
) -> AsyncIterator[Transport]:
    """A transport over the connectors that kubernetes-asyncio sets up (TLS, client certificate, pool)."""
    configuration = credentials.configuration
    bare = copy(configuration)
    bare.cert_file = bare.key_file = None
    async with AsyncExitStack() as stack:
        own = await stack.enter_async_context(_session(configuration, settings.connections))
        if configuration.cert_file is None:
            yield Transport(Sessions(own, own), credentials, settings, observer)
        else:
            callers = await stack.enter_async_context(_session(bare, settings.connections))
            yield Transport(Sessions(own, callers), credentials, settings, observer)


def _session(configuration: Configuration, connections: int) -> ClientSession:
    """The library's own session honours the environment's proxies and keeps cookies; this one does neither."""
    rest = RESTClientObject(configuration, maxsize=connections)
    connector = rest.pool_manager.connector
    rest.pool_manager.detach()
    session = ClientSession(
        connector=connector, trust_env=False, cookie_jar=DummyCookieJar(), read_bufsize=2**21, auto_decompress=False
    )
    # aiohttp repeats PUT and DELETE on a stale connection by itself; a write must never be repeated blindly.
    session._retry_connection = False  # noqa: SLF001  (no public switch: aiohttp client.py)
    return session


class _StaleConnectionError(Exception):
    """The server closed the connection before it answered."""


def _body(request: KubeRequest) -> BytesIO | None:
    """The body in a form that is sent piece by piece, so that a large one does not hold the event loop."""
    return None if request.body is None else BytesIO(request.body)


def _headers(request: KubeRequest, acting: Iterable[tuple[str, str]]) -> CIMultiDict[str]:
    headers = CIMultiDict(
        [
            ("Accept", request.accept),
            ("Accept-Encoding", "identity"),  # gzip costs kube-apiserver more than the encoding itself
            ("User-Agent", "secretspace"),
        ]
    )
    if request.content_type is not None:
        headers.add("Content-Type", request.content_type)
    for name, value in acting:
        headers.add(name, value)
    return headers


async def _read(response: ClientResponse, limit: int) -> bytes:
    """The body, refused when longer than `limit` bytes."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(_READ_CHUNK):
        size += len(chunk)
        if size > limit:
            raise UpstreamAnswerError(response.status, "TooLarge")
        chunks.append(chunk)
    return b"".join(chunks)
