import pytest

from app.middleware.security_headers import SecurityHeaders
from tests.unit.middleware.asgi import OTHER_SCOPES, answering, other_scopes_that_reach, scope, send_request


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ],
)
async def test_every_answer_says_that_it_is_data_and_not_to_be_kept(name: str, value: str) -> None:
    answer = await send_request(SecurityHeaders(answering(status=500)), scope())
    assert answer.headers.getlist(name) == [value]


@pytest.mark.parametrize(
    ("name", "value"), [("content-security-policy", "script-src 'self'"), ("cache-control", "no-cache")]
)
async def test_what_a_route_has_set_itself_stays(name: str, value: str) -> None:
    app = SecurityHeaders(answering(headers=[(name.encode(), value.encode())]))
    answer = await send_request(app, scope())
    assert answer.headers.getlist(name) == [value]


async def test_the_body_passes_through_as_it_is() -> None:
    answer = await send_request(SecurityHeaders(answering(content=b"bytes")), scope())
    assert answer.body == b"bytes"


async def test_other_scopes_pass_through_as_they_are() -> None:
    assert await other_scopes_that_reach(SecurityHeaders) == OTHER_SCOPES
