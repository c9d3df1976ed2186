"""Secrets of kind `account-password`: a user name and a password, one of which may be missing."""

from typing import Any

import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import encoded, faults, made, refusal, replaced, revealed, stored

TYPE = "kubernetes.io/basic-auth"


def content(**fields: object) -> dict[str, Any]:
    return {"kind": "account-password", **fields}


async def test_both_are_stored_under_the_keys_that_kubernetes_knows(
    operator: Person, project: Project, admin: Admin
) -> None:
    name, password, note = canary(), canary(), canary()
    created = await made(operator, project, content(username=name, password=password, extra={"note": note}))
    there = await stored(admin, project)
    assert (created.json()["kind"], created.json()["type"], there.type) == ("account-password", TYPE, TYPE)
    assert there.data == {"username": name.encode(), "password": password.encode(), "note": note.encode()}


@pytest.mark.parametrize("field", ["username", "password"])
async def test_one_of_the_two_is_enough(operator: Person, project: Project, admin: Admin, field: str) -> None:
    value = canary()
    await made(operator, project, content(**{field: value}))
    assert (await stored(admin, project)).data == {field: value.encode()}
    assert await revealed(operator, project) == content(**{field: {"text": value}}, extra={})


async def test_a_password_may_be_any_bytes(operator: Person, project: Project, admin: Admin) -> None:
    password = b"\xff\x00" + canary().encode()
    await made(operator, project, content(username="", password={"base64": encoded(password)}))
    assert (await stored(admin, project)).data == {"username": b"", "password": password}
    assert await revealed(operator, project) == content(
        username={"text": ""}, password={"base64": encoded(password)}, extra={}
    )


_EDITS: dict[str, tuple[dict[str, Any], dict[str, bytes], list[str]]] = {
    "nothing": ({}, {"username": b"u", "password": b"p", "note": b"n"}, []),
    "another password": ({"password": "x"}, {"username": b"u", "password": b"x", "note": b"n"}, ["password"]),
    "no user name": ({"username": None}, {"password": b"p", "note": b"n"}, ["username"]),
    "an empty password": ({"password": ""}, {"username": b"u", "password": b"", "note": b"n"}, ["password"]),
    "no extra keys": ({"extra": {}}, {"username": b"u", "password": b"p"}, ["note"]),
    "other extra keys": ({"extra": {"o": "x"}}, {"username": b"u", "password": b"p", "o": b"x"}, ["note", "o"]),
}


@pytest.mark.parametrize(("edit", "data", "changed"), _EDITS.values(), ids=_EDITS)
async def test_what_an_edit_leaves_out_stays_and_null_removes(
    operator: Person,
    project: Project,
    admin: Admin,
    edit: dict[str, Any],
    data: dict[str, bytes],
    changed: list[str],
) -> None:
    await made(operator, project, content(username="u", password="p", extra={"note": "n"}))
    response = await replaced(operator, project, content(**edit))
    assert response.json()["changedKeys"] == changed
    assert (await stored(admin, project)).data == data


_REFUSED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "neither": ({}, {"/content": "CREDENTIAL_REQUIRED"}),
    "null for both": ({"username": None, "password": None}, {"/content": "CREDENTIAL_REQUIRED"}),
    "only extra keys": ({"extra": {"note": "x"}}, {"/content": "CREDENTIAL_REQUIRED"}),
    "the password among the extra keys": (
        {"username": "u", "extra": {"password": "x"}},
        {"/content/extra/password": "EXTRA_KEY_TAKEN"},
    ),
    "a number": ({"username": "u", "password": 7}, {"/content/password": "VALUE_AMBIGUOUS"}),
    "another kind's field": ({"username": "u", "data": {}}, {"/content/data": "UNKNOWN_FIELD"}),
}


@pytest.mark.parametrize(("fields", "expected"), _REFUSED.values(), ids=_REFUSED)
async def test_what_is_no_account_is_refused_with_its_place(
    operator: Person, project: Project, fields: dict[str, Any], expected: dict[str, str]
) -> None:
    response = await operator.post(project.secrets, {"name": "demo", "content": content(**fields)})
    assert refusal(response) == (422, "INVALID")
    assert faults(response) == expected


async def test_an_edit_cannot_remove_both(operator: Person, project: Project, admin: Admin) -> None:
    await made(operator, project, content(username=canary()))
    before = await stored(admin, project)
    response = await replaced(operator, project, content(username=None))
    assert faults(response) == {"/content": "CREDENTIAL_REQUIRED"}
    assert await stored(admin, project) == before
