"""A control plane of its own under the classic profile, for versions of Kubernetes that know no other."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Final

import pytest
import pytest_asyncio

from app.domain.workspace import MANAGED_BY
from app.k8s.transport import Transport
from app.manifests import Profile
from devcluster import ControlPlane
from tests.contract.profile.thief import IN_WORKSPACE, NAMESPACES, OURS, UID, Thief, namespace, thief_of
from tests.contract.profile.world import World
from tests.support.audit_log import AuditLog
from tests.support.cluster import Admin, Cluster, admin_of, binaries, own_transport_of, prepared
from tests.support.people import NAMESPACE, People, signed_in
from tests.support.service import RunningService, running_service

FOREIGN: Final[dict[str, dict[str, dict[str, str]]]] = {
    "plain": {"labels": {}, "annotations": {}},
    "known by a label alone": {"labels": IN_WORKSPACE, "annotations": {}},
    "with our labels alone": {"labels": OURS | IN_WORKSPACE, "annotations": {}},
    "with our annotation alone": {"labels": IN_WORKSPACE, "annotations": UID},
    "kept by another": {"labels": IN_WORKSPACE | {MANAGED_BY: "helm"}, "annotations": UID},
}
"""What namespaces bear that are none of the service's own."""
OF_THE_CLUSTER: Final = "of the cluster's own name, with all that is ours"


@dataclass(frozen=True)
class Classic:
    """The service under the classic profile, and people who use it."""

    world: World
    people: People
    audit: AuditLog


@pytest.fixture(scope="package")
def classic_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with ControlPlane.start(binaries(), tmp_path_factory.mktemp("classic"), durable=False) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def classic_world(classic_plane: ControlPlane) -> AsyncIterator[World]:
    cluster = await prepared(classic_plane, Profile.CLASSIC)
    async with admin_of(cluster) as admin, own_transport_of(cluster) as own_transport:
        yield World(cluster, admin, own_transport)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def classic_service(
    classic_world: World, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningService]:
    with running_service(classic_world.cluster.home.service_kubeconfig, tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def classic(classic_world: World, classic_service: RunningService) -> AsyncIterator[Classic]:
    audit = AuditLog(classic_world.cluster.plane.audit_log, classic_world.admin)
    async with signed_in(classic_world.own_transport, classic_service) as people:
        yield Classic(classic_world, people, audit)


@pytest.fixture
def constrained_world(cluster: Cluster, admin: Admin, own_transport: Transport) -> World:
    return World(cluster, admin, own_transport)


@pytest.fixture(params=["constrained_world", "classic_world"])
def world(request: pytest.FixtureRequest) -> World:
    """A cluster under each of the profiles."""
    world: World = request.getfixturevalue(request.param)
    return world


@pytest_asyncio.fixture
async def thief(world: World) -> AsyncIterator[Thief]:
    """Who has the service's token on it."""
    async with thief_of(world) as thief:
        yield thief


@pytest_asyncio.fixture
async def project(world: World) -> str:
    """A project of the service's own."""
    return await made(world, namespace(f"project-{token_hex(4)}"))


@pytest_asyncio.fixture(params=["default", "kube-system", NAMESPACE, OF_THE_CLUSTER, *FOREIGN])
async def foreign(world: World, request: pytest.FixtureRequest) -> str:
    """A namespace that is not a project of the service's own."""
    if request.param == OF_THE_CLUSTER:
        return await made(world, namespace(f"kube-{token_hex(4)}"))
    if request.param in FOREIGN:
        return await made(world, namespace(f"foreign-{token_hex(4)}", **FOREIGN[request.param]))
    return str(request.param)


async def made(world: World, body: dict[str, Any]) -> str:
    """The name of a namespace that the administrator makes."""
    await world.admin.post(NAMESPACES, body)
    return str(body["metadata"]["name"])
