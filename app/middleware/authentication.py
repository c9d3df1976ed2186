"""Who is calling is found out before anything else is looked at, the body above all.

FastAPI reads and parses the body before it runs any dependency: an anonymous caller of a malformed body would be told
about the body. Here they are told that they are anonymous, on every path but the open ones, known or not.
"""

import re
from collections.abc import Callable, Collection
from typing import Final

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from app.domain.call import Caller, Trace
from app.domain.errors import InvalidTokenError, PasswordChangeRequiredError
from app.domain.identity import Identity
from app.identity.authenticator import Authenticator

_log = structlog.get_logger("app.identity")

_POLICY_VIOLATION: Final = 1008
"""RFC 6455 section 7.4.1; this service has no WebSocket."""
_BEFORE_PASSWORD_CHANGE: Final = (
    ("GET", re.compile(r"/api/v1/me")),
    ("PUT", re.compile(r"/api/v1/accounts/[^/]+/password")),
)
"""All that is open to who has to change their password first: seeing who they are, and changing it."""


class Authentication:
    """Puts the `caller` into the request's state, or raises; nothing gets past it as nobody.

    `open_routes` are pairs of method and path (without the root path) that need no caller; a token sent there is not
    looked at. `authenticator` finds the one that the lifespan has made. The request's `trace` is in the state already.

    Raises:
        UnauthenticatedError: no credential, or one that is not good (`InvalidTokenError`).
        PasswordChangeRequiredError: the caller has to do that first.
        MalformedRequestError: more than one Authorization header.
        UpstreamError: whether the credential is good could not be found out.
    """

    def __init__(
        self, app: ASGIApp, *, open_routes: Collection[tuple[str, str]], authenticator: Callable[[Scope], Authenticator]
    ) -> None:
        self._app = app
        self._open_routes = frozenset(open_routes)
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through once it is known who calls."""
        match scope["type"]:
            case "lifespan":
                await self._app(scope, receive, send)
            case "http":
                await self._identify(scope)
                await self._app(scope, receive, send)
            case _:
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    async def _identify(self, scope: Scope) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if (scope["method"], path) in self._open_routes:
            return
        trace: Trace = scope["state"]["trace"]
        identity = await self._authenticate(scope, trace)
        scope["state"]["caller"] = Caller(identity, trace)
        if identity.password_change_required and not _is_open_before_password_change(scope["method"], path):
            raise PasswordChangeRequiredError

    async def _authenticate(self, scope: Scope, trace: Trace) -> Identity:
        authorization = [value for name, value in scope["headers"] if name == b"authorization"]
        try:
            return await self._authenticator(scope).authenticate(authorization, trace)
        except InvalidTokenError as error:
            _log.info("identity.token_refused", reason=str(error), request_id=trace.request_id)
            raise


def _is_open_before_password_change(method: str, path: str) -> bool:
    return any(method == allowed and pattern.fullmatch(path) for allowed, pattern in _BEFORE_PASSWORD_CHANGE)
