"""Changes to an account that must not meet another."""

from collections.abc import Callable
from typing import Final

from app.domain.account import Account
from app.domain.call import Trace
from app.domain.errors import AccountNotFoundError, ConflictError, PreconditionFailedError
from app.domain.version import ANY, Precondition
from app.identity.account import AccountStore

LOST_RACES: Final = 5
"""How often a change to "whatever is there" is tried when others keep changing the account."""


async def change_account(
    accounts: AccountStore,
    name: str,
    change: Callable[[Account], Account],
    trace: Trace,
    *,
    expected: Precondition = ANY,
    actor: str = "",
) -> Account:
    """Store what `change` makes of the account, and return it; nothing is written where nothing changes.

    `change` may be called again with what somebody else has made of the account meanwhile; what it raises is passed on.

    Raises:
        AccountNotFoundError: there is no such account.
        PreconditionFailedError: it is not at the version that is expected.
        ConflictError: it was changed by others again and again.
    """
    for _ in range(LOST_RACES):
        account = await accounts.get(name, trace)
        if account is None:
            raise AccountNotFoundError
        require_version(account, expected)
        changed = change(account)
        if changed == account:
            return account
        try:
            return await accounts.update(changed, trace, actor)
        except PreconditionFailedError:
            if expected != ANY:
                raise
    raise ConflictError


def require_version(account: Account, expected: Precondition) -> None:
    """Refuse an account that is at another version.

    Raises:
        PreconditionFailedError: it is.
    """
    if expected != ANY and account.version not in expected:
        raise PreconditionFailedError
