"""Admins and viewers of a workspace have their roles in each of its projects, as role bindings: brought about here.

One round looks at what is there, takes away what must not be, then gives what is missing, and looks again, until there
is nothing left to do. It keeps nothing between rounds, and each write holds for what was looked at only: so it may be
stopped anywhere, and be run by several replicas at once; who loses a race just looks again.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from app.domain.call import Trace
from app.domain.errors import (
    AlreadyExistsError,
    AppError,
    ConflictError,
    NotFoundError,
    PreconditionFailedError,
    ProjectNotFoundError,
    ProjectTerminatingError,
)
from app.domain.fan_out import Held, Plan, Step, plan, sync_state
from app.domain.secret import Metadata
from app.domain.workspace import ACTOR, SERVICE, WORKSPACE_LABEL, Workspace
from app.services.port import InheritedStore, WorkspaceProjects, Workspaces, WorkspaceStatus

TRIES: Final = 6
"""How often one round writes: once to take, once to give, and again after races that were lost."""
_AT_ONCE: Final = 8
_LOST_RACES: Final = (
    AlreadyExistsError,
    ConflictError,
    NotFoundError,
    PreconditionFailedError,
    ProjectNotFoundError,
    ProjectTerminatingError,
)
"""What others have done meanwhile."""

_log = structlog.get_logger("app.services")


Place = tuple[str, str]
"""A project, and the name of a binding in it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look has found."""

    workspaces: Sequence[Workspace]
    projects: Mapping[str, Sequence[Metadata]]
    """By the name of the workspace that their label says."""
    held: Mapping[Place, Held]

    def plan_of(self, workspace: Workspace) -> Plan:
        """What is to be done for a workspace."""
        return plan(workspace, self.projects.get(workspace.name, ()), self.held)

    def due(self, failed: Collection[Place]) -> list[tuple[Step, str]]:
        """What to write next, and in whose name: what takes away comes first, in all projects, then what gives."""
        steps = [
            (step, _actor(workspace))
            for workspace in self.workspaces
            for step in self.plan_of(workspace).steps
            if (step.project, step.grant.name) not in failed
        ]
        return [each for each in steps if each[0].removes] or steps


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Carries out rounds."""

    workspaces: Workspaces
    status: WorkspaceStatus
    projects: WorkspaceProjects
    store: InheritedStore
    never_a_project: Callable[[str], bool]
    """Whether a namespace of this name is the cluster's own or hidden: else whoever may label it could have the service
    bind them there."""

    async def round(self, names: Collection[str] | None, trace: Trace) -> bool:
        """Bring the projects of these workspaces, or of all, to where they have to be; whether they all are.

        Where that fails in one project, the others go on; the workspace's status says so.

        Raises:
            AppError: nothing could be looked at.
        """
        failed: dict[Place, str] = {}
        seen = await self._look(names, trace)
        for _ in range(TRIES):
            due = seen.due(failed)
            if not due:
                break
            failed |= await self._carry_out(due, trace)
            seen = await self._look(names, trace)
        if failed:
            _log.warning(
                "fan_out.writes_failed", error=", ".join(sorted(set(failed.values()))), request_id=trace.request_id
            )
        done = [await self._say(workspace, seen.plan_of(workspace), trace) for workspace in seen.workspaces]
        return all(done)

    async def reach(self, workspace: Workspace, project: Metadata, actor: str, trace: Trace) -> None:
        """Bind in one project that has just been made.

        Raises:
            AppError: one of the bindings could not be made; all have been tried.
        """
        tries = (
            self.store.create(project.name, step.grant, actor, trace) for step in plan(workspace, [project], {}).steps
        )
        for outcome in await asyncio.gather(*tries, return_exceptions=True):
            if outcome is not None and not isinstance(outcome, _LOST_RACES):
                raise outcome

    async def _look(self, names: Collection[str] | None, trace: Trace) -> Seen:
        """What is there; of workspaces that are gone nothing is looked at."""
        found = await self.workspaces.all(trace)
        chosen = [each for each in found if names is None or each.name in names]
        if not chosen:
            return Seen((), {}, {})
        projects: dict[str, list[Metadata]] = {}
        asked = None if names is None else [each.name for each in chosen]
        labelled = await self.projects.of_workspaces(asked, trace)
        for namespace in (each for each in labelled if not self.never_a_project(each.name)):
            projects.setdefault(namespace.labels.get(WORKSPACE_LABEL, ""), []).append(namespace)
        held = await self.store.held(trace) if projects else ()
        return Seen(chosen, projects, {(each.project, each.name): each for each in held})

    async def _carry_out(self, due: Sequence[tuple[Step, str]], trace: Trace) -> dict[Place, str]:
        """Write; the type of the error where one failed, other than by a race."""
        gate = asyncio.Semaphore(_AT_ONCE)
        failed: dict[Place, str] = {}

        async def write(step: Step, actor: str) -> None:
            async with gate:
                try:
                    await self._write(step, actor, trace)
                except _LOST_RACES:
                    pass  # the next look tells what is there now
                except AppError as error:
                    failed[step.project, step.grant.name] = type(error).__name__

        await asyncio.gather(*(write(step, actor) for step, actor in due))
        return failed

    async def _write(self, step: Step, actor: str, trace: Trace) -> None:
        if step.held is None:
            await self.store.create(step.project, step.grant, actor, trace)
        elif step.grant.subjects:
            await self.store.replace(step.held, step.grant, actor, trace)
        else:
            await self.store.delete(step.held, trace)

    async def _say(self, workspace: Workspace, outcome: Plan, trace: Trace) -> bool:
        """Say how far the workspace has come; whether there is nothing left to write for it, the status included."""
        state = sync_state(workspace, outcome)
        if workspace.said == state:
            return not outcome.steps
        try:
            written = await self.status.say(workspace.name, state, trace)
        except _LOST_RACES:
            return False  # another replica has said it, or somebody has changed the workspace: it is looked at again
        except AppError as error:
            _log.warning("fan_out.status_not_written", workspace=workspace.name, error=type(error).__name__)
            return False
        if written and not state.synced:
            _log.warning("fan_out.not_synced", workspace=workspace.name, reason=str(state.reason))
        return not outcome.steps


def _actor(workspace: Workspace) -> str:
    """Who last changed the workspace through the service, and so caused what follows from it."""
    return workspace.metadata.annotations.get(ACTOR, SERVICE) if workspace.metadata else SERVICE
