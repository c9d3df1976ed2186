"""HTTP as uvicorn reads it, with bounds on what comes before the application sees a request, and its refusals as ours.

uvicorn's own protocol collects a header block of any size for any time, from anybody, and answers by itself what it
cannot read. Here such a request goes to the application with the reason in its state, so that it gets a request id, a
line in the log and a problem document like any other. Source: uvicorn 0.54, `protocols/http/httptools_impl.py`.
"""

import asyncio
from typing import Any, Final

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.domain.errors import AppError, HeadersTooLargeError, MalformedRequestError
from app.middleware.headers import REFUSAL

HEAD_SECONDS: Final = 10.0
"""How long a connection may take until the headers of a request are there."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Refuses a header block that goes on after `head_bytes`, and closes connections on which none gets finished.

    What arrives together is read together: a block that ends with the very bytes that exceed the bound is left to the
    application, whose own limit is lower.
    """

    def __init__(self, *args: Any, head_bytes: int, head_seconds: float = HEAD_SECONDS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit = head_bytes
        self._seconds = head_seconds
        self._in_head = False
        self._head_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._refused = False

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self._limit:
            self._refuse(HeadersTooLargeError(self._limit))
        elif self._in_head or not self._is_answering:
            self._await_head()

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    @override
    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_head = False
        self._stop_waiting()

    @override
    def send_400_response(self, msg: str) -> None:
        self._refuse(MalformedRequestError())

    @property
    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's annotation leaves out the None
        return cycle is not None and not cycle.response_complete

    def _await_head(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self._seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if not self._is_answering:
            self.transport.close()

    def _refuse(self, error: AppError) -> None:
        """Let the application answer with this error, and close; at once where an answer is on its way already."""
        self._refused = True
        self._stop_waiting()
        if self._is_answering and (self._in_head or self.pipeline or self.cycle.response_started):
            self.transport.close()  # the refusal would be taken for the answer to the request before
            return
        if self._is_answering:  # the body of this very request cannot be read
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.cycle = RequestResponseCycle(
            scope=self._unread_scope(error),
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=False,
            on_response=self.on_response_complete,
        )
        self._start_asgi_task(self.cycle, self.app)

    def _unread_scope(self, error: AppError) -> Any:
        """Of the request nothing is taken over, for nothing of it is sure."""
        return {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": self.root_path,
            "method": "",
            "path": "",
            "raw_path": b"",
            "query_string": b"",
            "headers": [],
            "state": {**self.app_state, REFUSAL: error},
        }
