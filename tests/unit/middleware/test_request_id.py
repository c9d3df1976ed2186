import asyncio
from datetime import timedelta

import pytest
from starlette.types import Receive, Scope, Send

from app.domain.call import Trace
from app.middleware.request_id import RequestId, new_request_id
from tests.unit.middleware.asgi import OTHER_SCOPES, Noting, answering, other_scopes_that_reach, scope, send_request

LIMIT = timedelta(seconds=30)


async def trace_of(**more: object) -> Trace:
    inside = Noting()
    await send_request(RequestId(inside, limit=LIMIT), scope(**more))  # type: ignore[arg-type]
    trace: Trace = inside.reached[0]["state"]["trace"]
    return trace


async def test_the_answer_carries_the_id_that_the_request_has_inside() -> None:
    inside: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        inside.append(scope["state"]["trace"].request_id)
        await answering()(scope, receive, send)

    answer = await send_request(RequestId(app, limit=LIMIT), scope())
    assert answer.headers.getlist("x-request-id") == inside


async def test_an_id_that_the_caller_sends_is_not_taken_over() -> None:
    sent = (b"x-request-id", b"chosen-by-the-caller")
    answer = await send_request(RequestId(answering(), limit=LIMIT), scope(headers=[sent]))
    assert answer.headers.getlist("x-request-id") != ["chosen-by-the-caller"]
    assert len(answer.headers.getlist("x-request-id")) == 1


async def test_other_headers_of_the_answer_stay() -> None:
    app = RequestId(answering(headers=[(b"etag", b'"1"')]), limit=LIMIT)
    answer = await send_request(app, scope())
    assert answer.headers["etag"] == '"1"'


async def test_no_two_requests_have_the_same_id() -> None:
    assert (await trace_of()).request_id != (await trace_of()).request_id


def test_an_id_and_the_number_of_a_call_fit_into_an_audit_id_and_a_header() -> None:
    assert len(f"{new_request_id()}.999999") < 64
    assert new_request_id().isalnum()


async def test_the_deadline_is_the_limit_from_now_on_the_clock_of_the_loop() -> None:
    before = asyncio.get_running_loop().time()
    trace = await trace_of()
    assert before + 30 <= trace.deadline <= asyncio.get_running_loop().time() + 30


async def test_a_server_without_state_is_served_too() -> None:
    inside = Noting()
    bare = scope()
    del bare["state"]
    await send_request(RequestId(inside, limit=LIMIT), bare)
    assert isinstance(inside.reached[0]["state"]["trace"], Trace)


@pytest.mark.parametrize("state", [{}, {"services": "those of the process"}])
async def test_what_is_in_the_state_already_stays(state: dict[str, str]) -> None:
    inside = Noting()
    await send_request(RequestId(inside, limit=LIMIT), scope(state=dict(state)))
    assert inside.reached[0]["state"].items() >= state.items()


async def test_other_scopes_pass_through_as_they_are() -> None:
    assert await other_scopes_that_reach(lambda app: RequestId(app, limit=LIMIT)) == OTHER_SCOPES
