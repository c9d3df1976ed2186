"""Members of workspaces and projects, and the roles that they can have."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.domain.identity import MAX_NAME_LENGTH
from app.domain.listing import Page
from app.domain.member import ProjectMember, ShownMember, member_id, subject_name_fault
from app.domain.role import Role, Scope
from app.domain.version import Version
from app.domain.workspace import ProjectRole, Subject, SubjectKind, WorkspaceRole
from app.schemas.base import InputModel, WireModel, checked_by


class MemberSource(StrEnum):
    """Who keeps a role."""

    SECRETSPACE = "secretspace"
    KUBERNETES = "kubernetes"


_Kind = Annotated[SubjectKind, Field(strict=False)]
_SubjectName = Annotated[
    str,
    Field(
        description="A user or group as Kubernetes names it; a user's may be a local account's, without the prefix.",
        examples=["project-regular"],
        json_schema_extra={"minLength": 1, "maxLength": MAX_NAME_LENGTH},
    ),
    checked_by(subject_name_fault),
]
_Id = Annotated[str, Field(description="The subject, whatever the role.", examples=["dXNlcjphbm5h"])]
_Source = Annotated[MemberSource, Field(description="`kubernetes`: made by others, and not changed here.")]
_Inherited = Annotated[bool, Field(description="Whether it comes from a role in the workspace, and changes with that.")]


class SubjectInput(InputModel):
    """Who is meant."""

    kind: _Kind
    name: _SubjectName

    def to_domain(self) -> Subject:
        """The subject, by the name that was sent."""
        return Subject(self.kind, self.name)


class WorkspaceMemberCreate(InputModel):
    """A new member of a workspace."""

    subject: SubjectInput
    role: Annotated[WorkspaceRole, Field(strict=False)]


class WorkspaceMemberPatch(InputModel):
    """Another role in a workspace."""

    role: Annotated[WorkspaceRole, Field(strict=False)]


class ProjectMemberCreate(InputModel):
    """A new member of a project."""

    subject: SubjectInput
    role: Annotated[ProjectRole, Field(strict=False)]


class ProjectMemberPatch(InputModel):
    """Another role in a project."""

    role: Annotated[ProjectRole, Field(strict=False)]


class SubjectView(WireModel):
    """A user or a group."""

    kind: SubjectKind
    name: Annotated[str, Field(description="As Kubernetes names it.", examples=["secretspace:project-regular"])]

    @classmethod
    def from_domain(cls, subject: Subject) -> "SubjectView":
        """The view of a subject."""
        return cls(kind=subject.kind, name=subject.name)


class WorkspaceMemberView(WireModel):
    """A member of a workspace."""

    id: _Id
    subject: SubjectView
    role: WorkspaceRole
    source: _Source
    inherited: _Inherited
    manager: Annotated[bool, Field(description="Whether it is the manager, who is an admin in every respect.")]
    etag: Annotated[str, Field(description="The version of the workspace: its members stand in it.")]

    @classmethod
    def from_domain(cls, shown: ShownMember) -> "WorkspaceMemberView":
        """The view of a member."""
        return cls(
            id=member_id(shown.member.subject),
            subject=SubjectView.from_domain(shown.member.subject),
            role=shown.member.role,
            source=MemberSource.SECRETSPACE,
            inherited=False,
            manager=shown.manager,
            etag=_etag(shown.workspace.version),
        )


class WorkspaceMemberList(WireModel):
    """A page of members of a workspace, the manager first."""

    items: list[WorkspaceMemberView]
    total: Annotated[int, Field(description="How many there are, on all pages.")]
    page: int
    limit: int

    @classmethod
    def from_domain(cls, page: Page[ShownMember]) -> "WorkspaceMemberList":
        """The view of a page."""
        items = [WorkspaceMemberView.from_domain(shown) for shown in page.items]
        return cls(items=items, total=page.total, page=page.page, limit=page.limit)


class ProjectMemberView(WireModel):
    """A subject and one role of theirs in a project; a subject with several has several of these."""

    id: _Id
    subject: SubjectView
    role: Annotated[str, Field(description="One of `/roles`; of others' bindings, the name of what they give.")]
    source: _Source
    inherited: _Inherited
    etag: Annotated[str, Field(description="Its version.")]

    @classmethod
    def from_domain(cls, member: ProjectMember) -> "ProjectMemberView":
        """The view of a member."""
        return cls(
            id=member.id,
            subject=SubjectView.from_domain(member.subject),
            role=member.role,
            source=MemberSource.SECRETSPACE if member.ours else MemberSource.KUBERNETES,
            inherited=member.inherited,
            etag=_etag(member.version),
        )


class ProjectMemberList(WireModel):
    """A page of members of a project, by subject."""

    items: list[ProjectMemberView]
    total: Annotated[int, Field(description="How many there are, on all pages.")]
    page: int
    limit: int

    @classmethod
    def from_domain(cls, page: Page[ProjectMember]) -> "ProjectMemberList":
        """The view of a page."""
        items = [ProjectMemberView.from_domain(member) for member in page.items]
        return cls(items=items, total=page.total, page=page.page, limit=page.limit)


class RoleView(WireModel):
    """A role that members can have."""

    name: Annotated[str, Field(examples=["project-operator"])]
    scope: Annotated[Scope, Field(description="What it is given in.")]
    title: str
    description: Annotated[str, Field(description="What it is for.")]

    @classmethod
    def from_domain(cls, role: Role) -> "RoleView":
        """The view of a role."""
        return cls(name=role.name, scope=role.scope, title=role.title, description=role.description)


class RoleList(WireModel):
    """A page of roles, the strongest first."""

    items: list[RoleView]
    total: Annotated[int, Field(description="How many there are, on all pages.")]
    page: int
    limit: int

    @classmethod
    def from_domain(cls, page: Page[Role]) -> "RoleList":
        """The view of a page."""
        items = [RoleView.from_domain(role) for role in page.items]
        return cls(items=items, total=page.total, page=page.page, limit=page.limit)


def _etag(version: Version | None) -> str:
    return "" if version is None else version.etag
