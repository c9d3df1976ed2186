"""Every request has an id of our own making, and a time by which it is over.

An id that the caller sends is not taken over: it goes into the cluster's audit log, where nobody may write at will.
"""

import asyncio
import secrets
from datetime import timedelta

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.call import Trace


class RequestId:
    """Puts the request's `trace` into its state, and the id into the answer as `X-Request-Id`.

    `limit` is how long the whole request may take.
    """

    def __init__(self, app: ASGIApp, *, limit: timedelta) -> None:
        self._app = app
        self._limit = limit.total_seconds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, with its trace."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = Trace(new_request_id(), asyncio.get_running_loop().time() + self._limit)
        scope.setdefault("state", {})["trace"] = trace
        header = (b"x-request-id", trace.request_id.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        await self._app(scope, receive, send_with_id)


def new_request_id() -> str:
    """32 hexadecimal digits; with `.<n>` behind them they fit into an Audit-ID, which kube-apiserver cuts at 64."""
    return secrets.token_hex(16)
