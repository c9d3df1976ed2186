"""Where the service binds nobody: its own rules say so, and the cluster's policy does not rely on them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from app.domain.errors import OwnAccessError
from app.domain.fan_out import ADMINS, Grant
from app.domain.workspace import Subject, SubjectKind
from app.k8s.inherited import KubeInherited
from tests.contract.fan_out.conftest import World
from tests.support.cluster import a_trace, own_transport_of
from tests.support.fan_out import Team, binding, bound, eventually, is_settled, new_team
from tests.support.service import running_service

EVE = Subject(SubjectKind.USER, "eve")


def admins(*subjects: Subject, role: str = "secretspace:project-admin") -> Grant:
    return Grant(ADMINS, role, frozenset(subjects))


@pytest_asyncio.fixture
async def own(world: World) -> AsyncIterator[KubeInherited]:
    """What a thief of the service's token has, too."""
    async with own_transport_of(world.cluster) as transport:
        yield KubeInherited(transport)


@pytest_asyncio.fixture
async def team(world: World) -> Team:
    return await new_team(world.admin, 1, "boss")


@pytest_asyncio.fixture
async def disguised(world: World, team: Team) -> str:
    """A namespace of the cluster's own, which somebody has labelled as a project of their workspace."""
    there = (await world.admin.get(f"/api/v1/namespaces/{team.projects[0]}"))["metadata"]
    name = f"kube-{team.name}"
    labels = {key: value for key, value in there["labels"].items() if key != "kubernetes.io/metadata.name"}
    metadata = {"name": name, "labels": labels, "annotations": there["annotations"]}
    await world.admin.post("/api/v1/namespaces", {"metadata": metadata})
    return name


async def test_a_namespace_of_the_clusters_own_is_passed_over(
    world: World, team: Team, disguised: str, tmp_path: Path
) -> None:
    with running_service(world.cluster.home.service_kubeconfig, tmp_path):
        await eventually(lambda: is_settled(world.admin, team))

    assert await bound(world.admin, team, ADMINS) == team.everywhere("boss")
    assert not await world.admin.exists(binding(disguised, ADMINS))


async def test_the_cluster_refuses_a_binding_in_a_namespace_of_its_own(own: KubeInherited, disguised: str) -> None:
    with pytest.raises(OwnAccessError):
        await own.create(disguised, admins(EVE), "eve", a_trace())


async def test_the_cluster_refuses_a_binding_in_a_namespace_that_is_no_project(
    world: World, own: KubeInherited
) -> None:
    with pytest.raises(OwnAccessError):
        await own.create(await world.admin.namespace(), admins(EVE), "eve", a_trace())


@pytest.mark.parametrize(
    "grant",
    [
        admins(Subject(SubjectKind.GROUP, "system:authenticated")),
        admins(Subject(SubjectKind.USER, "secretspace-system:accounts")),
        admins(EVE, role="cluster-admin"),
        admins(EVE, role="secretspace:metadata"),
    ],
    ids=["everybody", "reserved", "another role", "the right of the reserved user"],
)
async def test_the_cluster_refuses_what_the_service_never_binds(own: KubeInherited, team: Team, grant: Grant) -> None:
    with pytest.raises(OwnAccessError):
        await own.create(team.projects[0], grant, "eve", a_trace())


async def test_the_cluster_lets_the_service_bind_people_in_its_projects(
    world: World, own: KubeInherited, team: Team
) -> None:
    await own.create(team.projects[0], admins(EVE), "eve", a_trace())

    assert await bound(world.admin, team, ADMINS) == team.everywhere("eve")
