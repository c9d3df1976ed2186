from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.dev.credentials import Credentials
from app.dev.home import DevHome
from app.dev.people import ensure_people
from app.dev.tutorial import Person
from app.identity.password import Passwords
from tests.unit.identity.in_memory import CHEAP, AccountsInMemory, trace

PEOPLE = [Person("anna", "the first"), Person("bob", "the second")]


@pytest_asyncio.fixture
async def passwords() -> AsyncIterator[Passwords]:
    passwords = Passwords(CHEAP)
    yield passwords
    passwords.close()


@pytest.fixture
def home(tmp_path: Path) -> DevHome:
    return DevHome(tmp_path)


async def ensure(home: DevHome, accounts: AccountsInMemory, passwords: Passwords) -> frozenset[str]:
    return await ensure_people(PEOPLE, "http://x", home, accounts, passwords, trace())


async def fitting(home: DevHome, accounts: AccountsInMemory, passwords: Passwords) -> list[bool]:
    """Whether each account has the password of the file."""
    known = Credentials.read(home.credentials).passwords
    return [await passwords.verify(password, accounts.now(name).password_hash) for name, password in known.items()]


async def test_all_are_made_once_and_keep_their_passwords(home: DevHome, passwords: Passwords) -> None:
    accounts = AccountsInMemory()

    fresh = await ensure(home, accounts, passwords)
    before = accounts.now("anna")
    again = await ensure(home, accounts, passwords)

    assert fresh == {"anna", "bob"}
    assert again == frozenset()
    assert accounts.now("anna") == before
    assert await fitting(home, accounts, passwords) == [True, True]


async def test_passwords_that_the_file_has_lost_are_made_anew(home: DevHome, passwords: Passwords) -> None:
    accounts = AccountsInMemory()
    await ensure(home, accounts, passwords)
    home.credentials.unlink()

    assert await ensure(home, accounts, passwords) == {"anna", "bob"}
    assert await fitting(home, accounts, passwords) == [True, True]


async def test_a_run_that_ended_once_the_file_was_written_is_made_good_by_the_next(
    home: DevHome, passwords: Passwords
) -> None:
    accounts = AccountsInMemory()
    await ensure(home, accounts, passwords)
    Credentials("http://x", {"anna": "another-one", "bob": "this-one-too"}).write(home.credentials)

    await ensure(home, accounts, passwords)

    assert await fitting(home, accounts, passwords) == [True, True]
