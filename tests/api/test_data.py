"""Edit Secret: what a write of values expects, finds and answers, whatever the kind."""

from typing import Any

import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import LISTER, PATCHER, READER, People, Person, Project
from tests.support.secret import faults, made, made_elsewhere, refusal, replaced, revealed, stored


def content(**data: object) -> dict[str, Any]:
    return {"kind": "default", "data": data}


async def test_a_write_answers_with_the_versions_and_the_keys_it_changed(operator: Person, project: Project) -> None:
    created = await made(operator, project, content(a=canary(), b=canary()))
    response = await replaced(operator, project, content(a=canary(), c=canary()), created.headers["ETag"])
    read = await operator.get(f"{project.secrets}/demo")
    assert response.json() == {
        "etag": read.headers["ETag"],
        "previousEtag": created.headers["ETag"],
        "changedKeys": ["a", "b", "c"],
        "changes": response.json()["changes"],
        "warnings": [],
    }


async def test_a_write_needs_a_precondition(operator: Person, project: Project, admin: Admin) -> None:
    await made(operator, project, content(a=canary()))
    before = await stored(admin, project)
    path = f"{project.secrets}/demo"
    document = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: demo}}\nstringData: {{a: {canary()}}}\n"

    answers = [
        await operator.put(f"{path}/data", {"content": content()}, if_match=None),
        await operator.patch(f"{path}/data", {"set": {"a": "x"}}, if_match=None),
        await operator.patch(path, {"alias": "x"}, if_match=None),
        await operator.put_yaml(f"{path}/yaml", document, if_match=None),
        await operator.delete(path, if_match=None),
    ]

    assert [refusal(answer) for answer in answers] == [(428, "PRECONDITION_REQUIRED")] * 5
    assert await stored(admin, project) == before


async def test_a_write_at_an_older_version_is_refused(operator: Person, project: Project, admin: Admin) -> None:
    created = await made(operator, project, content(a=canary()))
    await replaced(operator, project, content(a=canary()))
    before = await stored(admin, project)
    path, old = f"{project.secrets}/demo", created.headers["ETag"]
    document = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: demo}}\nstringData: {{a: {canary()}}}\n"

    answers = [
        await operator.put(f"{path}/data", {"content": content()}, old),
        await operator.put(path, {"content": content()}, old),
        await operator.patch(f"{path}/data", {"set": {"a": "x"}}, old),
        await operator.patch(f"{path}/data", {"setIfAbsent": {"b": "x"}}, old),
        await operator.patch(path, {"alias": "x"}, old),
        await operator.put_yaml(f"{path}/yaml", document, old),
        await operator.delete(path, old),
    ]

    assert [refusal(answer) for answer in answers] == [(412, "PRECONDITION_FAILED")] * 7
    assert await stored(admin, project) == before


async def test_a_secret_made_anew_under_the_same_name_is_another(
    operator: Person, people: People, project: Project, admin: Admin
) -> None:
    created = await made(operator, project, content(a=canary()))
    await operator.delete(f"{project.secrets}/demo", created.headers["ETag"])
    await made(operator, project, content(a=canary()))
    before = await stored(admin, project)
    path, old = f"{project.secrets}/demo", created.headers["ETag"]

    answers = [
        await operator.put(f"{path}/data", {"content": content()}, old),
        await operator.patch(f"{path}/data", {"set": {"a": "x"}}, old),
        await operator.patch(path, {"alias": "x"}, old),
        await operator.delete(path, old),
        await people[PATCHER].patch(f"{path}/data", {"set": {"a": "x"}}, old),
        await people[PATCHER].patch(f"{path}/data", {"rename": {"a": "b"}}, old),
    ]

    assert [refusal(answer) for answer in answers] == [(412, "PRECONDITION_FAILED")] * 6
    assert await stored(admin, project) == before


@pytest.mark.parametrize(
    "tag", ['""', '"MTIz"', "MTIz", "", '"*"', '"MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwOjA"']
)
async def test_a_tag_that_is_none_of_ours_matches_nothing(operator: Person, project: Project, tag: str) -> None:
    await made(operator, project, content(a=canary()))
    response = await replaced(operator, project, content(), tag)
    assert refusal(response) == (412, "PRECONDITION_FAILED")


async def test_one_of_several_tags_is_enough_and_a_weak_one_counts(operator: Person, project: Project) -> None:
    created = await made(operator, project, content(a=canary()))
    response = await replaced(operator, project, content(), f'"MTIz", W/{created.headers["ETag"]}, "x"')
    assert (response.status_code, response.json()["changedKeys"]) == (200, ["a"])


async def test_whatever_is_there_is_written_over(operator: Person, project: Project, admin: Admin) -> None:
    created = await made(operator, project, content(a=canary()))
    await admin.merge(f"{project.kube_secrets}/demo", {"metadata": {"labels": {"other": "writer"}}})
    path = f"{project.secrets}/demo"

    answers = [
        await operator.put(f"{path}/data", {"content": content(a="x")}, "*"),
        await operator.put(path, {"content": content(a="y")}, "*"),
        await operator.patch(f"{path}/data", {"set": {"a": "z"}}, "*"),
        await operator.patch(path, {"alias": "x"}, "*"),
    ]

    etags = [created.headers["ETag"], *(answer.headers["ETag"] for answer in answers)]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len(set(etags)) == 5
    assert [answer.json()["previousEtag"] for answer in answers[1:]] == etags[1:-1]
    assert (await stored(admin, project)).data == {"a": b"z"}


async def test_who_may_only_patch_writes_at_the_version_that_is_expected(
    people: People, operator: Person, project: Project, admin: Admin
) -> None:
    created = await made(operator, project, content(a=canary()))
    patcher, path = people[PATCHER], f"{project.secrets}/demo/data"

    first = await patcher.patch(path, {"set": {"a": "x"}}, created.headers["ETag"])
    stale = await patcher.patch(path, {"set": {"a": "y"}}, created.headers["ETag"])

    assert first.status_code == 200
    assert refusal(stale) == (412, "PRECONDITION_FAILED")
    assert (await stored(admin, project)).data == {"a": b"x"}


async def test_an_edit_of_what_is_not_there_finds_nothing(operator: Person, project: Project) -> None:
    path = f"{project.secrets}/demo"
    document = "apiVersion: v1\nkind: Secret\nmetadata: {name: demo}\n"
    answers = [
        await operator.get(path),
        await operator.get(f"{path}/data"),
        await operator.get(f"{path}/data/a"),
        await operator.get(f"{path}/yaml"),
        await operator.put(f"{path}/data", {"content": content()}),
        await operator.put(path, {"content": content()}),
        await operator.patch(f"{path}/data", {"set": {"a": "x"}}),
        await operator.patch(f"{path}/data", {"rename": {"a": "b"}}),
        await operator.patch(path, {"alias": "x"}),
        await operator.put_yaml(f"{path}/yaml", document),
        await operator.delete(path),
        await operator.delete(f"{project.secrets}/No%20Name"),
    ]
    assert [refusal(answer) for answer in answers] == [(404, "SECRET_NOT_FOUND")] * 12


async def test_an_immutable_secret_keeps_its_values_and_its_mark(
    operator: Person, people: People, project: Project, admin: Admin
) -> None:
    value = canary()
    await made(operator, project, content(a=value), immutable=True)
    before = await stored(admin, project)
    path = f"{project.secrets}/demo"
    document = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: demo}}\nimmutable: {{}}\nstringData: {{a: {value}}}\n"

    answers = [
        await operator.put(f"{path}/data", {"content": content(a="x")}),
        await operator.put(path, {"content": content(a="x")}),
        await operator.put(path, {"content": content(a=value), "immutable": False}),
        await operator.patch(f"{path}/data", {"set": {"a": "x"}}),
        await operator.patch(f"{path}/data", {"rename": {"a": "b"}}),
        await people[PATCHER].patch(f"{path}/data", {"remove": ["a"]}),
        await operator.put_yaml(f"{path}/yaml", document.replace(value, "x").replace("{}", "true")),
        await operator.put_yaml(f"{path}/yaml", document.replace("{}", "false")),
    ]

    assert [refusal(answer) for answer in answers] == [(409, "IMMUTABLE")] * 8
    assert await stored(admin, project) == before


async def test_of_an_immutable_secret_the_information_can_be_changed_and_it_can_be_deleted(
    operator: Person, project: Project
) -> None:
    created = await made(operator, project, content(a=canary()), immutable=True)
    detail = created.json()
    same = await replaced(operator, project, await revealed(operator, project))
    edited = await operator.patch(f"{project.secrets}/demo", {"alias": "Demo", "labels": {"app": "demo"}})
    deleted = await operator.delete(f"{project.secrets}/demo", edited.headers["ETag"])
    assert (detail["immutable"], detail["allowedActions"]) == (
        True,
        ["view", "reveal", "updateInfo", "updateYaml", "restore", "newVersion", "delete"],
    )
    assert [answer.status_code for answer in (same, edited, deleted)] == [200, 200, 200]
    assert same.headers["ETag"] == created.headers["ETag"]


async def test_who_may_not_read_cannot_replace_and_who_may_not_patch_cannot_either(
    people: People, operator: Person, project: Project, admin: Admin
) -> None:
    await made(operator, project, content(a=canary()))
    before = await stored(admin, project)
    answers = [await replaced(people[name], project, content()) for name in (LISTER, PATCHER, READER)]
    assert [refusal(answer) for answer in answers] == [(403, "FORBIDDEN")] * 3
    assert await stored(admin, project) == before


async def test_a_finalizer_an_owner_and_what_others_wrote_stay(
    operator: Person, project: Project, admin: Admin
) -> None:
    owner = await admin.post(f"/api/v1/namespaces/{project.name}/configmaps", {"metadata": {"name": "owner"}})
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    others: dict[str, Any] = {
        "finalizers": ["example.com/hold"],
        "ownerReferences": [reference],
        "labels": {"theirs": "x"},
        "annotations": {"example.com/theirs": "x"},
    }
    before = await made_elsewhere(admin, project, {"a": canary()}, **others)

    await replaced(operator, project, content(b="x"))
    await operator.patch(f"{project.secrets}/demo/data", {"set": {"c": "y"}})

    after = (await stored(admin, project)).object["metadata"]
    kept = ("finalizers", "ownerReferences", "labels", "annotations", "uid", "creationTimestamp")
    assert {name: after[name] for name in kept} == {name: before.object["metadata"][name] for name in kept}
    await admin.merge(f"{project.kube_secrets}/demo", {"metadata": {"finalizers": None}})


_REFUSED: dict[str, tuple[Any, dict[str, str]]] = {
    "no content": ({}, {"/content": "REQUIRED"}),
    "a null content": ({"content": None}, {"/content": "NULL_NOT_ALLOWED"}),
    "no object": ([], {"": "WRONG_TYPE"}),
    "another kind of object": ({"content": "default"}, {"/content": "WRONG_TYPE"}),
    "no kind": ({"content": {"kind": "opaque", "data": {}}}, {"/content/kind": "INVALID_VALUE"}),
    "more than the content": ({"content": content(), "alias": "x"}, {"/alias": "UNKNOWN_FIELD"}),
    "a bad key": ({"content": content(**{"a b": ""})}, {"/content/data/a b": "KEY_INVALID"}),
}


@pytest.mark.parametrize(("body", "expected"), _REFUSED.values(), ids=_REFUSED)
async def test_what_is_no_content_is_refused_with_its_place(
    operator: Person, project: Project, body: Any, expected: dict[str, str]
) -> None:
    await made(operator, project, content(a=canary()))
    response = await operator.put(f"{project.secrets}/demo/data", body)
    assert response.status_code == 422
    assert faults(response) == expected
