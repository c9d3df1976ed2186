"""`?dryRun=true` on every write: all is checked, by the API server too, nothing is written, and no value is told."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx
import pytest

from devcluster import ControlPlane
from tests.support.audit_log import AuditLog, on_secrets
from tests.support.canary import canary, leaks
from tests.support.cluster import Admin
from tests.support.log_line import finished
from tests.support.people import PATCHER, READER, People, Person, Project
from tests.support.problem import assert_problem
from tests.support.secret import made_elsewhere, refusal, stored
from tests.support.service import RunningService

Try = Callable[[Person, str, str | None], Awaitable[httpx.Response]]
QUERY: Final = {"dryRun": "true"}
DOCUMENT: Final = "apiVersion: v1\nkind: Secret\nmetadata: {name: demo}\nstringData: {new: %s, same: same}\n"


def content(**data: object) -> dict[str, Any]:
    return {"kind": "default", "data": data}


async def _put_yaml(person: Person, path: str, tag: str | None) -> httpx.Response:
    headers = {"Content-Type": "application/yaml"} | ({} if tag is None else {"If-Match": tag})
    return await person.request("PUT", f"{path}/yaml", content=DOCUMENT % canary(), headers=headers, params=QUERY)


TRIES: Final[dict[str, Try]] = {
    "info": lambda person, path, tag: person.patch(
        path, {"alias": "Other", "labels": {"app": "new"}}, tag, params=QUERY
    ),
    "keys": lambda person, path, tag: person.patch(
        f"{path}/data", {"set": {"new": canary(), "same": "same"}, "remove": ["old"]}, tag, params=QUERY
    ),
    "renames": lambda person, path, tag: person.patch(
        f"{path}/data", {"rename": {"old": "new"}, "set": {"same": "same"}}, tag, params=QUERY
    ),
    "data": lambda person, path, tag: person.put(
        f"{path}/data", {"content": content(new=canary(), same="same")}, tag, params=QUERY
    ),
    "upsert": lambda person, path, tag: person.put(
        path, {"content": content(new=canary(), same="same")}, tag, params=QUERY
    ),
    "yaml": _put_yaml,
    "delete": lambda person, path, tag: person.delete(path, tag, params=QUERY),
}
OF_VALUES: Final = ["keys", "renames", "data", "upsert", "yaml"]
BLIND: Final = {"info": [], "keys": ["new", "old", "same"], "renames": ["new", "old", "same"]}


@pytest.fixture
async def secret(admin: Admin, project: Project) -> str:
    """The path of a Secret with a key that goes, and one that stays."""
    await made_elsewhere(admin, project, {"old": canary(), "same": "same"}, labels={"app": "old", "tier": "x"})
    return f"{project.secrets}/demo"


@pytest.mark.parametrize("how", TRIES)
async def test_nothing_is_written(operator: Person, project: Project, admin: Admin, secret: str, how: str) -> None:
    before = await stored(admin, project)
    tag = (await operator.get(secret)).headers["ETag"]

    response = await TRIES[how](operator, secret, "*")

    assert response.status_code == 200, response.text
    assert response.json()["previousEtag"] == tag
    assert response.json().get("etag", "") == ""
    assert "ETag" not in response.headers
    assert await stored(admin, project) == before


@pytest.mark.parametrize("how", OF_VALUES)
async def test_each_key_is_told_with_what_becomes_of_it(operator: Person, secret: str, how: str) -> None:
    answer = (await TRIES[how](operator, secret, "*")).json()

    assert answer["changes"]["data"] == {"added": ["new"], "changed": [], "removed": ["old"], "same": ["same"]}
    assert answer["changedKeys"] == ["new", "old"]


async def test_labels_annotations_alias_and_description_are_told_too(
    operator: Person, project: Project, admin: Admin
) -> None:
    await made_elsewhere(
        admin,
        project,
        {},
        labels={"a": "1", "b": "1", "c": "1"},
        annotations={"note": "x", "kubesphere.io/description": "old"},
    )
    body = {
        "alias": "New",
        "description": None,
        "labels": {"a": "1", "b": "2", "c": None, "d": "1"},
        "annotations": {"note": "y"},
    }

    answer = (await operator.patch(f"{project.secrets}/demo", body, params=QUERY)).json()

    assert answer["changes"] == {
        "data": {"added": [], "changed": [], "removed": [], "same": []},
        "labels": {"added": ["d"], "changed": ["b"], "removed": ["c"], "same": ["a"]},
        "annotations": {"added": [], "changed": ["note"], "removed": [], "same": []},
        "alias": "added",
        "description": "removed",
        "immutable": "same",
    }


async def test_a_delete_tells_all_that_would_be_gone(operator: Person, secret: str) -> None:
    answer = (await TRIES["delete"](operator, secret, "*")).json()

    assert answer["changes"]["data"]["removed"] == ["old", "same"]
    assert answer["changes"]["labels"]["removed"] == ["app", "tier"]
    assert answer["deletionPending"] is False


async def test_an_upsert_of_what_is_not_there_tells_all_as_added(
    operator: Person, project: Project, admin: Admin
) -> None:
    response = await operator.put(f"{project.secrets}/demo", {"content": content(a=canary())}, None, params=QUERY)

    answer = response.json()
    assert (response.status_code, answer["etag"], answer["previousEtag"]) == (200, "", None)
    assert answer["changes"]["data"]["added"] == ["a"]
    assert not await admin.exists(f"{project.kube_secrets}/demo")


async def test_a_create_tells_all_as_added(operator: Person, project: Project, admin: Admin) -> None:
    body = {"name": "demo", "alias": "Demo", "content": content(a=canary())}

    response = await operator.post(project.secrets, body, params=QUERY)

    assert (response.status_code, response.json()["changes"]["alias"]) == (200, "added")
    assert response.json()["changes"]["data"]["added"] == ["a"]
    assert not await admin.exists(f"{project.kube_secrets}/demo")


@pytest.mark.parametrize(("how", "keys"), BLIND.items(), ids=BLIND)
async def test_who_may_only_patch_is_told_the_keys_that_were_sent(
    people: People, project: Project, admin: Admin, secret: str, how: str, keys: list[str]
) -> None:
    before = await stored(admin, project)

    response = await TRIES[how](people[PATCHER], secret, "*")

    assert response.status_code == 200
    assert (response.json()["changedKeys"], response.json()["changes"]) == (keys, None)
    assert leaks(response.content) == []
    assert await stored(admin, project) == before


@pytest.mark.parametrize("how", TRIES)
async def test_who_may_not_write_may_not_try(people: People, secret: str, how: str) -> None:
    assert_problem(await TRIES[how](people[READER], secret, "*"), 403, "FORBIDDEN")


@pytest.mark.parametrize("how", TRIES)
async def test_the_version_is_checked(operator: Person, secret: str, how: str) -> None:
    tag = (await operator.get(secret)).headers["ETag"]
    await operator.patch(secret, {"alias": "Meanwhile"})

    assert_problem(await TRIES[how](operator, secret, tag), 412, "PRECONDITION_FAILED")


@pytest.mark.parametrize("how", OF_VALUES)
async def test_the_seal_of_an_immutable_secret_is_found(
    operator: Person, project: Project, admin: Admin, secret: str, how: str
) -> None:
    await admin.merge(f"{project.kube_secrets}/demo", {"immutable": True})

    assert refusal(await TRIES[how](operator, secret, "*")) == (409, "IMMUTABLE")


async def test_what_only_the_api_server_finds_is_found(operator: Person, project: Project, admin: Admin) -> None:
    await made_elsewhere(admin, project, {"ssh-privatekey": canary()}, "kubernetes.io/ssh-auth")

    response = await operator.patch(f"{project.secrets}/demo/data", {"remove": ["ssh-privatekey"]}, params=QUERY)

    assert refusal(response) == (422, "INVALID")


@pytest.mark.parametrize("how", TRIES)
async def test_it_is_a_read_and_one_try_by_the_caller(
    plane: ControlPlane,
    admin: Admin,
    service: RunningService,
    operator: Person,
    project: Project,
    secret: str,
    how: str,
) -> None:
    await operator.get(secret)
    audit = AuditLog(plane.audit_log, admin)

    response = await TRIES[how](operator, secret, "*")

    events = on_secrets(await audit.of(response), project.name)
    assert [event["verb"] for event in events] == ["get", {"delete": "delete"}.get(how, "patch")]
    assert {event["impersonatedUser"]["username"] for event in events} == {operator.username}
    assert (await finished(service, response))["upstream_calls"] == 2
