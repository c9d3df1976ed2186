"""What the headers of a request must not be, found before anything else is done with it."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from app.domain.errors import ForbiddenHeaderError, HeadersTooLargeError

REFUSAL: Final = "refusal"
"""Where the state of a request holds the error for which the server could not read it."""

_FORBIDDEN: Final = (b"impersonate-", b"x-remote-")
_LINE_OVERHEAD: Final = len(": \r\n")


class HeaderRules:
    """Refuses header blocks that are too large, and headers that say who somebody is to Kubernetes.

    No inbound header is ever copied into a call. A caller who sends `Impersonate-User` all the same tries something,
    or is behind a proxy that takes us for kube-apiserver: both are told at once. An underscore counts as a hyphen, as
    many a gateway makes the one of the other. `limit` is in bytes.

    Raises:
        AppError: what the server has found (`REFUSAL`).
        HeadersTooLargeError: the block is over the limit.
        ForbiddenHeaderError: `Impersonate-*` or `X-Remote-*`.
    """

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through if its headers are fine."""
        if scope["type"] == "http":
            if REFUSAL in scope.get("state", {}):
                raise scope["state"][REFUSAL]
            self._check(scope["headers"])
        await self._app(scope, receive, send)

    def _check(self, headers: list[tuple[bytes, bytes]]) -> None:
        if sum(len(name) + len(value) + _LINE_OVERHEAD for name, value in headers) > self._limit:
            raise HeadersTooLargeError(self._limit)
        if any(name.lower().replace(b"_", b"-").startswith(_FORBIDDEN) for name, _ in headers):
            raise ForbiddenHeaderError
