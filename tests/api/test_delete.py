"""Delete: at the version that is expected, and honest about what still holds a Secret."""

from typing import Any

import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import faults, made, made_elsewhere, refusal, stored


def content() -> dict[str, Any]:
    return {"kind": "default", "data": {"k": canary()}}


async def test_a_secret_is_deleted_at_the_version_that_is_expected(
    operator: Person, project: Project, admin: Admin
) -> None:
    created = await made(operator, project, content())
    response = await operator.delete(f"{project.secrets}/demo", created.headers["ETag"])
    again = await operator.delete(f"{project.secrets}/demo", created.headers["ETag"])
    assert response.status_code == 200
    assert response.json() == {
        "previousEtag": created.headers["ETag"],
        "deletionPending": False,
        "changes": None,
        "warnings": [],
    }
    assert refusal(again) == (404, "SECRET_NOT_FOUND")
    assert not await admin.exists(f"{project.kube_secrets}/demo")


async def test_whatever_is_there_is_deleted_when_asked(operator: Person, project: Project, admin: Admin) -> None:
    await made(operator, project, content())
    changed = await operator.patch(f"{project.secrets}/demo", {"alias": "x"})
    response = await operator.delete(f"{project.secrets}/demo", "*")
    assert response.json()["previousEtag"] == changed.headers["ETag"]
    assert not await admin.exists(f"{project.kube_secrets}/demo")


async def test_another_version_is_not_deleted(operator: Person, project: Project, admin: Admin) -> None:
    created = await made(operator, project, content())
    await operator.patch(f"{project.secrets}/demo", {"alias": "x"})
    before = await stored(admin, project)
    answers = [await operator.delete(f"{project.secrets}/demo", tag) for tag in (created.headers["ETag"], '"MTIz"')]
    assert [refusal(answer) for answer in answers] == [(412, "PRECONDITION_FAILED")] * 2
    assert await stored(admin, project) == before


async def test_a_finalizer_keeps_a_secret_and_the_answers_say_so(
    operator: Person, project: Project, admin: Admin
) -> None:
    await made_elsewhere(admin, project, {"k": canary()}, finalizers=["example.com/hold"])

    response = await operator.delete(f"{project.secrets}/demo")
    pending = await operator.get(f"{project.secrets}/demo")
    again = await operator.delete(f"{project.secrets}/demo", pending.headers["ETag"])
    await admin.merge(f"{project.kube_secrets}/demo", {"metadata": {"finalizers": None}})
    gone = await operator.get(f"{project.secrets}/demo")

    assert (response.json()["deletionPending"], again.json()["deletionPending"]) == (True, True)
    assert pending.json()["deletionPending"] is True
    assert gone.status_code == 404


@pytest.mark.parametrize("query", ["?override=inUse", "?override=inUse,managed,readOnly"])
async def test_guards_that_may_be_set_aside_do_no_harm(operator: Person, project: Project, query: str) -> None:
    await made(operator, project, content())
    response = await operator.delete(f"{project.secrets}/demo{query}")
    assert response.status_code == 200


@pytest.mark.parametrize("query", ["?dryRun=All", "?dryrun=true", "?dry_run=true"])
async def test_a_delete_that_seems_to_be_a_dry_run_is_refused(
    operator: Person, project: Project, admin: Admin, query: str
) -> None:
    await made(operator, project, content())
    path, headers = f"{project.secrets}/demo", {"If-Match": "*"}

    by_query = await operator.delete(path + query)
    by_body = await operator.request("DELETE", path, json={"dryRun": ["All"]}, headers=headers)

    assert refusal(by_query) == (422, "INVALID")
    assert faults(by_body) == {"": "BODY_NOT_EXPECTED"}
    assert await admin.exists(f"{project.kube_secrets}/demo")
