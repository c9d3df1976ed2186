"""Copying Secrets between projects, and comparing them: who asks has to be allowed both ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from app.domain.change import Warning
from app.domain.detail import Created
from app.domain.diff import MapDiff
from app.domain.errors import InvalidError, ProjectNotFoundError, ReadOnlySecretError, SecretNotFoundError
from app.domain.managed_by import managed_by
from app.domain.secret import NewSecret, SecretRef
from app.domain.secret_copy import copy_of
from app.services.port import RevealRecorder
from app.services.secret_writing import SecretWriter

PROJECT_AT: Final = "/project"
"""Where a body names the other project."""
NAME_AT: Final = "/name"
"""Where it names the other Secret."""

_NOT_KEPT: Final = Warning("", "NOT_KEPT", "A controller keeps the original, and does not keep the copy up to date.")


@dataclass(frozen=True, slots=True)
class SecretCopier:
    """Copies and compares as one caller."""

    writer: SecretWriter
    recorder: RevealRecorder

    async def copy(self, source: SecretRef, target: SecretRef, *, dry_run: bool = False) -> Created:
        """Make a Secret with the values of another one; a line in the log is written first.

        No value leaves to the caller, but to where others may read it: that is worth the line of a reveal.

        Raises:
            SecretNotFoundError: the source is not there.
            ReadOnlySecretError: Helm releases and service-account tokens are of use in one place only.
            ProjectNotFoundError: a project is not there for this caller; `at` is set where it is the target's.
            AlreadyExistsError: the target's name is taken.
            AuditUnavailableError: the line could not be written.
        """
        writer = self.writer
        async with writer.tenancy.within(writer.caller, source.project):
            stored = await writer.store.get(writer.caller, source)
            if stored.read_only:
                raise ReadOnlySecretError
        async with _other_project():
            await writer.tenancy.require_visible(writer.caller, target.project)
        new = copy_of(stored, source, target, writer.caller.username, writer.policy.hidden_annotations)
        if not dry_run:
            await self._record(source, target, sorted(stored.data))
        created = await self._make(new, dry_run=dry_run)
        return created if managed_by(stored.metadata) is None else replace(created, warnings=(_NOT_KEPT,))

    async def compare(self, left: SecretRef, right: SecretRef) -> MapDiff:
        """What would become of the keys of the left one, were it to become the right one.

        Raises:
            SecretNotFoundError, ProjectNotFoundError: one of them is not there; `at` is set where it is the right one.
        """
        tenancy, store, caller = self.writer.tenancy, self.writer.store, self.writer.caller
        async with tenancy.within(caller, left.project):
            first = await store.get(caller, left)
        async with _other_project(), tenancy.within(caller, right.project):
            second = await store.get(caller, right)
        return MapDiff.between(first.data, second.data)

    async def _make(self, new: NewSecret, *, dry_run: bool) -> Created:
        try:
            return await self.writer.make(new, dry_run=dry_run)
        except InvalidError as error:
            raise error.relocated({}) from None

    async def _record(self, source: SecretRef, target: SecretRef, keys: list[str]) -> None:
        caller = self.writer.caller
        await self.recorder.record_copy(
            user=caller.username,
            workspace=source.project.workspace,
            project=source.namespace,
            secret=source.name,
            copied_to=f"{target.project.workspace}/{target.namespace}/{target.name}",
            keys=keys,
            request_id=caller.trace.request_id,
        )


@asynccontextmanager
async def _other_project() -> AsyncIterator[None]:
    """Say of what is not there that it is what the body names, not the path."""
    try:
        yield
    except ProjectNotFoundError:
        raise ProjectNotFoundError(PROJECT_AT) from None
    except SecretNotFoundError:
        raise SecretNotFoundError(NAME_AT) from None
