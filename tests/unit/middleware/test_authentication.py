from dataclasses import replace
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from app.domain.call import Caller, Trace
from app.domain.errors import (
    InvalidTokenError,
    MalformedRequestError,
    PasswordChangeRequiredError,
    UnauthenticatedError,
)
from app.domain.identity import Identity
from app.identity.authenticator import Authenticator
from app.middleware.authentication import Authentication

ANNA = Identity("secretspace:anna")
OPEN = [("GET", "/livez"), ("POST", "/oauth/token")]
TRACE = Trace(request_id="req-1", deadline=float("inf"))
GOOD = (b"authorization", b"Bearer good")


class Inside:
    """The application behind the middleware; `reached` are the scopes that got there."""

    def __init__(self) -> None:
        self.reached: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive, send
        self.reached.append(scope)


class OnlyGood:
    """A way in that knows one token."""

    async def identify(self, token: str, trace: Trace) -> Identity:
        del trace
        if token == "restricted":
            return replace(ANNA, password_change_required=True)
        if token != "good":
            raise InvalidTokenError("signature")
        return ANNA


async def never_read() -> Message:
    pytest.fail("the body was read before it was known who calls")


async def call(
    *headers: tuple[bytes, bytes],
    method: str = "GET",
    path: str = "/api/v1/me",
    root_path: str = "",
    kind: str = "http",
) -> tuple[list[Scope], list[Message]]:
    inside, sent = Inside(), []
    middleware = Authentication(
        inside, open_routes=OPEN, authenticator=lambda _: Authenticator({}, OnlyGood(), max_token_bytes=100)
    )
    scope: dict[str, Any] = {
        "type": kind,
        "method": method,
        "path": path,
        "root_path": root_path,
        "headers": list(headers),
        "state": {"trace": TRACE},
    }

    async def send(message: Message) -> None:
        sent.append(message)

    await middleware(scope, never_read, send)
    return inside.reached, sent


async def test_who_calls_stands_in_the_state_of_the_request() -> None:
    ((scope,), _) = await call(GOOD)
    assert scope["state"]["caller"] == Caller(ANNA, TRACE)


@pytest.mark.parametrize(
    "path", ["/api/v1/me", "/", "", "/no/such/path", "/livez/", "/livez/x", "//livez", "/LIVEZ", "*"]
)
async def test_an_anonymous_caller_gets_no_further_on_any_path_known_or_not(path: str) -> None:
    with pytest.raises(UnauthenticatedError):
        await call(path=path)


@pytest.mark.parametrize(("method", "path"), OPEN)
async def test_an_open_route_needs_no_caller_and_has_none(method: str, path: str) -> None:
    ((scope,), _) = await call(method=method, path=path)
    assert scope["state"] == {"trace": TRACE}


@pytest.mark.parametrize("header", [b"Bearer bad", b"Basic YTpi", b""])
async def test_what_is_sent_to_an_open_route_is_not_looked_at(header: bytes) -> None:
    reached, _ = await call((b"authorization", header), method="POST", path="/oauth/token")
    assert len(reached) == 1


@pytest.mark.parametrize(("method", "path"), [("POST", "/livez"), ("GET", "/oauth/token"), ("HEAD", "/livez")])
async def test_only_the_methods_of_an_open_route_are_open(method: str, path: str) -> None:
    with pytest.raises(UnauthenticatedError):
        await call(method=method, path=path)


async def test_an_open_route_is_open_beneath_the_root_path_too() -> None:
    reached, _ = await call(path="/secrets-api/livez", root_path="/secrets-api")
    assert len(reached) == 1


@pytest.mark.parametrize("path", ["/secrets-api/livez", "/secrets-apilivez", "/other/livez"])
async def test_another_path_is_not_open_for_its_end(path: str) -> None:
    with pytest.raises(UnauthenticatedError):
        await call(path=path, root_path="/secrets-ap")


async def test_a_bad_token_gets_no_further_and_leaves_its_reason_in_the_log_without_itself() -> None:
    with capture_logs() as lines, pytest.raises(InvalidTokenError):
        await call((b"authorization", b"Bearer canary"))
    assert lines == [
        {"event": "identity.token_refused", "reason": "signature", "request_id": "req-1", "log_level": "info"}
    ]


async def test_two_authorization_headers_are_refused() -> None:
    with pytest.raises(MalformedRequestError):
        await call(GOOD, GOOD)


async def test_other_headers_do_not_say_who_calls() -> None:
    with pytest.raises(UnauthenticatedError):
        await call((b"x-authorization", b"Bearer good"), (b"cookie", b"authorization=Bearer good"))


async def test_a_web_socket_is_closed_whoever_asks() -> None:
    reached, sent = await call(GOOD, kind="websocket")
    assert reached == []
    assert sent == [{"type": "websocket.close", "code": 1008}]


async def test_the_lifespan_passes_through() -> None:
    reached, _ = await call(kind="lifespan")
    assert len(reached) == 1


RESTRICTED = (b"authorization", b"Bearer restricted")


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/me"), ("PUT", "/api/v1/accounts/anna/password")])
async def test_who_has_to_change_their_password_may_do_that(method: str, path: str) -> None:
    (reached, _) = await call(RESTRICTED, method=method, path=path)
    assert len(reached) == 1


async def test_the_path_of_a_proxy_does_not_keep_them_from_it() -> None:
    (reached, _) = await call(RESTRICTED, path="/secrets/api/v1/me", root_path="/secrets")
    assert len(reached) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/workspaces"),
        ("PUT", "/api/v1/me"),
        ("GET", "/api/v1/me/"),
        ("GET", "/api/v1/me\n"),
        ("GET", "/api/v1/accounts/anna/password"),
        ("PUT", "/api/v1/accounts/anna/x/password"),
        ("PUT", "/api/v1/accounts//password"),
        ("GET", "/x/api/v1/me"),
    ],
)
async def test_nothing_else_is_open_to_them(method: str, path: str) -> None:
    with pytest.raises(PasswordChangeRequiredError):
        await call(RESTRICTED, method=method, path=path)
