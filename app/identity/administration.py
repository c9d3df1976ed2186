"""Accounts as people see and change them: their own, or all, where Kubernetes lets them manage accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from app.domain.absent import Absent
from app.domain.account import Account, AccountEdit, NewAccount, PasswordChange, account_violations, is_account_name
from app.domain.call import Caller
from app.domain.errors import (
    AccountNotFoundError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    PasswordChangeRequiredError,
    PreconditionFailedError,
)
from app.domain.fault import Fault, Violation
from app.domain.identity import Source
from app.domain.listing import Page, cut
from app.domain.version import ANY, Precondition
from app.identity.account import AccountStore
from app.identity.account_change import LOST_RACES, change_account, require_version
from app.identity.back_off import Attempt, BackOff
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from app.identity.password_rule import password_fault

VERB: Final = "manage"
GROUP: Final = "iam.secretspace.io"
RESOURCE: Final = "accounts"
"""No such resource is served: RBAC is asked by it, and `deploy/` gives it to the platform admins."""

_log = structlog.get_logger("app.identity")


class Reviewer(Protocol):
    """What a caller may do, as the cluster says."""

    async def allows(self, caller: Caller, verb: str, group: str, resource: str, name: str = "") -> bool:
        """Whether a verb is allowed on a cluster-scoped resource."""


class Memberships(Protocol):
    """What an account's owner has been given in workspaces and projects."""

    async def end(self, username: str, caller: Caller) -> None:
        """Take all of it away.

        Raises:
            IsManagerError: they manage a workspace; nothing was taken away.
        """


@dataclass(frozen=True, slots=True)
class AccountAdministration:
    """Reads and changes accounts on behalf of a caller.

    Rights are looked at first: who has none does not learn which accounts there are.
    """

    accounts: AccountStore
    passwords: Passwords
    reviewer: Reviewer
    back_off: BackOff
    memberships: Memberships
    prefix: str

    async def page(self, caller: Caller, page: int, limit: int) -> Page[Account]:
        """A page of all accounts, by name.

        Raises:
            ForbiddenError: the caller may not manage accounts.
        """
        await self._require_right(caller)
        return cut(sorted(await self.accounts.all(caller.trace), key=lambda each: each.name), page, limit)

    async def get(self, caller: Caller, name: str) -> Account:
        """One account; everybody may see their own.

        Raises:
            ForbiddenError, AccountNotFoundError: as their names say.
        """
        if not self._is_own(caller, name):
            await self._require_right(caller)
        return await self._read(caller, name)

    async def create(self, caller: Caller, new: NewAccount) -> Account:
        """Make an account.

        Raises:
            ForbiddenError, InvalidError, AlreadyExistsError, NameRetiredError: as their names say.
        """
        await self._require_right(caller)
        made = await create_account(new, self.accounts, self.passwords, caller.trace, caller.username)
        _record("create", caller, new.name)
        return made

    async def update(self, caller: Caller, name: str, edit: AccountEdit, *, expected: Precondition) -> Account:
        """Change an account; its tokens end where it is disabled, or gets other platform roles.

        Raises:
            ForbiddenError, AccountNotFoundError, PreconditionFailedError, ConflictError: as their names say.
            InvalidError: the e-mail address is none.
        """
        await self._require_right(caller)
        violations = tuple(account_violations(_known(name), "" if isinstance(edit.email, Absent) else edit.email or ""))
        if violations:
            raise InvalidError(violations)
        changed = await change_account(
            self.accounts,
            _known(name),
            lambda account: account.edited(edit),
            caller.trace,
            expected=expected,
            actor=caller.username,
        )
        _record("update", caller, name)
        return changed

    async def delete(self, caller: Caller, name: str, *, expected: Precondition) -> None:
        """Delete an account; its tokens end, and its name is never given out again.

        Its memberships go first, so that it can be asked for again when this stops half-way.

        Raises:
            IsManagerError: it manages a workspace, which would be nobody's.
            ForbiddenError, AccountNotFoundError, PreconditionFailedError, ConflictError: as their names say.
        """
        await self._require_right(caller)
        for _ in range(LOST_RACES):
            account = await self._read(caller, name)
            require_version(account, expected)
            await self.memberships.end(self.prefix + account.name, caller)
            try:
                await self.accounts.retire(account, caller.trace, caller.username)
            except PreconditionFailedError:
                if expected != ANY:
                    raise
            else:
                _record("delete", caller, name)
                return
        raise ConflictError

    async def set_password(self, caller: Caller, name: str, change: PasswordChange) -> None:
        """Set a password: one's own with the present one as proof, another's with the right to manage accounts.

        All tokens of the account end, the caller's own too. The present password can be guessed at no more often than
        at a sign-in.

        Raises:
            InvalidError: the new password breaks the rules, or the present one is missing or wrong.
            ForbiddenError, AccountNotFoundError, TooManyAttemptsError, ConflictError: as their names say.
        """
        own = self._is_own(caller, name)
        if not own:
            await self._require_right(caller)
        account = await self._read(caller, name)
        violations = list(_password_violations(change, account, own=own))
        if violations:
            raise InvalidError(violations)
        if own:
            await self._prove(account, change.current or "")
        password_hash = await self.passwords.hash(change.new)
        await self._change_at(
            caller, account, lambda current: current.with_password(password_hash, by_owner=own), own=own
        )
        _record("setPassword", caller, name)

    async def sign_out(self, caller: Caller, name: str) -> None:
        """End all tokens and sessions of an account; everybody may do so with their own.

        Raises:
            ForbiddenError, AccountNotFoundError, ConflictError: as their names say.
        """
        own = self._is_own(caller, name)
        if not own:
            await self._require_right(caller)
        await change_account(
            self.accounts,
            _known(name),
            lambda account: account.signed_out(),
            caller.trace,
            actor="" if own else caller.username,
        )
        _record("signOut", caller, name)

    def _is_own(self, caller: Caller, name: str) -> bool:
        return caller.identity.source is Source.LOCAL and caller.username == self.prefix + name

    async def _require_right(self, caller: Caller) -> None:
        if caller.identity.password_change_required:
            raise PasswordChangeRequiredError
        if not await self.reviewer.allows(caller, VERB, GROUP, RESOURCE):
            raise ForbiddenError(VERB, RESOURCE)

    async def _read(self, caller: Caller, name: str) -> Account:
        account = await self.accounts.get(_known(name), caller.trace)
        if account is None:
            raise AccountNotFoundError
        return account

    async def _prove(self, account: Account, password: str) -> None:
        attempt = Attempt(account.name)
        self.back_off.require_open(attempt)
        if not await self.passwords.verify(password, account.password_hash):
            self.back_off.failed(attempt)
            raise InvalidError([Violation("/currentPassword", Fault.PASSWORD_WRONG)])
        self.back_off.succeeded(attempt)

    async def _change_at(
        self, caller: Caller, seen: Account, change: Callable[[Account], Account], *, own: bool
    ) -> None:
        """Change an account whose password is still the one that was looked at."""

        def unless_changed(account: Account) -> Account:
            if account.password_hash != seen.password_hash:
                raise ConflictError
            return change(account)

        actor = "" if own else caller.username
        await change_account(self.accounts, seen.name, unless_changed, caller.trace, actor=actor)


def _known(name: str) -> str:
    """The name, if an account can be called so.

    Raises:
        AccountNotFoundError: none can.
    """
    if not is_account_name(name):
        raise AccountNotFoundError
    return name


def _password_violations(change: PasswordChange, account: Account, *, own: bool) -> list[Violation]:
    violations = []
    if own and change.current is None:
        violations.append(Violation("/currentPassword", Fault.REQUIRED))
    fault = password_fault(change.new, account.name)
    if fault is None and own and change.new == change.current:
        fault = Fault.PASSWORD_UNCHANGED
    if fault is not None:
        violations.append(Violation("/newPassword", fault))
    return violations


def _record(verb: str, caller: Caller, name: str) -> None:
    _log.info("account.written", verb=verb, account=name, user=caller.username, request_id=caller.trace.request_id)
