"""Making, changing and deleting projects: who may is decided here, and written by the service itself."""

from dataclasses import dataclass
from typing import Final

from app.domain.call import Caller
from app.domain.errors import ForbiddenError, InvalidError, NameReservedError, NotManagedError
from app.domain.fault import Fault, Violation
from app.domain.secret import Metadata, ProjectRef
from app.domain.tenancy_draft import ProjectDraft, ProjectEdit
from app.domain.version import Precondition, Version
from app.domain.workspace import (
    Project,
    ProjectRole,
    Subject,
    SubjectKind,
    Workspace,
    WorkspaceRole,
    is_project_of_ours,
)
from app.services.port import FanOut, MemberStore, ProjectStore
from app.services.precondition import at_expected
from app.services.tenancy import Tenancy

_PROVISIONERS: Final = frozenset({WorkspaceRole.ADMIN, WorkspaceRole.SELF_PROVISIONER})


@dataclass(frozen=True, slots=True)
class ProjectWriter:
    """Writes projects on behalf of one caller."""

    caller: Caller
    tenancy: Tenancy
    store: ProjectStore
    members: MemberStore
    fan_out: FanOut

    async def create(self, workspace_name: str, draft: ProjectDraft) -> Project:
        """Make a project, of which the caller becomes the first project-admin.

        Raises:
            WorkspaceNotFoundError: there is no such workspace for this caller.
            NotManagedError: it is known by a label alone.
            ForbiddenError: the caller may not make projects in it.
            NameReservedError: it is the name of a namespace that is never a project.
            AlreadyExistsError: there is a namespace of this name; it is never taken over.
        """
        workspace = await self.tenancy.get_workspace(self.caller, workspace_name)
        if not await self._may_create(workspace):
            raise ForbiddenError("create", "projects")
        if not workspace.managed:
            raise NotManagedError
        if self.tenancy.never_a_project(draft.name):
            raise NameReservedError
        namespace = await self.store.create(draft, workspace, self.caller.username, self.caller.trace)
        creator = Subject(SubjectKind.USER, self.caller.username)
        await self.members.bind(draft.name, creator, ProjectRole.ADMIN, self.caller.username, self.caller.trace)
        await self.fan_out.reach(workspace, namespace, self.caller.username, self.caller.trace)
        self.tenancy.rights.forget(self.caller)
        return self.tenancy.project_of(namespace)

    async def update(self, project: ProjectRef, edit: ProjectEdit, *, expected: Precondition) -> Project:
        """Change alias and description; the workspace's admins may, and who may update the namespace.

        Raises:
            NotManagedError: others made the namespace.
            ProjectNotFoundError, ForbiddenError, PreconditionFailedError: as their names say.
        """

        async def write(_: Metadata, version: Version) -> Project:
            found = await self.store.update(project.name, edit, version, self.caller.username, self.caller.trace)
            return self.tenancy.project_of(found)

        return await at_expected(expected, lambda: self._administered(project, "update"), _version_of, write)

    async def delete(self, project: ProjectRef, confirm: str, *, expected: Precondition) -> None:
        """Delete a project with all that is in it; the workspace's admins may, and who may delete the namespace.

        Raises:
            InvalidError: `confirm` is not the project's name.
            NotManagedError: others made the namespace.
            ProjectNotFoundError, ForbiddenError, PreconditionFailedError: as their names say.
        """
        if confirm != project.name:
            raise InvalidError([Violation("?confirm", Fault.NAME_MISMATCH)])

        async def write(_: Metadata, version: Version) -> None:
            await self.store.delete(project.name, version, self.caller.trace)

        await at_expected(expected, lambda: self._administered(project, "delete"), _version_of, write)

    async def _administered(self, project: ProjectRef, verb: str) -> Metadata:
        """The namespace as the cluster has it now, if the caller may do this to it."""
        rules = await self.tenancy.require_visible(self.caller, project)
        namespace = await self.tenancy.read_namespace(self.caller, project)
        workspace = await self.tenancy.workspaces.get(project.workspace, self.caller.trace)
        owner = workspace if workspace and workspace.owns(namespace) else None
        is_admin = owner is not None and owner.role_of(self.caller.identity) is WorkspaceRole.ADMIN
        if not is_admin and not rules.allows(verb, "namespaces", project.name):
            raise ForbiddenError(verb, "projects")
        if owner is None or not is_project_of_ours(namespace):
            raise NotManagedError
        return namespace

    async def _may_create(self, workspace: Workspace) -> bool:
        if workspace.role_of(self.caller.identity) in _PROVISIONERS:
            return True
        return await self.tenancy.rights.reviewer.allows(self.caller, "create", "", "namespaces")


def _version_of(namespace: Metadata) -> Version:
    return namespace.version
