"""Workspaces and projects: which there are, and which of them a caller may see.

A project that the caller cannot see answers like one that does not exist, and so does a project asked for in a
workspace that it is not in.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from app.domain.access import Rules
from app.domain.call import Caller
from app.domain.errors import AppError, ProjectNotFoundError, UpstreamError, WorkspaceNotFoundError
from app.domain.listing import Page, cut
from app.domain.secret import Metadata, ProjectRef
from app.domain.workspace import TENANCY_GROUP, WORKSPACE_LABEL, Project, Workspace
from app.services.port import Namespaces, Workspaces
from app.services.rights import Rights

_AT_ONCE: Final = 20
"""Reviews under way at once for one list of projects."""
_SYSTEM: Final = "kube-"
_DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Answers which workspace a namespace is in, and what of it a caller sees."""

    namespaces: Namespaces
    workspaces: Workspaces
    rights: Rights
    cluster_workspace: str
    """The workspace of the namespaces that carry no workspace label."""
    hidden: frozenset[str]
    """Namespaces that are never projects, whatever RBAC says: the service's own, and those of the settings."""

    @asynccontextmanager
    async def within(self, caller: Caller, project: ProjectRef) -> AsyncIterator[None]:
        """Do something as the caller inside of a project.

        Raises:
            ProjectNotFoundError: it is not in that workspace, or what was done is refused and nothing is to be seen.
        """
        await self._namespace(caller, project)
        try:
            yield
        except UpstreamError:
            raise
        except AppError:  # whatever it is, it would tell that the project is there
            await self.require_visible(caller, project)
            raise

    async def require_visible(self, caller: Caller, project: ProjectRef) -> Rules:
        """The caller's rules in a project that they may see.

        Raises:
            ProjectNotFoundError: it is not there for this caller.
        """
        namespace = await self._namespace(caller, project)
        rules = await self.rights.rules(caller, namespace.name)
        if not _sees(rules, namespace) and not await self._has_role(caller, namespace):
            raise ProjectNotFoundError
        return rules

    async def list_workspaces(self, caller: Caller, page: int, limit: int) -> Page[Workspace]:
        """The workspaces that the caller has a role in, or sees a project of, by name."""
        known = {workspace.name: workspace for workspace in await self.workspaces.all(caller.trace)}
        for namespace in self._projects():
            name = self._workspace_of(namespace)
            known.setdefault(name, Workspace(name))
        in_sight = {self._workspace_of(namespace) for namespace in await self._in_sight(caller, self._projects())}
        everything = await self._sees_all(caller)
        shown = [
            known[name]
            for name in sorted(known)
            if everything or name in in_sight or known[name].role_of(caller.identity)
        ]
        return cut(shown, page, limit)

    async def get_workspace(self, caller: Caller, name: str) -> Workspace:
        """One workspace.

        Raises:
            WorkspaceNotFoundError: there is none of this name for this caller.
        """
        own = self._projects_of(name)
        workspace = await self.workspaces.get(name, caller.trace)
        if workspace is None and not own:
            raise WorkspaceNotFoundError
        workspace = workspace or Workspace(name)
        if workspace.role_of(caller.identity) or await self._in_sight(caller, own) or await self._sees_all(caller):
            return workspace
        raise WorkspaceNotFoundError

    async def list_projects(self, caller: Caller, workspace: str, page: int, limit: int) -> Page[Project]:
        """The projects of a workspace that the caller may see, by name.

        Raises:
            WorkspaceNotFoundError: there is no such workspace for this caller.
        """
        found = await self.get_workspace(caller, workspace)
        own = self._projects_of(workspace)
        has_role = found.role_of(caller.identity) is not None
        in_sight = {namespace.name for namespace in await self._in_sight(caller, own)}
        shown = [each for each in own if each.name in in_sight or (has_role and found.owns(each))]
        return cut([self.project_of(namespace) for namespace in shown], page, limit)

    async def get_project(self, caller: Caller, project: ProjectRef) -> Project:
        """One project.

        Raises:
            ProjectNotFoundError: it is not there for this caller.
        """
        await self.require_visible(caller, project)
        return self.project_of(await self._namespace(caller, project))

    async def _namespace(self, caller: Caller, project: ProjectRef) -> Metadata:
        """The namespace of a project; from the index, so that it costs no call."""
        if self._is_hidden(project.name):
            raise ProjectNotFoundError
        found = await self.namespaces.find(project.name, caller.trace)
        if found is not None and self._workspace_of(found) != project.workspace:
            found = await self.namespaces.read(project.name, caller.trace)  # the index may be behind
        if found is None or self._workspace_of(found) != project.workspace:
            raise ProjectNotFoundError
        return found

    def _projects(self) -> list[Metadata]:
        """All namespaces that can be projects, by name."""
        found = self.namespaces.namespaces
        return [found[name] for name in sorted(found) if not self._is_hidden(name)]

    def _projects_of(self, workspace: str) -> list[Metadata]:
        return [namespace for namespace in self._projects() if self._workspace_of(namespace) == workspace]

    def never_a_project(self, name: str) -> bool:
        """Whether no project may be made of this name: the cluster's own namespaces, and hidden ones."""
        return name == _DEFAULT or self._is_hidden(name)

    def _is_hidden(self, name: str) -> bool:
        return name.startswith(_SYSTEM) or name in self.hidden

    def _workspace_of(self, namespace: Metadata) -> str:
        return namespace.labels.get(WORKSPACE_LABEL) or self.cluster_workspace

    async def _in_sight(self, caller: Caller, namespaces: Iterable[Metadata]) -> Sequence[Metadata]:
        """Those of the namespaces that the caller has anything to do in."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def sees(namespace: Metadata) -> bool:
            async with gate:
                return _sees(await self.rights.rules(caller, namespace.name), namespace)

        candidates = list(namespaces)
        seen = await asyncio.gather(*(sees(namespace) for namespace in candidates))
        return [namespace for namespace, visible in zip(candidates, seen, strict=True) if visible]

    async def _has_role(self, caller: Caller, namespace: Metadata) -> bool:
        """Whether the caller has a role in the workspace that the namespace belongs to, and not just names."""
        found = await self.workspaces.get(self._workspace_of(namespace), caller.trace)
        return found is not None and found.owns(namespace) and found.role_of(caller.identity) is not None

    async def _sees_all(self, caller: Caller) -> bool:
        """Whether RBAC lets the caller list all workspaces."""
        return await self.rights.reviewer.allows(caller, "list", TENANCY_GROUP, "workspaces")

    async def read_namespace(self, caller: Caller, project: ProjectRef) -> Metadata:
        """The namespace of a project as the cluster has it now, not as the index remembers it.

        Raises:
            ProjectNotFoundError: it is not there, or in another workspace.
        """
        found = await self.namespaces.read(project.name, caller.trace)
        if found is None or self._workspace_of(found) != project.workspace:
            raise ProjectNotFoundError
        return found

    def project_of(self, namespace: Metadata) -> Project:
        """A namespace as a project."""
        return Project(self._workspace_of(namespace), namespace)


def _sees(rules: Rules, namespace: Metadata) -> bool:
    """Whether the rules give the caller anything to do in the project, or with it."""
    return rules.sees_project or rules.runs_project(namespace.name)
