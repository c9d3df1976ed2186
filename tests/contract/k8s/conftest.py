"""A transport as the service has it, with a relay between it and kube-apiserver."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from app.k8s.credentials import Credentials
from app.k8s.transport import Transport, open_transport
from app.settings import Kubernetes
from tests.support.cluster import Cluster
from tests.support.kube_relay import KubeRelay, open_relay

OpenTransport = Callable[..., AbstractAsyncContextManager[Transport]]


@pytest_asyncio.fixture
async def relayed(cluster: Cluster, tmp_path: Path) -> AsyncIterator[tuple[KubeRelay, Path]]:
    """A relay of its own for each test, and the kubeconfig that leads through it."""
    async with open_relay(cluster, tmp_path) as opened:
        yield opened


@pytest.fixture
def relay(relayed: tuple[KubeRelay, Path]) -> KubeRelay:
    """The relay."""
    return relayed[0]


@pytest.fixture
def through_relay(relayed: tuple[KubeRelay, Path]) -> OpenTransport:
    """Opens transports that go through the relay."""

    @asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[Transport]:
        path = relayed[1]
        short = {"connect_timeout": timedelta(seconds=1), "read_timeout": timedelta(seconds=1)}
        kubernetes = Kubernetes(**{"kubeconfig": path, **short, **settings})
        async with open_transport(kubernetes, await Credentials.load(path, None)) as transport:
            yield transport

    return opened


@pytest_asyncio.fixture
async def transport(through_relay: OpenTransport) -> AsyncIterator[Transport]:
    """A transport through the relay that has a second for everything."""
    async with through_relay() as opened:
        yield opened
