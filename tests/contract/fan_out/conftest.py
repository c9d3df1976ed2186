"""A control plane of its own, on which no service runs but those that a test starts, and kills."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from app.manifests import profile_for
from devcluster import ControlPlane
from tests.support.cluster import Admin, Cluster, admin_of, binaries, prepared


@dataclass(frozen=True)
class World:
    """A cluster, and its administrator."""

    cluster: Cluster
    admin: Admin


@pytest.fixture(scope="package")
def bare_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with ControlPlane.start(binaries(), tmp_path_factory.mktemp("fan-out"), durable=False) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def world(bare_plane: ControlPlane) -> AsyncIterator[World]:
    cluster = await prepared(bare_plane, profile_for(binaries().version))
    async with admin_of(cluster) as admin:
        yield World(cluster, admin)
