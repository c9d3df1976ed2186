import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message
from structlog.testing import capture_logs

from app.domain.errors import (
    AppError,
    BodyTimeoutError,
    BodyTooLargeError,
    ForbiddenHeaderError,
    HeadersTooLargeError,
    UnauthenticatedError,
    UpstreamTimeoutError,
)
from app.middleware.problem import Problems
from tests.unit.middleware.asgi import (
    OTHER_SCOPES,
    REQUEST_ID,
    answering,
    other_scopes_that_reach,
    raising,
    scope,
    send_request,
)

CANARY = "c4n4ry"
BEGUN: list[Message] = [
    {"type": "http.response.start", "status": 200, "headers": []},
    {"type": "http.response.body", "body": b"ha", "more_body": True},
]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ForbiddenHeaderError(), 400, "FORBIDDEN_HEADER"),
        (UnauthenticatedError(), 401, "UNAUTHENTICATED"),
        (BodyTimeoutError(), 408, "BODY_TIMEOUT"),
        (BodyTooLargeError(5), 413, "BODY_TOO_LARGE"),
        (HeadersTooLargeError(5), 431, "HEADERS_TOO_LARGE"),
        (UpstreamTimeoutError(), 504, "UPSTREAM_TIMEOUT"),
    ],
)
async def test_an_error_raised_further_in_is_answered_as_a_problem_document(
    error: AppError, status: int, code: str
) -> None:
    answer = await send_request(Problems(raising(error)), scope(path="/api/v1/me"))
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (
        answer.json().items()
        >= {
            "status": status,
            "code": code,
            "instance": "/api/v1/me",
            "requestId": REQUEST_ID,
        }.items()
    )


async def test_an_error_that_was_foreseen_leaves_no_line_of_its_own() -> None:
    with capture_logs() as lines:
        await send_request(Problems(raising(UnauthenticatedError())), scope())
    assert lines == []


async def test_what_nobody_foresaw_is_a_500_that_says_nothing_of_it() -> None:
    with capture_logs():
        answer = await send_request(Problems(raising(ValueError(CANARY))), scope())
    assert (answer.status, answer.json()["code"], answer.json()["requestId"]) == (500, "INTERNAL", REQUEST_ID)
    assert CANARY.encode() not in answer.body


async def test_what_nobody_foresaw_leaves_its_kind_and_place_in_the_log_but_not_its_text() -> None:
    with capture_logs() as lines:
        await send_request(Problems(raising(ValueError(CANARY))), scope())
    ((line),) = lines
    assert line.items() >= {"event": "request.failed", "log_level": "error", "error": "ValueError"}.items()
    assert line["request_id"] == REQUEST_ID
    assert line["frames"][0].startswith("app/middleware/problem.py:")
    assert line["frames"][-1].startswith("middleware/asgi.py:")
    assert CANARY not in str(line)


@pytest.mark.parametrize("error", [ValueError(CANARY), UpstreamTimeoutError()])
async def test_an_answer_under_way_is_only_broken_off(error: Exception) -> None:
    with capture_logs() as lines:
        answer = await send_request(Problems(raising(error, after=BEGUN)), scope())
    assert answer.messages == BEGUN
    assert [line["event"] for line in lines] == ["request.failed"]


async def test_a_client_that_left_is_no_failure_and_gets_no_answer() -> None:
    with capture_logs() as lines:
        answer = await send_request(Problems(raising(ClientDisconnect())), scope())
    assert (answer.messages, lines) == ([], [])


async def test_a_server_that_stops_is_not_held_up() -> None:
    with pytest.raises(asyncio.CancelledError):
        await send_request(Problems(raising(asyncio.CancelledError())), scope())


async def test_after_a_body_that_did_not_come_the_connection_is_closed() -> None:
    answer = await send_request(Problems(raising(BodyTimeoutError())), scope())
    assert answer.headers["connection"] == "close"


async def test_an_answer_passes_through_as_it_is() -> None:
    answer: Any = await send_request(Problems(answering(status=204, content=b"")), scope())
    assert answer.status == 204


async def test_other_scopes_pass_through_as_they_are() -> None:
    assert await other_scopes_that_reach(Problems) == OTHER_SCOPES
