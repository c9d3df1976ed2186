"""Edits of a Secret that is there: read what has to be known, plan, and carry out the plan, or only try it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

from app.domain.call import Caller
from app.domain.change import Compared, Warning, Written
from app.domain.detail import Deleted
from app.domain.diff import Overtaken, SecretDiff
from app.domain.edit import Edit, Step
from app.domain.errors import (
    ForbiddenError,
    ImmutableSecretError,
    InvalidError,
    NotApplicableError,
    PreconditionFailedError,
    UpstreamExpiredError,
)
from app.domain.lint_place import remarks_on_edit
from app.domain.plan import Plan
from app.domain.secret import SecretRef, SecretRow, StoredSecret
from app.domain.state import NOTHING, State
from app.domain.terms import Terms
from app.domain.version import ANY, Version
from app.services.port import SecretStore
from app.services.precondition import at_expected
from app.services.secret_guard import guard
from app.services.secret_history import SecretHistory
from app.services.tenancy import Tenancy

Seen = StoredSecret | SecretRow | None
"""What is known of a Secret that is to be written over; None where the caller may not look at it."""

_NOT_TRIED = Warning("", "NOT_TRIED", "You may not make this edit, so the API server was not asked about it.")


@dataclass(frozen=True, slots=True)
class SecretEditor:
    """Edits as one caller."""

    caller: Caller
    tenancy: Tenancy
    store: SecretStore

    async def edit(self, secret: SecretRef, edit: Edit, terms: Terms) -> Written:
        """Edit the Secret; where nothing would change, nothing is written.

        Raises:
            AppError: as the edit does, as `SecretWriter` says, and what the cluster has against it.
        """

        async def read() -> Seen:
            return await self._see(secret, needs_values=edit.unseen is None, if_allowed=terms.dry_run)

        async def write(seen: Seen, version: Version | None) -> Written:
            return await self._perform(secret, edit, terms, _plan(edit, seen), seen, version)

        async with self._explaining(secret, terms):
            try:
                return await at_expected(terms.expected, read, version_of, write)
            except PreconditionFailedError:
                if not terms.merge:
                    raise
            return await self._merge(secret, edit, terms)

    async def compare(self, secret: SecretRef, edit: Edit) -> Compared:
        """Tell what the edit would change; the API server is asked for its opinion where the caller may edit."""

        async def read() -> StoredSecret:
            return await self.store.get(self.caller, secret)

        async def write(stored: StoredSecret, version: Version) -> Compared:
            plan = _remarked(Plan.over(stored, edit), edit, stored)
            _require_unsealed(stored, plan)
            warnings = plan.warnings + await self._tried(secret, edit, plan, stored)
            return Compared(version, cast("SecretDiff", plan.diff), warnings)  # what was read has one

        async with self.tenancy.within(self.caller, secret.project):
            return await at_expected(ANY, read, lambda stored: stored.metadata.version, write)

    async def delete(self, secret: SecretRef, terms: Terms) -> Deleted:
        """Delete the Secret, at the expected version only."""

        async def read() -> Seen:
            return await self._see(secret, needs_values=False, if_allowed=terms.dry_run)

        async def write(seen: Seen, version: Version | None) -> Deleted:
            guard(seen, terms.override)
            pending = await self.store.delete(self.caller, secret, version, dry_run=terms.dry_run)
            diff = State.of(seen).diff_to(NOTHING) if isinstance(seen, StoredSecret) else None
            return Deleted(version, pending, diff=diff)

        async with self._explaining(secret, terms):
            return await at_expected(terms.expected, read, version_of, write)

    @asynccontextmanager
    async def _explaining(self, secret: SecretRef, terms: Terms) -> AsyncIterator[None]:
        """Write inside of a project; where the version is not the expected one, say what changed meanwhile."""
        async with self.tenancy.within(self.caller, secret.project):
            try:
                yield
            except PreconditionFailedError as error:
                overtaken = error.overtaken or await self._history.overtaken(secret, terms.expected)
                raise PreconditionFailedError(overtaken) from None

    async def _merge(self, secret: SecretRef, edit: Edit, terms: Terms) -> Written:
        """Make an edit of an earlier version to the one that is there now, if others have not changed the same.

        Raises:
            PreconditionFailedError: they have, or it cannot be known.
        """

        async def read() -> StoredSecret:
            try:
                return await self.store.get(self.caller, secret)
            except ForbiddenError:
                raise PreconditionFailedError(Overtaken()) from None

        async def write(current: StoredSecret, version: Version) -> Written | Overtaken:
            try:
                base = await self._history.base(secret, terms.expected, current)
            except UpstreamExpiredError:
                return Overtaken(version_gone=True)
            except ForbiddenError:
                base = None
            if base is None:
                return Overtaken()
            plan, overlap = Plan.merged(base, current, edit)
            if overlap:
                return Overtaken(State.of(base).diff_to(State.of(current)), overlap)
            return await self._perform(secret, edit, terms, plan, current, version)

        outcome = await at_expected(ANY, read, lambda current: current.metadata.version, write)
        if isinstance(outcome, Overtaken):
            raise PreconditionFailedError(outcome)
        return outcome

    async def _tried(self, secret: SecretRef, edit: Edit, plan: Plan, stored: StoredSecret) -> tuple[Warning, ...]:
        """Have the API server say whether the plan could be carried out; warn where the caller may not even ask."""
        if plan.changes_nothing:
            return ()
        try:
            await self._carry_out(secret, edit, plan, stored.metadata.version, dry_run=True)
        except ForbiddenError:
            return (_NOT_TRIED,)
        return ()

    @property
    def _history(self) -> SecretHistory:
        return SecretHistory(self.caller, self.store)

    async def _see(self, secret: SecretRef, *, needs_values: bool, if_allowed: bool) -> Seen:
        """Read the Secret where the write needs it, or `if_allowed` where the caller may; else only look at it."""
        if needs_values:
            return await self.store.get(self.caller, secret)
        if if_allowed:
            try:
                return await self.store.get(self.caller, secret)
            except ForbiddenError:
                pass
        return await self.store.look(self.caller, secret)

    async def _perform(
        self, secret: SecretRef, edit: Edit, terms: Terms, plan: Plan, seen: Seen, version: Version | None
    ) -> Written:
        """Do what is planned, if there is anything to do, and nothing stands against it."""
        if plan.diff is not None and plan.changes_nothing:
            return Written(None if terms.dry_run else version, version, (), plan.warnings, plan.diff)
        guard(seen, terms.override)
        if isinstance(seen, StoredSecret):
            _require_unsealed(seen, plan)
        return await self._carry_out(secret, edit, _remarked(plan, edit, seen), version, dry_run=terms.dry_run)

    async def _carry_out(
        self, secret: SecretRef, edit: Edit, plan: Plan, version: Version | None, *, dry_run: bool
    ) -> Written:
        """Write at the version, or have the API server say whether that could be done."""
        try:
            now = await self.store.change(self.caller, secret, plan.step, version, dry_run=dry_run)
        except InvalidError as error:
            raise edit.located(error) from None
        except NotApplicableError:
            raise await self._failed_guard(secret, edit, version) from None
        if dry_run:
            return Written(None, version, plan.keys, plan.warnings, plan.diff)
        return Written(now, version, () if now == version else plan.keys, plan.warnings, plan.diff)

    async def _failed_guard(
        self, secret: SecretRef, edit: Edit, version: Version | None
    ) -> NotApplicableError | PreconditionFailedError:
        """Why a change was not made: the API server says so blankly, and looks at the keys before the version."""
        seen = await self._see(secret, needs_values=False, if_allowed=True)
        if seen is not None and seen.metadata.version != version:
            return PreconditionFailedError()
        if isinstance(seen, StoredSecret):
            try:
                edit.wanted(seen)
            except NotApplicableError as exact:
                return exact
        return NotApplicableError()


def _require_unsealed(stored: StoredSecret, plan: Plan) -> None:
    if stored.immutable and plan.breaks_seal:
        raise ImmutableSecretError


def _plan(edit: Edit, seen: Seen) -> Plan:
    if isinstance(seen, StoredSecret):
        return Plan.over(seen, edit)
    return Plan(cast("Step", edit.unseen))  # else it would have been read


def _remarked(plan: Plan, edit: Edit, seen: Seen) -> Plan:
    """The plan with what there is to remark on the values that it brings."""
    return replace(plan, warnings=(*plan.warnings, *remarks_on_edit(edit, plan, seen, datetime.now(UTC))))


def version_of(secret: Seen) -> Version | None:
    """The version of what was seen."""
    return None if secret is None else secret.metadata.version
