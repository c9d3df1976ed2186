"""Several services at once come to the same state, in whatever order they look and write."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.fan_out.conftest import World
from tests.support.audit_log import SERVICE_ACCOUNT, AuditLog, Event
from tests.support.fan_out import (
    ADMINS,
    METADATA,
    VIEWERS,
    binding,
    bound,
    condition,
    eventually,
    is_settled,
    new_team,
    set_members,
)
from tests.support.service import RunningService, running_service

OFTEN = {"SECRETSPACE_TENANCY__RECONCILE_INTERVAL": "PT0.2S"}
WRITES = frozenset({"create", "update", "delete"})


@pytest.fixture
def replicas(world: World, tmp_path: Path) -> Iterator[list[RunningService]]:
    """Three services that look all the time."""
    with ExitStack() as stack:
        kubeconfig = world.cluster.home.service_kubeconfig
        yield [stack.enter_context(running_service(kubeconfig, tmp_path, OFTEN)) for _ in range(3)]


def complaints(services: list[RunningService]) -> list[str]:
    """What they have logged of the fan-out; a round in which all goes well leaves no line."""
    lines = [json.loads(line) for service in services for line in service.log_lines()]
    return [line["event"] for line in lines if line["event"].startswith("fan_out.")]


async def written(audit: AuditLog, names: frozenset[str] = frozenset({ADMINS, VIEWERS, METADATA})) -> list[Event]:
    """What was written of the bindings of these names by services, as the cluster tells it."""
    return [
        event
        for event in await audit.settled()
        if event["user"]["username"] == SERVICE_ACCOUNT
        and event["verb"] in WRITES
        and event.get("objectRef", {}).get("resource") == "rolebindings"
        and event["objectRef"].get("name") in names
    ]


async def test_replicas_agree_whatever_happens_meanwhile(world: World, replicas: list[RunningService]) -> None:
    admin = world.admin
    team = await new_team(admin, 6, "boss", vera="viewer")
    for roles in ({"vera": "admin"}, {"vera": "viewer", "otto": "admin"}, {"otto": "viewer"}):
        await set_members(admin, team, **roles)
        await asyncio.sleep(0.3)
    await eventually(lambda: is_settled(admin, team))

    assert await bound(admin, team, ADMINS) == team.everywhere("boss")
    assert await bound(admin, team, VIEWERS) == team.everywhere("otto")
    assert complaints(replicas) == []


async def test_what_is_undone_by_hand_is_put_right_and_then_nothing_is_written(
    world: World, replicas: list[RunningService]
) -> None:
    admin = world.admin
    team = await new_team(admin, 2, "boss")
    await eventually(lambda: is_settled(admin, team))
    deleted, changed = (binding(project, ADMINS) for project in team.projects)
    everybody = {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "system:authenticated"}
    await admin.delete(deleted)
    await admin.merge(changed, {"subjects": [everybody]})

    async def is_right() -> bool:
        return await bound(admin, team, ADMINS) == team.everywhere("boss")

    await eventually(is_right)
    await asyncio.sleep(1)  # for rounds that were under way, and come too late
    audit = AuditLog(world.cluster.plane.audit_log, admin)
    await asyncio.sleep(1)

    assert await written(audit) == []
    assert complaints(replicas) == []


async def test_everything_is_taken_before_anything_is_given(world: World, tmp_path: Path) -> None:
    admin = world.admin
    team = await new_team(admin, 8, "boss", vera="viewer")
    with running_service(world.cluster.home.service_kubeconfig, tmp_path, OFTEN):
        await eventually(lambda: is_settled(admin, team))
        audit = AuditLog(world.cluster.plane.audit_log, admin)
        await set_members(admin, team, vera="admin")
        await eventually(lambda: is_settled(admin, team))
        events = [event for event in await written(audit) if event["objectRef"]["namespace"] in team.projects]

    taken = [event["stageTimestamp"] for event in events if event["verb"] == "delete"]
    given = [event["requestReceivedTimestamp"] for event in events if event["verb"] == "update"]
    assert (len(taken), len(given)) == (8, 8)
    assert max(taken) < min(given)
    assert all(event["auditID"].startswith("fan-out-") for event in events)


async def test_a_binding_of_anothers_in_our_place_is_left_and_said_and_taken_up_once_it_is_gone(
    world: World, tmp_path: Path
) -> None:
    admin = world.admin
    team = await new_team(admin, 2, "boss")
    project = team.projects[0]
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "secretspace:project-reader"}
    await admin.post(binding(project, "").rstrip("/"), {"metadata": {"name": ADMINS}, "roleRef": reference})
    foreign = await admin.get(binding(project, ADMINS))

    async def is_said() -> bool:
        return (await condition(admin, team)).get("reason") == "NameTaken"

    with running_service(world.cluster.home.service_kubeconfig, tmp_path, OFTEN):
        await eventually(is_said)
        left = await admin.get(binding(project, ADMINS))
        said = await condition(admin, team)
        await admin.delete(binding(project, ADMINS))
        await eventually(lambda: is_settled(admin, team))

    assert left == foreign
    assert said["status"] == "False"
    assert project in said["message"]
    assert "boss" not in said["message"]
    assert await bound(admin, team, ADMINS) == team.everywhere("boss")


async def test_names_of_the_system_are_left_out_and_said_and_everybody_else_is_bound(
    world: World, tmp_path: Path
) -> None:
    admin = world.admin
    team = await new_team(admin, 1, "boss", **{"system:anonymous": "admin"})

    async def is_said() -> bool:
        return (await condition(admin, team)).get("reason") == "SubjectRefused"

    with running_service(world.cluster.home.service_kubeconfig, tmp_path, OFTEN):
        await eventually(is_said)

    assert await bound(admin, team, ADMINS) == team.everywhere("boss")
