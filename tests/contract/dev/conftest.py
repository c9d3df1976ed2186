"""A control plane of its own: these tests look at what becomes of a bare one."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from app.dev.home import DevHome
from app.dev.preparation import Prepared, as_admin, prepare
from app.dev.service_account import write_kubeconfig
from app.k8s.credentials import Credentials
from app.k8s.impersonation import AsService
from app.k8s.transport import Transport, open_transport
from app.manifests import Profile, profile_for
from app.settings import Kubernetes
from devcluster import ControlPlane, ensure_binaries, resolve_version

BASE_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class DevCluster:
    """A control plane that has been prepared once."""

    plane: ControlPlane
    home: DevHome
    profile: Profile
    first: Prepared


@dataclass(frozen=True)
class Admin:
    """The administrator's way in."""

    transport: Transport
    acting: AsService


@pytest.fixture(scope="package")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    binaries = ensure_binaries(resolve_version())
    with ControlPlane.start(binaries, tmp_path_factory.mktemp("dev"), durable=False) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def cluster(plane: ControlPlane) -> DevCluster:
    home = DevHome(plane.kubeconfig.parent)
    profile = profile_for(ensure_binaries(resolve_version()).version)
    write_kubeconfig(home, plane.url, plane.ca_file)
    return DevCluster(plane, home, profile, await prepare(home, plane.kubeconfig, profile, BASE_URL))


@pytest_asyncio.fixture(loop_scope="session")
async def admin(cluster: DevCluster) -> AsyncIterator[Admin]:
    async with as_admin(cluster.plane.kubeconfig) as (transport, acting):
        yield Admin(transport, acting)


@pytest_asyncio.fixture(loop_scope="session")
async def service(cluster: DevCluster) -> AsyncIterator[Transport]:
    """A transport with just what the service has."""
    kubeconfig = cluster.home.service_kubeconfig
    async with open_transport(Kubernetes(kubeconfig=kubeconfig), await Credentials.load(kubeconfig, None)) as transport:
        yield transport
