"""Names as people write them, and as Kubernetes knows them."""

from dataclasses import dataclass
from typing import Protocol

from app.domain.account import Account, is_account_name
from app.domain.call import Trace
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.workspace import Subject, SubjectKind


class Accounts(Protocol):
    """Local accounts."""

    async def get(self, name: str, trace: Trace) -> Account | None:
        """The account of this name."""


@dataclass(frozen=True, slots=True)
class UserNames:
    """Finds the user that a name means; a name without a prefix that is a local account means that account."""

    accounts: Accounts | None
    """None where local accounts are off."""
    prefix: str

    async def user(self, name: str, trace: Trace) -> str:
        """The name that Kubernetes knows."""
        if self.accounts is None or not is_account_name(name):
            return name
        return name if await self.accounts.get(name, trace) is None else self.prefix + name

    async def subject(self, named: Subject, trace: Trace) -> Subject:
        """The subject that is meant, to be made a member.

        Raises:
            InvalidError: the name can only be a local account's, and there is none of it.
        """
        if named.kind is SubjectKind.GROUP:
            return named
        if self.accounts is not None and named.name.startswith(self.prefix):
            account = named.name.removeprefix(self.prefix)
            if not is_account_name(account) or await self.accounts.get(account, trace) is None:
                raise InvalidError([Violation("/subject/name", Fault.ACCOUNT_UNKNOWN)])
        return Subject(SubjectKind.USER, await self.user(named.name, trace))
