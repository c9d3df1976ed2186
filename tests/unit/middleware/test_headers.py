import pytest

from app.domain.errors import ForbiddenHeaderError, HeadersTooLargeError
from app.middleware.headers import HeaderRules
from tests.unit.middleware.asgi import OTHER_SCOPES, Noting, other_scopes_that_reach, scope, send_request

LIMIT = 1000


async def reached_with(*headers: tuple[bytes, bytes]) -> int:
    inside = Noting()
    await send_request(HeaderRules(inside, limit=LIMIT), scope(headers=headers))
    return len(inside.reached)


@pytest.mark.parametrize(
    "name",
    [
        b"impersonate-user",
        b"impersonate-group",
        b"impersonate-uid",
        b"impersonate-extra-scopes",
        b"Impersonate-User",
        b"IMPERSONATE_USER",
        b"impersonate_extra_reason",
        b"impersonate-",
        b"x-remote-user",
        b"x-remote-group",
        b"X_Remote_Extra-Scopes",
        b"x-remote_uid",
    ],
)
async def test_a_header_that_says_who_somebody_is_to_kubernetes_is_refused(name: bytes) -> None:
    with pytest.raises(ForbiddenHeaderError):
        await reached_with((b"authorization", b"Bearer good"), (name, b"system:masters"))


async def test_such_a_header_is_refused_though_it_is_empty() -> None:
    with pytest.raises(ForbiddenHeaderError):
        await reached_with((b"impersonate-user", b""))


@pytest.mark.parametrize(
    "header",
    [
        (b"connection", b"Impersonate-User"),
        (b"x-forwarded-user", b"impersonate-user: admin"),
        (b"impersonate", b"x"),
        (b"x-impersonate-user", b"x"),
        (b"x-remoteuser", b"x"),
        (b"accept", b"*/*"),
    ],
)
async def test_headers_that_only_look_like_it_are_harmless(header: tuple[bytes, bytes]) -> None:
    assert await reached_with(header) == 1


async def test_a_header_block_at_the_limit_passes() -> None:
    assert await reached_with((b"a", b"x" * (LIMIT - len("a: \r\n")))) == 1


@pytest.mark.parametrize(
    "headers",
    [
        [(b"a", b"x" * (LIMIT - len("a: \r\n") + 1))],
        [(b"a", b"x")] * (LIMIT // len("a: x\r\n") + 1),
        [(b"x" * LIMIT, b"")],
    ],
    ids=["one long value", "many short ones", "a long name"],
)
async def test_a_header_block_over_the_limit_is_refused(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(HeadersTooLargeError) as caught:
        await reached_with(*headers)
    assert caught.value.limit == LIMIT


async def test_other_scopes_pass_through_as_they_are() -> None:
    assert await other_scopes_that_reach(lambda app: HeaderRules(app, limit=LIMIT)) == OTHER_SCOPES
