"""Upsert: one PUT by which a script makes sure that a Secret is there as it wants it."""

from typing import Any

import httpx
import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import faults, made, made_elsewhere, refusal, revealed, stored

CREATOR = "kubesphere.io/creator"


def content(**data: object) -> dict[str, Any]:
    return {"kind": "default", "data": data}


async def put(person: Person, project: Project, body: object, **headers: str) -> httpx.Response:
    """The answer to an upsert with these headers; `_` stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await person.request("PUT", f"{project.secrets}/demo", json=body, headers=named)


async def test_what_is_not_there_is_created(operator: Person, project: Project, admin: Admin) -> None:
    value = canary()
    response = await put(operator, project, {"content": content(k=value), "alias": "Demo", "labels": {"app": "demo"}})
    detail = await operator.get(f"{project.secrets}/demo")
    there = await stored(admin, project)
    assert response.status_code == 201
    assert response.json().items() >= (detail.json() | {"warnings": []}).items()
    assert response.json()["changes"]["data"]["added"] == ["k"]
    assert response.headers["Location"] == f"{project.secrets}/demo"
    assert response.headers["ETag"] == detail.headers["ETag"]
    assert (there.data, there.labels, there.annotations[CREATOR]) == (
        {"k": value.encode()},
        {"app": "demo"},
        operator.username,
    )


async def test_what_is_there_is_replaced(operator: Person, project: Project, admin: Admin) -> None:
    created = await made(operator, project, content(a=canary(), b=canary()))
    new = canary()
    response = await put(operator, project, {"name": "demo", "content": content(b=new), "description": "second"})
    assert response.status_code == 200
    assert response.json() == {
        "etag": response.headers["ETag"],
        "previousEtag": created.headers["ETag"],
        "changedKeys": ["a", "b"],
        "changes": {
            "data": {"added": [], "changed": ["b"], "removed": ["a"], "same": []},
            "labels": {"added": [], "changed": [], "removed": [], "same": []},
            "annotations": {"added": [], "changed": [], "removed": [], "same": [CREATOR]},
            "alias": "same",
            "description": "added",
            "immutable": "same",
        },
        "warnings": [],
    }
    there = await stored(admin, project)
    assert (there.data, there.annotations["kubesphere.io/description"]) == ({"b": new.encode()}, "second")


async def test_only_create_does_so_once(operator: Person, project: Project, admin: Admin) -> None:
    first = await put(operator, project, {"content": content(k=canary())}, If_None_Match="*")
    before = await stored(admin, project)
    second = await put(operator, project, {"content": content(k=canary())}, If_None_Match="*")
    assert first.status_code == 201
    assert refusal(second) == (412, "PRECONDITION_FAILED")
    assert await stored(admin, project) == before


async def test_only_replace_makes_nothing(operator: Person, project: Project, admin: Admin) -> None:
    anything = await put(operator, project, {"content": content()}, If_Match="*")
    created = await made(operator, project, content(k=canary()))
    await operator.delete(f"{project.secrets}/demo")
    version = await put(operator, project, {"content": content()}, If_Match=created.headers["ETag"])
    assert refusal(anything) == refusal(version) == (404, "SECRET_NOT_FOUND")
    assert not await admin.exists(f"{project.kube_secrets}/demo")


async def test_only_replace_does_so_at_the_version_that_is_expected(operator: Person, project: Project) -> None:
    created = await made(operator, project, content(k=canary()))
    fresh = await put(operator, project, {"content": content(k="x")}, If_Match=created.headers["ETag"])
    stale = await put(operator, project, {"content": content(k="y")}, If_Match=created.headers["ETag"])
    assert fresh.status_code == 200
    assert refusal(stale) == (412, "PRECONDITION_FAILED")


async def test_nothing_is_both_there_and_not_there(operator: Person, project: Project, admin: Admin) -> None:
    absent = await put(operator, project, {"content": content()}, If_Match="*", If_None_Match="*")
    created = await made(operator, project, content(k=canary()))
    there = await put(operator, project, {"content": content()}, If_Match=created.headers["ETag"], If_None_Match="*")
    assert refusal(absent) == refusal(there) == (412, "PRECONDITION_FAILED")
    assert (await stored(admin, project)).data.keys() == {"k"}


async def test_other_tags_than_a_star_are_not_taken_for_only_create(operator: Person, project: Project) -> None:
    response = await put(operator, project, {"content": content()}, If_None_Match='"MTIz"')
    assert faults(response) == {"header:If-None-Match": "INVALID_VALUE"}


async def test_equal_content_writes_nothing(operator: Person, project: Project, admin: Admin) -> None:
    body = {
        "alias": "Demo",
        "labels": {"app": "demo"},
        "annotations": {"note": "x"},
        "immutable": False,
        "content": content(k=canary()),
    }
    first = await put(operator, project, body)
    before = await stored(admin, project)
    again = await put(operator, project, body)
    less = await put(operator, project, {"content": body["content"]}, If_Match=first.headers["ETag"])
    assert [again.status_code, less.status_code] == [200, 200]
    assert again.json()["changedKeys"] == less.json()["changedKeys"] == []
    assert again.headers["ETag"] == less.headers["ETag"] == first.headers["ETag"]
    assert await stored(admin, project) == before


async def test_what_the_body_does_not_name_stays(operator: Person, project: Project, admin: Admin) -> None:
    owner = await admin.post(f"/api/v1/namespaces/{project.name}/configmaps", {"metadata": {"name": "owner"}})
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    theirs = {"theirs": "x", "shared": "before"}
    hidden = {"kubectl.kubernetes.io/last-applied-configuration": canary()}
    before = await made_elsewhere(
        admin,
        project,
        {"k": canary()},
        labels=theirs,
        annotations={**theirs, **hidden, CREATOR: "somebody", "kubesphere.io/alias-name": "Kept"},
        finalizers=["example.com/hold"],
        ownerReferences=[reference],
    )

    await put(operator, project, {"content": content(k="x"), "labels": {"shared": "y"}, "annotations": {"shared": "z"}})

    after = await stored(admin, project)
    kept = ("finalizers", "ownerReferences", "uid", "creationTimestamp")
    assert {name: after.object["metadata"][name] for name in kept} == {
        name: before.object["metadata"][name] for name in kept
    }
    assert after.labels == {"theirs": "x", "shared": "y"}
    assert after.annotations == {**before.annotations, "shared": "z"}
    await admin.merge(f"{project.kube_secrets}/demo", {"metadata": {"finalizers": None}})


async def test_a_secret_becomes_immutable_when_asked(operator: Person, project: Project, admin: Admin) -> None:
    value = canary()
    await made(operator, project, content(k=value))
    await put(operator, project, {"content": content(k=value), "immutable": True})
    later = await put(operator, project, {"content": content(k=value), "labels": {"app": "demo"}})
    assert (await stored(admin, project)).object["immutable"] is True
    assert later.status_code == 200


async def test_raw_content_replaces_and_never_creates(operator: Person, project: Project, admin: Admin) -> None:
    raw = {"kind": "raw", "type": "Opaque", "data": {"k": "x"}}
    absent = await put(operator, project, {"content": raw})
    await made(operator, project, content(k=canary()))
    there = await put(operator, project, {"content": raw})
    other = await put(operator, project, {"content": raw | {"type": "example.com/x"}})
    assert faults(absent) == {"/content/kind": "INVALID_VALUE"}
    assert there.json()["changedKeys"] == ["k"]
    assert faults(other) == {"/content/type": "TYPE_IMMUTABLE"}
    assert (await stored(admin, project)).data == {"k": b"x"}


async def test_a_registry_needs_its_password_only_where_none_is_stored(operator: Person, project: Project) -> None:
    registry = {"server": "registry.example.com", "username": "robot"}
    body = {"content": {"kind": "image-registry", "registries": [registry]}}
    absent = await put(operator, project, body)
    password = canary()
    await made(operator, project, {"kind": "image-registry", "registries": [registry | {"password": password}]})
    there = await put(operator, project, body)
    assert faults(absent) == {"/content/registries/0/password": "REGISTRY_PASSWORD_REQUIRED"}
    assert there.json()["changedKeys"] == []
    assert (await revealed(operator, project))["registries"][0]["password"] == password


@pytest.mark.parametrize("name", ["Demo", "a_b", "-a", "a" * 254])
async def test_a_name_that_no_secret_can_have_is_refused(operator: Person, project: Project, name: str) -> None:
    response = await operator.put(f"{project.secrets}/{name}", {"content": content()}, if_match=None)
    assert response.status_code == 422
    assert faults(response) == {"path:name": "NAME_INVALID"}


_REFUSED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "another name": ({"name": "other", "content": content()}, {"/name": "NAME_MISMATCH"}),
    "no content": ({"alias": "x"}, {"/content": "REQUIRED"}),
    "the creator": (
        {"annotations": {CREATOR: "me"}, "content": content()},
        {"/annotations/kubesphere.io~1creator": "RESERVED_ANNOTATION"},
    ),
    "an edit": ({"labels": {"a": None}, "content": content()}, {"/labels/a": "NULL_NOT_ALLOWED"}),
}


@pytest.mark.parametrize(("body", "expected"), _REFUSED.values(), ids=_REFUSED)
@pytest.mark.parametrize("there", [True, False])
async def test_what_is_no_secret_is_refused_with_its_place(
    operator: Person, project: Project, there: bool, body: dict[str, Any], expected: dict[str, str]
) -> None:
    name = "demo" if there else "elsewhere"
    await made(operator, project, content(), name)
    response = await put(operator, project, body)
    assert response.status_code == 422
    assert faults(response) == expected
