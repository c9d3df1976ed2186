import asyncio
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.testing import capture_logs

from app.domain.call import Caller, Trace
from app.domain.identity import Identity
from app.middleware.log_line import LogLine
from tests.unit.middleware.asgi import (
    DISCONNECT,
    OTHER_SCOPES,
    REQUEST_ID,
    answering,
    body,
    other_scopes_that_reach,
    raising,
    read_all,
    scope,
    send_request,
)

CANARY = "c4n4ry"


class Counted:
    """An observer that notes what it is told, but for how long it took."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str | None, int]] = []

    def request_finished(self, method: str, route: str | None, status: int, seconds: float) -> None:
        assert 0 <= seconds < 60
        self.requests.append((method, route, status))


class Route:
    """What the router leaves in the scope."""

    path = "/api/v1/workspaces/{workspace}/projects/{project}/secrets/{name}"


def routed(app: ASGIApp, **params: str) -> ASGIApp:
    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        scope.update(route=Route(), path_params=params)
        await app(scope, receive, send)

    return inside


async def line_of(app: ASGIApp, scope: Scope, messages: list[Message] | None = None) -> Any:
    with capture_logs() as lines:
        await send_request(LogLine(app, observer=Counted()), scope, messages)
    (line,) = lines
    return line


async def test_a_request_leaves_one_line_that_says_what_was_asked_and_how_it_ended() -> None:
    trace = Trace(REQUEST_ID, deadline=float("inf"))
    trace.next_audit_id()
    state = {"trace": trace, "caller": Caller(Identity("secretspace:anna"), trace)}
    app = routed(answering(status=404), workspace="demo-workspace", project="demo-project", name="demo-secret")

    line = await line_of(app, scope("DELETE", state=state))

    assert line.pop("duration_ms") >= 0
    assert line == {
        "event": "request.finished",
        "log_level": "info",
        "method": "DELETE",
        "route": Route.path,
        "status": 404,
        "request_id": REQUEST_ID,
        "upstream_calls": 1,
        "user": "secretspace:anna",
        "workspace": "demo-workspace",
        "project": "demo-project",
        "secret": "demo-secret",
    }


async def test_a_path_that_is_not_ours_is_not_written_nor_is_a_caller_who_is_not_known() -> None:
    line = await line_of(answering(status=401), scope(path=f"/{CANARY}"))
    assert line["route"] is None
    assert "user" not in line
    assert CANARY not in str(line)


async def test_no_query_no_header_no_body_and_no_other_parameter_of_the_path_is_written() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        await answering(content=CANARY.encode(), headers=[(b"x", CANARY.encode())])(scope, receive, send)

    request = scope(
        "POST", f"/x/{CANARY}", query_string=f"key={CANARY}".encode(), headers=[(b"authorization", CANARY.encode())]
    )
    line = await line_of(routed(app, key=CANARY), request, body(CANARY.encode()))
    assert CANARY not in str(line)


async def test_a_client_that_leaves_before_the_answer_is_complete_is_499() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await answering()(scope, receive, send)

    assert (await line_of(app, scope(), [DISCONNECT]))["status"] == 499


async def test_a_client_that_leaves_after_its_answer_got_that_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answering()(scope, receive, send)
        await receive()

    assert (await line_of(app, scope(), [DISCONNECT]))["status"] == 200


async def test_an_answer_that_breaks_off_is_499() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ha", "more_body": True})

    assert (await line_of(app, scope()))["status"] == 499


async def test_a_request_that_is_cancelled_leaves_its_line_and_stays_cancelled() -> None:
    with capture_logs() as lines, pytest.raises(asyncio.CancelledError):
        await send_request(LogLine(raising(asyncio.CancelledError()), observer=Counted()), scope())
    assert [line["status"] for line in lines] == [499]


async def test_the_request_is_counted_once_with_its_route() -> None:
    counted = Counted()
    await send_request(LogLine(routed(answering(status=201)), observer=counted), scope("POST"))
    assert counted.requests == [("POST", Route.path, 201)]


async def test_other_scopes_pass_through_as_they_are() -> None:
    assert await other_scopes_that_reach(lambda app: LogLine(app, observer=Counted())) == OTHER_SCOPES
