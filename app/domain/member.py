"""Members of workspaces and projects; in projects, who has which role by which role bindings.

Kubernetes cannot change the role of a binding, so another role is another binding: for a moment a member has both. Of
the bindings that the service made for a subject, the oldest is the one that counts: a newer one becomes it when whoever
made it has taken the oldest away, which only one of them can. What a change that was cut off has left behind, the next
one takes away.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from app.domain.fault import Fault
from app.domain.identity import RESERVED_PREFIX, SYSTEM_PREFIX, InvalidIdentityError, check_identity_name
from app.domain.version import Version
from app.domain.workspace import ProjectRole, Subject, SubjectKind, Workspace, WorkspaceMember, WorkspaceRole

MAX_MEMBERS: Final = 250
"""Members of a workspace, as its resource definition bounds them (ADR 8)."""
PROJECT_ROLES: Final = {role.cluster_role: role for role in ProjectRole}
"""Our project roles by the name of their ClusterRole."""
_STRONGEST_FIRST: Final = list(ProjectRole)


@dataclass(frozen=True, slots=True)
class Binding:
    """A role binding in a project."""

    project: str
    name: str
    version: Version
    role: str
    """The name of the role that it gives; of ours, a `ProjectRole`."""
    subjects: tuple[Subject, ...]
    created_at: datetime
    ours: bool
    """Whether the service keeps it."""
    inherited: bool = False
    """Whether it stands for roles in the workspace."""

    @property
    def direct(self) -> bool:
        """Whether it is the role of one member, given through the service."""
        return self.ours and not self.inherited


@dataclass(frozen=True, slots=True)
class ProjectMember:
    """A subject and one role of theirs."""

    subject: Subject
    role: str
    ours: bool
    inherited: bool
    version: Version

    @property
    def id(self) -> str:
        """The subject, in a form that can stand in a path; the same whatever the role."""
        return member_id(self.subject)


@dataclass(frozen=True, slots=True)
class ShownMember:
    """A member as it is shown, with the workspace that tells its version."""

    member: WorkspaceMember
    workspace: Workspace
    manager: bool = False
    """Whether this is the role that managing the workspace gives."""


@dataclass(frozen=True, slots=True)
class Standing:
    """All that is bound to one subject in a project."""

    subject: Subject
    direct: tuple[Binding, ...]
    """The oldest first; there is more than one only while a change is under way, or where one was cut off."""
    inherited: bool
    foreign: bool

    @property
    def is_admin(self) -> bool:
        """Whether any of the direct bindings makes them a project-admin."""
        return any(binding.role == ProjectRole.ADMIN for binding in self.direct)


def standing_of(subject: Subject, bindings: Iterable[Binding]) -> Standing:
    """What of the bindings is bound to the subject."""
    found = [binding for binding in bindings if subject in binding.subjects]
    return Standing(
        subject,
        direct=tuple(sorted((each for each in found if each.direct), key=_age)),
        inherited=any(each.inherited for each in found),
        foreign=any(not each.ours for each in found),
    )


def members_of(bindings: Iterable[Binding]) -> list[ProjectMember]:
    """Everybody who is bound, by subject; of direct roles the strongest, with the version that a change needs."""
    bound = list(bindings)
    others = [
        ProjectMember(subject, binding.role, binding.ours, binding.inherited, binding.version)
        for binding in bound
        if not binding.direct
        for subject in binding.subjects
        if not subject.name.startswith(RESERVED_PREFIX)
    ]
    subjects = {subject for binding in bound if binding.direct for subject in binding.subjects}
    direct = [member_of(standing_of(subject, bound).direct) for subject in subjects]
    return sorted([*direct, *others], key=lambda each: (each.subject.kind, each.subject.name, not each.ours, each.role))


def member_of(direct: tuple[Binding, ...]) -> ProjectMember:
    """The member whose direct bindings these are."""
    role = min((ProjectRole(binding.role) for binding in direct), key=_STRONGEST_FIRST.index)
    return ProjectMember(direct[0].subjects[0], role, ours=True, inherited=False, version=direct[0].version)


def admins_of(bindings: Iterable[Binding]) -> set[Subject]:
    """The directly bound project-admins: those whose binding that counts makes them one."""
    bound = [binding for binding in bindings if binding.direct]
    standings = [standing_of(subject, bound) for subject in {binding.subjects[0] for binding in bound}]
    return {each.subject for each in standings if each.direct[0].role == ProjectRole.ADMIN}


def is_older(one: Binding, other: Binding) -> bool:
    """Whether it was there before."""
    return _age(one) < _age(other)


def _age(binding: Binding) -> int:
    """The place in the order of writes; creation times have whole seconds and many clocks.

    Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
    """
    return int(binding.version.resource_version)


def shown_members(workspace: Workspace) -> list[ShownMember]:
    """The manager, then the members by subject."""
    members = sorted(workspace.members, key=lambda each: (each.subject.kind, each.subject.name))
    shown = [ShownMember(member, workspace) for member in members]
    if not workspace.manager:
        return shown
    manager = WorkspaceMember(Subject(SubjectKind.USER, workspace.manager), WorkspaceRole.ADMIN)
    return [ShownMember(manager, workspace, manager=True), *shown]


def is_member(workspace: Workspace, subject: Subject) -> bool:
    """Whether exactly this subject is in the workspace, by its own entry or as the manager."""
    return is_manager(workspace, subject) or any(member.subject == subject for member in workspace.members)


def is_manager(workspace: Workspace, subject: Subject) -> bool:
    """Whether the subject manages the workspace."""
    return subject.kind is SubjectKind.USER and bool(workspace.manager) and subject.name == workspace.manager


def keeps_an_admin(workspace: Workspace) -> bool:
    """Whether somebody is left to run the workspace."""
    return bool(workspace.manager) or any(member.role is WorkspaceRole.ADMIN for member in workspace.members)


def subject_name_fault(text: str) -> Fault | None:
    """What is wrong with the name of a user or a group that is to be made a member."""
    try:
        check_identity_name(text)
    except InvalidIdentityError:
        return Fault.SUBJECT_NAME_INVALID
    return Fault.SUBJECT_RESERVED if text.startswith((SYSTEM_PREFIX, RESERVED_PREFIX)) else None


def member_id(subject: Subject) -> str:
    """A subject as an id: unpadded base64url of kind and name."""
    return base64.urlsafe_b64encode(f"{subject.kind}:{subject.name}".encode()).decode().rstrip("=")


def short_id(subject: Subject) -> str:
    """A subject as 16 hexadecimal digits, for names of objects and annotations: they hold less than a subject may."""
    return sha256(member_id(subject).encode()).hexdigest()[:16]


def subject_of(member: str) -> Subject | None:
    """The subject of an id; None for anything that is no id."""
    try:
        text = base64.b64decode(member + "=" * (-len(member) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    kind, _, name = text.partition(":")
    if kind not in set(SubjectKind) or not name:
        return None
    subject = Subject(SubjectKind(kind), name)
    return subject if member_id(subject) == member else None
