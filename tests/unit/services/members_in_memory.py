"""One project, its role bindings and its workspace without a cluster; and others who change them at the same moment."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from typing_extensions import override

from app.domain.call import Caller, Trace
from app.domain.errors import AlreadyExistsError, AppError, PreconditionFailedError
from app.domain.member import Binding
from app.domain.secret import Metadata
from app.domain.version import Version
from app.domain.workspace import (
    MANAGED_BY,
    SERVICE,
    WORKSPACE_LABEL,
    WORKSPACE_UID,
    ProjectRole,
    Subject,
    SubjectKind,
    Workspace,
    WorkspaceMember,
    WorkspaceRole,
)
from app.services.departure import Departure
from app.services.last_admin import LastAdmin
from app.services.project_member import ProjectMembers
from app.services.rights import Rights
from app.services.subject import UserNames
from app.services.tenancy import Tenancy
from tests.unit.sample import NOW, PROJECT, UID, caller, metadata, version
from tests.unit.services.in_memory import ON_MEMBERS, NamespacesInMemory, ReviewsInMemory, WorkspacesInMemory

ANNA: Final = Subject(SubjectKind.USER, "anna")
BEN: Final = Subject(SubjectKind.USER, "ben")
LONG_AGO: Final = NOW
"""Older than a minute, whenever the tests run."""


def just_now() -> datetime:
    return datetime.now(UTC)


class Willing(ReviewsInMemory):
    """Rights that are all there; `asked_of` are those that were looked at."""

    @override
    async def allows(
        self, caller: Caller, verb: str, group: str, resource: str, name: str = "", namespace: str = ""
    ) -> bool:
        return True


@dataclass
class MembersInMemory:
    """Role bindings; versions count up. `meanwhile` is what others do, one thing after each write."""

    bound: list[Binding] = field(default_factory=list)
    meanwhile: deque[Callable[[], object]] = field(default_factory=deque)
    _counter: int = 100

    def add(
        self,
        subject: Subject,
        role: ProjectRole,
        created_at: datetime = LONG_AGO,
        project: str = PROJECT.name,
        *,
        ours: bool = True,
    ) -> Binding:
        """Somebody else gives a role."""
        self._counter += 1
        at = Version(f"uid-{self._counter}", str(self._counter))
        made = Binding(project, f"{role}-{subject.name}", at, role, (subject,), created_at, ours=ours)
        self.bound.append(made)
        return made

    def drop(self, binding: Binding) -> None:
        """Somebody else takes it away."""
        self.bound.remove(binding)

    def roles_of(self, subject: Subject) -> list[str]:
        return [binding.role for binding in self.bound if subject in binding.subjects]

    async def bindings(self, project: str, trace: Trace) -> Sequence[Binding]:
        return [binding for binding in self.bound if binding.project == project]

    async def everywhere(self, trace: Trace) -> Sequence[Binding]:
        return list(self.bound)

    async def bind(self, project: str, subject: Subject, role: ProjectRole, actor: str, trace: Trace) -> Binding:
        if any(each.project == project and each.name == f"{role}-{subject.name}" for each in self.bound):
            raise AlreadyExistsError
        made = self.add(subject, role, just_now(), project)
        self._let_others()
        return made

    async def unbind(self, binding: Binding, trace: Trace) -> bool:
        there = binding in self.bound
        if there:
            self.bound.remove(binding)
        self._let_others()
        return there

    def _let_others(self) -> None:
        if self.meanwhile:
            self.meanwhile.popleft()()


class ProjectInMemory(NamespacesInMemory):
    """The namespace of the project, and the notes on it; `meanwhile` is what others do, one thing after each read."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: deque[Callable[[], object]] = deque()
        self.refusal: AppError | None = None
        """What the cluster has against notes that are taken back."""
        labels = {WORKSPACE_LABEL: PROJECT.workspace, MANAGED_BY: SERVICE}
        self.namespaces[PROJECT.name] = Metadata(PROJECT.name, "", version(), NOW, labels, {WORKSPACE_UID: UID})

    @property
    def notes(self) -> dict[str, str]:
        annotations = self.namespaces[PROJECT.name].annotations
        return {name: text for name, text in annotations.items() if name != WORKSPACE_UID}

    def note(self, name: str, text: str) -> None:
        """Somebody writes a note."""
        self._put({name: text})

    @override
    async def read(self, name: str, trace: Trace) -> Metadata | None:
        found = self.namespaces.get(name)
        if self.meanwhile:
            self.meanwhile.popleft()()
        return found

    async def annotate(
        self, name: str, annotations: Mapping[str, str | None], expected: Version | None, trace: Trace
    ) -> None:
        if expected is None and self.refusal is not None:
            raise self.refusal
        if expected is not None and expected != self.namespaces[name].version:
            raise PreconditionFailedError
        self._put(annotations)

    def _put(self, annotations: Mapping[str, str | None]) -> None:
        there = self.namespaces[PROJECT.name]
        merged = {key: text for key, text in {**there.annotations, **annotations}.items() if text is not None}
        at = Version(there.version.uid, str(int(there.version.resource_version) + 1))
        self.namespaces[PROJECT.name] = replace(there, annotations=merged, version=at)


@dataclass
class WorkspaceInMemory(WorkspacesInMemory):
    """The workspace, whose members are written; `woken` is what the fan-out was told of."""

    woken: list[str] = field(default_factory=list)
    lost_races: int = 0
    """How many writes fail first."""

    @override
    async def all(self, trace: Trace) -> Sequence[Workspace]:
        return list(self.workspaces)

    async def set_members(
        self, name: str, members: Sequence[WorkspaceMember], expected: Version, actor: str, trace: Trace
    ) -> Workspace:
        if self.lost_races:
            self.lost_races -= 1
            raise PreconditionFailedError
        (there,) = [each for each in self.workspaces if each.name == name]
        written = replace(there, members=tuple(members))
        self.workspaces[self.workspaces.index(there)] = written
        return written

    def wake(self, workspace: str) -> None:
        self.woken.append(workspace)

    async def reach(self, workspace: Workspace, project: Metadata, actor: str, trace: Trace) -> None:
        self.wake(workspace.name)


@dataclass
class TeamHouse:
    """The use cases about members over all of this, for a caller who may do everything in the project."""

    store: MembersInMemory = field(default_factory=MembersInMemory)
    project: ProjectInMemory = field(default_factory=ProjectInMemory)
    workspaces: WorkspaceInMemory = field(default_factory=WorkspaceInMemory)
    caller: Caller = field(default_factory=caller)

    def __post_init__(self) -> None:
        members = tuple(WorkspaceMember(subject, WorkspaceRole.REGULAR) for subject in (ANNA, BEN))
        kept = metadata(PROJECT.workspace, version=version())
        self.workspaces.workspaces = [Workspace(PROJECT.workspace, members=members, metadata=kept, managed=True)]
        rights = Rights(Willing({PROJECT.name: ON_MEMBERS}))
        self.tenancy = Tenancy(self.project, self.workspaces, rights, "cluster", frozenset())

    @property
    def last_admin(self) -> LastAdmin:
        return LastAdmin(self.tenancy, self.project, self.store)

    @property
    def members(self) -> ProjectMembers:
        return ProjectMembers(self.caller, self.tenancy, self.store, UserNames(None, "local:"), self.last_admin)

    @property
    def departure(self) -> Departure:
        return Departure(self.workspaces, self.workspaces, self.project, self.store, self.workspaces)

    def leave_workspace(self, subject: Subject) -> None:
        """Somebody takes a member out of the workspace."""
        (there,) = self.workspaces.workspaces
        left = tuple(member for member in there.members if member.subject != subject)
        self.workspaces.workspaces = [replace(there, members=left)]
