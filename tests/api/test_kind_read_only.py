"""Secrets that their writers keep consistent: Helm releases and tokens of service accounts, read-only unless told."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.support.canary import canary
from tests.support.cluster import Admin, Cluster
from tests.support.people import PATCHER, People, Person, Project
from tests.support.secret import Stored, faults, made, made_elsewhere, refusal, replaced, revealed, stored
from tests.support.service import running_service

HELM = "helm.sh/release.v1"
TOKEN = "kubernetes.io/service-account-token"
ACCOUNT = "builder"
ALLOWING_TOKENS = {"SECRETSPACE_SECRETS__ALLOW_SERVICE_ACCOUNT_TOKENS": "true"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def minter(cluster: Cluster, people: People, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    """The operator, at a service whose operator allows tokens."""
    operator = people["operator"]
    folder = tmp_path_factory.mktemp("minting")
    with running_service(cluster.home.service_kubeconfig, folder, ALLOWING_TOKENS) as service:
        headers = {"Authorization": operator.client.headers["Authorization"]}
        async with httpx.AsyncClient(base_url=service.url, headers=headers, trust_env=False, timeout=35) as client:
            yield Person(operator.name, client)


@pytest_asyncio.fixture
async def release(admin: Admin, project: Project) -> Stored:
    """A Helm release."""
    return await made_elsewhere(admin, project, {"release": canary()}, HELM, labels={"owner": "helm"})


@pytest_asyncio.fixture
async def account(admin: Admin, project: Project) -> str:
    """A service account of the project."""
    await admin.post(f"/api/v1/namespaces/{project.name}/serviceaccounts", {"metadata": {"name": ACCOUNT}})
    return ACCOUNT


async def writes(person: Person, project: Project, query: str = "") -> list[httpx.Response]:
    """Every way to change the release, one after the other."""
    path = f"{project.secrets}/demo"
    content = {"kind": "custom", "type": HELM, "data": {"release": canary()}}
    document = (
        f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: demo\ntype: {HELM}\nstringData:\n  release: {canary()}\n"
    )
    headers = {"If-Match": "*", "Content-Type": "application/yaml"}
    return [
        await person.patch(f"{path}{query}", {"labels": {"app": "demo"}}),
        await person.patch(f"{path}/data{query}", {"set": {"release": canary()}}),
        await person.put(f"{path}/data{query}", {"content": content}),
        await person.put(f"{path}{query}", {"content": {**content, "data": {"release": canary()}}}),
        await person.request("PUT", f"{path}/yaml{query}", content=document, headers=headers),
        await person.delete(f"{path}{query}"),
    ]


async def test_a_helm_release_is_read_like_any_other_secret(
    operator: Person, project: Project, release: Stored
) -> None:
    detail = (await operator.get(f"{project.secrets}/demo")).json()
    assert (detail["kind"], detail["type"]) == ("custom", HELM)
    assert detail["allowedActions"] == ["view", "reveal"]
    assert (await revealed(operator, project))["data"] == {"release": {"text": release.data["release"].decode()}}


async def test_a_helm_release_is_changed_in_no_way(
    operator: Person, project: Project, admin: Admin, release: Stored
) -> None:
    answers = await writes(operator, project)
    assert [refusal(answer) for answer in answers] == [(409, "READ_ONLY")] * 6
    assert await stored(admin, project) == release


async def test_who_may_only_patch_is_refused_as_well(
    people: People, project: Project, admin: Admin, release: Stored
) -> None:
    response = await people[PATCHER].patch(f"{project.secrets}/demo/data", {"set": {"release": canary()}})
    assert refusal(response) == (409, "READ_ONLY")
    assert await stored(admin, project) == release


async def test_an_edit_that_changes_nothing_is_no_change(
    operator: Person, project: Project, admin: Admin, release: Stored
) -> None:
    response = await replaced(operator, project, await revealed(operator, project))
    assert (response.status_code, response.json()["changedKeys"]) == (200, [])
    assert await stored(admin, project) == release


@pytest.mark.parametrize("query", ["?override=readOnly", "?override=inUse,readOnly,managed"])
async def test_the_guard_can_be_set_aside(
    operator: Person, project: Project, admin: Admin, release: Stored, query: str
) -> None:
    answers = await writes(operator, project, query)
    assert [answer.status_code for answer in answers] == [200] * 6
    assert not await admin.exists(f"{project.kube_secrets}/demo")


@pytest.mark.parametrize("query", ["?override=inUse", "?override=managed"])
async def test_other_overrides_do_not_set_it_aside(
    operator: Person, project: Project, release: Stored, query: str
) -> None:
    answers = await writes(operator, project, query)
    assert {refusal(answer) for answer in answers} == {(409, "READ_ONLY")}


@pytest.mark.parametrize("query", ["?override=", "?override=everything", "?override=readOnly,x", "?override=READONLY"])
async def test_an_override_that_does_not_exist_is_refused(
    operator: Person, project: Project, admin: Admin, release: Stored, query: str
) -> None:
    answers = await writes(operator, project, query)
    assert [faults(answer) for answer in answers] == [{"?override": "INVALID_VALUE"}] * 6
    assert await stored(admin, project) == release


async def test_tokens_are_not_minted_unless_the_operator_allows_it(
    operator: Person, project: Project, admin: Admin, account: str
) -> None:
    body = {"name": "demo", "content": {"kind": "service-account-token", "serviceAccount": account}}
    answers = [
        await operator.post(project.secrets, body),
        await operator.post(f"{project.secrets}?dryRun=true", body),
        await operator.put(f"{project.secrets}/demo", body, if_match=None),
    ]
    assert [faults(answer) for answer in answers] == [{"/content/kind": "KIND_DISABLED"}] * 3
    assert not await admin.exists(f"{project.kube_secrets}/demo")


async def test_where_it_is_allowed_the_cluster_fills_in_the_token(
    minter: Person, project: Project, admin: Admin, account: str
) -> None:
    created = await made(minter, project, {"kind": "service-account-token", "serviceAccount": account})

    filled = await until_filled(admin, project)
    shown = await revealed(minter, project)

    assert (created.json()["kind"], created.json()["type"]) == ("service-account-token", TOKEN)
    assert filled.annotations["kubernetes.io/service-account.name"] == account
    assert (shown["kind"], shown["serviceAccount"]) == ("service-account-token", account)
    assert shown["extra"].keys() == {"ca.crt", "namespace", "token"}
    assert shown["extra"]["token"] == {"text": filled.data["token"].decode()}


async def test_a_token_is_read_only_and_can_be_deleted_when_told(
    minter: Person, project: Project, admin: Admin, account: str
) -> None:
    await made(minter, project, {"kind": "service-account-token", "serviceAccount": account})
    filled = await until_filled(admin, project)
    token = await revealed(minter, project)

    same = await replaced(minter, project, token)
    other = await replaced(minter, project, token | {"extra": {}})
    kept = await minter.delete(f"{project.secrets}/demo")
    after = await stored(admin, project)
    gone = await minter.delete(f"{project.secrets}/demo?override=readOnly")

    assert (same.status_code, same.json()["changedKeys"]) == (200, [])
    assert refusal(other) == refusal(kept) == (409, "READ_ONLY")
    assert after == filled
    assert gone.status_code == 200


async def test_a_token_stays_that_of_its_service_account(
    minter: Person, project: Project, admin: Admin, account: str
) -> None:
    await made(minter, project, {"kind": "service-account-token", "serviceAccount": account})
    filled = await until_filled(admin, project)
    content = {"kind": "service-account-token", "serviceAccount": "default"}

    edit = await minter.put(f"{project.secrets}/demo/data?override=readOnly", {"content": content})
    upsert = await minter.put(f"{project.secrets}/demo?override=readOnly", {"content": content})

    assert faults(edit) == faults(upsert) == {"/content/serviceAccount": "SERVICE_ACCOUNT_IMMUTABLE"}
    assert await stored(admin, project) == filled


_NO_ACCOUNTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "none": ({}, {"/content/serviceAccount": "REQUIRED"}),
    "no name": ({"serviceAccount": "No Name"}, {"/content/serviceAccount": "NAME_INVALID"}),
    "empty": ({"serviceAccount": ""}, {"/content/serviceAccount": "NAME_INVALID"}),
}


@pytest.mark.parametrize(("fields", "expected"), _NO_ACCOUNTS.values(), ids=_NO_ACCOUNTS)
async def test_what_is_no_service_account_is_refused(
    minter: Person, project: Project, fields: dict[str, Any], expected: dict[str, str]
) -> None:
    response = await minter.post(
        project.secrets, {"name": "demo", "content": {"kind": "service-account-token", **fields}}
    )
    assert faults(response) == expected


async def until_filled(admin: Admin, project: Project) -> Stored:
    """The token, once the cluster's own controller has made it."""
    async with asyncio.timeout(20):
        while "token" not in (found := await stored(admin, project)).data:
            await asyncio.sleep(0.05)
    return found
