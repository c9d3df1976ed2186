"""Workspaces and projects as people ask for them."""

from dataclasses import dataclass

from app.domain.absent import ABSENT, Absent
from app.domain.name import ProjectName


@dataclass(frozen=True, slots=True)
class WorkspaceDraft:
    """A workspace to be made; its manager is a user as Kubernetes names them."""

    name: ProjectName
    manager: str
    alias: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class WorkspaceEdit:
    """What is to be changed of a workspace; absent stays, None removes."""

    alias: str | Absent | None = ABSENT
    description: str | Absent | None = ABSENT
    manager: str | Absent = ABSENT


@dataclass(frozen=True, slots=True)
class ProjectDraft:
    """A project to be made."""

    name: ProjectName
    alias: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ProjectEdit:
    """What is to be changed of a project; absent stays, None removes."""

    alias: str | Absent | None = ABSENT
    description: str | Absent | None = ABSENT
