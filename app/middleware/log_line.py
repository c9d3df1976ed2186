"""One line a request, and one count: what was asked, by whom, how it ended, how long it took."""

from dataclasses import dataclass
from time import perf_counter
from typing import Final, Protocol

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger("app.request")

CLIENT_LEFT: Final = 499
"""Stands in the line for a request that got no whole answer, since the client left or we stop (nginx's number)."""

_NAMES: Final = {"workspace": "workspace", "project": "project", "name": "secret"}
"""Path parameters that are written, and as what."""


class RequestObserver(Protocol):
    """Is told of every request, for metrics."""

    def request_finished(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count one request; no route: the path is not one of ours."""


class LogLine:
    """Writes `request.finished` once the answer is out; with the `code` of the problem, if it is one.

    Of the path only its template and the names in it are written; never a query, a header, or a path that is unknown.
    """

    def __init__(self, app: ASGIApp, *, observer: RequestObserver) -> None:
        self._app = app
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, and watch how it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        outcome = _Outcome()

        async def watched_receive() -> Message:
            message = await receive()
            outcome.received(message)
            return message

        async def watched_send(message: Message) -> None:
            await send(message)
            outcome.sent(message)

        try:
            await self._app(scope, watched_receive, watched_send)
        finally:
            self._finish(scope, outcome, perf_counter() - started)

    def _finish(self, scope: Scope, outcome: "_Outcome", seconds: float) -> None:
        route = route_template(scope)
        self._observer.request_finished(scope["method"], route, outcome.status, seconds)
        state = scope["state"]
        trace, caller = state["trace"], state.get("caller")
        _log.info(
            "request.finished",
            method=scope["method"],
            route=route,
            status=outcome.status,
            duration_ms=round(seconds * 1000, 1),
            request_id=trace.request_id,
            upstream_calls=trace.upstream_calls,
            **({"code": state["code"]} if "code" in state else {}),
            **({} if caller is None else {"user": caller.username}),
            **_names(scope),
        )


@dataclass(slots=True)
class _Outcome:
    """What has been seen of the answer so far."""

    answered: int = CLIENT_LEFT
    left: bool = False
    complete: bool = False

    @property
    def status(self) -> int:
        return self.answered if self.complete else CLIENT_LEFT

    def received(self, message: Message) -> None:
        self.left = self.left or message["type"] == "http.disconnect"

    def sent(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answered = message["status"]
        elif message["type"] == "http.response.body":
            self.complete = not self.left and not message.get("more_body", False)


def route_template(scope: Scope) -> str | None:
    """The path of the matched route with its parameters as placeholders."""
    route = scope.get("route")
    return None if route is None else str(route.path)


def _names(scope: Scope) -> dict[str, str]:
    values = scope.get("path_params", {})
    return {written: values[name] for name, written in _NAMES.items() if name in values}
