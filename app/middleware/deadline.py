"""A request that takes too long is given up."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.call import Trace
from app.domain.errors import UpstreamTimeoutError


class Deadline:
    """Cancels what is not yet answering when the deadline of its trace has come; an answer under way may go on.

    Raises:
        UpstreamTimeoutError: the deadline has come. Nearly all the time of a request is spent at the API server, and a
            write there may have taken place, which is what this error says.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through for as long as it may take."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace: Trace = scope["state"]["trace"]
        limit = asyncio.timeout_at(trace.deadline)

        async def send_and_lift(message: Message) -> None:
            if not limit.expired():
                limit.reschedule(None)
            await send(message)

        try:
            async with limit:
                await self._app(scope, receive, send_and_lift)
        except TimeoutError:
            if limit.expired():
                raise UpstreamTimeoutError from None
            raise
