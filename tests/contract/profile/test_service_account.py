"""What the service can do by itself, and what its token is worth to a thief, under each of the profiles."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Final

import httpx
import pytest
import pytest_asyncio

from app.domain.errors import OwnAccessError
from app.k8s.impersonation import AsService
from app.k8s.request import KubeRequest, core_path, group_path
from tests.architecture.source import ROOT
from tests.contract.profile.conftest import World
from tests.support.canary import canary
from tests.support.cluster import a_trace
from tests.support.people import NAMESPACE

RBAC: Final = "rbac.authorization.k8s.io"
ALL_SECRETS: Final = "/api/v1/secrets"
CLUSTER_ADMIN: Final = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"}
AS_MASTER: Final = {"Impersonate-User": "somebody", "Impersonate-Group": "system:masters"}
AS_SERVICE_ACCOUNT: Final = {"Impersonate-User": "system:serviceaccount:kube-system:namespace-controller"}
AS_NODE: Final = {"Impersonate-User": "system:node:one", "Impersonate-Group": "system:nodes"}


@asynccontextmanager
async def thief_of(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client of kube-apiserver with the service's token, and nothing else."""
    plane = world.cluster.plane
    token = world.cluster.home.service_token.read_text()
    tls = ssl.create_default_context(cafile=str(plane.ca_file))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=plane.url, headers=headers, verify=tls, trust_env=False) as client:
        yield client


@pytest_asyncio.fixture
async def thief(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with thief_of(world) as client:
        yield client


@pytest.mark.parametrize("namespace", ["default", "kube-system", NAMESPACE])
async def test_it_reads_and_writes_no_secret(world: World, thief: httpx.AsyncClient, namespace: str) -> None:
    secrets = core_path(namespace, "secrets")
    there = {"metadata": {"generateName": "there-"}, "stringData": {"password": canary()}}
    one = core_path(namespace, "secrets", (await world.admin.post(secrets, there))["metadata"]["name"])

    answers = [
        await thief.get(ALL_SECRETS),
        await thief.get(secrets),
        await thief.get(one),
        await thief.post(secrets, json={"metadata": {"name": "new"}, "stringData": {"password": canary()}}),
        await thief.patch(one, json={}, headers={"Content-Type": "application/merge-patch+json"}),
        await thief.delete(one),
    ]

    assert [answer.status_code for answer in answers] == [403] * 6


async def test_it_gives_itself_no_rights_and_takes_no_token_of_another(thief: httpx.AsyncClient) -> None:
    binding = {"metadata": {"name": "own"}, "roleRef": CLUSTER_ADMIN}

    answers = [
        await thief.post(group_path(RBAC, "v1", "clusterrolebindings"), json=binding),
        await thief.post(group_path(RBAC, "v1", "rolebindings", namespace="default"), json=binding),
        await thief.post(core_path("default", "serviceaccounts", "default") + "/token", json={"spec": {}}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 3


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", [ALL_SECRETS, core_path(NAMESPACE, "secrets"), core_path("default", "secrets", "one")])
async def test_our_own_code_does_not_even_ask_about_secrets_as_itself(world: World, method: str, path: str) -> None:
    trace = a_trace()

    with pytest.raises(OwnAccessError):
        await world.own_transport.send(KubeRequest(method, path), AsService(trace))  # type: ignore[arg-type]

    assert trace.upstream_calls == 0


@pytest.mark.parametrize(
    "headers", [AS_MASTER, AS_SERVICE_ACCOUNT, AS_NODE], ids=["masters", "service account", "node"]
)
async def test_under_constrained_it_passes_for_nobody_who_is_powerful_by_name(
    constrained_world: World, headers: dict[str, str]
) -> None:
    async with thief_of(constrained_world) as thief:
        answer = await thief.get(ALL_SECRETS, headers=headers)

    assert answer.status_code == 403
    assert "impersonate" in answer.json()["message"]


async def test_under_constrained_it_gives_no_rights_in_the_name_of_who_could(constrained_world: World) -> None:
    boss = f"boss-{token_hex(4)}"
    subjects = [{"apiGroup": RBAC, "kind": "User", "name": boss}]
    binding = {"metadata": {"name": boss}, "roleRef": CLUSTER_ADMIN, "subjects": subjects}
    bindings = group_path(RBAC, "v1", "clusterrolebindings")
    await constrained_world.admin.post(bindings, binding)

    async with thief_of(constrained_world) as thief:
        as_boss = {"Impersonate-User": boss}
        answers = [
            await thief.post(bindings, json={**binding, "metadata": {"name": "own"}}, headers=as_boss),
            await thief.post("/api/v1/namespaces", json={"metadata": {"name": "own"}}, headers=as_boss),
            await thief.get("/api/v1/namespaces/default/configmaps", headers=as_boss),
        ]
        of_secrets = await thief.get(ALL_SECRETS, headers=as_boss)

    assert [answer.status_code for answer in answers] == [403] * 3
    assert of_secrets.status_code == 200  # which is what the page says of a stolen token


async def test_under_classic_it_is_the_cluster_and_the_page_says_so(classic_world: World) -> None:
    page = (ROOT / "docs" / "how-to" / "run-on-your-cluster.md").read_text(encoding="utf-8")

    async with thief_of(classic_world) as thief:
        answer = await thief.get(ALL_SECRETS, headers=AS_MASTER)

    assert answer.status_code == 200
    assert "the cluster: it may act as anyone, system:masters included" in page
