"""The service under the classic profile: it does the same, and each call is the caller's as well."""

import pytest_asyncio

from tests.contract.profile.conftest import Classic
from tests.support.audit_log import SERVICE_ACCOUNT, on_secrets
from tests.support.canary import canary
from tests.support.people import NOBODY, OPERATOR, READER, Person, Project, new_project


@pytest_asyncio.fixture
async def project(classic: Classic) -> Project:
    return await new_project(classic.world.admin)


@pytest_asyncio.fixture
async def operator(classic: Classic) -> Person:
    return classic.people[OPERATOR]


async def test_a_secret_is_created_listed_revealed_edited_and_deleted(operator: Person, project: Project) -> None:
    first, second = canary(), canary()
    one = f"{project.secrets}/one"

    created = await operator.post(
        project.secrets, {"name": "one", "content": {"kind": "default", "data": {"password": first}}}
    )
    listed = await operator.get(project.secrets)
    revealed = await operator.get(f"{one}/data")
    edited = await operator.patch(f"{one}/data", {"set": {"password": second}}, created.headers["ETag"])
    edited_twice = await operator.patch(f"{one}/data", {"set": {"password": first}}, created.headers["ETag"])
    revealed_again = await operator.get(f"{one}/data/password")
    deleted = await operator.delete(one, edited.headers["ETag"])
    gone = await operator.get(one)

    assert [item["name"] for item in listed.json()["items"]] == ["one"]
    assert revealed.json()["content"]["data"] == {"password": {"text": first}}
    assert edited.json()["changedKeys"] == ["password"]
    assert edited_twice.status_code == 412
    assert revealed_again.text == second
    assert deleted.status_code == 200
    assert gone.json()["code"] == "SECRET_NOT_FOUND"


async def test_who_may_only_read_changes_nothing(classic: Classic, operator: Person, project: Project) -> None:
    body = {"name": "one", "content": {"kind": "default", "data": {"password": canary()}}}
    await operator.post(project.secrets, body)

    refused = await classic.people[READER].patch(f"{project.secrets}/one/data", {"set": {"password": canary()}})

    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")


async def test_who_has_no_role_sees_no_project(classic: Classic, project: Project) -> None:
    nobody = classic.people[NOBODY]

    answers = [await nobody.get(project.path), await nobody.get(project.secrets)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "PROJECT_NOT_FOUND")] * 2


async def test_the_audit_log_names_the_person_in_every_call_about_secrets(
    classic: Classic, operator: Person, project: Project
) -> None:
    body = {"name": "one", "content": {"kind": "default", "data": {"password": canary()}}}
    answers = [
        await operator.post(project.secrets, body),
        await operator.get(project.secrets),
        await operator.get(f"{project.secrets}/one/data"),
        await operator.patch(f"{project.secrets}/one", {"alias": "One"}),
        await operator.delete(f"{project.secrets}/one"),
    ]

    events = on_secrets(await classic.audit.of(*answers), project.name)

    assert {event["verb"] for event in events} == {"create", "list", "get", "patch", "delete"}
    assert {event["user"]["username"] for event in events} == {SERVICE_ACCOUNT}
    assert {event["impersonatedUser"]["username"] for event in events} == {operator.username}
