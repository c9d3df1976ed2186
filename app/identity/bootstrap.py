"""Making accounts: through the API, and without being one, for the first of a cluster and for `secretspace dev`."""

from collections.abc import Iterator

from app.domain.account import Account, NewAccount, account_violations
from app.domain.call import Trace
from app.domain.errors import InvalidError
from app.domain.fault import Violation
from app.identity.account import AccountStore
from app.identity.password import Passwords
from app.identity.password_rule import password_fault


async def create_account(
    new: NewAccount, accounts: AccountStore, passwords: Passwords, trace: Trace, actor: str = ""
) -> Account:
    """Store a new account, and return it as it is stored.

    Raises:
        InvalidError: name, e-mail address or password break the rules.
        AlreadyExistsError: the name is taken; the account stays as it is.
        NameRetiredError: it was, by an account that has been deleted.
    """
    violations = list(_violations(new))
    if violations:
        raise InvalidError(violations)
    account = Account(
        new.name,
        await passwords.hash(new.password),
        new.email,
        new.platform_roles,
        must_change_password=new.must_change_password,
    )
    return await accounts.create(account, trace, actor)


def _violations(new: NewAccount) -> Iterator[Violation]:
    yield from account_violations(new.name, new.email)
    fault = password_fault(new.password, new.name)
    if fault is not None:
        yield Violation("/password", fault)
