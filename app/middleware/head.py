"""HEAD where anybody may GET: many a probe asks so."""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send


class HeadAsGet:
    """Answers HEAD on open routes as it would GET; the server leaves the body out (RFC 9110 section 9.3.2).

    `open_routes` are pairs of method and path, without the root path. Further in, and in the log, the request is a GET.
    """

    def __init__(self, app: ASGIApp, *, open_routes: Collection[tuple[str, str]]) -> None:
        self._app = app
        self._paths = frozenset(path for method, path in open_routes if method == "GET")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, as a GET if it is one of these."""
        if scope["type"] == "http" and scope["method"] == "HEAD" and _path(scope) in self._paths:
            scope = {**scope, "method": "GET"}  # a copy: the server goes by its own
        await self._app(scope, receive, send)


def _path(scope: Scope) -> str:
    return str(scope["path"].removeprefix(scope.get("root_path", "")))
