"""What a role in a workspace means in each of its projects, as role bindings; and how to get there from what is there.

Pure: nothing is read or written here. A binding of a name below that is not ours is left alone, and said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.domain.call import RESERVED_USER_METADATA
from app.domain.identity import RESERVED_PREFIX, SYSTEM_PREFIX
from app.domain.secret import Metadata
from app.domain.sync_state import SyncReason, SyncState
from app.domain.version import Version
from app.domain.workspace import Subject, SubjectKind, Workspace, WorkspaceRole, is_project_of_ours

_OF_THE_SYSTEM: Final = (SYSTEM_PREFIX, RESERVED_PREFIX)
"""How names begin that the service never binds; the admission policy in `deploy/` would refuse them."""
_NAMED: Final = 10
"""So many projects a message names."""

ADMINS: Final = "secretspace:workspace-admins"
VIEWERS: Final = "secretspace:workspace-viewers"
METADATA: Final = "secretspace:metadata"
NAMES: Final = (ADMINS, VIEWERS, METADATA)
"""The bindings of each project, by name."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A binding as it has to be; without subjects, it must not be there."""

    name: str
    role: str
    """The name of its ClusterRole."""
    subjects: frozenset[Subject]
    inherited: bool = True
    """Whether it stands for roles in the workspace, which is to be seen among the members of the project."""


@dataclass(frozen=True, slots=True)
class Held:
    """A binding of one of our names as it is."""

    project: str
    name: str
    version: Version
    role: str
    """The name of its ClusterRole, empty where it gives a Role."""
    subjects: frozenset[Subject]
    ours: bool
    inherited: bool
    strangers: bool = False
    """Whether it has subjects that are neither users nor groups."""

    def fits(self, grant: Grant) -> bool:
        """Whether it can become the grant: it is ours, and gives that role, which no binding can change."""
        return self.ours and self.role == grant.role


@dataclass(frozen=True, slots=True)
class Step:
    """One write: make `grant` of what is `held`, or delete that where the grant has no subjects."""

    project: str
    grant: Grant
    held: Held | None
    removes: bool
    """Whether it takes something away; it then gives nothing."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done in the projects of one workspace."""

    steps: tuple[Step, ...]
    taken: tuple[str, ...] = ()
    """Projects in which a binding of somebody else's stands in the place of ours."""


def grants(workspace: Workspace) -> tuple[Grant, ...]:
    """What has to be in each project of the workspace. Who is an admin is no viewer as well."""
    admins = _bindable(_admins(workspace))
    viewers = _bindable(_with(workspace, WorkspaceRole.VIEWER)) - admins
    reserved = frozenset({Subject(SubjectKind.USER, RESERVED_USER_METADATA)})
    return (
        Grant(ADMINS, "secretspace:project-admin", admins),
        Grant(VIEWERS, "secretspace:project-viewer", viewers),
        Grant(METADATA, "secretspace:metadata", reserved, inherited=False),
    )


def plan(workspace: Workspace, namespaces: Iterable[Metadata], held: Mapping[tuple[str, str], Held]) -> Plan:
    """What is to be done; `held` are the bindings of our names, by project and name.

    In a project that is being deleted rights are still taken, and none given, which the API server would refuse.
    """
    steps: list[Step] = []
    taken: set[str] = set()
    wanted = grants(workspace)
    for project in (each for each in namespaces if is_reached(workspace, each)):
        for grant in wanted:
            there = held.get((project.name, grant.name))
            if there is not None and not there.fits(grant):
                taken |= {project.name} if grant.subjects else set()
            elif (step := _step(project.name, grant, there)) and (step.removes or not project.deletion_pending):
                steps.append(step)
    return Plan(tuple(steps), tuple(sorted(taken)))


def is_reached(workspace: Workspace, namespace: Metadata) -> bool:
    """Whether the workspace's roles hold in the namespace: it was made for it, by the service."""
    return workspace.owns(namespace) and is_project_of_ours(namespace)


def sync_state(workspace: Workspace, outcome: Plan) -> SyncState:
    """What to say of a workspace when nothing more can be done now; `outcome` is what is still to be done."""
    generation = workspace.metadata.generation if workspace.metadata else 0
    if outcome.taken:
        said = f"A role binding of another's has the name of ours in: {_names(outcome.taken)}."
        return SyncState(SyncReason.NAME_TAKEN, said, generation)
    if outcome.steps:
        projects = sorted({step.project for step in outcome.steps})
        said = f"Role bindings could not be written in: {_names(projects)}."
        return SyncState(SyncReason.WRITE_FAILED, said, generation)
    if refused := _refused(workspace):
        said = f"{refused} of its members have names of the system, which are not bound."
        return SyncState(SyncReason.SUBJECT_REFUSED, said, generation)
    return SyncState(SyncReason.SYNCED, "Its admins and viewers have their roles in each of its projects.", generation)


def _step(project: str, grant: Grant, held: Held | None) -> Step | None:
    """The write that is due, if any; where something has to go and something to come, what has to go is first."""
    if held is None:
        return Step(project, grant, None, removes=False) if grant.subjects else None
    if held.strangers or not held.subjects or held.subjects - grant.subjects:
        return Step(project, replace(grant, subjects=grant.subjects & held.subjects), held, removes=True)
    if held.subjects == grant.subjects and held.inherited == grant.inherited:
        return None
    return Step(project, grant, held, removes=False)


def _admins(workspace: Workspace) -> frozenset[Subject]:
    manager = {Subject(SubjectKind.USER, workspace.manager)} if workspace.manager else set()
    return _with(workspace, WorkspaceRole.ADMIN) | manager


def _with(workspace: Workspace, role: WorkspaceRole) -> frozenset[Subject]:
    return frozenset(member.subject for member in workspace.members if member.role is role)


def _bindable(subjects: frozenset[Subject]) -> frozenset[Subject]:
    return frozenset(subject for subject in subjects if not subject.name.startswith(_OF_THE_SYSTEM))


def _refused(workspace: Workspace) -> int:
    """How many would be bound, were it not for their names."""
    due = _admins(workspace) | _with(workspace, WorkspaceRole.VIEWER)
    return len(due - _bindable(due))


def _names(projects: Iterable[str]) -> str:
    listed = list(projects)
    more = len(listed) - _NAMED
    return ", ".join(listed[:_NAMED]) + (f" and {more} more" if more > 0 else "")
