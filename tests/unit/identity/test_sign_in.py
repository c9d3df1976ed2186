from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from typing_extensions import override

from app.domain.account import Account
from app.domain.call import Trace
from app.domain.errors import (
    ConflictError,
    InvalidGrantError,
    InvalidTokenError,
    OwnAccessError,
    TooManyAttemptsError,
    UnsupportedTokenTypeError,
    UpstreamUnavailableError,
)
from app.identity.back_off import FREE_PER_ACCOUNT, FREE_PER_ADDRESS, BackOff
from app.identity.local import IssuedToken, LocalTokens
from app.identity.password import Cost, Passwords
from app.identity.refresh_token import RefreshToken
from app.identity.sign_in import SignIn, SignInAttempt
from app.identity.signing import KeyRing
from app.settings import Local
from tests.unit.identity.in_memory import CHEAP, AccountsInMemory, KeysInMemory, SetClock, trace

PASSWORD = "canary-password-7"


class Door:
    """One replica with the account `anna`."""

    def __init__(self, passwords: Passwords, accounts: AccountsInMemory) -> None:
        self.passwords = passwords
        self.accounts = accounts
        self.clock = SetClock()
        self.tokens = LocalTokens(Local(), KeyRing(KeysInMemory()), accounts, self.clock)
        self.sign_in = SignIn(
            accounts,
            passwords,
            self.tokens,
            BackOff(self.clock.seconds),
            prefix="secretspace:",
            session_lifetime=timedelta(days=2),
            clock=self.clock,
        )

    async def stay(self) -> IssuedToken:
        """A session that begins."""
        return await self.sign_in.with_password(SignInAttempt("anna", PASSWORD, stay=True), trace())

    async def renew(self, issued: IssuedToken) -> IssuedToken:
        """The session a step further."""
        return await self.sign_in.with_refresh_token(issued.refresh_token or "", trace())

    async def is_good(self, issued: IssuedToken) -> bool:
        """Whether the access token opens anything."""
        try:
            await self.tokens.identify(issued.value, trace())
        except InvalidTokenError:
            return False
        return True


@pytest_asyncio.fixture
async def door() -> AsyncIterator[Door]:
    passwords = Passwords(CHEAP)
    yield Door(passwords, AccountsInMemory(Account("anna", await passwords.hash(PASSWORD))))
    passwords.close()


@pytest.mark.parametrize("username", ["anna", "secretspace:anna"])
async def test_the_right_password_gives_a_token_of_that_account(door: Door, username: str) -> None:
    issued = await door.sign_in.with_password(SignInAttempt(username, PASSWORD), trace())
    assert (await door.tokens.identify(issued.value, trace())).username == "secretspace:anna"


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("anna", "wrong"),
        ("anna", ""),
        ("anna", PASSWORD + " "),
        ("anna", "x" * 5000),
        ("anna", "\ud800"),
        ("bob", PASSWORD),
        ("ANNA", PASSWORD),
        ("anna ", PASSWORD),
        ("", PASSWORD),
        ("../anna", PASSWORD),
        ("secretspace:secretspace:anna", PASSWORD),
        ("other:anna", PASSWORD),
        ("x" * 10000, PASSWORD),
        ("\x00", PASSWORD),
    ],
)
async def test_all_else_is_refused_alike(door: Door, username: str, password: str) -> None:
    with pytest.raises(InvalidGrantError) as caught:
        await door.sign_in.with_password(SignInAttempt(username, password), trace())
    assert str(caught.value) == ""


async def test_a_disabled_account_is_refused_alike(door: Door) -> None:
    door.accounts.put(replace(door.accounts.now("anna"), disabled=True))
    with pytest.raises(InvalidGrantError):
        await door.sign_in.with_password(SignInAttempt("anna", PASSWORD), trace())


@pytest.mark.parametrize(
    ("username", "password", "told"),
    [
        ("anna", "canary-wrong", {"account": "anna", "reason": "password"}),
        ("secretspace:anna", "canary-wrong", {"account": "anna", "reason": "password"}),
        ("bob", PASSWORD, {"account": "bob", "reason": "no account"}),
        ("canary Password!", "anna", {"reason": "no account"}),
    ],
)
async def test_a_refusal_is_told_to_the_operator_with_a_name_only_if_it_can_be_one(
    door: Door, username: str, password: str, told: dict[str, str]
) -> None:
    with capture_logs() as lines, pytest.raises(InvalidGrantError):
        await door.sign_in.with_password(SignInAttempt(username, password), trace())
    assert lines == [{"event": "identity.sign_in_refused", "log_level": "info", "request_id": "r", **told}]


async def test_of_a_disabled_account_it_is_told_that_it_is_disabled(door: Door) -> None:
    door.accounts.put(replace(door.accounts.now("anna"), disabled=True))
    with capture_logs() as lines, pytest.raises(InvalidGrantError):
        await door.sign_in.with_password(SignInAttempt("anna", PASSWORD), trace())
    assert [line["reason"] for line in lines] == ["disabled"]


async def test_only_what_can_be_an_account_is_looked_for(door: Door) -> None:
    with pytest.raises(InvalidGrantError):
        await door.sign_in.with_password(SignInAttempt("../../namespaces", PASSWORD), trace())
    assert door.accounts.reads == []


@pytest.mark.parametrize("username", ["bob", "../anna"])
async def test_a_hash_is_verified_also_where_there_is_no_account(
    door: Door, username: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str | None] = []

    async def verify(password: str, password_hash: str | None) -> bool:
        del password
        verified.append(password_hash)
        return False

    monkeypatch.setattr(door.passwords, "verify", verify)
    with pytest.raises(InvalidGrantError):
        await door.sign_in.with_password(SignInAttempt(username, PASSWORD), trace())
    assert verified == [None]


async def test_a_sign_in_reads_the_account_as_it_is_now(door: Door) -> None:
    await door.sign_in.with_password(SignInAttempt("anna", PASSWORD), trace())
    door.accounts.put(replace(door.accounts.now("anna"), password_hash=await door.passwords.hash("another one")))
    with pytest.raises(InvalidGrantError):
        await door.sign_in.with_password(SignInAttempt("anna", PASSWORD), trace())


async def test_a_hash_of_an_old_cost_is_made_anew_at_a_sign_in(door: Door) -> None:
    before = door.accounts.now("anna")
    dearer = Door(Passwords(Cost(memory_kib=16, passes=2)), door.accounts)
    await dearer.sign_in.with_password(SignInAttempt("anna", PASSWORD), trace())
    after = door.accounts.now("anna")
    assert after.password_hash != before.password_hash
    assert not dearer.passwords.is_outdated(after.password_hash)
    await dearer.sign_in.with_password(SignInAttempt("anna", PASSWORD), trace())
    assert door.accounts.now("anna") == after
    dearer.passwords.close()


async def test_a_wrong_password_changes_no_hash(door: Door) -> None:
    before = door.accounts.now("anna")
    dearer = Door(Passwords(Cost(memory_kib=16, passes=2)), door.accounts)
    with pytest.raises(InvalidGrantError):
        await dearer.sign_in.with_password(SignInAttempt("anna", "wrong"), trace())
    assert door.accounts.now("anna") == before
    dearer.passwords.close()


@pytest.mark.parametrize("trouble", [ConflictError(), OwnAccessError(), UpstreamUnavailableError()])
async def test_a_hash_that_cannot_be_replaced_keeps_nobody_out_and_is_told_to_the_operator(
    door: Door, trouble: Exception
) -> None:
    class Stubborn(AccountsInMemory):
        @override
        async def update(self, account: Account, trace: Trace, actor: str = "") -> Account:
            raise trouble

    dearer = Door(Passwords(Cost(memory_kib=16, passes=2)), Stubborn(door.accounts.now("anna")))
    with capture_logs() as lines:
        await dearer.sign_in.with_password(SignInAttempt("anna", PASSWORD), trace())
    assert [(line["event"], line["account"]) for line in lines] == [("account.rehash_failed", "anna")]
    assert "canary" not in repr(lines)
    dearer.passwords.close()


async def fail(door: Door, username: str = "anna", times: int = 1, address: str = "192.0.2.1") -> None:
    for _ in range(times):
        with pytest.raises(InvalidGrantError):
            await door.sign_in.with_password(SignInAttempt(username, "wrong", address), trace())


@pytest.mark.parametrize("username", ["anna", "bob", "secretspace:anna"])
async def test_after_many_failures_even_the_right_password_has_to_wait_and_is_taken_then(
    door: Door, username: str
) -> None:
    await fail(door, username, FREE_PER_ACCOUNT)
    with pytest.raises(TooManyAttemptsError) as caught:
        await door.sign_in.with_password(SignInAttempt(username, PASSWORD, "198.51.100.1"), trace())
    assert caught.value.retry_after == 1
    door.clock.turn(1)
    assert (await door.stay()).value


async def test_an_address_that_tries_names_that_cannot_be_has_to_wait_too(door: Door) -> None:
    await fail(door, "../anna", FREE_PER_ADDRESS)
    with pytest.raises(TooManyAttemptsError):
        await door.sign_in.with_password(SignInAttempt("anna", PASSWORD, "192.0.2.1"), trace())
    assert (await door.stay()).value


async def test_the_owner_gets_in_from_a_known_address_while_others_guess(door: Door) -> None:
    home = SignInAttempt("anna", PASSWORD, "203.0.113.5")
    await door.sign_in.with_password(home, trace())
    await fail(door, times=FREE_PER_ACCOUNT)
    assert (await door.sign_in.with_password(home, trace())).value


async def test_a_refresh_token_comes_only_where_one_is_asked_for_and_nothing_is_written_without(door: Door) -> None:
    assert (await door.sign_in.with_password(SignInAttempt("anna", PASSWORD), trace())).refresh_token is None
    assert door.accounts.actors == []
    assert (await door.stay()).refresh_token is not None


async def test_who_has_to_change_the_password_gets_no_refresh_token(door: Door) -> None:
    door.accounts.put(replace(door.accounts.now("anna"), must_change_password=True))
    assert (await door.stay()).refresh_token is None


async def test_a_refresh_token_gives_the_next_two(door: Door) -> None:
    first = await door.stay()
    second = await door.renew(first)
    third = await door.renew(second)
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert (await door.tokens.identify(third.value, trace())).username == "secretspace:anna"


async def test_only_a_hash_of_a_refresh_token_is_kept(door: Door) -> None:
    issued = await door.stay()
    secret = (issued.refresh_token or "").rpartition(".")[2]
    assert len(secret) == 43
    assert secret not in "".join(each.token_hash for each in door.accounts.now("anna").sessions)
    assert secret not in repr(issued)
    assert secret not in repr(RefreshToken.read(issued.refresh_token or ""))


async def test_a_refresh_token_that_is_used_twice_ends_its_session_and_no_other(door: Door) -> None:
    first, elsewhere = await door.stay(), await door.stay()
    second = await door.renew(first)
    with capture_logs() as lines, pytest.raises(InvalidGrantError):
        await door.renew(first)
    with pytest.raises(InvalidGrantError):
        await door.renew(second)
    assert [await door.is_good(each) for each in (first, second, elsewhere)] == [False, False, True]
    assert [(line["event"], line["account"]) for line in lines] == [("identity.refresh_token_reused", "anna")]


async def test_a_session_ends_when_its_time_is_over_however_often_it_was_renewed(door: Door) -> None:
    issued = await door.stay()
    door.clock.turn(47 * 3600)
    issued = await door.renew(issued)
    door.clock.turn(3600)
    with pytest.raises(InvalidGrantError):
        await door.renew(issued)


@pytest.mark.parametrize(
    "change",
    [
        lambda account: replace(account, disabled=True),
        lambda account: account.signed_out(),
        lambda account: account.with_password("$other", by_owner=True),
    ],
    ids=["disabled", "signed out", "another password"],
)
async def test_a_session_ends_with_the_tokens_of_its_account(door: Door, change: Callable[[Account], Account]) -> None:
    issued = await door.stay()
    door.accounts.put(change(door.accounts.now("anna")))
    with pytest.raises(InvalidGrantError):
        await door.renew(issued)
    assert not await door.is_good(issued)


async def test_a_session_of_an_account_that_is_gone_is_refused_alike(door: Door) -> None:
    issued = await door.stay()
    await door.accounts.retire(door.accounts.now("anna"), trace())
    with pytest.raises(InvalidGrantError):
        await door.renew(issued)
    await door.sign_in.revoke(issued.refresh_token or "", trace())


async def test_what_is_no_refresh_token_is_refused(door: Door) -> None:
    issued = await door.stay()
    good = issued.refresh_token or ""
    for bad in ("", "x", issued.value, good[:-1], good + "x", good.replace("anna", "bob"), good.upper(), f" {good}"):
        with pytest.raises(InvalidGrantError):
            await door.sign_in.with_refresh_token(bad, trace())
    assert (await door.renew(issued)).value


async def test_revoking_a_refresh_token_ends_its_session_and_no_other(door: Door) -> None:
    here, there = await door.stay(), await door.stay()
    await door.sign_in.revoke(here.refresh_token or "", trace())
    assert (await door.is_good(here), await door.is_good(there)) == (False, True)
    with pytest.raises(InvalidGrantError):
        await door.renew(here)
    await door.sign_in.revoke(here.refresh_token or "", trace())


async def test_an_access_token_is_not_revoked_alone_and_nonsense_is_no_error(door: Door) -> None:
    issued = await door.stay()
    with pytest.raises(UnsupportedTokenTypeError):
        await door.sign_in.revoke(issued.value, trace())
    await door.sign_in.revoke("nonsense", trace())
    assert await door.is_good(issued)


async def test_a_session_does_not_begin_in_an_account_that_was_signed_out_meanwhile(door: Door) -> None:
    class SignedOut(AccountsInMemory):
        @override
        async def get(self, name: str, trace: Trace) -> Account | None:
            found = await super().get(name, trace)
            self.put(self.now(name).signed_out())
            return found

    late = Door(door.passwords, SignedOut(door.accounts.now("anna")))
    with pytest.raises(InvalidGrantError):
        await late.stay()
