from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from typing_extensions import override

from app.domain.account import Account
from app.domain.call import Trace
from app.domain.errors import ConflictError, InvalidGrantError, OwnAccessError, UpstreamUnavailableError
from app.identity.local import LocalTokens
from app.identity.password import Cost, Passwords
from app.identity.sign_in import SignIn
from app.identity.signing import KeyRing
from app.settings import Local
from tests.unit.identity.in_memory import CHEAP, AccountsInMemory, KeysInMemory, trace

PASSWORD = "canary-password-7"


class Door:
    """One replica with the account `anna`."""

    def __init__(self, passwords: Passwords, accounts: AccountsInMemory) -> None:
        self.passwords = passwords
        self.accounts = accounts
        self.tokens = LocalTokens(Local(), KeyRing(KeysInMemory()), accounts)
        self.sign_in = SignIn(accounts, passwords, self.tokens, "secretspace:")


@pytest_asyncio.fixture
async def door() -> AsyncIterator[Door]:
    passwords = Passwords(CHEAP)
    yield Door(passwords, AccountsInMemory(Account("anna", await passwords.hash(PASSWORD))))
    passwords.close()


@pytest.mark.parametrize("username", ["anna", "secretspace:anna"])
async def test_the_right_password_gives_a_token_of_that_account(door: Door, username: str) -> None:
    issued = await door.sign_in.with_password(username, PASSWORD, trace())
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
        await door.sign_in.with_password(username, password, trace())
    assert str(caught.value) == ""


async def test_a_disabled_account_is_refused_alike(door: Door) -> None:
    door.accounts.put(replace(door.accounts.now("anna"), disabled=True))
    with pytest.raises(InvalidGrantError):
        await door.sign_in.with_password("anna", PASSWORD, trace())


async def test_only_what_can_be_an_account_is_looked_for(door: Door) -> None:
    with pytest.raises(InvalidGrantError):
        await door.sign_in.with_password("../../namespaces", PASSWORD, trace())
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
        await door.sign_in.with_password(username, PASSWORD, trace())
    assert verified == [None]


async def test_a_sign_in_reads_the_account_as_it_is_now(door: Door) -> None:
    await door.sign_in.with_password("anna", PASSWORD, trace())
    door.accounts.put(replace(door.accounts.now("anna"), password_hash=await door.passwords.hash("another one")))
    with pytest.raises(InvalidGrantError):
        await door.sign_in.with_password("anna", PASSWORD, trace())


async def test_a_hash_of_an_old_cost_is_made_anew_at_a_sign_in(door: Door) -> None:
    before = door.accounts.now("anna")
    dearer = Door(Passwords(Cost(memory_kib=16, passes=2)), door.accounts)
    await dearer.sign_in.with_password("anna", PASSWORD, trace())
    after = door.accounts.now("anna")
    assert after.password_hash != before.password_hash
    assert not dearer.passwords.is_outdated(after.password_hash)
    await dearer.sign_in.with_password("anna", PASSWORD, trace())
    assert door.accounts.now("anna") == after
    dearer.passwords.close()


async def test_a_wrong_password_changes_no_hash(door: Door) -> None:
    before = door.accounts.now("anna")
    dearer = Door(Passwords(Cost(memory_kib=16, passes=2)), door.accounts)
    with pytest.raises(InvalidGrantError):
        await dearer.sign_in.with_password("anna", "wrong", trace())
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
        await dearer.sign_in.with_password("anna", PASSWORD, trace())
    assert [(line["event"], line["account"]) for line in lines] == [("account.rehash_failed", "anna")]
    assert "canary" not in repr(lines)
    dearer.passwords.close()
