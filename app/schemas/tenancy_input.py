"""Bodies that make and change workspaces and projects."""

from typing import Annotated

from pydantic import Field

from app.domain.absent import ABSENT, Absent
from app.domain.name import ProjectName
from app.domain.tenancy_draft import ProjectDraft, ProjectEdit, WorkspaceDraft, WorkspaceEdit
from app.schemas.base import InputModel, checked_by
from app.schemas.metadata import Alias, Description

NewLabelName = Annotated[
    str,
    Field(description="DNS label of at most 63 characters.", examples=["demo-project"]),
    checked_by(ProjectName.fault),
]
Manager = Annotated[
    str,
    Field(
        description="The user who manages it, as Kubernetes names them, or a local account.",
        examples=["ws-admin"],
        min_length=1,
        max_length=253,
    ),
]


class WorkspaceCreate(InputModel):
    """A new workspace."""

    name: NewLabelName
    alias: Alias | None = None
    description: Description | None = None
    manager: Annotated[Manager | None, Field(description="Left out: who makes it.")] = None

    def to_domain(self, manager: str) -> WorkspaceDraft:
        """The draft; `manager` is the name that Kubernetes knows."""
        return WorkspaceDraft(ProjectName(self.name), manager, self.alias or "", self.description or "")


class WorkspacePatch(InputModel):
    """Changes to a workspace: what is left out stays, null removes."""

    alias: Alias | None = None
    description: Description | None = None
    manager: Manager | None = None

    def to_domain(self, manager: str | None) -> WorkspaceEdit:
        """The change; `manager` is the name that Kubernetes knows."""
        given = self.model_fields_set
        return WorkspaceEdit(
            alias=self.alias if "alias" in given else ABSENT,
            description=self.description if "description" in given else ABSENT,
            manager=ABSENT if manager is None else manager,
        )


class ProjectCreate(InputModel):
    """A new project."""

    name: NewLabelName
    alias: Alias | None = None
    description: Description | None = None

    def to_domain(self) -> ProjectDraft:
        """The draft."""
        return ProjectDraft(ProjectName(self.name), self.alias or "", self.description or "")


class ProjectPatch(InputModel):
    """Changes to a project: what is left out stays, null removes."""

    alias: Alias | None = None
    description: Description | None = None

    def to_domain(self) -> ProjectEdit:
        """The change."""
        return ProjectEdit(self._given("alias"), self._given("description"))

    def _given(self, name: str) -> str | Absent | None:
        return getattr(self, name) if name in self.model_fields_set else ABSENT
