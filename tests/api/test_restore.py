"""Undo: an earlier version of a Secret, or one that is deleted, is put back byte for byte."""

from typing import Any, Final

import httpx
import pytest

from app.domain.errors import PreconditionRequiredError, TypeDiffersError
from app.domain.version import Version
from devcluster import ControlPlane
from tests.support.audit_log import AuditLog, on_secrets
from tests.support.canary import canary, leaks
from tests.support.cluster import Admin
from tests.support.people import NAMED, PATCHER, READER, People, Person, Project
from tests.support.problem import assert_problem, provokes
from tests.support.secret import faults, made, made_elsewhere, refusal, stored

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
ANEW: Final = {"If-None-Match": "*"}
DRY: Final = {"dryRun": "true"}
BINARY: Final = bytes(range(256))


async def restore(
    person: Person, project: Project, etag: str, headers: dict[str, str], **options: Any
) -> httpx.Response:
    """The answer to an undo."""
    return await person.post(f"{project.secrets}/demo/restore", {"etag": etag}, headers=headers, **options)


def at(etag: str) -> dict[str, str]:
    """The header of an undo over what is there."""
    return {"If-Match": etag}


@pytest.fixture
async def before(admin: Admin, project: Project) -> str:
    """A Secret as it is before anything is done to it: its ETag."""
    there = await made_elsewhere(
        admin,
        project,
        {"text": canary(), "binary": BINARY, "empty": ""},
        labels={"app": "demo"},
        annotations={"note": "x", "kubesphere.io/alias-name": "Demo", LAST_APPLIED: canary()},
    )
    return Version(there.object["metadata"]["uid"], there.version).etag


async def test_a_bad_edit_is_undone(operator: Person, project: Project, admin: Admin, before: str) -> None:
    was = await stored(admin, project)
    body = {"labels": {"other": "x"}, "alias": "Other", "content": {"kind": "default", "data": {"new": canary()}}}
    edited = await operator.put(f"{project.secrets}/demo", body, before)

    response = await restore(operator, project, edited.json()["previousEtag"], at(edited.json()["etag"]))

    now = await stored(admin, project)
    assert response.status_code == 200, response.text
    assert (now.data, now.labels, now.annotations) == (was.data, was.labels, was.annotations)
    assert response.json()["previousEtag"] == edited.json()["etag"]
    assert response.json()["changes"]["data"] == {
        "added": ["binary", "empty", "text"],
        "changed": [],
        "removed": ["new"],
        "same": [],
    }
    assert leaks(response.content) == []


async def test_an_undo_can_be_undone(operator: Person, project: Project, admin: Admin, before: str) -> None:
    edited = await operator.patch(f"{project.secrets}/demo/data", {"set": {"text": canary()}}, before)
    after = await stored(admin, project)
    undone = await restore(operator, project, before, at("*"))

    redone = await restore(operator, project, undone.json()["previousEtag"], at(undone.json()["etag"]))

    assert undone.json()["previousEtag"] == edited.json()["etag"]
    assert redone.status_code == 200
    assert (await stored(admin, project)).data == after.data


async def test_a_deleted_secret_is_made_anew(operator: Person, project: Project, admin: Admin, before: str) -> None:
    was = await stored(admin, project)
    deleted = await operator.delete(f"{project.secrets}/demo", before)

    response = await restore(operator, project, deleted.json()["previousEtag"], ANEW)

    now = await stored(admin, project)
    assert response.status_code == 201, response.text
    assert response.headers["Location"] == f"{project.secrets}/demo"
    assert response.headers["ETag"] == response.json()["etag"] != before
    assert (now.type, now.data, now.labels, now.annotations) == (was.type, was.data, was.labels, was.annotations)
    assert LAST_APPLIED not in response.text
    assert leaks(response.content) == []


@pytest.mark.parametrize(
    ("secret_type", "data"),
    [("kubernetes.io/ssh-auth", {"ssh-privatekey": BINARY}), ("example.com/own", {}), ("Opaque", {"k": ""})],
)
async def test_type_and_mark_come_back(
    operator: Person, project: Project, admin: Admin, secret_type: str, data: dict[str, bytes | str]
) -> None:
    was = await made_elsewhere(admin, project, data, secret_type, immutable=True)
    deleted = await operator.delete(f"{project.secrets}/demo")

    await restore(operator, project, deleted.json()["previousEtag"], ANEW)

    now = await stored(admin, project)
    assert (now.type, now.data, now.object["immutable"]) == (secret_type, was.data, True)


async def test_what_is_as_it_was_is_not_written(operator: Person, project: Project, admin: Admin, before: str) -> None:
    was = await stored(admin, project)

    response = await restore(operator, project, before, at(before))

    assert (response.status_code, response.json()["changedKeys"]) == (200, [])
    assert await stored(admin, project) == was


async def test_it_is_tried_before_it_is_done(operator: Person, project: Project, admin: Admin, before: str) -> None:
    await operator.patch(f"{project.secrets}/demo/data", {"set": {"text": canary()}, "remove": ["empty"]}, before)
    edited = await stored(admin, project)

    over = await restore(operator, project, before, at("*"), params=DRY)
    await admin.delete(f"{project.kube_secrets}/demo")
    anew = await restore(operator, project, before, ANEW, params=DRY)

    assert (over.status_code, anew.status_code) == (200, 200)
    assert over.json()["changes"]["data"] == {
        "added": ["empty"],
        "changed": ["text"],
        "removed": [],
        "same": ["binary"],
    }
    assert anew.json()["changes"]["data"]["added"] == ["binary", "empty", "text"]
    assert (anew.json()["etag"], anew.json()["previousEtag"]) == ("", None)
    assert edited.version != ""
    assert not await admin.exists(f"{project.kube_secrets}/demo")


@provokes(PreconditionRequiredError, 428)
async def test_it_has_to_be_said_what_is_expected_to_be_there(
    operator: Person, project: Project, before: str
) -> httpx.Response:
    return await restore(operator, project, before, {})


async def test_preconditions_hold(operator: Person, project: Project, admin: Admin, before: str) -> None:
    await operator.patch(f"{project.secrets}/demo/data", {"set": {"text": canary()}}, before)
    edited = await stored(admin, project)

    stale = await restore(operator, project, before, at(before))
    there = await restore(operator, project, before, ANEW)
    both = await restore(operator, project, before, ANEW | at("*"))
    await operator.delete(f"{project.secrets}/demo")
    absent = await restore(operator, project, before, at("*"))

    problem = assert_problem(stale, 412, "PRECONDITION_FAILED")
    assert problem["meanwhile"]["data"]["changed"] == ["text"]
    assert refusal(there) == refusal(both) == (412, "PRECONDITION_FAILED")
    assert refusal(absent) == (404, "SECRET_NOT_FOUND")
    assert edited.data.keys() == {"text", "binary", "empty"}


@provokes(TypeDiffersError, 409)
async def test_a_namesake_of_another_type_stays(
    operator: Person, project: Project, admin: Admin, before: str
) -> httpx.Response:
    await operator.delete(f"{project.secrets}/demo", before)
    other = await made_elsewhere(admin, project, {"k": "x"}, "example.com/other")

    response = await restore(operator, project, before, at("*"))

    assert await stored(admin, project) == other
    return response


async def test_what_is_immutable_by_now_stays(operator: Person, project: Project, admin: Admin, before: str) -> None:
    await operator.patch(f"{project.secrets}/demo/data", {"set": {"text": canary()}}, before)
    await admin.merge(f"{project.kube_secrets}/demo", {"immutable": True})

    assert refusal(await restore(operator, project, before, at("*"))) == (409, "IMMUTABLE")


async def test_only_a_version_of_this_secret_is_one(operator: Person, project: Project, before: str) -> None:
    other = await made(operator, project, {"kind": "default", "data": {}}, "other")
    known = Version.from_etag(before)
    assert known is not None
    never = Version(known.uid, str(int(known.resource_version) - 1)).etag

    answers = [await restore(operator, project, tag, at("*")) for tag in ("x", '"MTIz"', other.headers["ETag"], never)]

    assert [faults(answer) for answer in answers] == [{"/etag": "NOT_A_VERSION"}] * 4


async def test_the_guard_of_read_only_secrets_holds(operator: Person, project: Project, admin: Admin) -> None:
    await made_elsewhere(admin, project, {"release": canary()}, "helm.sh/release.v1")
    deleted = await operator.delete(f"{project.secrets}/demo", params={"override": "readOnly"})
    tag = deleted.json()["previousEtag"]

    refused = await restore(operator, project, tag, ANEW)
    done = await restore(operator, project, tag, ANEW, params={"override": "readOnly"})

    assert refusal(refused) == (409, "READ_ONLY")
    assert done.status_code == 201


@pytest.mark.parametrize(("who", "verb"), [(PATCHER, "list"), (NAMED, "list"), (READER, "patch")])
async def test_it_takes_the_rights_of_what_it_does(
    people: People, operator: Person, project: Project, before: str, who: str, verb: str
) -> None:
    await operator.patch(f"{project.secrets}/demo/data", {"set": {"text": canary()}}, before)

    problem = assert_problem(await restore(people[who], project, before, at("*")), 403, "FORBIDDEN")

    assert verb in problem["detail"]


async def test_each_undo_is_two_reads_and_a_write_by_the_caller(
    plane: ControlPlane, admin: Admin, operator: Person, project: Project, before: str
) -> None:
    await operator.patch(f"{project.secrets}/demo/data", {"set": {"text": canary()}}, before)
    audit = AuditLog(plane.audit_log, admin)

    over = await restore(operator, project, before, at("*"))
    await operator.delete(f"{project.secrets}/demo")
    anew = await restore(operator, project, before, ANEW)

    calls = [on_secrets(await audit.of(each), project.name) for each in (over, anew)]
    assert [[event["verb"] for event in each] for each in calls] == [["list", "get", "patch"], ["list", "create"]]
    assert {event["impersonatedUser"]["username"] for each in calls for event in each} == {operator.username}
