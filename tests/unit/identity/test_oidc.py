import pytest

from app.domain.errors import IdentityProviderUnavailableError, InvalidTokenError
from app.identity.authenticator import Authenticator
from app.identity.oidc import ProviderTokens
from app.identity.oidc_key_ring import ProviderKeys
from app.identity.way_in import Remembering
from tests.support.oidc import rsa_key
from tests.unit.identity.in_memory import ReviewsInMemory, SetClock, trace
from tests.unit.identity.oidc_sample import CLAIMS, ISSUER, KEY, DocumentsInMemory, an_issuer

LIMIT = 16 * 1024


class Door:
    """The way in, as it is wired, beside a cluster."""

    def __init__(self) -> None:
        clock, issuer = SetClock(), an_issuer()
        self.documents = DocumentsInMemory(KEY)
        self.clock = clock
        self.cluster = ReviewsInMemory({})
        keys = ProviderKeys(issuer, self.documents, clock.seconds)
        tokens = Remembering(ProviderTokens(issuer, keys, clock), clock=clock, stopwatch=clock.seconds)
        self._authenticator = Authenticator({ISSUER: tokens}, Reviewing(self.cluster), LIMIT)

    async def user(self, token: str) -> str:
        return (await self._authenticator.authenticate([f"Bearer {token}".encode()], trace())).username


class Reviewing:
    """A cluster as a way in."""

    def __init__(self, cluster: ReviewsInMemory) -> None:
        self.identify = cluster.review


async def test_a_token_of_the_provider_is_judged_by_its_keys() -> None:
    assert await Door().user(KEY.sign(CLAIMS)) == "corp:anna"


@pytest.mark.parametrize(
    "token",
    [
        KEY.sign({**CLAIMS, "exp": 1}),
        KEY.sign({"iss": ISSUER}),
        KEY.sign(CLAIMS, alg="none"),
        KEY.sign(CLAIMS, kid="made-up"),
        rsa_key("one").sign(CLAIMS),
        KEY.sign(CLAIMS).rpartition(".")[0] + ".AAAA",
    ],
)
async def test_a_token_of_the_provider_that_is_refused_is_never_shown_to_the_cluster(token: str) -> None:
    door = Door()
    with pytest.raises(InvalidTokenError):
        await door.user(token)
    assert door.cluster.asked == []


async def test_nor_is_one_that_cannot_be_judged_while_the_provider_is_down() -> None:
    door = Door()
    door.documents.down = True
    with pytest.raises(IdentityProviderUnavailableError):
        await door.user(KEY.sign(CLAIMS))
    assert door.cluster.asked == []


async def test_a_token_of_somebody_else_is_the_clusters() -> None:
    door, token = Door(), KEY.sign({**CLAIMS, "iss": ISSUER + "2"})
    with pytest.raises(InvalidTokenError):
        await door.user(token)
    assert door.cluster.asked == [token]
    assert door.documents.asked == []


async def test_the_provider_is_not_asked_about_a_token_that_no_key_could_make_good() -> None:
    door = Door()
    with pytest.raises(InvalidTokenError):
        await door.user(KEY.sign(CLAIMS, alg="HS256"))
    assert door.documents.asked == []


async def test_a_token_is_not_remembered_beyond_its_end() -> None:
    door, token = Door(), KEY.sign({**CLAIMS, "exp": CLAIMS["iat"] + 5})
    assert await door.user(token) == "corp:anna"
    door.clock.turn(36)
    with pytest.raises(InvalidTokenError, match="expired"):
        await door.user(token)
