"""Making accounts without being one: for the first account of a cluster, and for `secretspace dev`."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.domain.account import Account, PlatformRole, account_violations
from app.domain.call import Trace
from app.domain.errors import InvalidError
from app.domain.fault import Violation
from app.identity.account import AccountStore
from app.identity.password import Passwords
from app.identity.password_rule import password_fault


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made."""

    name: str
    password: str = field(repr=False)
    email: str = ""
    platform_roles: frozenset[PlatformRole] = frozenset()


async def create_account(new: NewAccount, accounts: AccountStore, passwords: Passwords, trace: Trace) -> None:
    """Store a new account.

    Raises:
        InvalidError: name, e-mail address or password break the rules.
        AlreadyExistsError: the name is taken; the account stays as it is.
    """
    violations = list(_violations(new))
    if violations:
        raise InvalidError(violations)
    account = Account(new.name, await passwords.hash(new.password), new.email, new.platform_roles)
    await accounts.create(account, trace)


def _violations(new: NewAccount) -> Iterator[Violation]:
    yield from account_violations(new.name, new.email)
    fault = password_fault(new.password, new.name)
    if fault is not None:
        yield Violation("/password", fault)
