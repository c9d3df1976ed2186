"""Secrets of kind `ssh-auth`: a private key, perhaps the known hosts."""

from typing import Any

import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import faults, made, refusal, replaced, revealed, stored

TYPE = "kubernetes.io/ssh-auth"


def content(**fields: object) -> dict[str, Any]:
    return {"kind": "ssh-auth", **fields}


async def test_a_key_is_stored_under_the_name_that_kubernetes_knows(
    operator: Person, project: Project, admin: Admin
) -> None:
    key, hosts, note = f"{canary()}\n", canary(), canary()
    created = await made(operator, project, content(privateKey=key, knownHosts=hosts, extra={"note": note}))
    there = await stored(admin, project)
    assert (created.json()["kind"], created.json()["type"], there.type) == ("ssh-auth", TYPE, TYPE)
    assert there.data == {"ssh-privatekey": key.encode(), "known_hosts": hosts.encode(), "note": note.encode()}


async def test_a_reveal_shows_what_there_is(operator: Person, project: Project) -> None:
    key = canary()
    await made(operator, project, content(privateKey=key))
    assert await revealed(operator, project) == content(privateKey={"text": key}, extra={})


_EDITS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "left out": ({}, {"ssh-privatekey", "known_hosts", "note"}),
    "null known hosts": ({"knownHosts": None}, {"ssh-privatekey", "note"}),
    "no extra keys": ({"extra": {}}, {"ssh-privatekey", "known_hosts"}),
}


@pytest.mark.parametrize(("more", "keys"), _EDITS.values(), ids=_EDITS)
async def test_what_an_edit_leaves_out_stays_and_null_removes(
    operator: Person, project: Project, admin: Admin, more: dict[str, Any], keys: set[str]
) -> None:
    await made(operator, project, content(privateKey=canary(), knownHosts=canary(), extra={"note": canary()}))
    new = canary()
    response = await replaced(operator, project, content(privateKey=new, **more))
    data = (await stored(admin, project)).data
    assert "ssh-privatekey" in response.json()["changedKeys"]
    assert data["ssh-privatekey"] == new.encode()
    assert data.keys() == keys


_REFUSED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "no key": ({}, {"/content/privateKey": "REQUIRED"}),
    "an empty key": ({"privateKey": ""}, {"/content/privateKey": "SSH_KEY_REQUIRED"}),
    "the key among the extra keys": (
        {"privateKey": "x", "extra": {"ssh-privatekey": "x", "known_hosts": "y"}},
        {
            "/content/extra/ssh-privatekey": "EXTRA_KEY_TAKEN",
            "/content/extra/known_hosts": "EXTRA_KEY_TAKEN",
        },
    ),
}


@pytest.mark.parametrize(("fields", "expected"), _REFUSED.values(), ids=_REFUSED)
async def test_what_is_no_key_is_refused_with_its_place(
    operator: Person, project: Project, fields: dict[str, Any], expected: dict[str, str]
) -> None:
    response = await operator.post(project.secrets, {"name": "demo", "content": content(**fields)})
    assert refusal(response) == (422, "INVALID")
    assert faults(response) == expected
