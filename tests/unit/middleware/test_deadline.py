import asyncio

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from app.domain.call import Trace
from app.domain.errors import UpstreamTimeoutError
from app.middleware.deadline import Deadline
from tests.unit.middleware.asgi import (
    OTHER_SCOPES,
    REQUEST_ID,
    answering,
    other_scopes_that_reach,
    raising,
    scope,
    send_request,
)


def in_seconds(seconds: float) -> dict[str, Trace]:
    return {"trace": Trace(REQUEST_ID, asyncio.get_running_loop().time() + seconds)}


def streaming(parts: int, every: float) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(parts):
            await asyncio.sleep(every)
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body"})

    return app


async def test_an_answer_in_time_passes() -> None:
    answer = await send_request(Deadline(answering()), scope(state=in_seconds(5)))
    assert answer.body == b"fine"


async def test_what_does_not_answer_in_time_is_cancelled_and_told_so() -> None:
    cancelled = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(UpstreamTimeoutError):
        await send_request(Deadline(app), scope(state=in_seconds(0.01)))
    assert cancelled == [True]


async def test_an_answer_under_way_goes_on_after_the_deadline() -> None:
    app = Deadline(streaming(parts=3, every=0.02))
    answer = await send_request(app, scope(state=in_seconds(0.01)))
    assert (answer.body, answer.complete) == (b"xxx", True)


async def test_what_is_said_while_being_cancelled_does_not_hide_that_it_was_too_late() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await send({"type": "http.response.start", "status": 200, "headers": []})

    with pytest.raises(UpstreamTimeoutError):
        await send_request(Deadline(app), scope(state=in_seconds(0.01)))


async def test_a_timeout_of_somebody_else_is_not_taken_for_ours() -> None:
    with pytest.raises(TimeoutError):
        await send_request(Deadline(raising(TimeoutError())), scope(state=in_seconds(5)))


async def test_a_server_that_stops_cancels_without_a_word_about_time() -> None:
    app = Deadline(streaming(parts=1, every=60))
    task = asyncio.create_task(send_request(app, scope(state=in_seconds(60))))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_other_scopes_pass_through_as_they_are() -> None:
    assert await other_scopes_that_reach(Deadline) == OTHER_SCOPES
