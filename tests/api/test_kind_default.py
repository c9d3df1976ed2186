"""Secrets of kind `default`: any keys, any bytes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import encoded, faults, made, refusal, replaced, revealed, stored

BINARY = b"\x00\xff" + canary().encode() + b"\xfe"


def content(**data: object) -> dict[str, object]:
    return {"kind": "default", "data": data}


async def test_a_secret_is_described_in_full_but_for_its_values(operator: Person, project: Project) -> None:
    data = {"username": canary(), "logo.bin": {"base64": encoded(BINARY)}, "empty": {"text": ""}}
    described = {"alias": "Demo → é", "description": "first\nsecond line", "labels": {"app": "demo", "flag": ""}}
    body = {"name": "demo", **described, "annotations": {"Example.com/Note": "by hand"}, "content": content(**data)}

    created = await operator.post(project.secrets, body)
    read = await operator.get(f"{project.secrets}/demo")

    detail = read.json()
    age = datetime.now(UTC) - datetime.fromisoformat(detail.pop("createdAt"))
    creator = {"kubesphere.io/creator": operator.username}
    own = {"kubesphere.io/alias-name": "Demo → é", "kubesphere.io/description": "first\nsecond line"}
    assert created.status_code == 201
    assert created.headers["Location"] == f"{project.secrets}/demo"
    assert created.headers["ETag"] == created.json()["etag"] == read.headers["ETag"]
    assert timedelta(minutes=-1) < age < timedelta(minutes=1)
    assert detail == {
        "name": "demo",
        "workspace": project.workspace,
        "project": project.name,
        "kind": "default",
        "type": "Opaque",
        **described,
        "annotations": {"Example.com/Note": "by hand", **own, **creator},
        "creator": operator.username,
        "immutable": False,
        "deletionPending": False,
        "keyCount": 3,
        "managedBy": None,
        "keys": [
            {"name": "empty", "size": 0, "binary": False},
            {"name": "logo.bin", "size": len(BINARY), "binary": True},
            {"name": "username", "size": len(data["username"]), "binary": False},
        ],
        "valuesVisible": True,
        "tls": None,
        "registries": None,
        "allowedActions": [
            "view",
            "reveal",
            "updateInfo",
            "updateKeys",
            "updateData",
            "updateYaml",
            "restore",
            "newVersion",
            "delete",
        ],
        "etag": read.headers["ETag"],
    }


async def test_the_answer_to_a_create_is_the_detail_with_warnings(operator: Person, project: Project) -> None:
    created = await made(operator, project, content(password=canary()))
    read = await operator.get(f"{project.secrets}/demo")
    assert created.json() == read.json() | {"warnings": [], "changes": created.json()["changes"]}
    assert created.json()["changes"]["data"]["added"] == ["password"]


async def test_the_cluster_has_what_was_sent_byte_for_byte(operator: Person, project: Project, admin: Admin) -> None:
    text = f" {canary()} → not trimmed\r\n"
    data = {"plain": text, "text": {"text": text}, "bytes": {"base64": encoded(BINARY)}}

    await made(operator, project, content(**data), alias="Demo", labels={"app": "demo"}, annotations={"note": "x"})

    there = await stored(admin, project)
    assert there.type == "Opaque"
    assert there.data == {"plain": text.encode(), "text": text.encode(), "bytes": BINARY}
    assert there.labels == {"app": "demo"}
    assert there.annotations == {
        "note": "x",
        "kubesphere.io/alias-name": "Demo",
        "kubesphere.io/creator": operator.username,
    }


async def test_a_reveal_shows_text_as_text_and_all_else_as_base64(operator: Person, project: Project) -> None:
    text = f"{canary()}\tline\r\n"
    await made(operator, project, content(text=text, bytes={"base64": encoded(BINARY)}, nul={"text": "a\x00b"}))

    response = await operator.get(f"{project.secrets}/demo/data")

    assert response.json() == {
        "content": content(text={"text": text}, bytes={"base64": encoded(BINARY)}, nul={"base64": encoded("a\x00b")}),
        "etag": response.headers["ETag"],
    }
    assert response.headers["Cache-Control"] == "no-store"


async def test_single_keys_and_the_raw_view_are_revealed_as_they_are_stored(operator: Person, project: Project) -> None:
    values = {"one": canary(), "two": canary(), "three": canary()}
    await made(operator, project, content(**values))

    some = await operator.get(f"{project.secrets}/demo/data?key=two&key=one&key=two")
    raw = await revealed(operator, project, view="raw")

    data = {key: {"text": value} for key, value in values.items()}
    chosen = {"one": data["one"], "two": data["two"]}
    assert some.json()["content"] == {"kind": "raw", "type": "Opaque", "data": chosen}
    assert raw == {"kind": "raw", "type": "Opaque", "data": data}


async def test_one_value_is_downloaded_as_its_bytes(operator: Person, project: Project) -> None:
    created = await made(operator, project, content(**{"logo.bin": {"base64": encoded(BINARY)}}))
    response = await operator.get(f"{project.secrets}/demo/data/logo.bin")
    assert response.content == BINARY
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == 'attachment; filename="logo.bin"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["ETag"] == created.headers["ETag"]


@pytest.mark.parametrize("path", ["data?key=other", "data?key=password&key=other", "data/other", "data/No%20Key"])
async def test_a_key_that_is_not_there_is_not_found(operator: Person, project: Project, path: str) -> None:
    await made(operator, project, content(password=canary()))
    response = await operator.get(f"{project.secrets}/demo/{path}")
    assert refusal(response) == (404, "KEY_NOT_FOUND")


async def test_a_secret_may_be_created_empty_and_filled_later(operator: Person, project: Project, admin: Admin) -> None:
    value = canary()
    created = await made(operator, project, content())
    filled = await replaced(operator, project, content(password=value), created.headers["ETag"])
    assert (created.json()["keyCount"], created.json()["keys"]) == (0, [])
    assert filled.json()["changedKeys"] == ["password"]
    assert (await stored(admin, project)).data == {"password": value.encode()}


async def test_a_replace_is_the_whole_map(operator: Person, project: Project, admin: Admin) -> None:
    kept, new = canary(), canary()
    created = await made(operator, project, content(kept=kept, changed=canary(), gone=canary()))

    response = await replaced(
        operator, project, content(kept=kept, changed=new, added={"base64": encoded(BINARY)}), created.headers["ETag"]
    )

    assert response.status_code == 200
    assert response.json() == {
        "etag": response.headers["ETag"],
        "previousEtag": created.headers["ETag"],
        "changedKeys": ["added", "changed", "gone"],
        "changes": response.json()["changes"],
        "warnings": [],
    }
    assert response.json()["changes"]["data"] == {
        "added": ["added"],
        "changed": ["changed"],
        "removed": ["gone"],
        "same": ["kept"],
    }
    assert response.headers["ETag"] != created.headers["ETag"]
    assert (await stored(admin, project)).data == {"kept": kept.encode(), "changed": new.encode(), "added": BINARY}


async def test_a_replace_by_nothing_leaves_nothing(operator: Person, project: Project, admin: Admin) -> None:
    await made(operator, project, content(one=canary(), two=canary()))
    response = await replaced(operator, project, content())
    assert response.json()["changedKeys"] == ["one", "two"]
    assert (await stored(admin, project)).data == {}


async def test_a_dry_run_says_what_would_be_made_and_makes_nothing(operator: Person, project: Project) -> None:
    body = {"name": "demo", "content": content(password=canary())}
    response = await operator.post(f"{project.secrets}?dryRun=true", body)
    after = await operator.get(f"{project.secrets}/demo")
    assert response.status_code == 200
    assert response.json()["keys"][0]["name"] == "password"
    assert response.json()["etag"] == ""
    assert {"ETag", "Location"}.isdisjoint(name.title() for name in response.headers)
    assert after.status_code == 404


async def test_a_create_never_overwrites(operator: Person, project: Project, admin: Admin) -> None:
    first = canary()
    await made(operator, project, content(password=first))
    again = await operator.post(project.secrets, {"name": "demo", "content": content(password=canary())})
    dry = await operator.post(f"{project.secrets}?dryRun=true", {"name": "demo", "content": content()})
    assert refusal(again) == refusal(dry) == (409, "ALREADY_EXISTS")
    assert (await stored(admin, project)).data == {"password": first.encode()}


_NO_DATA: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "a blank in a key": ({"no blanks": "x"}, {"/content/data/no blanks": "KEY_INVALID"}),
    "what a folder calls itself": (
        {".": "x", "..a": "y", "": "z"},
        {"/content/data/.": "KEY_INVALID", "/content/data/..a": "KEY_INVALID", "/content/data/": "KEY_INVALID"},
    ),
    "a key too long to be repeated": ({"k" * 254: "x"}, {"/content/data": "KEY_INVALID"}),
    "base64 without padding": ({"k": {"base64": "YQ"}}, {"/content/data/k/base64": "INVALID_BASE64"}),
    "base64 for URLs": ({"k": {"base64": "_-8="}}, {"/content/data/k/base64": "INVALID_BASE64"}),
    "both forms at once": ({"k": {"text": "a", "base64": "YQ=="}}, {"/content/data/k": "VALUE_AMBIGUOUS"}),
    "neither form": ({"k": {}}, {"/content/data/k": "VALUE_AMBIGUOUS"}),
    "null and a number": (
        {"k": None, "l": 7},
        {"/content/data/k": "VALUE_AMBIGUOUS", "/content/data/l": "VALUE_AMBIGUOUS"},
    ),
    "more than a mebibyte": ({"k": "a" * 700_000, "l": "b" * 400_000}, {"/content/data": "VALUES_TOO_LARGE"}),
    "more than 1,024 keys": ({f"k{n}": "" for n in range(1025)}, {"/content/data": "TOO_MANY_KEYS"}),
}


@pytest.mark.parametrize(("data", "expected"), _NO_DATA.values(), ids=_NO_DATA)
async def test_data_that_no_secret_can_hold_is_refused_with_its_place(
    operator: Person, project: Project, data: dict[str, Any], expected: dict[str, str]
) -> None:
    response = await operator.post(project.secrets, {"name": "demo", "content": content(**data)})
    assert refusal(response) == (422, "INVALID")
    assert faults(response) == expected


_NO_SECRET: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "upper case in the name": ({"name": "Demo"}, {"/name": "NAME_INVALID"}),
    "a name too long": ({"name": "a" * 254}, {"/name": "NAME_INVALID"}),
    "no name": ({"name": None}, {"/name": "NULL_NOT_ALLOWED"}),
    "an alias too long": ({"alias": "é" * 64}, {"/alias": "ALIAS_TOO_LONG"}),
    "a description too long": ({"description": "é" * 257}, {"/description": "DESCRIPTION_TOO_LONG"}),
    "a control character": ({"alias": "a\x07b"}, {"/alias": "CONTROL_CHARACTER"}),
    "labels": (
        {"labels": {"-a": "b", "a": "-b"}},
        {"/labels/-a": "LABEL_KEY_INVALID", "/labels/a": "LABEL_VALUE_INVALID"},
    ),
    "a creator": (
        {"annotations": {"kubesphere.io/creator": "me"}},
        {"/annotations/kubesphere.io~1creator": "RESERVED_ANNOTATION"},
    ),
    "large annotations": ({"annotations": {"a": "x" * 262_144}}, {"/annotations": "ANNOTATIONS_TOO_LARGE"}),
    "no data": ({"content": {"kind": "default"}}, {"/content/data": "REQUIRED"}),
    "no kind": ({"content": {"data": {}}}, {"/content/kind": "REQUIRED"}),
    "raw, which nothing is made of": (
        {"content": {"kind": "raw", "type": "Opaque", "data": {}}},
        {"/content/kind": "INVALID_VALUE"},
    ),
    "extra, which this kind has not": (
        {"content": {"kind": "default", "data": {}, "extra": {}}},
        {"/content/extra": "UNKNOWN_FIELD"},
    ),
    "everything at once": (
        {"name": "", "alias": "a" * 64, "labels": {"a b": ""}, "content": content(**{"?": ""}), "more": 1},
        {
            "/name": "NAME_INVALID",
            "/alias": "ALIAS_TOO_LONG",
            "/labels/a b": "LABEL_KEY_INVALID",
            "/content/data/?": "KEY_INVALID",
            "/more": "UNKNOWN_FIELD",
        },
    ),
}


@pytest.mark.parametrize(("fields", "expected"), _NO_SECRET.values(), ids=_NO_SECRET)
async def test_what_describes_a_secret_is_refused_with_its_place(
    operator: Person, project: Project, fields: dict[str, Any], expected: dict[str, str]
) -> None:
    response = await operator.post(project.secrets, {"name": "demo", "content": content(), **fields})
    assert refusal(response) == (422, "INVALID")
    assert faults(response) == expected


async def test_values_up_to_a_mebibyte_are_taken(operator: Person, project: Project, admin: Admin) -> None:
    value = canary().encode().ljust(1024 * 1024, b"\xff")
    await made(operator, project, content(k={"base64": encoded(value)}))
    assert (await stored(admin, project)).data == {"k": value}


async def test_names_are_as_long_as_kubernetes_allows(operator: Person, project: Project) -> None:
    name = ".".join(["a" * 63] * 3) + "." + "b" * 61
    created = await made(operator, project, content(), name)
    read = await operator.get(created.headers["Location"])
    assert (len(name), read.json()["name"]) == (253, name)
