"""Workspaces, their projects and the bindings in them, without a cluster; every write is noted."""

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from app.domain.call import Trace
from app.domain.errors import AlreadyExistsError, AppError, ConflictError, NotFoundError
from app.domain.fan_out import Grant, Held, grants
from app.domain.secret import Metadata
from app.domain.sync_state import SyncState
from app.domain.workspace import (
    ACTOR,
    MANAGED_BY,
    SERVICE,
    WORKSPACE_LABEL,
    WORKSPACE_UID,
    Subject,
    SubjectKind,
    Workspace,
    WorkspaceMember,
    WorkspaceRole,
)
from app.services.reconciler import Reconciler
from tests.unit.sample import UID, metadata, version


def members(**roles: WorkspaceRole) -> tuple[WorkspaceMember, ...]:
    return tuple(WorkspaceMember(Subject(SubjectKind.USER, name), role) for name, role in roles.items())


def names_in(held: Held | None) -> set[str]:
    return {subject.name for subject in held.subjects} if held else set()


@dataclass
class ClusterInMemory:
    """What `Reconciler` needs; versions count up, and a write at another version is a conflict, as upstream."""

    workspaces: dict[str, Workspace] = field(default_factory=dict)
    projects: dict[str, Metadata] = field(default_factory=dict)
    bindings: dict[tuple[str, str], Held] = field(default_factory=dict)
    writes: list[tuple[str, str, str]] = field(default_factory=list)
    """What was done, in which project, to the binding of which name."""
    actors: set[str] = field(default_factory=set)
    refusals: dict[str, AppError] = field(default_factory=dict)
    """What there is against any write in a project."""
    meanwhile: deque[Callable[[], object]] = field(default_factory=deque)
    """What others do, one thing after each look."""
    said: list[tuple[str, SyncState]] = field(default_factory=list)
    status_refusal: AppError | None = None
    asked: list[Collection[str] | None] = field(default_factory=list)
    _counter: int = 100

    @property
    def reconciler(self) -> Reconciler:
        return Reconciler(self, self, self, self, lambda name: name.startswith("kube-"))

    def add_workspace(self, name: str = "w", manager: str = "", actor: str = "", **roles: WorkspaceRole) -> None:
        annotations = {ACTOR: actor} if actor else {}
        meta = metadata(name, generation=1, annotations=annotations)
        self.workspaces[name] = Workspace(name, manager=manager, members=members(**roles), metadata=meta, managed=True)

    def change(self, name: str = "w", **roles: WorkspaceRole) -> None:
        """Somebody gives the workspace other members."""
        there = self.workspaces[name]
        assert there.metadata is not None
        raised = replace(there.metadata, generation=there.metadata.generation + 1)
        self.workspaces[name] = replace(there, members=members(**roles), metadata=raised)

    def add_project(self, name: str, workspace: str = "w") -> Metadata:
        labels = {WORKSPACE_LABEL: workspace, MANAGED_BY: SERVICE}
        self.projects[name] = metadata(name, labels=labels, annotations={WORKSPACE_UID: UID})
        return self.projects[name]

    def settle(self) -> None:
        """Put everything where it has to be."""
        for project in self.projects.values():
            for grant in grants(self.workspaces[project.labels[WORKSPACE_LABEL]]):
                if grant.subjects:
                    self.put(project.name, grant)

    def put(self, project: str, grant: Grant, *, ours: bool = True) -> None:
        self._counter += 1
        at = version(self._counter)
        self.bindings[project, grant.name] = Held(
            project, grant.name, at, grant.role, grant.subjects, ours, grant.inherited
        )

    def bound(self, name: str) -> dict[str, set[str]]:
        """Who is bound by the bindings of a name, by project."""
        return {project: names_in(each) for (project, which), each in self.bindings.items() if which == name}

    async def all(self, trace: Trace) -> Sequence[Workspace]:
        return list(self.workspaces.values())

    async def get(self, name: str, trace: Trace) -> Workspace | None:
        return self.workspaces.get(name)

    async def of_workspaces(self, workspaces: Collection[str] | None, trace: Trace) -> Sequence[Metadata]:
        self.asked.append(workspaces)
        every = self.projects.values()
        return [each for each in every if workspaces is None or each.labels[WORKSPACE_LABEL] in workspaces]

    async def say(self, name: str, state: SyncState, trace: Trace) -> bool:
        if self.status_refusal is not None:
            raise self.status_refusal
        self.said.append((name, state))
        self.workspaces[name] = replace(self.workspaces[name], said=state)
        return True

    async def held(self, trace: Trace) -> Sequence[Held]:
        found = list(self.bindings.values())
        if self.meanwhile:
            self.meanwhile.popleft()()
        return found

    async def create(self, project: str, grant: Grant, actor: str, trace: Trace) -> None:
        self._enter("create", project, grant.name)
        if (project, grant.name) in self.bindings:
            raise AlreadyExistsError
        self.actors.add(actor)
        self.put(project, grant)

    async def replace(self, held: Held, grant: Grant, actor: str, trace: Trace) -> None:
        self._enter("replace", held.project, held.name)
        self._compare(held)
        self.actors.add(actor)
        self.put(held.project, grant)

    async def delete(self, held: Held, trace: Trace) -> None:
        self._enter("delete", held.project, held.name)
        self._compare(held)
        del self.bindings[held.project, held.name]

    def _enter(self, what: str, project: str, name: str) -> None:
        self.writes.append((what, project, name))
        if project in self.refusals:
            raise self.refusals[project]

    def _compare(self, held: Held) -> None:
        there = self.bindings.get((held.project, held.name))
        if there is None:
            raise NotFoundError
        if there.version != held.version:
            raise ConflictError
