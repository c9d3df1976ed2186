"""Making, changing and deleting workspaces: who may is decided here, and written by the service itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.call import Caller
from app.domain.errors import ForbiddenError, NameReservedError, NotManagedError, WorkspaceInUseError
from app.domain.tenancy_draft import WorkspaceDraft, WorkspaceEdit
from app.domain.version import Precondition, Version
from app.domain.workspace import TENANCY_GROUP, Workspace, WorkspaceRole
from app.services.port import FanOut, WorkspaceStore
from app.services.precondition import at_expected
from app.services.tenancy import Tenancy

_SYSTEM: Final = "system-"


class Verb(StrEnum):
    """What RBAC may allow on a workspace."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class WorkspaceWriter:
    """Writes workspaces on behalf of one caller."""

    caller: Caller
    tenancy: Tenancy
    store: WorkspaceStore
    fan_out: FanOut

    async def create(self, draft: WorkspaceDraft) -> Workspace:
        """Make a workspace; needs the right to create workspaces.

        Raises:
            ForbiddenError: the caller has no such right.
            NameReservedError: the name is reserved, or namespaces bear it already.
            AlreadyExistsError: there is a workspace of this name.
        """
        if not await self._may(Verb.CREATE):
            raise ForbiddenError(Verb.CREATE, "workspaces")
        if await self._is_reserved(draft.name):
            raise NameReservedError
        made = await self.store.create(draft, self.caller.username, self.caller.trace)
        self.fan_out.wake(made.name)
        return made

    async def update(self, name: str, edit: WorkspaceEdit, *, expected: Precondition) -> Workspace:
        """Change a workspace; its admins may, and who has the right to update it.

        Raises:
            WorkspaceNotFoundError, ForbiddenError, NotManagedError, PreconditionFailedError: as their names say.
        """

        async def write(workspace: Workspace, _: Version) -> Workspace:
            at = stored_version(workspace)
            return await self.store.update(name, edit, at, self.caller.username, self.caller.trace)

        changed = await at_expected(expected, lambda: self.administered(name, Verb.UPDATE), tag_of, write)
        self.fan_out.wake(name)
        return changed

    async def delete(self, name: str, *, expected: Precondition) -> None:
        """Delete a workspace that has no projects; its admins may, and who has the right to delete it.

        Raises:
            WorkspaceInUseError: it has projects.
            WorkspaceNotFoundError, ForbiddenError, NotManagedError, PreconditionFailedError: as their names say.
        """

        async def write(workspace: Workspace, _: Version) -> None:
            if await self.tenancy.namespaces.any_of(name, self.caller.trace):
                raise WorkspaceInUseError
            await self.store.delete(name, stored_version(workspace), self.caller.trace)

        await at_expected(expected, lambda: self.administered(name, Verb.DELETE), tag_of, write)

    async def administered(self, name: str, verb: Verb) -> Workspace:
        """The workspace, if the caller may do this to it.

        Raises:
            WorkspaceNotFoundError, ForbiddenError, NotManagedError: as their names say.
        """
        workspace = await self.tenancy.get_workspace(self.caller, name)
        is_admin = workspace.role_of(self.caller.identity) is WorkspaceRole.ADMIN
        if not is_admin and not await self._may(verb, name):
            raise ForbiddenError(verb, "workspaces")
        if not workspace.managed:
            raise NotManagedError
        return workspace

    async def _may(self, verb: Verb, name: str = "") -> bool:
        return await self.tenancy.rights.reviewer.allows(self.caller, verb, TENANCY_GROUP, "workspaces", name)

    async def _is_reserved(self, name: str) -> bool:
        if name == self.tenancy.cluster_workspace or name.startswith(_SYSTEM):
            return True
        return await self.tenancy.namespaces.any_of(name, self.caller.trace)


def tag_of(workspace: Workspace) -> Version:
    """What its ETag says of a workspace that is kept as a resource, for `at_expected`; others have been refused."""
    if workspace.version is None:
        raise NotManagedError
    return workspace.version


def stored_version(workspace: Workspace) -> Version:
    """The version that a write is guarded by: of the resource with its status, so of what was just read, not the tag.

    Raises:
        NotManagedError: it is known by a label alone.
    """
    if workspace.metadata is None:
        raise NotManagedError
    return workspace.metadata.version
