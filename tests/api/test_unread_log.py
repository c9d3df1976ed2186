"""A reader of the log who stops reading, as a container runtime or a shell pipe may: the service goes on."""

import os
from collections.abc import Iterator
from fcntl import F_SETPIPE_SZ, fcntl
from threading import Thread

import httpx
import pytest

from tests.api.operation import KEY
from tests.support.canary import canary
from tests.support.cluster import Admin, Cluster
from tests.support.people import Person, Project
from tests.support.problem import assert_problem
from tests.support.service import RunningService, running_service

PIPE_BYTES = 4096
"""Takes some ten lines."""


@pytest.fixture(scope="module")
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    fcntl(writing, F_SETPIPE_SZ, PIPE_BYTES)
    yield reading, writing
    os.close(writing)


@pytest.fixture(scope="module")
def unread(
    cluster: Cluster, pipe: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """A service whose log nobody reads, and which has more to say than fits into the pipe."""
    folder = tmp_path_factory.mktemp("unread")
    with running_service(cluster.home.service_kubeconfig, folder, stdout=pipe[1]) as running:
        for _ in range(100):
            httpx.get(f"{running.url}/livez", trust_env=False)
        yield running


def read_on(descriptor: int) -> None:
    while os.read(descriptor, PIPE_BYTES):
        pass


def ask(service: RunningService, path: str, person: Person) -> httpx.Response:
    headers = {"Authorization": person.client.headers["Authorization"]}
    return httpx.get(f"{service.url}{path}", headers=headers, trust_env=False, timeout=10)


async def test_requests_are_answered_though_nobody_reads_the_log(
    unread: RunningService, operator: Person, project: Project
) -> None:
    assert ask(unread, project.secrets, operator).status_code == 200


async def test_no_value_is_shown_while_nobody_reads_the_log_and_it_is_once_somebody_does(
    unread: RunningService, pipe: tuple[int, int], operator: Person, admin: Admin, project: Project
) -> None:
    await admin.post(project.kube_secrets, {"metadata": {"name": "mine"}, "stringData": {KEY: canary()}})
    path = f"{project.secrets}/mine/data"

    refused = ask(unread, path, operator)
    Thread(target=read_on, args=(pipe[0],), daemon=True).start()
    shown = ask(unread, path, operator)

    assert_problem(refused, 503, "AUDIT_UNAVAILABLE")
    assert shown.status_code == 200
