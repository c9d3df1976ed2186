"""Versions that the API server does not remember any more: a control plane of its own forgets within seconds."""

import asyncio
from collections.abc import AsyncIterator
from secrets import token_hex
from typing import Final

import httpx
import pytest
import pytest_asyncio

from app.domain.errors import VersionGoneError
from app.domain.version import Version
from app.manifests import profile_for
from devcluster import ControlPlane
from tests.support.canary import canary
from tests.support.cluster import Admin, Cluster, admin_of, binaries, own_transport_of, prepared
from tests.support.people import OPERATOR, People, Person, Project, new_project, signed_in
from tests.support.problem import assert_problem, provokes
from tests.support.secret import stored
from tests.support.service import running_service

FORGETS: Final = ("--etcd-compaction-interval=1s",)
SECONDS: Final = 30.0
pytestmark = pytest.mark.timeout(180)


@pytest_asyncio.fixture(scope="module")
async def forgetful(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """A control plane that keeps what was for a second or two."""
    with ControlPlane.start(
        binaries(), tmp_path_factory.mktemp("forgetful"), durable=False, apiserver_flags=FORGETS
    ) as plane:
        yield await prepared(plane, profile_for(binaries().version))


@pytest_asyncio.fixture(scope="module")
async def its_admin(forgetful: Cluster) -> AsyncIterator[Admin]:
    async with admin_of(forgetful) as admin:
        yield admin


@pytest_asyncio.fixture(scope="module")
async def its_people(forgetful: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[People]:
    folder = tmp_path_factory.mktemp("service")
    async with own_transport_of(forgetful) as transport:
        with running_service(forgetful.home.service_kubeconfig, folder) as service:
            async with signed_in(transport, service) as people:
                yield people


@pytest.fixture
def operator(its_people: People) -> Person:
    return its_people[OPERATOR]


@pytest_asyncio.fixture
async def project(its_admin: Admin) -> Project:
    return await new_project(its_admin)


@pytest_asyncio.fixture
async def forgotten(its_admin: Admin, operator: Person, project: Project) -> str:
    """The ETag of a version of the Secret `demo` that is forgotten by now."""
    content = {"kind": "default", "data": {"a": canary(), "b": canary()}}
    created = await operator.post(project.secrets, {"name": "demo", "content": content})
    tag = created.raise_for_status().headers["ETag"]
    await operator.patch(f"{project.secrets}/demo/data", {"set": {"b": canary()}}, tag)
    version = Version.from_etag(tag)
    assert version is not None
    query = f"fieldSelector=metadata.name=demo&resourceVersionMatch=Exact&resourceVersion={version.resource_version}"
    async with asyncio.timeout(SECONDS):
        while await its_admin.exists(f"{project.kube_secrets}?{query}"):
            await its_admin.merge(f"{project.kube_secrets}/demo", {"metadata": {"labels": {"tick": token_hex(4)}}})
            await asyncio.sleep(0.5)
    return str(tag)


async def test_a_write_that_came_too_late_is_told_that_nobody_knows_what_changed(
    operator: Person, project: Project, forgotten: str
) -> None:
    response = await operator.patch(f"{project.secrets}/demo/data", {"set": {"a": canary()}}, forgotten)

    problem = assert_problem(response, 412, "PRECONDITION_FAILED")
    assert problem["versionGone"] is True
    assert "does not remember" in problem["detail"]
    assert "meanwhile" not in problem


async def test_a_merge_with_it_stays_refused_and_says_so(
    operator: Person, its_admin: Admin, project: Project, forgotten: str
) -> None:
    before = await stored(its_admin, project)

    body, query = {"set": {"a": canary()}}, {"merge": "true"}
    response = await operator.patch(f"{project.secrets}/demo/data", body, forgotten, params=query)

    assert assert_problem(response, 412, "PRECONDITION_FAILED")["versionGone"] is True
    assert await stored(its_admin, project) == before


@pytest.mark.parametrize("headers", [{"If-Match": "*"}, {"If-None-Match": "*"}], ids=["over", "anew"])
@provokes(VersionGoneError, 410)
async def test_what_is_forgotten_cannot_be_put_back(
    operator: Person, project: Project, forgotten: str, headers: dict[str, str]
) -> httpx.Response:
    return await operator.post(f"{project.secrets}/demo/restore", {"etag": forgotten}, headers=headers)
