"""Where accounts are kept: the port that the cluster's adapter satisfies."""

from typing import Protocol

from app.domain.account import Account
from app.domain.call import Trace


class AccountStore(Protocol):
    """Accounts as the service's own reserved user may see and change them."""

    async def get(self, name: str, trace: Trace) -> Account | None:
        """The account as it stands now, None where there is none of this name."""

    async def create(self, account: Account, trace: Trace) -> None:
        """Store a new account.

        Raises:
            AlreadyExistsError: the name is taken.
        """

    async def replace_password_hash(self, account: Account, password_hash: str, trace: Trace) -> None:
        """Store another password hash, if the account is still at `account.version`.

        Raises:
            ConflictError: it was changed meanwhile.
        """
