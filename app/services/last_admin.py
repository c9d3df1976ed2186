"""No project loses its last project-admin, however many leave at once, and on however many replicas.

Kubernetes changes one object at a time, and each admin has a role binding of their own. So who is about to leave says
so first, in a note on the namespace, under the version at which the others were counted: of two who leave at once, one
writes theirs, and the other one counts again, without the first. A note is taken back when the leave is over; one that
was left behind stands for a minute, longer than any request lasts.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from app.domain.call import Caller
from app.domain.errors import AppError, ConflictError, LastAdminError, PreconditionFailedError
from app.domain.member import admins_of, short_id
from app.domain.secret import ProjectRef
from app.domain.workspace import Subject
from app.services.port import MemberStore, ProjectNotes
from app.services.precondition import LOST_RACES
from app.services.tenancy import Tenancy

LEAVING: Final = "leaving.secretspace.io/"
"""An annotation of this prefix says since when an admin leaves; the rest of its name is their short id."""
FRESH: Final = timedelta(seconds=60)
"""How long such a note counts; the clocks of replicas have to agree within half of it."""


def now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LastAdmin:
    """Lets admins go as long as one stays."""

    tenancy: Tenancy
    notes: ProjectNotes
    members: MemberStore

    @asynccontextmanager
    async def leaving(self, caller: Caller, project: ProjectRef, subject: Subject) -> AsyncIterator[None]:
        """Take the role of a project-admin away inside of this block.

        Raises:
            LastAdminError: nobody else is a project-admin by a role of their own, or they are all leaving.
            ConflictError: the namespace kept changing.
        """
        await self._say(caller, project, subject)
        try:
            yield
        finally:
            with suppress(AppError):  # it ends by itself
                await self.notes.annotate(project.name, {_note(subject): None}, None, caller.trace)

    async def _say(self, caller: Caller, project: ProjectRef, subject: Subject) -> None:
        for _ in range(LOST_RACES):
            namespace = await self.tenancy.read_namespace(caller, project)
            notes = _notes(namespace.annotations)
            # Counted after the namespace was read: a leave that is over by now shows here, one that is not, in a note.
            admins = admins_of(await self.members.bindings(project.name, caller.trace)) - {subject}
            if not any(notes.get(_note(admin)) is not True for admin in admins):
                raise LastAdminError
            over = {note: None for note, fresh in notes.items() if not fresh}
            said = {**over, _note(subject): now().isoformat(timespec="seconds")}
            with suppress(PreconditionFailedError):
                await self.notes.annotate(project.name, said, namespace.version, caller.trace)
                return
        raise ConflictError


def _note(subject: Subject) -> str:
    return LEAVING + short_id(subject)


def _notes(annotations: Mapping[str, str]) -> dict[str, bool]:
    """The notes, and whether they count still."""
    return {note: is_fresh(text) for note, text in annotations.items() if note.startswith(LEAVING)}


def is_fresh(since: str) -> bool:
    """Whether a note of this text counts; one that is no time, or far off, does not."""
    try:
        return abs(now() - datetime.fromisoformat(since)) < FRESH
    except (ValueError, TypeError):
        return False
