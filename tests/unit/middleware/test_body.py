import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.errors import BodyTimeoutError, BodyTooLargeError
from app.middleware.body import BodyLimit
from tests.unit.middleware.asgi import (
    DISCONNECT,
    OTHER_SCOPES,
    Answer,
    Noting,
    answering,
    body,
    echo,
    other_scopes_that_reach,
    raising,
    read_all,
    scope,
    send_request,
)

LIMIT = 10
SHORTLY = timedelta(seconds=0.02)


def limited(app: ASGIApp, within: timedelta = timedelta(seconds=5)) -> ASGIApp:
    return BodyLimit(app, limit=LIMIT, within=within)


async def post(app: ASGIApp, messages: Sequence[Message], *headers: tuple[bytes, bytes]) -> Answer:
    return await send_request(app, scope("POST", headers=headers), messages)


@pytest.mark.parametrize("parts", [[b""], [b"0123456789"], [b"01234", b"56789"], [b"0123456789", b""]])
async def test_a_body_up_to_the_limit_arrives_as_it_was_sent(parts: list[bytes]) -> None:
    answer = await post(limited(echo()), body(*parts))
    assert answer.body == b"".join(parts)


@pytest.mark.parametrize("parts", [[b"0123456789x"], [b"0123456789", b"x"], [b"0"] * 11])
async def test_a_body_over_the_limit_is_refused_though_it_does_not_say_its_length(parts: list[bytes]) -> None:
    with pytest.raises(BodyTooLargeError) as caught:
        await post(limited(echo()), body(*parts))
    assert caught.value.limit == LIMIT


async def test_a_body_that_says_it_is_too_long_is_refused_before_anybody_looks_at_the_request() -> None:
    inside = Noting()
    with pytest.raises(BodyTooLargeError):
        await post(limited(inside), [], (b"content-length", b"11"))
    assert inside.reached == []


async def test_a_declared_length_at_the_limit_passes() -> None:
    answer = await post(limited(echo()), body(b"0123456789"), (b"content-length", b"10"))
    assert answer.body == b"0123456789"


async def test_a_body_that_stops_arriving_is_not_waited_for() -> None:
    with pytest.raises(BodyTimeoutError):
        await post(limited(echo(), SHORTLY), [{"type": "http.request", "body": b"0", "more_body": True}])


async def test_the_time_is_for_the_whole_body_and_not_for_each_part() -> None:
    async def trickle() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"", "more_body": True}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await BodyLimit(echo(), limit=LIMIT, within=timedelta(seconds=0.3))(scope, trickle, send)

    with pytest.raises(BodyTimeoutError):
        await asyncio.wait_for(post(app, []), 10)


async def test_the_time_before_the_body_is_asked_for_does_not_count() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(SHORTLY.total_seconds() * 2)
        await echo()(scope, receive, send)

    answer = await post(limited(app, SHORTLY), body(b"late"))
    assert answer.body == b"late"


async def test_waiting_for_the_client_to_leave_may_take_as_long_as_the_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await read_all(receive)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), SHORTLY.total_seconds() * 3)
        await answering()(scope, receive, send)

    answer = await post(limited(app, SHORTLY), body(b"x"))
    assert answer.status == 200


async def test_a_client_that_leaves_half_way_is_noticed_by_the_application() -> None:
    seen: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend([await receive(), await receive()])

    await post(limited(app), [{"type": "http.request", "body": b"0", "more_body": True}, DISCONNECT])
    assert seen[1] == DISCONNECT


async def test_what_the_application_makes_of_a_refused_body_goes_nowhere() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await read_all(receive)
        except BodyTooLargeError:
            await answering(status=400)(scope, receive, send)

    sent: list[Message] = []
    with pytest.raises(BodyTooLargeError):
        await limited(app)(scope("POST"), _receiver(body(b"0123456789x")), _sender(sent))
    assert sent == []


async def test_a_refused_body_is_the_reason_though_the_application_fails_with_another() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await read_all(receive)
        except BodyTooLargeError:
            raise ValueError("cannot parse the body") from None

    with pytest.raises(BodyTooLargeError):
        await post(limited(app), body(b"0123456789x"))


async def test_an_error_that_has_nothing_to_do_with_the_body_passes_through() -> None:
    with pytest.raises(KeyError):
        await post(limited(raising(KeyError("x"))), body(b"x"))


async def test_other_scopes_pass_through_as_they_are() -> None:
    assert await other_scopes_that_reach(limited) == OTHER_SCOPES


def _receiver(messages: list[Message]) -> Receive:
    async def receive() -> Message:
        return messages.pop(0)

    return receive


def _sender(sent: list[Message]) -> Send:
    async def send(message: Message) -> None:
        sent.append(message)

    return send
