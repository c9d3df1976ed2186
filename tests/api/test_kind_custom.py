"""Secrets of kind `custom`, and what the kind of a Secret is: chosen once, and never guessed."""

from typing import Any

import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import faults, made, made_elsewhere, refusal, replaced, revealed, stored
from tests.support.tls import pair

TYPE = "example.com/Licence v2"


def content(secret_type: object = TYPE, **data: object) -> dict[str, Any]:
    return {"kind": "custom", "type": secret_type, "data": data}


async def test_a_type_of_ones_own_is_kept_as_it_is(operator: Person, project: Project, admin: Admin) -> None:
    value = canary()
    created = await made(operator, project, content(licence=value))
    there = await stored(admin, project)
    assert (created.json()["kind"], created.json()["type"], there.type) == ("custom", TYPE, TYPE)
    assert there.data == {"licence": value.encode()}
    assert await revealed(operator, project) == content(licence={"text": value})


async def test_the_data_of_an_edit_is_the_whole_map(operator: Person, project: Project, admin: Admin) -> None:
    kept = canary()
    await made(operator, project, content(kept=kept, gone=canary()))
    response = await replaced(operator, project, content(kept=kept, new="x"))
    assert response.json()["changedKeys"] == ["gone", "new"]
    assert (await stored(admin, project)).data == {"kept": kept.encode(), "new": b"x"}


_TYPED = (
    "Opaque",
    "kubernetes.io/tls",
    "kubernetes.io/dockerconfigjson",
    "kubernetes.io/dockercfg",
    "kubernetes.io/basic-auth",
    "kubernetes.io/ssh-auth",
    "kubernetes.io/service-account-token",
)
_REFUSED: dict[str, tuple[object, str]] = {
    "nothing": ("", "TYPE_REQUIRED"),
    "blanks": (" \t", "TYPE_REQUIRED"),
    "a blank at its edge": ("example.com/licence ", "TYPE_INVALID"),
    "a control character": ("example.com/\x1b[31m", "TYPE_INVALID"),
    "too long": ("a" * 254, "TYPE_INVALID"),
    "null": (None, "NULL_NOT_ALLOWED"),
    **{f"{each}, which has a kind": (each, "TYPE_HAS_KIND") for each in _TYPED},
}


@pytest.mark.parametrize(("secret_type", "code"), _REFUSED.values(), ids=_REFUSED)
async def test_what_is_no_type_of_ones_own_is_refused(
    operator: Person, project: Project, secret_type: object, code: str
) -> None:
    response = await operator.post(project.secrets, {"name": "demo", "content": content(secret_type)})
    assert refusal(response) == (422, "INVALID")
    assert faults(response) == {"/content/type": code}


async def test_the_type_is_required(operator: Person, project: Project) -> None:
    response = await operator.post(project.secrets, {"name": "demo", "content": {"kind": "custom", "data": {}}})
    assert faults(response) == {"/content/type": "REQUIRED"}


_CERTIFICATE = pair("demo.example.com")
_CONTENTS: dict[str, dict[str, Any]] = {
    "default": {"kind": "default", "data": {}},
    "tls": {"kind": "tls", "certificate": _CERTIFICATE.certificate, "privateKey": _CERTIFICATE.private_key},
    "image-registry": {
        "kind": "image-registry",
        "registries": [{"server": "example.com", "username": "robot", "password": "canary-x"}],
    },
    "account-password": {"kind": "account-password", "username": "u"},
    "ssh-auth": {"kind": "ssh-auth", "privateKey": "canary-x"},
    "custom": content(),
}


@pytest.mark.parametrize("kind", _CONTENTS)
async def test_the_kind_of_a_secret_cannot_be_changed(
    operator: Person, project: Project, admin: Admin, kind: str
) -> None:
    others = [other for name, other in _CONTENTS.items() if name != kind]
    token = {"kind": "service-account-token", "serviceAccount": "default"}
    await made(operator, project, _CONTENTS[kind])
    before = await stored(admin, project)

    edits = [await replaced(operator, project, other) for other in (*others, token)]
    upserts = [await operator.put(f"{project.secrets}/demo", {"content": other}) for other in (*others, token)]

    places = {"custom": "/content/type"}
    expected = [{places.get(str(other["kind"]), "/content/kind"): "TYPE_IMMUTABLE"} for other in (*others, token)]
    assert [faults(response) for response in edits] == expected
    assert [faults(response) for response in upserts] == expected
    assert await stored(admin, project) == before


async def test_one_custom_type_cannot_become_another(operator: Person, project: Project) -> None:
    await made(operator, project, content())
    response = await replaced(operator, project, content("example.com/other"))
    assert faults(response) == {"/content/type": "TYPE_IMMUTABLE"}


async def test_raw_content_keeps_its_type(operator: Person, project: Project, admin: Admin) -> None:
    value, new = canary(), canary()
    await made(operator, project, content(licence=value))
    raw = await revealed(operator, project, view="raw")

    same = await replaced(operator, project, raw)
    other = await replaced(operator, project, raw | {"type": "Opaque"})
    changed = await replaced(operator, project, raw | {"data": {"licence": new}, "problem": "of no meaning"})

    assert same.json()["changedKeys"] == []
    assert faults(other) == {"/content/type": "TYPE_IMMUTABLE"}
    assert changed.json()["changedKeys"] == ["licence"]
    assert (await stored(admin, project)).data == {"licence": new.encode()}


async def test_raw_content_of_a_typed_kind_keeps_the_keys_that_kubernetes_asks_for(
    operator: Person, project: Project, admin: Admin
) -> None:
    await made(operator, project, _CONTENTS["tls"])
    before = await stored(admin, project)
    response = await replaced(operator, project, {"kind": "raw", "type": "kubernetes.io/tls", "data": {"other": "x"}})
    assert faults(response) == {
        "/content/data/tls.crt": "DATA_REQUIRED_BY_TYPE",
        "/content/data/tls.key": "DATA_REQUIRED_BY_TYPE",
    }
    assert await stored(admin, project) == before


@pytest.mark.parametrize("kind", _CONTENTS)
async def test_a_full_reveal_sent_back_writes_nothing(
    operator: Person, project: Project, admin: Admin, kind: str
) -> None:
    created = await made(operator, project, _CONTENTS[kind])
    before = await stored(admin, project)

    typed = await replaced(operator, project, await revealed(operator, project), created.headers["ETag"])
    raw = await replaced(operator, project, await revealed(operator, project, view="raw"), created.headers["ETag"])
    upserted = await operator.put(f"{project.secrets}/demo", {"content": await revealed(operator, project)})

    assert [answer.status_code for answer in (typed, raw, upserted)] == [200, 200, 200]
    assert {answer.headers["ETag"] for answer in (typed, raw, upserted)} == {created.headers["ETag"]}
    assert [answer.json()["changedKeys"] for answer in (typed, raw, upserted)] == [[], [], []]
    assert await stored(admin, project) == before


async def test_a_type_that_merely_looks_like_another_is_custom(
    operator: Person, project: Project, admin: Admin
) -> None:
    await made_elsewhere(admin, project, {"tls.crt": canary()}, "kubernetes.io/TLS")
    detail = (await operator.get(f"{project.secrets}/demo")).json()
    assert (detail["kind"], detail["type"], detail["tls"]) == ("custom", "kubernetes.io/TLS", None)
