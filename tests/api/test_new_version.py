"""Successors of immutable Secrets: a new one beside the old, named by its content as kubectl would name it."""

from typing import Any, Final

import httpx
import pytest

from app.domain.successor import content_hash
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import LISTER, NOBODY, PATCHER, READER, People, Person, Project
from tests.support.secret import NAME, Stored, faults, made, made_elsewhere, refusal, revealed, stored

OWNER: Final = {
    "apiVersion": "external-secrets.io/v1",
    "kind": "ExternalSecret",
    "name": "db",
    "uid": "0b5b0e6c-7e4c-4f5e-9d3a-2f6f0c9a1d11",
    "controller": True,
}
PREVIOUS: Final = "secretspace.io/previous-version"


def key_edit(**change: object) -> dict[str, Any]:
    """An edit of single keys, as a body has it."""
    return {"edit": {"operation": "patchSecretData", **change}}


async def succeeded(
    person: Person, project: Project, body: object, name: str = NAME, query: str = ""
) -> httpx.Response:
    """The answer to who asks for a successor."""
    return await person.post(f"{project.secrets}/{name}/new-version{query}", body)


async def old(admin: Admin, project: Project, **fields: Any) -> Stored:
    """An immutable Secret, with all that others leave on one."""
    more: dict[str, Any] = {
        "labels": {"app": "demo"},
        "annotations": {"example.com/note": "x"},
        "immutable": True,
    } | fields
    return await made_elsewhere(admin, project, {"username": canary(), "password": canary()}, **more)


async def test_the_successor_is_the_old_one_but_for_the_edit(operator: Person, project: Project, admin: Admin) -> None:
    before = await old(admin, project, ownerReferences=[OWNER | {"controller": False}])
    password = canary()

    response = await succeeded(operator, project, key_edit(set={"password": password}))

    data = before.data | {"password": password.encode()}
    name = f"{NAME}-{content_hash(NAME, 'Opaque', data, immutable=True)}"
    after = await stored(admin, project, name)
    assert response.status_code == 201
    assert response.headers["Location"] == f"{project.secrets}/{name}"
    assert response.headers["ETag"] == response.json()["etag"]
    assert (after.data, after.type, after.object["immutable"]) == (data, "Opaque", True)
    assert after.labels == {"app": "demo"}
    assert after.annotations == {
        "example.com/note": "x",
        "kubesphere.io/creator": operator.username,
        PREVIOUS: NAME,
    }
    assert "ownerReferences" not in after.object["metadata"]
    assert await stored(admin, project) == before


async def test_the_answer_tells_what_differs_and_no_value(operator: Person, project: Project, admin: Admin) -> None:
    await old(admin, project)

    body = (await succeeded(operator, project, key_edit(set={"password": f"{canary()}\n"}, remove=["username"]))).json()

    assert body["changes"]["data"] == {"added": [], "changed": ["password"], "removed": ["username"], "same": []}
    assert [(each["pointer"], each["code"]) for each in body["warnings"]] == [
        ("/edit/set/password", "TRAILING_NEWLINE")
    ]
    assert body["immutable"]


async def test_a_dry_run_makes_nothing(operator: Person, project: Project, admin: Admin) -> None:
    await old(admin, project)

    response = await succeeded(operator, project, key_edit(set={"password": canary()}), query="?dryRun=true")

    assert (response.status_code, response.json()["etag"]) == (200, "")
    assert "Location" not in response.headers
    assert not await admin.exists(f"{project.kube_secrets}/{response.json()['name']}")


async def test_a_second_try_makes_no_second_secret(operator: Person, project: Project, admin: Admin) -> None:
    await old(admin, project)
    edit = key_edit(set={"password": canary()})

    first = await succeeded(operator, project, edit)
    second = await succeeded(operator, project, edit)

    assert first.status_code == 201
    assert refusal(second) == (409, "ALREADY_EXISTS")


async def test_versions_follow_each_other_under_one_name(operator: Person, project: Project, admin: Admin) -> None:
    await old(admin, project)
    first = (await succeeded(operator, project, key_edit(set={"password": canary()}))).json()["name"]

    second = (await succeeded(operator, project, key_edit(set={"password": canary()}), first)).json()["name"]

    assert first != second
    assert (first.rpartition("-")[0], second.rpartition("-")[0]) == (NAME, NAME)
    assert (await stored(admin, project, second)).annotations[PREVIOUS] == first


async def test_the_edit_may_be_any_that_a_diff_takes(operator: Person, project: Project) -> None:
    await made(operator, project, {"kind": "default", "data": {"a": canary()}}, immutable=True)
    content = {"kind": "default", "data": {"b": canary()}}
    document = f"{{apiVersion: v1, kind: Secret, metadata: {{name: {NAME}}}, stringData: {{c: {canary()}}}}}"
    yaml = {"Content-Type": "application/yaml"}

    answers = [
        await succeeded(operator, project, {"edit": {"operation": "replaceSecretData", "content": content}}),
        await succeeded(operator, project, {"edit": {"operation": "updateSecretInfo", "labels": {"tier": "a"}}}),
        await succeeded(operator, project, key_edit(rename={"a": "d"})),
        await operator.request("POST", f"{project.secrets}/{NAME}/new-version", content=document, headers=yaml),
    ]

    assert [answer.status_code for answer in answers] == [201] * 4
    assert [[key["name"] for key in answer.json()["keys"]] for answer in answers] == [["b"], ["a"], ["d"], ["c"]]
    assert answers[1].json()["labels"] == {"tier": "a"}


async def test_a_secret_that_is_not_immutable_has_one_that_is_not(
    operator: Person, project: Project, admin: Admin
) -> None:
    await made(operator, project, {"kind": "default", "data": {"a": canary()}})

    name = (await succeeded(operator, project, key_edit(set={"a": canary()}))).json()["name"]

    assert "immutable" not in (await stored(admin, project, name)).object
    assert (await revealed(operator, project, name))["data"].keys() == {"a"}


async def test_an_edit_that_does_not_fit_is_refused(operator: Person, project: Project, admin: Admin) -> None:
    await old(admin, project)
    other = {"edit": {"operation": "replaceSecretData", "content": {"kind": "ssh-auth", "privateKey": "x"}}}

    assert refusal(await succeeded(operator, project, key_edit(rename={"absent": "x"}))) == (
        409,
        "PATCH_NOT_APPLICABLE",
    )
    assert faults(await succeeded(operator, project, other)) == {"/edit/content/kind": "TYPE_IMMUTABLE"}
    assert faults(await succeeded(operator, project, key_edit())) == {"/edit": "NOTHING_TO_CHANGE"}


async def test_a_name_without_room_for_a_hash_has_no_successor(operator: Person, project: Project) -> None:
    name = "a" * 243
    await made(operator, project, {"kind": "default", "data": {}}, name)

    response = await succeeded(operator, project, key_edit(set={"a": canary()}), name)

    assert faults(response) == {"/edit": "SUCCESSOR_NAME_TOO_LONG"}


async def test_what_a_controller_keeps_has_a_successor_for_who_insists(
    operator: Person, project: Project, admin: Admin
) -> None:
    await old(admin, project, ownerReferences=[OWNER])
    edit = key_edit(set={"password": canary()})

    refused = await succeeded(operator, project, edit)
    insisted = await succeeded(operator, project, edit, query="?override=managed")

    assert refusal(refused) == (409, "MANAGED_BY_CONTROLLER")
    assert (insisted.status_code, insisted.json()["managedBy"]) == (201, None)


async def test_a_helm_release_has_none(operator: Person, project: Project, admin: Admin) -> None:
    await made_elsewhere(admin, project, {"release": canary()}, "helm.sh/release.v1")

    response = await succeeded(operator, project, key_edit(set={"a": canary()}), query="?override=readOnly")

    assert refusal(response) == (409, "READ_ONLY")


async def test_of_what_is_not_there_none_is_made(operator: Person, project: Project) -> None:
    assert refusal(await succeeded(operator, project, key_edit(set={"a": "x"}))) == (404, "SECRET_NOT_FOUND")


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (READER, (403, "FORBIDDEN")),
        (PATCHER, (403, "FORBIDDEN")),
        (LISTER, (403, "FORBIDDEN")),
        (NOBODY, (404, "PROJECT_NOT_FOUND")),
    ],
)
async def test_who_may_not_read_or_create_makes_none(
    people: People, project: Project, admin: Admin, who: str, expected: tuple[int, str]
) -> None:
    await old(admin, project)

    assert refusal(await succeeded(people[who], project, key_edit(set={"a": canary()}))) == expected


async def test_the_values_of_an_immutable_secret_do_not_change_for_who_may_only_patch(
    people: People, project: Project, admin: Admin
) -> None:
    before = await old(admin, project)

    response = await people[PATCHER].patch(f"{project.secrets}/{NAME}/data", {"set": {"password": canary()}})

    assert refusal(response) == (409, "IMMUTABLE")
    assert await stored(admin, project) == before


async def test_making_a_secret_immutable_says_that_it_cannot_be_undone(
    operator: Person, project: Project, admin: Admin
) -> None:
    await made(operator, project, {"kind": "default", "data": {"a": canary()}})
    path = f"{project.secrets}/{NAME}"

    tried = await operator.patch(f"{path}?dryRun=true", {"immutable": True})
    before = (await operator.get(path)).json()["immutable"]
    sealed = await operator.patch(path, {"immutable": True})
    changed = await operator.patch(f"{path}/data", {"set": {"a": canary()}})

    marks = [[(each["pointer"], each["code"]) for each in answer.json()["warnings"]] for answer in (tried, sealed)]
    assert marks == [[("/immutable", "CANNOT_BE_UNDONE")]] * 2
    assert (before, (await stored(admin, project)).object["immutable"]) == (False, True)
    assert refusal(changed) == (409, "IMMUTABLE")


async def test_who_may_only_patch_may_make_a_secret_immutable(people: People, project: Project, admin: Admin) -> None:
    await made_elsewhere(admin, project, {"a": canary()})

    response = await people[PATCHER].patch(f"{project.secrets}/{NAME}", {"immutable": True})

    assert response.status_code == 200
    assert (await stored(admin, project)).object["immutable"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"immutable": True, "alias": "Demo"}, {"/immutable": "IMMUTABLE_ALONE"}),
        ({"immutable": False}, {"/immutable": "INVALID_VALUE"}),
        ({"immutable": None}, {"/immutable": "NULL_NOT_ALLOWED"}),
    ],
)
async def test_the_mark_is_set_alone_and_never_taken_off(
    operator: Person, project: Project, admin: Admin, body: dict[str, Any], expected: dict[str, str]
) -> None:
    before = await old(admin, project)

    assert faults(await operator.patch(f"{project.secrets}/{NAME}", body)) == expected
    assert await stored(admin, project) == before


async def test_every_write_that_sets_the_mark_says_so(operator: Person, project: Project) -> None:
    content = {"kind": "default", "data": {"a": canary()}}
    document = "{apiVersion: v1, kind: Secret, metadata: {name: three}, immutable: true, stringData: {a: x}}"
    await made(operator, project, content, "two")
    await made(operator, project, {"kind": "default", "data": {"a": "x"}}, "three")

    answers = [
        await made(operator, project, content, "one", immutable=True),
        await operator.put(f"{project.secrets}/two", {"content": content, "immutable": True}, if_match=None),
        await operator.put_yaml(f"{project.secrets}/three/yaml", document),
        await operator.post(
            f"{project.path}/secret-actions/validate", {"name": "four", "content": content, "immutable": True}
        ),
    ]

    assert [[each["code"] for each in answer.json()["warnings"]] for answer in answers] == [["CANNOT_BE_UNDONE"]] * 4
