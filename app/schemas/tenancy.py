"""Workspaces and projects as they are answered."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.domain.access import Action
from app.domain.listing import Page
from app.domain.workspace import Project, Workspace
from app.schemas.base import WireModel


class WorkspaceView(WireModel):
    """A group of projects."""

    name: Annotated[str, Field(examples=["demo-workspace"])]
    alias: str
    description: str
    manager: Annotated[str, Field(description="The user who manages it, empty where nobody does.")]
    created_at: Annotated[datetime | None, Field(description="Null where it is known by a label alone.")]
    managed: Annotated[bool, Field(description="Whether it is kept as a resource; others are read-only.")]
    synced: Annotated[
        bool | None,
        Field(
            description="Whether its admins and viewers have their roles in each of its projects; null until that has "
            "been looked at since the last change, and where it is known by a label alone."
        ),
    ]
    etag: Annotated[str | None, Field(description="Its version; null where it is known by a label alone.")]

    @classmethod
    def from_domain(cls, workspace: Workspace) -> "WorkspaceView":
        """The view of a workspace."""
        metadata = workspace.metadata
        return cls(
            name=workspace.name,
            alias=workspace.alias,
            description=workspace.description,
            manager=workspace.manager,
            created_at=metadata.created_at if metadata else None,
            managed=workspace.managed,
            synced=workspace.synced,
            etag=workspace.version.etag if workspace.version else None,
        )


class WorkspaceList(WireModel):
    """A page of workspaces."""

    items: list[WorkspaceView]
    total: Annotated[int, Field(description="How many there are, on all pages.")]
    page: int
    limit: int

    @classmethod
    def from_domain(cls, page: Page[Workspace]) -> "WorkspaceList":
        """The view of a page."""
        items = [WorkspaceView.from_domain(workspace) for workspace in page.items]
        return cls(items=items, total=page.total, page=page.page, limit=page.limit)


class ProjectView(WireModel):
    """A project of a workspace: a Kubernetes namespace."""

    name: Annotated[str, Field(examples=["demo-project"])]
    workspace: Annotated[str, Field(examples=["demo-workspace"])]
    alias: str
    description: str
    creator: Annotated[str, Field(description="Who made it, empty where unknown.")]
    created_at: datetime
    deletion_pending: Annotated[bool, Field(description="Whether it is being deleted.")]
    etag: Annotated[str, Field(description="Its version.")]

    @classmethod
    def from_domain(cls, project: Project) -> "ProjectView":
        """The view of a project."""
        return cls(
            name=project.metadata.name,
            workspace=project.workspace,
            alias=project.metadata.alias,
            description=project.metadata.description,
            creator=project.metadata.creator,
            created_at=project.metadata.created_at,
            deletion_pending=project.metadata.deletion_pending,
            etag=project.metadata.version.etag,
        )


class ProjectList(WireModel):
    """A page of projects."""

    items: list[ProjectView]
    total: Annotated[int, Field(description="How many there are, on all pages.")]
    page: int
    limit: int

    @classmethod
    def from_domain(cls, page: Page[Project]) -> "ProjectList":
        """The view of a page."""
        items = [ProjectView.from_domain(project) for project in page.items]
        return cls(items=items, total=page.total, page=page.page, limit=page.limit)


class ProjectDeleted(WireModel):
    """What the delete of a project came to."""

    deletion_pending: Annotated[bool, Field(description="Whether it is still there, until all that is in it is gone.")]


class Permissions(WireModel):
    """What the caller may do in a project, whichever the Secret."""

    actions: list[Action]
