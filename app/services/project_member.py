"""Members of a project: who is one, and inviting, changing and removing them.

Whether the caller may do it is asked of the cluster, anew each time; it is written by the service itself. How a change
stays whole while others do the same at once, and where it is cut off, stands in `app/domain/member.py`.
"""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Final

from app.domain.access import RBAC_GROUP
from app.domain.call import Caller
from app.domain.errors import (
    AlreadyExistsError,
    ForbiddenError,
    InheritedError,
    MemberNotFoundError,
    NotManagedError,
    NotWorkspaceMemberError,
    PreconditionFailedError,
)
from app.domain.listing import Page, cut
from app.domain.member import (
    Binding,
    ProjectMember,
    Standing,
    is_member,
    is_older,
    member_of,
    members_of,
    standing_of,
    subject_of,
)
from app.domain.secret import ProjectRef
from app.domain.version import Precondition, Version
from app.domain.workspace import ProjectRole, Subject, Workspace, is_project_of_ours
from app.services.last_admin import FRESH, LastAdmin, now
from app.services.port import MemberStore
from app.services.precondition import at_expected
from app.services.subject import UserNames
from app.services.tenancy import Tenancy

_CREATE: Final = "create"
_DELETE: Final = "delete"


@dataclass(frozen=True, slots=True)
class ProjectMembers:
    """Members of projects, on behalf of one caller."""

    caller: Caller
    tenancy: Tenancy
    store: MemberStore
    names: UserNames
    last_admin: LastAdmin

    async def page(self, project: ProjectRef, page: int, limit: int) -> Page[ProjectMember]:
        """A page of all members, by subject; whoever sees the project may see them.

        Raises:
            ProjectNotFoundError: it is not there for this caller.
        """
        await self.tenancy.require_visible(self.caller, project)
        return cut(members_of(await self.store.bindings(project.name, self.caller.trace)), page, limit)

    async def invite(self, project: ProjectRef, named: Subject, role: ProjectRole) -> ProjectMember:
        """Give a first role to somebody of the workspace.

        Raises:
            InvalidError: there is no such local account.
            NotWorkspaceMemberError: the subject is not in the workspace.
            AlreadyExistsError: it has a role of its own already.
            ProjectNotFoundError, ForbiddenError, NotManagedError, ProjectTerminatingError: as their names say.
        """
        await self._require(project, _CREATE, role=role)
        workspace = await self._workspace(project)
        subject = await self.names.subject(named, self.caller.trace)
        if not is_member(workspace, subject):
            raise NotWorkspaceMemberError
        if (await self._standing(project, subject)).direct:
            raise AlreadyExistsError
        made = await self._bind(project, subject, role)
        await self._confirm(project, made)
        return member_of((made,))

    async def change(
        self, project: ProjectRef, member: str, role: ProjectRole, *, expected: Precondition
    ) -> ProjectMember:
        """Give a member another role in place of the one that they have; there is no moment in which they have none.

        Raises:
            LastAdminError: nobody else would be left to run the project.
            InheritedError, MemberNotFoundError, PreconditionFailedError, ConflictError: as their names say.
            ProjectNotFoundError, ForbiddenError, NotManagedError, ProjectTerminatingError: as their names say.
        """
        await self._require(project, _CREATE, _DELETE, role=role)

        async def write(standing: Standing, _: Version) -> ProjectMember:
            async with AsyncExitStack() as stack:
                if standing.is_admin and role is not ProjectRole.ADMIN:
                    await stack.enter_async_context(self._leaving(project, standing))
                return await self._replace(project, standing, role)

        changed = await at_expected(expected, lambda: self._member(project, member), _version_of, write)
        self._forget(changed.subject)
        return changed

    async def remove(self, project: ProjectRef, member: str, *, expected: Precondition) -> None:
        """Take a member's own role away.

        Raises:
            LastAdminError: nobody else would be left to run the project.
            InheritedError, MemberNotFoundError, PreconditionFailedError, ConflictError: as their names say.
            ProjectNotFoundError, ForbiddenError, NotManagedError: as their names say.
        """
        await self._require(project, _DELETE)

        async def write(standing: Standing, _: Version) -> Subject:
            async with AsyncExitStack() as stack:
                if standing.is_admin:
                    await stack.enter_async_context(self._leaving(project, standing))
                await self._drop_leftovers(standing)
                if not await self.store.unbind(standing.direct[0], self.caller.trace):
                    raise PreconditionFailedError
            return standing.subject

        self._forget(await at_expected(expected, lambda: self._member(project, member), _version_of, write))

    async def _require(self, project: ProjectRef, *verbs: str, role: ProjectRole | None = None) -> None:
        """Ask whether the caller may do this to role bindings, and hand out the role."""
        await self.tenancy.require_visible(self.caller, project)
        asked = [(verb, "rolebindings", "") for verb in verbs]
        if role is not None:
            asked.append(("bind", "clusterroles", role.cluster_role))
        for verb, resource, name in asked:
            allowed = self.tenancy.rights.reviewer.allows(self.caller, verb, RBAC_GROUP, resource, name, project.name)
            if not await allowed:
                raise ForbiddenError(verb, resource)

    async def _workspace(self, project: ProjectRef) -> Workspace:
        """The workspace that the project was made for.

        Raises:
            NotManagedError: others keep the project, or its workspace.
        """
        namespace = await self.tenancy.read_namespace(self.caller, project)
        workspace = await self.tenancy.workspaces.get(project.workspace, self.caller.trace)
        if workspace is None or not workspace.owns(namespace) or not is_project_of_ours(namespace):
            raise NotManagedError
        return workspace

    async def _standing(self, project: ProjectRef, subject: Subject) -> Standing:
        return standing_of(subject, await self.store.bindings(project.name, self.caller.trace))

    async def _member(self, project: ProjectRef, member: str) -> Standing:
        """What a member has, if it can be changed here."""
        await self._workspace(project)
        subject = subject_of(member)
        if subject is None:
            raise MemberNotFoundError
        standing = await self._standing(project, subject)
        if standing.direct:
            return standing
        if standing.inherited:
            raise InheritedError
        if standing.foreign:
            raise NotManagedError
        raise MemberNotFoundError

    async def _replace(self, project: ProjectRef, standing: Standing, role: ProjectRole) -> ProjectMember:
        await self._drop_leftovers(standing)
        counting = standing.direct[0]
        if counting.role == role:
            return member_of((counting,))
        try:
            made = await self._bind(project, standing.subject, role)
        except AlreadyExistsError:  # somebody else gives the same role at this moment
            raise PreconditionFailedError from None
        if not await self.store.unbind(counting, self.caller.trace):
            await self.store.unbind(made, self.caller.trace)
            raise PreconditionFailedError
        await self._drop_losers(project, made)
        return member_of((made,))

    async def _bind(self, project: ProjectRef, subject: Subject, role: ProjectRole) -> Binding:
        made = await self.store.bind(project.name, subject, role, self.caller.username, self.caller.trace)
        self._forget(subject)
        return made

    async def _confirm(self, project: ProjectRef, made: Binding) -> None:
        """Take a first role back if somebody else was faster, or the subject has left the workspace meanwhile."""
        subject = made.subjects[0]
        direct = (await self._standing(project, subject)).direct
        if any(is_older(each, made) for each in direct):
            await self.store.unbind(made, self.caller.trace)
            raise AlreadyExistsError
        if not is_member(await self._workspace(project), subject):
            await self.store.unbind(made, self.caller.trace)
            raise NotWorkspaceMemberError

    async def _drop_leftovers(self, standing: Standing) -> None:
        """Take away what a change that was cut off has left behind.

        Raises:
            PreconditionFailedError: it may as well be a change that is under way.
        """
        leftovers = standing.direct[1:]
        if any(abs(now() - each.created_at) < FRESH for each in leftovers):
            raise PreconditionFailedError
        for each in leftovers:
            await self.store.unbind(each, self.caller.trace)

    async def _drop_losers(self, project: ProjectRef, made: Binding) -> None:
        """Take away what is older than the role that counts now: who gave it has lost the race, or is gone."""
        for each in (await self._standing(project, made.subjects[0])).direct:
            if is_older(each, made):
                await self.store.unbind(each, self.caller.trace)

    def _leaving(self, project: ProjectRef, standing: Standing) -> AbstractAsyncContextManager[None]:
        return self.last_admin.leaving(self.caller, project, standing.subject)

    def _forget(self, subject: Subject) -> None:
        if subject.is_of(self.caller.identity):
            self.tenancy.rights.forget(self.caller)


def _version_of(standing: Standing) -> Version:
    return standing.direct[0].version
