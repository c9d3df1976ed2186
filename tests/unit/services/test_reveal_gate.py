import asyncio
from collections.abc import Iterable

import pytest

from app.domain.errors import TooManyRequestsError
from app.services.reveal_gate import RevealGate

SHORT = 0.02
LONG = 5.0


class Visitors:
    """Reveals that hold their place until they are let go."""

    def __init__(self, gate: RevealGate) -> None:
        self.gate = gate
        self.inside: list[str] = []
        self._go = asyncio.Event()

    async def visit(self, name: str) -> None:
        async with self.gate.passing(name):
            self.inside.append(name)
            await self._go.wait()

    async def begin(self, names: Iterable[str]) -> list["asyncio.Task[None]"]:
        tasks = [asyncio.create_task(self.visit(name)) for name in names]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return tasks

    def let_go(self) -> None:
        self._go.set()


async def test_so_many_of_one_user_pass_and_the_next_is_refused() -> None:
    visitors = Visitors(RevealGate(at_once=8, per_user=2, wait_seconds=SHORT))
    tasks = await visitors.begin(["alice", "alice"])

    with pytest.raises(TooManyRequestsError) as caught:
        await visitors.visit("alice")

    assert caught.value.retry_after == 1
    assert visitors.inside == ["alice", "alice"]
    visitors.let_go()
    await asyncio.gather(*tasks)


async def test_one_user_does_not_keep_out_another() -> None:
    visitors = Visitors(RevealGate(at_once=8, per_user=1, wait_seconds=SHORT))
    tasks = await visitors.begin(["alice", "bob"])

    assert visitors.inside == ["alice", "bob"]
    visitors.let_go()
    await asyncio.gather(*tasks)


async def test_so_many_pass_at_once_and_the_next_is_refused_whoever_it_is() -> None:
    visitors = Visitors(RevealGate(at_once=2, per_user=2, wait_seconds=SHORT))
    tasks = await visitors.begin(["alice", "bob"])

    with pytest.raises(TooManyRequestsError):
        await visitors.visit("carol")

    visitors.let_go()
    await asyncio.gather(*tasks)


async def test_who_waits_passes_when_a_place_becomes_free() -> None:
    visitors = Visitors(RevealGate(at_once=1, per_user=1, wait_seconds=LONG))
    tasks = await visitors.begin(["alice", "bob", "alice"])

    assert visitors.inside == ["alice"]
    visitors.let_go()
    await asyncio.gather(*tasks)

    assert sorted(visitors.inside) == ["alice", "alice", "bob"]


async def fail_inside(gate: RevealGate) -> None:
    async with gate.passing("alice"):
        raise ZeroDivisionError


async def test_a_place_is_free_again_after_a_failure() -> None:
    gate = RevealGate(at_once=1, per_user=1, wait_seconds=SHORT)

    with pytest.raises(ZeroDivisionError):
        await fail_inside(gate)

    async with gate.passing("bob"):
        assert gate._under_way == {"bob": 1}
    assert gate._under_way == {}


async def test_who_was_refused_holds_no_place() -> None:
    gate = RevealGate(at_once=1, per_user=1, wait_seconds=SHORT)

    async with gate.passing("alice"):
        with pytest.raises(TooManyRequestsError):
            await gate._enter("bob")

    assert gate._under_way == {}


async def test_a_place_is_free_again_when_its_request_is_cancelled() -> None:
    visitors = Visitors(RevealGate(at_once=1, per_user=1, wait_seconds=SHORT))
    (task,) = await visitors.begin(["alice"])

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)

    visitors.let_go()
    await visitors.visit("bob")
    assert visitors.inside == ["alice", "bob"]


async def test_who_is_cancelled_while_waiting_holds_no_place() -> None:
    gate = RevealGate(at_once=1, per_user=1, wait_seconds=LONG)
    visitors = Visitors(gate)
    first, waiting = await visitors.begin(["alice", "bob"])

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    visitors.let_go()
    await first

    assert gate._under_way == {}


async def test_without_a_wait_a_free_place_is_given_all_the_same() -> None:
    gate = RevealGate(at_once=1, per_user=1, wait_seconds=0)

    async with gate.passing("alice"):
        with pytest.raises(TooManyRequestsError):
            await gate._enter("bob")
