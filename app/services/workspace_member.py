"""Members of a workspace: who is one, and adding, changing and removing them.

They stand in the workspace's resource, so each change is one write, guarded by the version at which it was looked at.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from app.domain.call import Caller
from app.domain.errors import (
    AlreadyExistsError,
    ForbiddenError,
    IsManagerError,
    LastAdminError,
    MemberNotFoundError,
    TooManyMembersError,
)
from app.domain.listing import Page, cut
from app.domain.member import (
    MAX_MEMBERS,
    ShownMember,
    is_manager,
    is_member,
    keeps_an_admin,
    shown_members,
    subject_of,
)
from app.domain.version import ANY, Precondition, Version
from app.domain.workspace import TENANCY_GROUP, Subject, Workspace, WorkspaceMember, WorkspaceRole
from app.services.departure import Departure
from app.services.port import FanOut, WorkspaceMemberStore
from app.services.precondition import at_expected
from app.services.subject import UserNames
from app.services.workspace_writing import Verb, WorkspaceWriter, stored_version, tag_of

_WORKSPACES: Final = "workspaces"


@dataclass(frozen=True, slots=True)
class WorkspaceMembers:
    """Members of workspaces, on behalf of one caller."""

    caller: Caller
    writer: WorkspaceWriter
    store: WorkspaceMemberStore
    names: UserNames
    departure: Departure
    fan_out: FanOut

    async def page(self, name: str, page: int, limit: int) -> Page[ShownMember]:
        """A page of all members, the manager first; for who has a role in the workspace, or may get it in Kubernetes.

        Raises:
            WorkspaceNotFoundError: there is no such workspace for this caller.
            ForbiddenError: the caller sees it because of a project only.
        """
        tenancy = self.writer.tenancy
        workspace = await tenancy.get_workspace(self.caller, name)
        if workspace.role_of(self.caller.identity) is None and not await tenancy.rights.reviewer.allows(
            self.caller, "get", TENANCY_GROUP, _WORKSPACES, name
        ):
            raise ForbiddenError("get", _WORKSPACES)
        return cut(shown_members(workspace), page, limit)

    async def add(self, name: str, named: Subject, role: WorkspaceRole) -> ShownMember:
        """Make somebody a member.

        Raises:
            InvalidError: there is no such local account.
            AlreadyExistsError: the subject is one already.
            TooManyMembersError: the workspace has as many as one can have.
            WorkspaceNotFoundError, ForbiddenError, NotManagedError, ConflictError: as their names say.
        """
        await self.writer.administered(name, Verb.UPDATE)
        member = WorkspaceMember(await self.names.subject(named, self.caller.trace), role)

        def added(workspace: Workspace) -> tuple[WorkspaceMember, ...]:
            if is_member(workspace, member.subject):
                raise AlreadyExistsError
            if len(workspace.members) >= MAX_MEMBERS:
                raise TooManyMembersError
            return (*workspace.members, member)

        return ShownMember(member, await self._write(name, added, ANY))

    async def change(self, name: str, member: str, role: WorkspaceRole, *, expected: Precondition) -> ShownMember:
        """Give a member another role.

        Raises:
            IsManagerError: it is the manager.
            LastAdminError: nobody would be left to run the workspace.
            MemberNotFoundError, PreconditionFailedError, ConflictError: as their names say.
            WorkspaceNotFoundError, ForbiddenError, NotManagedError: as their names say.
        """
        subject = subject_of(member)

        def changed(workspace: Workspace) -> tuple[WorkspaceMember, ...]:
            before = _found(workspace, subject)
            return tuple(replace(each, role=role) if each == before else each for each in workspace.members)

        written = await self._write(name, changed, expected)
        return ShownMember(_found(written, subject), written)

    async def remove(self, name: str, member: str, *, expected: Precondition) -> None:
        """Remove a member, with the roles of their own in the projects of the workspace.

        These go first, so that it can be asked for again when it stops half-way; and once more at the end, for somebody
        may have invited them meanwhile.

        Raises:
            IsManagerError: it is the manager.
            LastAdminError: nobody would be left to run the workspace.
            MemberNotFoundError, PreconditionFailedError, ConflictError: as their names say.
            WorkspaceNotFoundError, ForbiddenError, NotManagedError: as their names say.
        """
        subject = subject_of(member)

        def removed(workspace: Workspace) -> tuple[WorkspaceMember, ...]:
            gone = _found(workspace, subject)
            return tuple(each for each in workspace.members if each != gone)

        async def leave(workspace: Workspace) -> None:
            await self.departure.from_projects(_found(workspace, subject).subject, workspace, self.caller.trace)

        written = await self._write(name, removed, expected, before=leave)
        if subject is not None:
            await self.departure.from_projects(subject, written, self.caller.trace)

    async def _write(
        self,
        name: str,
        change: Callable[[Workspace], tuple[WorkspaceMember, ...]],
        expected: Precondition,
        *,
        before: Callable[[Workspace], Awaitable[None]] | None = None,
    ) -> Workspace:
        """Write the members that the change makes of those that are there; `before` that, if it may be written."""

        async def write(workspace: Workspace, _: Version) -> Workspace:
            members = change(workspace)
            if keeps_an_admin(workspace) and not keeps_an_admin(replace(workspace, members=members)):
                raise LastAdminError
            if before is not None:
                await before(workspace)
            at, caller = stored_version(workspace), self.caller
            return await self.store.set_members(name, members, at, caller.username, caller.trace)

        written = await at_expected(expected, lambda: self.writer.administered(name, Verb.UPDATE), tag_of, write)
        self.writer.tenancy.rights.forget(self.caller)
        self.fan_out.wake(name)
        return written


def _found(workspace: Workspace, subject: Subject | None) -> WorkspaceMember:
    """The entry of a subject.

    Raises:
        IsManagerError: the subject manages the workspace, whether it has an entry besides or not.
        MemberNotFoundError: there is none.
    """
    if subject is not None and is_manager(workspace, subject):
        raise IsManagerError
    found = next((each for each in workspace.members if each.subject == subject), None)
    if found is None:
        raise MemberNotFoundError
    return found
