"""Making the tutorial's people, once."""

from collections.abc import Iterable

from app.dev.credentials import Credentials, new_password
from app.dev.home import DevHome
from app.dev.tutorial import Person
from app.domain.account import NewAccount
from app.domain.call import Trace
from app.identity.account import AccountStore
from app.identity.bootstrap import create_account
from app.identity.password import Passwords


async def ensure_people(
    people: Iterable[Person], base_url: str, home: DevHome, accounts: AccountStore, passwords: Passwords, trace: Trace
) -> frozenset[str]:
    """Make the accounts that are not there, and return the names of those whose password is new.

    A password that the file knows is kept; one that it has lost is made anew. The file is written first, and then each
    account is made to have the password of the file: should we end in between, the next run does the rest.
    """
    people = list(people)
    known = Credentials.read(home.credentials).passwords
    fresh = {person.account: new_password() for person in people if person.account not in known}
    chosen = {**known, **fresh}
    Credentials(base_url, chosen).write(home.credentials)
    for person in people:
        await _ensure(person, chosen[person.account], accounts, passwords, trace)
    return frozenset(fresh)


async def _ensure(person: Person, password: str, accounts: AccountStore, passwords: Passwords, trace: Trace) -> None:
    stored = await accounts.get(person.account, trace)
    if stored is None:
        new = NewAccount(person.account, password, platform_roles=person.platform_roles)
        await create_account(new, accounts, passwords, trace)
    elif not await passwords.verify(password, stored.password_hash):
        await accounts.update(stored.with_password(await passwords.hash(password), by_owner=True), trace)
