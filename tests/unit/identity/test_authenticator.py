from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.call import Trace
from app.domain.errors import InvalidTokenError, MalformedRequestError, UnauthenticatedError
from app.domain.identity import Identity
from app.identity.authenticator import Authenticator
from app.identity.signing import SigningKey
from app.identity.token import Claims, issue
from tests.unit.identity.in_memory import NOW, trace

LIMIT = 16 * 1024
CLAIMS = Claims("anna", 1, "id", issued_at=NOW, expires_at=NOW + timedelta(hours=1))
KEY = SigningKey.generate()
OURS = issue(CLAIMS, KEY, "secretspace")
FOREIGN = issue(CLAIMS, KEY, "https://kubernetes.default.svc")


class Way:
    """A way in that lets everybody in as `name`, or nobody."""

    def __init__(self, name: str | None) -> None:
        self._name = name
        self.asked: list[str] = []

    async def identify(self, token: str, trace: Trace) -> Identity:
        del trace
        self.asked.append(token)
        if self._name is None:
            raise InvalidTokenError("refused")
        return Identity(self._name)


async def who(*headers: str | bytes, local: Way | None = None, cluster: Way | None = None) -> str:
    values = [header if isinstance(header, bytes) else header.encode() for header in headers]
    authenticator = Authenticator({"secretspace": local}, cluster, LIMIT)
    return (await authenticator.authenticate(values, trace())).username


async def test_a_token_of_ours_is_for_local_accounts() -> None:
    local, cluster = Way("local"), Way("cluster")
    assert await who(f"Bearer {OURS}", local=local, cluster=cluster) == "local"
    assert (local.asked, cluster.asked) == ([OURS], [])


@pytest.mark.parametrize("token", [FOREIGN, "opaque-token", "abcdef.0123456789abcdef", "a.b.c"])
async def test_all_other_tokens_are_for_the_cluster(token: str) -> None:
    local, cluster = Way("local"), Way("cluster")
    assert await who(f"Bearer {token}", local=local, cluster=cluster) == "cluster"
    assert (local.asked, cluster.asked) == ([], [token])


async def test_a_token_of_ours_is_never_shown_to_the_cluster_though_it_is_refused() -> None:
    cluster = Way("cluster")
    with pytest.raises(InvalidTokenError, match="refused"):
        await who(f"Bearer {OURS}", local=Way(None), cluster=cluster)
    assert cluster.asked == []


async def test_a_token_of_ours_is_not_shown_to_the_cluster_where_local_accounts_are_off() -> None:
    cluster = Way("cluster")
    with pytest.raises(InvalidTokenError):
        await who(f"Bearer {OURS}", local=None, cluster=cluster)
    assert cluster.asked == []


async def test_a_foreign_token_that_the_cluster_refuses_is_not_tried_elsewhere() -> None:
    local = Way("local")
    with pytest.raises(InvalidTokenError):
        await who(f"Bearer {FOREIGN}", local=local, cluster=Way(None))
    assert local.asked == []


async def test_nobody_gets_in_where_no_way_is_switched_on() -> None:
    for token in (OURS, FOREIGN, "opaque"):
        with pytest.raises(InvalidTokenError):
            await who(f"Bearer {token}")


@pytest.mark.parametrize("header", ["Bearer x", "bearer x", "BEARER x", "bEaReR x", "Bearer    x", "\tBearer x "])
async def test_the_scheme_may_be_written_in_any_case(header: str) -> None:
    assert await who(header, cluster=Way("cluster")) == "cluster"


async def test_no_header_is_an_anonymous_caller() -> None:
    with pytest.raises(UnauthenticatedError) as caught:
        await who(cluster=Way("cluster"))
    assert not isinstance(caught.value, InvalidTokenError)


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearerx", "Bearer\tx", "Token x", "Negotiate", "BasicBearer x"])
async def test_another_scheme_is_an_anonymous_caller(header: str) -> None:
    cluster = Way("cluster")
    with pytest.raises(UnauthenticatedError) as caught:
        await who(header, cluster=cluster)
    assert not isinstance(caught.value, InvalidTokenError)
    assert cluster.asked == []


@pytest.mark.parametrize(
    "header",
    [
        b"Bearer",
        b"Bearer ",
        b"Bearer a b",
        b"Bearer a,Bearer b",
        b"Bearer a\r\nImpersonate-User: admin",
        b"Bearer a\x00",
        b"Bearer \xc3\xa9",
        b"Bearer \xff",
        b"Bearer =a",
        b'Bearer "a"',
    ],
)
async def test_a_token_that_could_bend_a_header_is_refused_before_anyone_sees_it(header: bytes) -> None:
    cluster = Way("cluster")
    with pytest.raises(InvalidTokenError, match="form"):
        await who(header, cluster=cluster)
    assert cluster.asked == []


@pytest.mark.parametrize("second", ["Bearer y", "Basic YTpi", ""])
async def test_two_headers_are_refused_since_another_reader_could_pick_the_other(second: str) -> None:
    cluster = Way("cluster")
    with pytest.raises(MalformedRequestError):
        await who("Bearer x", second, cluster=cluster)
    assert cluster.asked == []


@pytest.mark.parametrize("size", [LIMIT + 1, 5 * 1024 * 1024])
async def test_a_token_over_the_limit_is_refused_before_it_is_parsed(size: int) -> None:
    cluster = Way("cluster")
    with pytest.raises(InvalidTokenError, match="size"):
        await who("Bearer " + "x" * size, cluster=cluster)
    assert cluster.asked == []


async def test_a_token_of_the_very_limit_is_looked_at() -> None:
    assert await who("Bearer " + "x" * LIMIT, cluster=Way("cluster")) == "cluster"


async def test_an_unforeseen_failure_is_passed_on_and_never_an_identity() -> None:
    class Broken:
        async def identify(self, token: str, trace: Trace) -> Identity:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Authenticator({}, Broken(), LIMIT).authenticate([b"Bearer x"], trace())


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda rest: b"Bearer " + rest))
async def test_no_header_gets_in_where_every_way_refuses_nor_breaks_anything(header: bytes) -> None:
    with pytest.raises(UnauthenticatedError):
        await who(header, local=Way(None), cluster=Way(None))
