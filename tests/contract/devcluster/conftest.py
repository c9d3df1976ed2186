"""One control plane for the tests that leave it as it is, and a way to reach any."""

import ssl
from collections.abc import Iterator

import httpx
import pytest

from devcluster import Binaries, ControlPlane, ensure_binaries, resolve_version


@pytest.fixture(scope="session")
def binaries() -> Binaries:
    return ensure_binaries(resolve_version())


@pytest.fixture(scope="package")
def plane(binaries: Binaries, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with ControlPlane.start(binaries, tmp_path_factory.mktemp("plane"), durable=False) as running:
        yield running


@pytest.fixture(scope="package")
def admin(plane: ControlPlane) -> Iterator[httpx.Client]:
    with client_of(plane) as client:
        yield client


def client_of(plane: ControlPlane, *, timeout: float = 10) -> httpx.Client:
    """A client that is the administrator."""
    tls = ssl.create_default_context(cafile=str(plane.ca_file))
    tls.load_cert_chain(plane.kubeconfig.parent / "pki" / "admin.pem")
    return httpx.Client(base_url=plane.url, verify=tls, trust_env=False, timeout=timeout)


def namespace(client: httpx.Client, name: str) -> str:
    """Make a namespace, and return its path."""
    client.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    return f"/api/v1/namespaces/{name}"


def secret(name: str, **data: str) -> dict[str, object]:
    """A Secret to post."""
    return {"metadata": {"name": name}, "stringData": data}
