"""How large a body may be, and how long it may take to arrive."""

import asyncio
from datetime import timedelta

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.errors import AppError, BodyTimeoutError, BodyTooLargeError


class BodyLimit:
    """Refuses a body over `limit` bytes, by its declared length or once so much has come, and one that is slow.

    `within` runs from when the body is first asked for: finding out who calls does not count.

    Raises:
        BodyTooLargeError: it is larger, or says that it will be.
        BodyTimeoutError: it was not all there in time.
    """

    def __init__(self, app: ASGIApp, *, limit: int, within: timedelta) -> None:
        self._app = app
        self._limit = limit
        self._within = within.total_seconds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, and watch its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _declared_length(scope) > self._limit:
            raise BodyTooLargeError(self._limit)
        body = _Body(receive, self._limit, self._within)

        async def send_unless_refused(message: Message) -> None:
            # FastAPI answers whatever is raised while it reads a form with a 400 of its own.
            if body.refusal is None:
                await send(message)

        try:
            await self._app(scope, body.receive, send_unless_refused)
        except Exception:
            if body.refusal is None:
                raise
        if body.refusal is not None:
            raise body.refusal


class _Body:
    """The body of one request, counted and timed as it is received."""

    def __init__(self, receive: Receive, limit: int, within: float) -> None:
        self._receive = receive
        self._limit = limit
        self._within = within
        self._deadline: float | None = None
        self._size = 0
        self._complete = False
        self.refusal: AppError | None = None

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()  # to learn that the client has left, for as long as the answer takes
        try:
            async with asyncio.timeout_at(self._due()):
                message = await self._receive()
        except TimeoutError:
            raise self._refuse(BodyTimeoutError()) from None
        self._size += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._size > self._limit:
            raise self._refuse(BodyTooLargeError(self._limit))
        return message

    def _due(self) -> float:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._within
        return self._deadline

    def _refuse(self, error: AppError) -> AppError:
        self.refusal = error
        return error


def _declared_length(scope: Scope) -> int:
    """What `Content-Length` says; 0 without one. That there is but one, and a number, the server has seen to."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length" and value.isdigit()), 0)
