"""The service as it is run: a process of its own, over HTTP, its output kept and searched for values at the end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.canary import leaks
from tests.support.cluster import Cluster

START_SECONDS = 90.0


@dataclass(frozen=True)
class RunningService:
    """A service that answers."""

    url: str
    log: Path
    process: "subprocess.Popen[bytes]"

    def log_lines(self) -> list[str]:
        """What it has written so far."""
        return self.log.read_text().splitlines()


@contextmanager
def running_service(
    kubeconfig: Path, folder: Path, settings: Mapping[str, str] = {}, *, stdout: int | None = None
) -> Iterator[RunningService]:
    """Run the service until the block ends; at its end nothing it wrote may hold a value.

    `stdout` is a file descriptor in place of the log.
    """
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SECRETSPACE_")},
        "SECRETSPACE_SERVER__PORT": str(port),
        "SECRETSPACE_KUBERNETES__KUBECONFIG": str(kubeconfig),
        "SECRETSPACE_IDENTITY__LOCAL__ENABLED": "true",
        "SECRETSPACE_IDENTITY__KUBERNETES__ENABLED": "true",
        "SECRETSPACE_LOG__LEVEL": "debug",
        "SECRETSPACE_LOG__JSON_LINES": "true",
        "PYTHONWARNINGS": "error",
        **settings,
    }
    log = folder / f"service-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve"], env=environment, stdout=stdout or output, stderr=output
        )
        try:
            service = RunningService(f"http://127.0.0.1:{port}", log, process)
            _wait_until_live(service)
            yield service
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)
    assert leaks(log.read_bytes()) == []


@pytest.fixture(scope="session")
def service(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """The service on the run's control plane."""
    with running_service(cluster.home.service_kubeconfig, tmp_path_factory.mktemp("service")) as running:
        yield running


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_live(service: RunningService) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{service.url}/livez", trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)
        if service.process.poll() is not None:
            break
    raise AssertionError("The service did not start:\n" + "\n".join(service.log_lines()[-20:]))
