"""Members of a project: who has which role, by which role bindings."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.domain.version import Version
from app.domain.workspace import ProjectRole, Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class Binding:
    """A role binding in a project: one of ours has one subject and a label that says so."""

    name: str
    version: Version
    role: str
    """The name of the role that it gives; ours are known by their ClusterRole."""
    subjects: tuple[Subject, ...]
    ours: bool
    inherited: bool = False
    """Whether it stands for a role in the workspace."""


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


def members_of(bindings: Iterable[Binding]) -> list[ProjectMember]:
    """Everybody who is bound, by subject and role."""
    found = [
        ProjectMember(subject, binding.role, binding.ours, binding.inherited, binding.version)
        for binding in bindings
        for subject in binding.subjects
    ]
    return sorted(found, key=lambda member: (member.subject.kind, member.subject.name, member.role))


def member_id(subject: Subject) -> str:
    """A subject as an id: unpadded base64url of kind and name."""
    return base64.urlsafe_b64encode(f"{subject.kind}:{subject.name}".encode()).decode().rstrip("=")


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


PROJECT_ROLES: Final = {role.cluster_role: role for role in ProjectRole}
"""Our project roles by the name of their ClusterRole."""
