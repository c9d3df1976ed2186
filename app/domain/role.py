"""The roles that members can have, and what they are for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.workspace import ProjectRole, WorkspaceRole


class Scope(StrEnum):
    """What a role is given in."""

    WORKSPACE = "workspace"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Role:
    """A role as it is told to people."""

    name: WorkspaceRole | ProjectRole
    scope: Scope
    title: str
    description: str


_WORDS: Final[Mapping[WorkspaceRole | ProjectRole, tuple[str, str]]] = {
    WorkspaceRole.ADMIN: (
        "Workspace admin",
        "Runs the workspace: its members, its projects, and what is in them. Is a project-admin in each of them.",
    ),
    WorkspaceRole.SELF_PROVISIONER: (
        "Self-provisioner",
        "Makes projects in the workspace, and is the first project-admin of those.",
    ),
    WorkspaceRole.VIEWER: (
        "Workspace viewer",
        "Sees all projects of the workspace, and what is in them but for values. Changes nothing.",
    ),
    WorkspaceRole.REGULAR: (
        "Regular member",
        "Sees which projects there are, and can be invited to them.",
    ),
    ProjectRole.ADMIN: (
        "Project admin",
        "Does everything with the Secrets of the project, and invites and removes its members.",
    ),
    ProjectRole.OPERATOR: (
        "Project operator",
        "Does everything with the Secrets of the project.",
    ),
    ProjectRole.READER: (
        "Project reader",
        "Reads the Secrets of the project, their values too. Changes nothing.",
    ),
    ProjectRole.VIEWER: (
        "Project viewer",
        "Sees the Secrets of the project, but for their values. Changes nothing.",
    ),
}

ROLES: Final = tuple(
    Role(name, Scope.WORKSPACE if isinstance(name, WorkspaceRole) else Scope.PROJECT, title, description)
    for name, (title, description) in _WORDS.items()
)
"""Of workspaces first; in each scope the strongest first."""
