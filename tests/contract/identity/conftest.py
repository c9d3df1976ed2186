"""The control plane as the service finds it: manifests applied, and the service's own credential."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from secrets import token_hex
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.dev.home import DevHome
from app.dev.preparation import apply_manifests, as_admin, profile_for
from app.dev.service_account import renew_token, write_kubeconfig
from app.domain.call import Trace
from app.k8s.credentials import Credentials
from app.k8s.transport import Transport, open_transport
from app.settings import Kubernetes
from devcluster import ControlPlane, ensure_binaries, resolve_version

OWN_NAMESPACE = "secretspace-system"


class Admin:
    """The cluster's administrator, who makes what a test needs."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def post(self, path: str, body: Mapping[str, object]) -> Any:
        """Make an object, and return what the cluster made of it."""
        return (await self._client.post(path, json=body)).raise_for_status().json()

    async def merge(self, path: str, body: Mapping[str, object]) -> None:
        """Change an object."""
        headers = {"Content-Type": "application/merge-patch+json"}
        (await self._client.patch(path, json=body, headers=headers)).raise_for_status()

    async def namespace(self) -> str:
        """A new namespace."""
        name = f"identity-{token_hex(4)}"
        await self.post("/api/v1/namespaces", {"metadata": {"name": name}})
        return name


def trace() -> Trace:
    return Trace(f"test-{token_hex(4)}", asyncio.get_running_loop().time() + 30)


@pytest.fixture(scope="package")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    binaries = ensure_binaries(resolve_version())
    with ControlPlane.start(binaries, tmp_path_factory.mktemp("identity"), durable=False) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def home(plane: ControlPlane) -> DevHome:
    home = DevHome(plane.kubeconfig.parent)
    write_kubeconfig(home, plane.url, plane.ca_file)
    async with as_admin(plane.kubeconfig) as (transport, acting):
        await apply_manifests(profile_for(ensure_binaries(resolve_version()).version), transport, acting)
        await renew_token(home, transport, acting)
    return home


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def admin(plane: ControlPlane, home: DevHome) -> AsyncIterator[Admin]:
    del home
    tls = ssl.create_default_context(cafile=str(plane.ca_file))
    tls.load_cert_chain(plane.kubeconfig.parent / "pki" / "admin.pem")
    async with httpx.AsyncClient(base_url=plane.url, verify=tls, trust_env=False) as client:
        yield Admin(client)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def service(home: DevHome) -> AsyncIterator[Transport]:
    """A transport with just what the service has."""
    path = home.service_kubeconfig
    async with open_transport(Kubernetes(kubeconfig=path), await Credentials.load(path, None)) as transport:
        yield transport
