"""`POST S/{name}/diff`: what a proposed edit would change, by key, without a value and without writing."""

from typing import Any, Final

import httpx
import pytest

from devcluster import ControlPlane
from tests.support.audit_log import AuditLog, on_secrets
from tests.support.canary import canary, leaks
from tests.support.cluster import Admin
from tests.support.people import PATCHER, READER, People, Person, Project
from tests.support.problem import assert_problem
from tests.support.secret import faults, made_elsewhere, refusal, stored

YAML: Final = {"Content-Type": "application/yaml"}


async def diff(person: Person, project: Project, edit: dict[str, Any]) -> httpx.Response:
    """The answer to a proposal as JSON."""
    return await person.post(f"{project.secrets}/demo/diff", {"edit": edit})


async def diff_of_yaml(person: Person, project: Project, text: str, **headers: str) -> httpx.Response:
    """The answer to a proposal as a document."""
    return await person.request("POST", f"{project.secrets}/demo/diff", content=text, headers=YAML | headers)


def edits(new: str) -> dict[str, dict[str, Any]]:
    """Edits that all come to the same: `a` is added, `b` changed, `c` removed, `d` kept."""
    content = {"kind": "default", "data": {"a": new, "b": new, "d": "kept"}}
    return {
        "data": {"operation": "replaceSecretData", "content": content},
        "raw": {"operation": "replaceSecretData", "content": content | {"kind": "raw", "type": "Opaque"}},
        "upsert": {"operation": "upsertSecret", "content": content},
        "keys": {"operation": "patchSecretData", "set": {"a": new, "b": new, "d": "kept"}, "remove": ["c"]},
        "guarded keys": {
            "operation": "patchSecretData",
            "set": {"b": new, "d": "kept"},
            "setIfAbsent": {"a": new},
            "remove": ["c"],
        },
    }


@pytest.fixture(autouse=True)
async def _secret(admin: Admin, project: Project) -> None:
    await made_elsewhere(admin, project, {"b": canary(), "c": canary(), "d": "kept"}, labels={"app": "demo"})


@pytest.mark.parametrize("which", edits(""))
async def test_whichever_operation_says_it_the_diff_is_the_same(
    operator: Person, project: Project, admin: Admin, which: str
) -> None:
    before = await stored(admin, project)

    response = await diff(operator, project, edits(canary())[which])

    detail = await operator.get(f"{project.secrets}/demo")
    nothing: dict[str, list[str]] = {"added": [], "changed": [], "removed": [], "same": []}
    assert response.status_code == 200, response.text
    assert response.headers["ETag"] == detail.headers["ETag"]
    assert response.json() == {
        "etag": detail.headers["ETag"],
        "changedKeys": ["a", "b", "c"],
        "changes": {
            "data": {"added": ["a"], "changed": ["b"], "removed": ["c"], "same": ["d"]},
            "labels": nothing | {"same": ["app"]},
            "annotations": nothing,
            "alias": "same",
            "description": "same",
            "immutable": "same",
        },
        "warnings": [],
    }
    assert await stored(admin, project) == before


async def test_a_document_is_compared_as_an_update_would_take_it(operator: Person, project: Project) -> None:
    masked = (await operator.get(f"{project.secrets}/demo/yaml")).text

    same = await diff_of_yaml(operator, project, masked)
    other = await diff_of_yaml(operator, project, f"{masked}stringData: {{d: {canary()}}}\n")

    assert same.json()["changedKeys"] == []
    assert other.json()["changes"]["data"] == {"added": [], "changed": ["d"], "removed": [], "same": ["b", "c"]}


async def test_the_whole_document_counts(operator: Person, project: Project) -> None:
    text = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: demo}}\nstringData: {{b: {canary()}}}\nimmutable: true\n"

    changes = (await diff_of_yaml(operator, project, text)).json()["changes"]

    assert changes["data"] == {"added": [], "changed": ["b"], "removed": ["c", "d"], "same": []}
    assert (changes["labels"]["removed"], changes["immutable"]) == (["app"], "added")


async def test_information_is_compared_too(operator: Person, project: Project) -> None:
    edit = {"operation": "updateSecretInfo", "alias": "Demo", "labels": {"app": None, "tier": "x"}}

    changes = (await diff(operator, project, edit)).json()["changes"]

    assert changes["alias"] == "added"
    assert (changes["labels"]["added"], changes["labels"]["removed"]) == (["tier"], ["app"])


async def test_who_may_read_and_not_write_is_told_that_nobody_asked_the_api_server(
    people: People, project: Project
) -> None:
    response = await diff(people[READER], project, edits(canary())["data"])

    assert response.status_code == 200
    assert response.json()["changedKeys"] == ["a", "b", "c"]
    assert [warning["code"] for warning in response.json()["warnings"]] == ["NOT_TRIED"]


async def test_who_may_write_and_not_read_gets_no_diff(people: People, project: Project) -> None:
    response = await diff(people[PATCHER], project, edits(canary())["keys"])

    assert_problem(response, 403, "FORBIDDEN")


async def test_what_the_api_server_would_refuse_is_refused_at_its_place(
    operator: Person, project: Project, admin: Admin
) -> None:
    await made_elsewhere(admin, project, {"ssh-privatekey": canary()}, "kubernetes.io/ssh-auth", "key")
    edit = {"operation": "patchSecretData", "remove": ["ssh-privatekey"]}

    response = await operator.post(f"{project.secrets}/key/diff", {"edit": edit})

    assert faults(response) == {"/edit": "DATA_REQUIRED_BY_TYPE"}


async def test_what_the_service_refuses_is_refused_at_its_place(operator: Person, project: Project) -> None:
    tls = {"kind": "tls", "certificate": "", "privateKey": ""}

    by_form = await diff(operator, project, {"operation": "patchSecretData", "set": {"a b": canary()}})
    by_kind = await diff(operator, project, {"operation": "replaceSecretData", "content": tls})
    by_guard = await diff(operator, project, {"operation": "patchSecretData", "setIfAbsent": {"b": canary()}})
    by_line = await diff_of_yaml(operator, project, "apiVersion: v1\nkind: Secret\nmetadata: {name: other}\n")

    assert faults(by_form) == {"/edit/set/a b": "KEY_INVALID"}
    assert faults(by_kind) == {"/edit/content/kind": "TYPE_IMMUTABLE"}
    assert refusal(by_guard) == (409, "PATCH_NOT_APPLICABLE")
    assert faults(by_line) == {"/metadata/name": "NAME_MISMATCH"}
    assert by_line.json()["errors"][0]["line"] == 3


async def test_a_warning_points_into_the_body(operator: Person, project: Project) -> None:
    content = {"kind": "default", "data": {"a": ""}}

    by_json = await diff(operator, project, {"operation": "replaceSecretData", "content": content})
    by_yaml = await diff_of_yaml(
        operator, project, "apiVersion: v1\nkind: Secret\nmetadata: {name: demo}\ndata: {a: ''}\n"
    )

    assert [warning["pointer"] for warning in by_json.json()["warnings"]] == ["/edit/content/data/a"]
    assert [warning["pointer"] for warning in by_yaml.json()["warnings"]] == ["/data/a"]


async def test_the_seal_of_an_immutable_secret_is_told(operator: Person, project: Project, admin: Admin) -> None:
    await admin.merge(f"{project.kube_secrets}/demo", {"immutable": True})

    assert refusal(await diff(operator, project, edits(canary())["data"])) == (409, "IMMUTABLE")


@pytest.mark.parametrize("headers", [{"Content-Type": "text/plain"}, {"Content-Type": "application/merge-patch+json"}])
async def test_other_media_types_are_not_taken(operator: Person, project: Project, headers: dict[str, str]) -> None:
    response = await diff_of_yaml(operator, project, "{}", **headers)

    assert refusal(response) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert response.headers["Accept"].split(", ")[:2] == ["application/json", "application/yaml"]


async def test_a_body_is_needed(operator: Person, project: Project) -> None:
    assert faults(await diff_of_yaml(operator, project, "")) == {"": "BODY_REQUIRED"}


async def test_it_is_a_read_and_one_try(plane: ControlPlane, admin: Admin, operator: Person, project: Project) -> None:
    await operator.get(f"{project.secrets}/demo")
    audit = AuditLog(plane.audit_log, admin)

    response = await diff(operator, project, edits(canary())["data"])

    events = on_secrets(await audit.of(response), project.name)
    assert [event["verb"] for event in events] == ["get", "patch"]
    assert "dryRun=All" in events[1]["requestURI"]
    assert leaks(response.content) == []
