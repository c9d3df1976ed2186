"""Where accounts are kept: the port that the cluster's adapter satisfies."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.account import Account
from app.domain.call import Trace


class AccountStore(Protocol):
    """Accounts as the service's own reserved user may see and change them.

    `actor` is who asked for a write, where that is not the account itself.
    """

    async def get(self, name: str, trace: Trace) -> Account | None:
        """The account as it stands now, None where there is none of this name."""

    async def all(self, trace: Trace) -> Sequence[Account]:
        """All accounts, in no order."""

    async def create(self, account: Account, trace: Trace, actor: str = "") -> Account:
        """Store a new account, and return it as it is stored.

        Raises:
            AlreadyExistsError: the name is taken.
            NameRetiredError: it was, by an account that has been deleted.
        """

    async def update(self, account: Account, trace: Trace, actor: str = "") -> Account:
        """Store another state of an account that is still at `account.version`, and return it as it is stored.

        Raises:
            PreconditionFailedError: it was changed meanwhile.
        """

    async def retire(self, account: Account, trace: Trace, actor: str = "") -> None:
        """Delete an account that is still at `account.version`; nothing of it stays but that its name was given out.

        Raises:
            PreconditionFailedError: it was changed meanwhile.
        """
