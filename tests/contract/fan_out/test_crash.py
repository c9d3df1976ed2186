"""A service that is killed half-way leaves nothing that the next one does not put right."""

import asyncio
from pathlib import Path

from tests.contract.fan_out.conftest import World
from tests.support.fan_out import ADMINS, METADATA, VIEWERS, Team, bound, eventually, is_settled, new_team, set_members
from tests.support.kube_relay import Head, open_relay
from tests.support.service import running_service

PROJECTS = 12
WRITES = frozenset({"POST", "PUT", "DELETE"})


class Stall:
    """Lets so many writes of role bindings through, and holds every later one for good."""

    def __init__(self, writes: int) -> None:
        self._left = writes
        self.reached = asyncio.Event()

    async def __call__(self, head: Head) -> None:
        if head.method in WRITES and "/rolebindings" in head.target:
            self._left -= 1
            if self._left < 0:
                self.reached.set()
                await asyncio.Event().wait()


async def killed_after(world: World, folder: Path, writes: int) -> None:
    """Run a service, and kill it in the midst of its work."""
    async with open_relay(world.cluster, folder) as (relay, kubeconfig):
        relay.rule = stall = Stall(writes)
        with running_service(kubeconfig, folder) as service:
            async with asyncio.timeout(20):
                await stall.reached.wait()
            service.process.kill()
            service.process.wait()


async def completed(world: World, folder: Path, team: Team) -> None:
    """Run a service until it says that it is done."""
    with running_service(world.cluster.home.service_kubeconfig, folder):
        await eventually(lambda: is_settled(world.admin, team))


async def test_rights_that_were_given_in_some_projects_only_are_given_in_all(world: World, tmp_path: Path) -> None:
    team = await new_team(world.admin, PROJECTS, "boss", vera="viewer")

    await killed_after(world, tmp_path, 10)
    half_way = [project for name in (ADMINS, VIEWERS, METADATA) for project in await bound(world.admin, team, name)]
    await completed(world, tmp_path, team)

    assert 0 < len(half_way) < 3 * PROJECTS
    assert await bound(world.admin, team, ADMINS) == team.everywhere("boss")
    assert await bound(world.admin, team, VIEWERS) == team.everywhere("vera")
    assert await bound(world.admin, team, METADATA) == team.everywhere("secretspace-system:metadata")


async def test_rights_that_were_taken_in_some_projects_only_are_taken_in_all_before_any_is_given(
    world: World, tmp_path: Path
) -> None:
    team = await new_team(world.admin, PROJECTS, "boss", vera="viewer")
    await completed(world, tmp_path, team)
    await set_members(world.admin, team, vera="admin", otto="admin")

    await killed_after(world, tmp_path, 10)
    viewers, admins = await bound(world.admin, team, VIEWERS), await bound(world.admin, team, ADMINS)
    await completed(world, tmp_path, team)

    assert 0 < len(viewers) < PROJECTS
    assert admins == team.everywhere("boss")
    assert await bound(world.admin, team, VIEWERS) == {}
    assert await bound(world.admin, team, ADMINS) == team.everywhere("boss", "otto", "vera")
