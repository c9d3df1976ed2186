"""Somebody leaves a workspace, or for good: their roles go with them, project by project.

Nothing is taken back when this stops half-way. It is done before the entry or the account goes that it is done for, so
that who asked for it can ask again.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.call import Caller, Trace
from app.domain.errors import ConflictError, IsManagerError
from app.domain.member import Binding, is_manager
from app.domain.secret import Metadata
from app.domain.version import ANY, Version
from app.domain.workspace import Subject, SubjectKind, Workspace, is_project_of_ours
from app.services.port import FanOut, MemberStore, Namespaces, WorkspaceMemberStore, Workspaces
from app.services.precondition import LOST_RACES, at_expected
from app.services.workspace_writing import stored_version, tag_of


@dataclass(frozen=True, slots=True)
class Departure:
    """Takes away what members have been given through the service; what others gave them stays."""

    workspaces: Workspaces
    store: WorkspaceMemberStore
    namespaces: Namespaces
    members: MemberStore
    fan_out: FanOut

    async def from_projects(self, subject: Subject, workspace: Workspace, trace: Trace) -> None:
        """Take away the subject's own roles in all projects that the workspace owns.

        Raises:
            ConflictError: others keep giving it roles.
        """
        await self._unbind(
            subject, lambda namespace: is_project_of_ours(namespace) and workspace.owns(namespace), trace
        )

    async def end(self, username: str, caller: Caller) -> None:
        """Take away all roles of a user, in all projects and workspaces.

        Raises:
            IsManagerError: the user manages a workspace; nothing was taken away.
            ConflictError: others keep giving them roles.
        """
        subject = Subject(SubjectKind.USER, username)
        workspaces = await self.workspaces.all(caller.trace)
        if any(is_manager(workspace, subject) for workspace in workspaces):
            raise IsManagerError
        await self._unbind(subject, is_project_of_ours, caller.trace)
        for workspace in workspaces:
            if any(member.subject == subject for member in workspace.members):
                await self._strike_out(workspace.name, subject, caller)

    async def _unbind(self, subject: Subject, among: Callable[[Metadata], bool], trace: Trace) -> None:
        """Take roles away until none is left."""
        for _ in range(LOST_RACES):
            found = [each for each in await self._held_by(subject, trace) if await self._is_in(each, among, trace)]
            if not found:
                return
            for binding in found:
                await self.members.unbind(binding, trace)
        raise ConflictError

    async def _held_by(self, subject: Subject, trace: Trace) -> list[Binding]:
        everywhere = await self.members.everywhere(trace)
        return [binding for binding in everywhere if binding.direct and subject in binding.subjects]

    async def _is_in(self, binding: Binding, among: Callable[[Metadata], bool], trace: Trace) -> bool:
        namespace = await self.namespaces.find(binding.project, trace)
        return namespace is not None and among(namespace)

    async def _strike_out(self, name: str, subject: Subject, caller: Caller) -> None:
        async def read() -> Workspace | None:
            return await self.workspaces.get(name, caller.trace)

        async def write(workspace: Workspace | None, _: Version | None) -> None:
            if workspace is not None:
                others = [member for member in workspace.members if member.subject != subject]
                at = stored_version(workspace)
                await self.store.set_members(name, others, at, caller.username, caller.trace)

        await at_expected(ANY, read, lambda workspace: None if workspace is None else tag_of(workspace), write)
        self.fan_out.wake(name)
