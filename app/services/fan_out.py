"""When the reconciler runs: at start-up, from time to time, and at once after each change made through the service."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

import structlog

from app.domain.call import Trace
from app.domain.errors import AppError
from app.domain.secret import Metadata
from app.domain.workspace import Workspace
from app.services.reconciler import Reconciler

_ROUND_SECONDS: Final = 120.0
_SHORTEST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 30.0

_log = structlog.get_logger("app.services")


class BackgroundFanOut:
    """One task that carries out round after round. Run it with `running`.

    Changes that come while a round is under way are looked at together, in the next one. After a round that failed all
    workspaces are looked at again sooner, and a change meanwhile still at once.
    """

    def __init__(self, reconciler: Reconciler, interval: timedelta) -> None:
        self._reconciler = reconciler
        self._interval = interval.total_seconds()
        self._changed: set[str] = set()
        self._woken = asyncio.Event()

    def wake(self, workspace: str) -> None:
        """Look at this workspace now, or right after the round that is under way."""
        self._changed.add(workspace)
        self._woken.set()

    async def reach(self, workspace: Workspace, project: Metadata, actor: str, trace: Trace) -> None:
        """Bind in a project that has just been made; then look at the workspace, which may have changed meanwhile."""
        try:
            await self._reconciler.reach(workspace, project, actor, trace)
        except AppError as error:
            _log.warning("fan_out.project_not_reached", error=type(error).__name__, request_id=trace.request_id)
        self.wake(workspace.name)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Carry out rounds in the background, of all workspaces to begin with."""
        task = asyncio.create_task(self._run(), name="fan-out")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        now = asyncio.get_running_loop().time
        due, pause = now(), _SHORTEST_PAUSE_SECONDS
        while True:
            names = await self._next(due)
            done = await self._round(names)
            if names is None and done:
                due, pause = now() + self._interval, _SHORTEST_PAUSE_SECONDS
            elif names is None or not done:
                due = now() + pause
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _next(self, due: float) -> Collection[str] | None:
        """The workspaces that have changed, as soon as there is one; None once all are due."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(due):
                await self._woken.wait()
        self._woken.clear()
        changed = frozenset(self._changed)
        self._changed.clear()
        return changed if asyncio.get_running_loop().time() < due else None

    async def _round(self, names: Collection[str] | None) -> bool:
        """One round; whether all is as it has to be."""
        trace = Trace("fan-out-" + secrets.token_hex(8), asyncio.get_running_loop().time() + _ROUND_SECONDS)
        try:
            return await self._reconciler.round(names, trace)
        except Exception as error:  # noqa: BLE001  (whatever it is, the fan-out must not stand still for good)
            _log.warning("fan_out.round_failed", error=type(error).__name__, request_id=trace.request_id)
            return False
