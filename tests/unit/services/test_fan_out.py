"""When rounds take place; what they do is tested next door."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import pytest
from structlog.testing import capture_logs

from app.domain.call import Trace
from app.domain.errors import UpstreamUnavailableError
from app.domain.fan_out import ADMINS
from app.services.fan_out import BackgroundFanOut
from app.services.reconciler import Reconciler
from tests.unit.services.cluster_in_memory import ClusterInMemory

LONG, SHORT = timedelta(hours=1), timedelta(milliseconds=5)
TRACE = Trace("request-1", deadline=float("inf"))


@dataclass
class Rounds:
    """Notes each round in the place of `Reconciler`; `outcomes` are what the first ones come to."""

    outcomes: list[bool | Exception] = field(default_factory=list)
    names: "asyncio.Queue[Collection[str] | None]" = field(default_factory=asyncio.Queue)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def round(self, names: Collection[str] | None, trace: Trace) -> bool:
        self.names.put_nowait(names)
        await self.gate.wait()
        outcome = self.outcomes.pop(0) if self.outcomes else True
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def next(self) -> Collection[str] | None:
        async with asyncio.timeout(5):
            return await self.names.get()


@asynccontextmanager
async def running(rounds: Rounds, interval: timedelta = LONG) -> AsyncIterator[BackgroundFanOut]:
    fan_out = BackgroundFanOut(cast("Reconciler", rounds), interval)
    async with fan_out.running():
        yield fan_out


async def test_all_workspaces_are_looked_at_when_it_begins() -> None:
    rounds = Rounds()
    async with running(rounds):
        assert await rounds.next() is None


async def test_all_workspaces_are_looked_at_again_from_time_to_time() -> None:
    rounds = Rounds()
    async with running(rounds, SHORT):
        assert [await rounds.next() for _ in range(3)] == [None] * 3


async def test_a_change_is_looked_at_at_once() -> None:
    rounds = Rounds()
    async with running(rounds) as fan_out:
        await rounds.next()
        fan_out.wake("a")
        assert await rounds.next() == {"a"}


async def test_changes_during_a_round_are_looked_at_together_after_it() -> None:
    rounds = Rounds()
    async with running(rounds) as fan_out:
        await rounds.next()
        rounds.gate.clear()
        fan_out.wake("a")
        await rounds.next()
        for name in ("b", "c", "b"):
            fan_out.wake(name)
        rounds.gate.set()
        assert await rounds.next() == {"b", "c"}
        assert rounds.names.empty()


@pytest.mark.parametrize("outcome", [False, UpstreamUnavailableError(), RuntimeError("canary-text")])
async def test_after_a_round_that_failed_all_are_looked_at_again_soon(outcome: bool | Exception) -> None:
    rounds = Rounds([True, outcome])
    async with running(rounds) as fan_out:
        await rounds.next()
        fan_out.wake("a")
        assert await rounds.next() == {"a"}
        assert await rounds.next() is None


async def test_a_change_is_looked_at_at_once_also_while_rounds_fail() -> None:
    rounds = Rounds([UpstreamUnavailableError()] * 100)
    async with running(rounds) as fan_out:
        await rounds.next()
        fan_out.wake("a")
        assert await rounds.next() == {"a"}  # once the pause is over it would be all


async def test_a_round_that_failed_leaves_one_line_with_the_type_of_the_error() -> None:
    rounds = Rounds([RuntimeError("canary-text")])
    with capture_logs() as lines:
        async with running(rounds):
            await rounds.next()
            await rounds.next()
    assert [(line["event"], line["error"]) for line in lines] == [("fan_out.round_failed", "RuntimeError")]


async def test_a_new_project_is_bound_in_by_the_time_it_is_answered() -> None:
    cluster = ClusterInMemory()
    cluster.add_workspace(manager="boss")
    made = cluster.add_project("new")
    fan_out = BackgroundFanOut(cluster.reconciler, LONG)

    await fan_out.reach(cluster.workspaces["w"], made, "paul", TRACE)

    assert cluster.bound(ADMINS) == {"new": {"boss"}}


async def test_a_new_project_that_cannot_be_reached_is_left_to_the_background() -> None:
    cluster = ClusterInMemory()
    cluster.add_workspace(manager="boss")
    made = cluster.add_project("new")
    cluster.refusals["new"] = UpstreamUnavailableError()
    fan_out = BackgroundFanOut(cluster.reconciler, LONG)
    with capture_logs() as lines:
        await fan_out.reach(cluster.workspaces["w"], made, "paul", TRACE)
    cluster.refusals.clear()

    async with fan_out.running(), asyncio.timeout(5):
        while not cluster.said:
            await asyncio.sleep(0)

    assert [line["error"] for line in lines] == ["UpstreamUnavailableError"]
    assert cluster.bound(ADMINS) == {"new": {"boss"}}
