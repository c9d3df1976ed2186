from collections.abc import Iterator

import pytest

from app.domain.account import NewAccount, PlatformRole
from app.domain.errors import AlreadyExistsError, InvalidError
from app.domain.fault import Fault
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from tests.unit.identity.in_memory import CHEAP, AccountsInMemory, trace

PASSWORD = "canary-password-7"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(CHEAP)
    yield made
    made.close()


async def test_a_new_account_is_stored_with_a_hash_of_its_password(passwords: Passwords) -> None:
    accounts = AccountsInMemory()
    new = NewAccount("admin", PASSWORD, "admin@example.org", frozenset({PlatformRole.PLATFORM_ADMIN}))
    await create_account(new, accounts, passwords, trace())
    stored = accounts.now("admin")
    assert await passwords.verify(PASSWORD, stored.password_hash)
    assert (stored.email, stored.platform_roles) == ("admin@example.org", frozenset({PlatformRole.PLATFORM_ADMIN}))
    assert (stored.disabled, stored.epoch) == (False, 1)


async def test_an_account_that_is_there_stays_as_it_is(passwords: Passwords) -> None:
    accounts = AccountsInMemory()
    await create_account(NewAccount("admin", PASSWORD), accounts, passwords, trace())
    before = accounts.now("admin")
    with pytest.raises(AlreadyExistsError):
        await create_account(NewAccount("admin", "another password"), accounts, passwords, trace())
    assert accounts.now("admin") == before


async def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_stored(passwords: Passwords) -> None:
    accounts = AccountsInMemory()
    with pytest.raises(InvalidError) as caught:
        await create_account(NewAccount("Admin!", "short", "nowhere"), accounts, passwords, trace())
    assert {(violation.pointer, violation.fault) for violation in caught.value.violations} == {
        ("/name", Fault.LABEL_NAME_INVALID),
        ("/email", Fault.EMAIL_INVALID),
        ("/password", Fault.PASSWORD_TOO_SHORT),
    }
    assert await accounts.get("Admin!", trace()) is None


def test_a_new_account_does_not_show_its_password() -> None:
    assert "canary" not in repr(NewAccount("admin", PASSWORD))
