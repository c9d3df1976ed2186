"""Secrets that a controller keeps: told in details and lists, and written only by who insists."""

from typing import Any, Final

import httpx
import pytest

from app.domain.errors import ManagedByControllerError
from tests.api.attempt import touched
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import PATCHER, People, Person, Project
from tests.support.problem import provokes
from tests.support.secret import NAME, Stored, faults, made, made_elsewhere, refusal, revealed, stored

OWNER: Final = {
    "apiVersion": "external-secrets.io/v1",
    "kind": "ExternalSecret",
    "name": "db",
    "uid": "0b5b0e6c-7e4c-4f5e-9d3a-2f6f0c9a1d11",
    "controller": True,
}
KEPT: Final[dict[str, dict[str, Any]]] = {
    "external-secrets": {"ownerReferences": [OWNER], "labels": {"reconcile.external-secrets.io/managed": "true"}},
    "sealed-secrets": {"annotations": {"sealedsecrets.bitnami.com/managed": "true"}},
    "cert-manager": {"annotations": {"cert-manager.io/certificate-name": "web"}},
    "flux": {
        "labels": {"kustomize.toolkit.fluxcd.io/name": "shop", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
    },
    "reflector": {"annotations": {"reflector.v1.k8s.emberstack.com/reflects": "source/demo"}},
    "helm": {
        "labels": {"app.kubernetes.io/managed-by": "Helm"},
        "annotations": {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "apps"},
    },
    "kubefed": {"labels": {"kubefed.io/managed": "true"}},
    "other": {"ownerReferences": [OWNER | {"apiVersion": "example.com/v1", "kind": "Vault"}]},
}
WRITES: Final = ["info", "keys", "data", "replace", "yaml", "delete"]


async def kept(admin: Admin, project: Project, controller: str, name: str = NAME) -> Stored:
    """A Secret that bears the marks of a controller."""
    return await made_elsewhere(admin, project, {"password": canary()}, name=name, **KEPT[controller])


async def write(person: Person, project: Project, how: str, query: str = "") -> httpx.Response:
    """A write that would change something."""
    path = f"{project.secrets}/{NAME}"
    content = {"content": {"kind": "default", "data": {"password": canary()}}}
    document = f"{{apiVersion: v1, kind: Secret, metadata: {{name: {NAME}}}, stringData: {{password: {canary()}}}}}"
    match how:
        case "info":
            return await person.patch(f"{path}{query}", {"alias": "Mine"})
        case "keys":
            return await person.patch(f"{path}/data{query}", {"set": {"password": canary()}})
        case "data":
            return await person.put(f"{path}/data{query}", content)
        case "replace":
            return await person.put(f"{path}{query}", content, if_match=None)
        case "yaml":
            return await person.put_yaml(f"{path}/yaml{query}", document)
        case _:
            return await person.delete(f"{path}{query}")


async def test_a_secret_that_people_keep_says_so(operator: Person, project: Project) -> None:
    created = await made(operator, project, {"kind": "default", "data": {}})
    detail = await operator.get(f"{project.secrets}/{NAME}")
    listed = await operator.get(project.secrets)

    assert created.json()["managedBy"] is None
    assert detail.json()["managedBy"] is None
    assert listed.json()["items"][0]["managedBy"] is None


async def test_the_detail_says_who_keeps_it_where_to_go_and_what_becomes_of_an_edit(
    operator: Person, project: Project, admin: Admin
) -> None:
    await kept(admin, project, "external-secrets")

    detail = (await operator.get(f"{project.secrets}/{NAME}")).json()

    assert detail["managedBy"] == {
        "controller": "external-secrets",
        "source": "ExternalSecret db",
        "editAt": "Change the ExternalSecret db, or the value in the store that it reads.",
        "reverts": "yes",
    }
    assert "updateData" in detail["allowedActions"]


async def test_a_list_tells_each_controller_and_shows_what_one_of_them_keeps(
    operator: Person, project: Project, admin: Admin
) -> None:
    for controller in KEPT:
        await kept(admin, project, controller, f"of-{controller}")
    await made_elsewhere(admin, project, {}, name="of-nobody")

    everything = (await operator.get(f"{project.secrets}?limit=50")).json()["items"]
    shown = {
        controller: [item["name"] for item in (await by(operator, project, controller)).json()["items"]]
        for controller in KEPT
    }

    told = {item["name"]: item["managedBy"] and item["managedBy"]["controller"] for item in everything}
    assert told == {f"of-{controller}": controller for controller in KEPT} | {"of-nobody": None}
    assert shown == {controller: [f"of-{controller}"] for controller in KEPT}


async def by(person: Person, project: Project, controller: str) -> httpx.Response:
    """What one controller keeps."""
    return await person.get(project.secrets, params={"managedBy": controller})


async def test_there_is_no_controller_of_another_name(operator: Person, project: Project) -> None:
    assert faults(await by(operator, project, "robot")) == {"?managedBy": "INVALID_VALUE"}


async def test_who_applied_the_values_keeps_them(operator: Person, project: Project, admin: Admin) -> None:
    """Server-side apply leaves no mark but the manager's name in the managed fields."""
    await admin.apply(f"{project.kube_secrets}/{NAME}", {"stringData": {"password": canary()}}, "argocd-controller")

    detail = (await operator.get(f"{project.secrets}/{NAME}")).json()["managedBy"]

    assert (detail["controller"], detail["source"], detail["reverts"]) == ("argo-cd", "", "maybe")


@pytest.mark.parametrize("controller", KEPT)
@pytest.mark.parametrize("how", WRITES)
@provokes(ManagedByControllerError, 409)
async def test_what_a_controller_keeps_is_written_in_no_way(
    operator: Person, project: Project, admin: Admin, controller: str, how: str
) -> httpx.Response:
    before = await kept(admin, project, controller)

    response = await write(operator, project, how, "?override=readOnly,inUse")

    assert await stored(admin, project) == before
    return response


async def test_the_refusal_says_where_to_go_and_what_would_become_of_it(
    operator: Person, project: Project, admin: Admin
) -> None:
    await kept(admin, project, "external-secrets")

    detail = (await write(operator, project, "keys")).json()["detail"]

    assert detail == (
        "Change the ExternalSecret db, or the value in the store that it reads. "
        "?override=managed sets this aside; what is written is set back then."
    )


@pytest.mark.parametrize("how", WRITES)
async def test_who_insists_may_write(operator: Person, project: Project, admin: Admin, how: str) -> None:
    before = await kept(admin, project, "helm")

    response = await write(operator, project, how, "?override=managed")

    assert response.status_code == 200
    assert response.json()["previousEtag"]
    assert await admin.exists(f"{project.kube_secrets}/{NAME}") is (how != "delete")
    assert before.labels == {"app.kubernetes.io/managed-by": "Helm"}


async def test_it_holds_for_who_may_patch_and_not_read(people: People, project: Project, admin: Admin) -> None:
    before = await kept(admin, project, "external-secrets")

    info = await write(people[PATCHER], project, "info")
    keys = await write(people[PATCHER], project, "keys")

    assert refusal(info) == refusal(keys) == (409, "MANAGED_BY_CONTROLLER")
    assert await stored(admin, project) == before
    assert (await write(people[PATCHER], project, "keys", "?override=managed")).status_code == 200


async def test_an_edit_that_changes_nothing_is_no_write(operator: Person, project: Project, admin: Admin) -> None:
    before = await kept(admin, project, "external-secrets")

    same = await operator.put(f"{project.secrets}/{NAME}/data", {"content": await revealed(operator, project)})

    assert (same.status_code, same.json()["changedKeys"]) == (200, [])
    assert await stored(admin, project) == before


@pytest.mark.parametrize("query", ["?dryRun=false", "?dryRun=true"])
async def test_an_earlier_version_is_put_back_only_by_who_insists(
    operator: Person, project: Project, admin: Admin, query: str
) -> None:
    await kept(admin, project, "sealed-secrets")
    earlier = await touched(admin, project, NAME)
    before = await stored(admin, project)
    path = f"{project.secrets}/{NAME}/restore"

    async def restored(override: str) -> httpx.Response:
        return await operator.request("POST", f"{path}{override}", json={"etag": earlier}, headers={"If-Match": "*"})

    refused = await restored(query)
    unchanged = await stored(admin, project)
    insisted = await restored(f"{query}&override=managed")

    assert refusal(refused) == (409, "MANAGED_BY_CONTROLLER")
    assert unchanged == before
    assert insisted.status_code == 200
