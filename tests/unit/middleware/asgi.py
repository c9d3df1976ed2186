"""One request against an ASGI application, message by message, without a socket."""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.call import Trace

REQUEST_ID = "0123456789abcdef0123456789abcdef"
DISCONNECT: Message = {"type": "http.disconnect"}


@dataclass
class Answer:
    """What came back: nothing, a part, or all of it."""

    messages: list[Message] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self._start["status"])

    @property
    def headers(self) -> Headers:
        return Headers(raw=list(self._start["headers"]))

    @property
    def body(self) -> bytes:
        return b"".join(each.get("body", b"") for each in self.messages[1:])

    @property
    def complete(self) -> bool:
        return len(self.messages) > 1 and not self.messages[-1].get("more_body", False)

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def _start(self) -> Message:
        return self.messages[0]


def scope(
    method: str = "GET", path: str = "/", *, headers: Iterable[tuple[bytes, bytes]] = (), **more: Any
) -> dict[str, Any]:
    """A scope as uvicorn makes it, with a trace in it."""
    return {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": list(headers),
        "state": {"trace": Trace(REQUEST_ID, deadline=float("inf"))},
        **more,
    }


def body(*parts: bytes) -> list[Message]:
    """The messages of a body that arrives in these parts."""
    more = [{"type": "http.request", "body": part, "more_body": True} for part in parts[:-1]]
    return [*more, {"type": "http.request", "body": parts[-1] if parts else b"", "more_body": False}]


async def send_request(app: ASGIApp, scope: Scope, messages: Sequence[Message] | None = None) -> Answer:
    """The answer; after the messages, the client is silent, and stays."""
    waiting = list(body() if messages is None else messages)
    answer = Answer()

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        return await asyncio.Future()

    async def send(message: Message) -> None:
        answer.messages.append(dict(message))

    await app(scope, receive, send)
    return answer


def answering(status: int = 200, content: bytes = b"fine", headers: Iterable[tuple[bytes, bytes]] = ()) -> ASGIApp:
    """An application that gives one answer, whatever it is asked."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": content})

    return app


def raising(error: BaseException, *, after: Sequence[Message] = ()) -> ASGIApp:
    """An application that fails, once it has sent these messages."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in after:
            await send(dict(message))
        raise error

    return app


async def read_all(receive: Receive) -> bytes:
    """The whole body, as an application reads it."""
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def echo() -> ASGIApp:
    """An application that answers with the body it was sent."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        content = await read_all(receive)
        await answering(content=content)(scope, receive, send)

    return app


class Noting:
    """An application that only notes the scopes that reach it."""

    def __init__(self) -> None:
        self.reached: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached.append(scope)


async def other_scopes_that_reach(wrap: Callable[[ASGIApp], ASGIApp]) -> list[Scope]:
    """What of a lifespan and a web socket, sent through a middleware, gets to the application behind it."""
    inside = Noting()
    for kind in ("lifespan", "websocket"):
        await wrap(inside)({"type": kind}, _never, _nothing)
    return inside.reached


OTHER_SCOPES: list[dict[str, Any]] = [{"type": "lifespan"}, {"type": "websocket"}]


async def _never() -> Message:
    return await asyncio.Future()


async def _nothing(message: Message) -> None:
    del message
