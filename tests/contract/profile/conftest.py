"""A control plane of its own under the classic profile, for versions of Kubernetes that know no other."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from app.k8s.transport import Transport
from app.manifests import Profile
from devcluster import ControlPlane
from tests.support.audit_log import AuditLog
from tests.support.cluster import Admin, Cluster, admin_of, binaries, own_transport_of, prepared
from tests.support.people import People, signed_in
from tests.support.service import RunningService, running_service


@dataclass(frozen=True)
class World:
    """A cluster under a profile, and what the service has on it."""

    cluster: Cluster
    admin: Admin
    own_transport: Transport


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
