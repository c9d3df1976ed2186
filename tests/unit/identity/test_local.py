from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.account import Account, PlatformRole
from app.domain.errors import InvalidTokenError, UpstreamUnavailableError
from app.domain.identity import Identity, Impersonation, Source, check_prefix
from app.identity.local import IssuedToken, LocalTokens, local_identity
from app.identity.signing import KeyRing, SigningKey, encode_keys
from app.settings import Local
from tests.unit.identity.in_memory import NOW, AccountsInMemory, KeysInMemory, SetClock, trace

ANNA = Account("anna", "$hash", platform_roles=frozenset(PlatformRole))


class House:
    """One replica, its clock and its accounts."""

    def __init__(self, *accounts: Account, keys: KeysInMemory | None = None) -> None:
        self.clock = SetClock()
        self.accounts = AccountsInMemory(*accounts)
        self.keys = keys or KeysInMemory()
        self.tokens = LocalTokens(Local(), KeyRing(self.keys, self.clock.seconds), self.accounts, self.clock)

    async def sign_in(self, name: str) -> str:
        return (await self.tokens.issue(self.accounts.now(name), trace())).value


async def test_a_token_brings_back_its_account_under_the_prefix() -> None:
    house = House(ANNA)
    identity = await house.tokens.identify(await house.sign_in("anna"), trace())
    assert identity == Identity(
        username="secretspace:anna",
        groups=("secretspace:platform-admins", "secretspace:workspace-creators"),
        source=Source.LOCAL,
        credential=Impersonation(),
        expires_at=NOW + timedelta(hours=1),
        display_name="anna",
    )


async def test_an_account_without_a_platform_role_has_no_group() -> None:
    assert local_identity(Account("bob", "$hash"), "secretspace:").groups == ()


async def test_a_token_lasts_as_long_as_set() -> None:
    house = House(ANNA)
    issued = await house.tokens.issue(house.accounts.now("anna"), trace())
    assert issued.lifetime == 3600


async def test_two_tokens_of_one_moment_differ() -> None:
    house = House(ANNA)
    assert await house.sign_in("anna") != await house.sign_in("anna")


async def test_a_token_of_one_replica_is_good_at_another() -> None:
    keys = KeysInMemory()
    one, other = House(ANNA, keys=keys), House(ANNA, keys=keys)
    identity = await other.tokens.identify(await one.sign_in("anna"), trace())
    assert identity.username == "secretspace:anna"


async def test_platform_roles_are_those_of_now_not_of_the_sign_in() -> None:
    house = House(ANNA)
    token = await house.sign_in("anna")
    house.accounts.put(replace(ANNA, platform_roles=frozenset()))
    assert (await house.tokens.identify(token, trace())).groups == ()


@pytest.mark.parametrize("later", [replace(ANNA, disabled=True), replace(ANNA, epoch=2), replace(ANNA, epoch=0)])
async def test_a_token_ends_with_its_account_or_epoch(later: Account) -> None:
    house = House(ANNA)
    token = await house.sign_in("anna")
    house.accounts.put(later)
    with pytest.raises(InvalidTokenError, match="account"):
        await house.tokens.identify(token, trace())


async def test_a_token_of_an_account_that_is_gone_is_refused() -> None:
    token = await House(ANNA, keys=(keys := KeysInMemory())).sign_in("anna")
    with pytest.raises(InvalidTokenError, match="account"):
        await House(keys=keys).tokens.identify(token, trace())


async def test_a_token_of_an_unknown_key_is_refused_without_looking_for_its_account() -> None:
    token = await House(ANNA).sign_in("anna")
    house = House(ANNA, keys=KeysInMemory(encode_keys([SigningKey.generate()])))
    with pytest.raises(InvalidTokenError, match="key"):
        await house.tokens.identify(token, trace())
    assert house.accounts.reads == []


async def test_a_token_of_another_issuer_with_our_key_is_refused() -> None:
    house = House(ANNA)
    other = LocalTokens(Local(issuer="other"), KeyRing(house.keys), house.accounts, house.clock)
    token = (await other.issue(house.accounts.now("anna"), trace())).value
    with pytest.raises(InvalidTokenError, match="issuer"):
        await house.tokens.identify(token, trace())


async def test_a_token_ends_when_its_time_is_over() -> None:
    house = House(ANNA)
    token = await house.sign_in("anna")
    house.clock.turn(3600 + 30)
    with pytest.raises(InvalidTokenError, match="expired"):
        await house.tokens.identify(token, trace())


async def test_a_cluster_that_is_down_is_no_reason_to_call_a_token_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(ANNA)
    token = await house.sign_in("anna")

    async def down(*_: object) -> None:
        raise UpstreamUnavailableError

    monkeypatch.setattr(house.accounts, "get", down)
    with pytest.raises(UpstreamUnavailableError):
        await house.tokens.identify(token, trace())


def test_a_token_that_was_issued_does_not_show_in_its_repr() -> None:
    assert "canary" not in repr(IssuedToken("canary", 3600))


@pytest.mark.parametrize(
    "prefix", ["", ":", "secretspace", "secretspace-system:", "secretspace-system:x:", "system:", "system:masters:"]
)
def test_a_prefix_that_would_let_an_account_pass_for_someone_else_stops_the_start(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        LocalTokens(Local(prefix=prefix), KeyRing(KeysInMemory()), AccountsInMemory())


def test_other_prefixes_are_free() -> None:
    check_prefix("secretspace:")
    check_prefix("acme-people:")


async def test_who_has_to_change_the_password_is_known_by_account_and_token() -> None:
    house = House(replace(ANNA, must_change_password=True))
    token = await house.sign_in("anna")
    assert (await house.tokens.identify(token, trace())).password_change_required
    house.accounts.put(ANNA)
    assert (await house.tokens.identify(token, trace())).password_change_required
    assert not (await house.tokens.identify(await house.sign_in("anna"), trace())).password_change_required
