"""One control plane a run, with the manifests applied and the service's own credential at hand."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.dev.home import DevHome
from app.dev.preparation import apply_manifests, as_admin
from app.dev.service_account import renew_token, write_kubeconfig
from app.domain.call import Trace
from app.k8s.credentials import Credentials
from app.k8s.transport import Transport, open_transport
from app.manifests import Profile, profile_for
from app.settings import Kubernetes
from devcluster import Binaries, ControlPlane, ensure_binaries, resolve_version

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


@dataclass(frozen=True)
class Cluster:
    """A control plane that the service can run on."""

    plane: ControlPlane
    home: DevHome
    """Where the service's kubeconfig and token are."""
    profile: Profile


class Admin:
    """The cluster's administrator, who makes what a test needs and looks at what is really there."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str) -> Any:
        """An object, as the cluster has it."""
        return (await self._client.get(path)).raise_for_status().json()

    async def exists(self, path: str) -> bool:
        """Whether there is such an object."""
        return (await self._client.get(path)).status_code == httpx.codes.OK

    async def post(self, path: str, body: Mapping[str, object]) -> Any:
        """Make an object, and return what the cluster made of it."""
        return (await self._client.post(path, json=body)).raise_for_status().json()

    async def sends_as(self, user: str, group: str, method: str, path: str, body: Mapping[str, object]) -> int:
        """The status of a dry run in somebody else's name."""
        headers = {"Impersonate-User": user, "Impersonate-Group": group}
        headers |= MERGE_PATCH if method == "PATCH" else {}
        answer = await self._client.request(method, path, json=body, headers=headers, params={"dryRun": "All"})
        return answer.status_code

    async def merge(self, path: str, body: Mapping[str, object]) -> Any:
        """Change an object."""
        return (await self._client.patch(path, json=body, headers=MERGE_PATCH)).raise_for_status().json()

    async def apply(self, path: str, body: Mapping[str, object], manager: str) -> Any:
        """Apply a Secret on the server's side, in the name of a field manager."""
        kind = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": path.rpartition("/")[2]}}
        query, headers = {"fieldManager": manager}, {"Content-Type": "application/apply-patch+yaml"}
        answer = await self._client.patch(path, json={**kind, **body}, params=query, headers=headers)
        return answer.raise_for_status().json()

    async def namespace(self) -> str:
        """Make a namespace, and return its name."""
        name = f"test-{token_hex(4)}"
        await self.post("/api/v1/namespaces", {"metadata": {"name": name}})
        return name

    async def delete(self, path: str) -> None:
        """Delete an object."""
        (await self._client.delete(path)).raise_for_status()


def a_trace() -> Trace:
    """A request of the test's own, with half a minute of time."""
    return Trace(f"test-{token_hex(4)}", asyncio.get_running_loop().time() + 30)


def binaries() -> Binaries:
    """Those of the newest pinned Kubernetes; `KUBERNETES` chooses another one."""
    return ensure_binaries(resolve_version(os.environ.get("KUBERNETES") or None))


async def prepared(plane: ControlPlane, profile: Profile) -> Cluster:
    """The control plane with everything applied."""
    home = DevHome(plane.kubeconfig.parent)
    write_kubeconfig(home, plane.url, plane.ca_file)
    async with as_admin(plane.kubeconfig) as (transport, acting):
        await apply_manifests(profile, transport, acting)
        await renew_token(home, transport, acting)
    return Cluster(plane, home, profile)


@asynccontextmanager
async def admin_of(cluster: Cluster) -> AsyncIterator[Admin]:
    """The administrator of a cluster."""
    plane = cluster.plane
    tls = ssl.create_default_context(cafile=str(plane.ca_file))
    tls.load_cert_chain(plane.kubeconfig.parent / "pki" / "admin.pem")
    async with httpx.AsyncClient(base_url=plane.url, verify=tls, trust_env=False, timeout=30) as client:
        yield Admin(client)


@asynccontextmanager
async def own_transport_of(cluster: Cluster) -> AsyncIterator[Transport]:
    """A transport with just what the service has on a cluster."""
    path = cluster.home.service_kubeconfig
    async with open_transport(Kubernetes(kubeconfig=path), await Credentials.load(path, None)) as transport:
        yield transport


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The run's control plane."""
    with ControlPlane.start(binaries(), tmp_path_factory.mktemp("plane"), durable=False) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def cluster(plane: ControlPlane) -> Cluster:
    """The control plane, under the narrowest profile that it knows."""
    return await prepared(plane, profile_for(binaries().version))


@pytest_asyncio.fixture(scope="session")
async def admin(cluster: Cluster) -> AsyncIterator[Admin]:
    """The administrator."""
    async with admin_of(cluster) as admin:
        yield admin


@pytest_asyncio.fixture(scope="session")
async def own_transport(cluster: Cluster) -> AsyncIterator[Transport]:
    """A transport with just what the service has."""
    async with own_transport_of(cluster) as transport:
        yield transport
