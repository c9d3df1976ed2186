import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from typing_extensions import override

from app.domain.call import Trace
from app.domain.errors import InvalidTokenError, OwnAccessError, UpstreamUnavailableError
from app.domain.identity import Identity, InvalidIdentityError, OwnToken, Source
from app.identity.cluster_token import ClusterTokens
from app.identity.signing import SigningKey
from app.identity.token import Claims, issue
from tests.unit.identity.in_memory import NOW, ReviewsInMemory, trace

CI = ("system:serviceaccount:ci:deployer", ("system:serviceaccounts", "system:serviceaccounts:ci"))


def cluster(users: dict[str, tuple[str, tuple[str, ...]]]) -> tuple[ReviewsInMemory, ClusterTokens]:
    reviews = ReviewsInMemory(users)
    return reviews, ClusterTokens(reviews, "secretspace:")


async def test_a_service_account_is_who_the_cluster_says_and_calls_with_its_own_token() -> None:
    _, tokens = cluster({"t": CI})
    identity = await tokens.identify("t", trace())
    assert (identity.username, identity.groups) == CI
    assert identity.credential == OwnToken("t")
    assert identity.source is Source.KUBERNETES
    assert identity.expires_at is None


async def test_the_end_of_a_token_is_read_from_it_once_the_cluster_has_accepted_it() -> None:
    claims = Claims("x", 1, "id", issued_at=NOW, expires_at=NOW + timedelta(minutes=10))
    token = issue(claims, SigningKey.generate(), "https://kubernetes.default.svc")
    _, tokens = cluster({token: CI})
    assert (await tokens.identify(token, trace())).expires_at == claims.expires_at


async def test_a_token_that_the_cluster_does_not_know_is_refused() -> None:
    _, tokens = cluster({"t": CI})
    with pytest.raises(InvalidTokenError):
        await tokens.identify("other", trace())


@pytest.mark.parametrize(
    ("username", "groups"),
    [
        ("secretspace:admin", ()),
        ("secretspace-system:accounts", ()),
        ("secretspace-system:", ()),
        ("eve", ("secretspace:platform-admins",)),
        ("eve", ("devs", "secretspace-system:x")),
    ],
)
async def test_no_user_of_the_cluster_can_pass_for_a_local_account_or_for_ourselves(
    username: str, groups: tuple[str, ...]
) -> None:
    _, tokens = cluster({"t": (username, groups)})
    with pytest.raises(InvalidTokenError, match="reserved"):
        await tokens.identify("t", trace())


@pytest.mark.parametrize(("username", "groups"), [("eve ", ()), ("e\nve", ()), ("eve", tuple(map(str, range(65))))])
async def test_a_name_that_cannot_travel_in_a_header_is_refused(username: str, groups: tuple[str, ...]) -> None:
    _, tokens = cluster({"t": (username, groups)})
    with pytest.raises(InvalidTokenError):
        await tokens.identify("t", trace())


async def test_the_cluster_is_tried_once_with_a_token_that_cannot_be_good() -> None:
    reviews, tokens = cluster({"t": CI, "u": CI})
    await asyncio.gather(*(tokens.identify(token, trace()) for token in "tutu"))
    assert len(reviews.asked) == 5
    assert reviews.asked[0] not in {"t", "u"}


class AnyTokenIs:
    """A cluster that looks at the client certificate of the connection first."""

    def __init__(self, username: str) -> None:
        self._username = username

    async def review(self, token: str, trace: Trace) -> Identity:
        del trace
        return Identity(self._username, ("system:masters",), Source.KUBERNETES, OwnToken(token))


@pytest.mark.parametrize("username", ["kubernetes-admin", "name that is none "])
async def test_where_every_token_is_good_none_is_accepted(username: str) -> None:
    tokens = ClusterTokens(AnyTokenIs(username), "secretspace:")
    for _ in range(2):
        with pytest.raises(OwnAccessError), capture_logs() as lines:
            await tokens.identify("canary-token", trace())
        assert [line["event"] for line in lines] == ["identity.cluster_accepts_any_token"]
        assert "canary" not in repr(lines)


async def test_a_cluster_that_could_not_be_tried_is_tried_again() -> None:
    class DownOnce(ReviewsInMemory):
        @override
        async def review(self, token: str, trace: Trace) -> Identity:
            if not self.asked:
                self.asked.append(token)
                raise UpstreamUnavailableError
            return await super().review(token, trace)

    tokens = ClusterTokens(DownOnce({"t": CI}), "secretspace:")
    with pytest.raises(UpstreamUnavailableError):
        await tokens.identify("t", trace())
    assert (await tokens.identify("t", trace())).username == CI[0]


def test_the_rule_that_a_name_breaks_is_told_without_the_name() -> None:
    with pytest.raises(InvalidIdentityError) as caught:
        Identity("canary\n")
    assert "canary" not in str(caught.value)
