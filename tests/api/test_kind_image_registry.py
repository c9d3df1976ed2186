"""Secrets of kind `image-registry`: credentials with which the kubelet pulls images."""

import json
from typing import Any

import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import encoded, faults, made, refusal, replaced, revealed, stored

TYPE = "kubernetes.io/dockerconfigjson"


def registry(server: str = "registry.example.com", **more: object) -> dict[str, object]:
    return {"server": server, "username": "robot", "password": canary(), **more}


def content(*registries: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"kind": "image-registry", "registries": list(registries), **more}


def entry(registry: dict[str, Any], **more: object) -> dict[str, object]:
    """What kubectl writes for a registry."""
    credential: dict[str, object] = {
        name: registry[name] for name in ("username", "password", "email") if name in registry
    }
    return {**credential, "auth": encoded(f"{registry['username']}:{registry['password']}"), **more}


async def config(admin: Admin, project: Project) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((await stored(admin, project)).data[".dockerconfigjson"])
    return document


async def test_registries_are_stored_as_kubectl_stores_them(operator: Person, project: Project, admin: Admin) -> None:
    one, two = registry(email="robot@example.com"), registry("https://index.docker.io/v1/", username="docker")
    await made(operator, project, content(one, two))
    assert (await stored(admin, project)).type == TYPE
    assert await config(admin, project) == {"auths": {one["server"]: entry(one), two["server"]: entry(two)}}


async def test_the_detail_tells_registries_without_their_passwords(operator: Person, project: Project) -> None:
    await made(operator, project, content(registry(email="robot@example.com"), registry("other.example.com:5000/team")))
    detail = (await operator.get(f"{project.secrets}/demo")).json()
    assert (detail["kind"], detail["type"]) == ("image-registry", TYPE)
    assert [key["name"] for key in detail["keys"]] == [".dockerconfigjson"]
    assert detail["registries"] == [
        {"server": "registry.example.com", "username": "robot", "email": "robot@example.com"},
        {"server": "other.example.com:5000/team", "username": "robot", "email": None},
    ]


async def test_a_reveal_shows_the_registries_with_their_passwords(operator: Person, project: Project) -> None:
    one, two = registry(email="robot@example.com"), registry("other.example.com")
    extra = {"note": {"text": canary()}}
    await made(operator, project, content(one, two, extra=extra))
    assert await revealed(operator, project) == content(one, two, extra=extra)


async def test_an_absent_password_keeps_and_a_missing_registry_goes(
    operator: Person, project: Project, admin: Admin
) -> None:
    kept, renewed, gone = registry("a.example.com"), registry("b.example.com"), registry("c.example.com")
    await made(operator, project, content(kept, renewed, gone))
    renewed |= {"password": canary()}
    added = registry("d.example.com")

    response = await replaced(
        operator, project, content({"server": "a.example.com", "username": "robot"}, renewed, added)
    )

    assert response.json()["changedKeys"] == [".dockerconfigjson"]
    wanted = {each["server"]: entry(each) for each in (kept, renewed, added)}
    assert await config(admin, project) == {"auths": wanted}


async def test_a_changed_user_name_keeps_the_password(operator: Person, project: Project, admin: Admin) -> None:
    one = registry(email="robot@example.com")
    await made(operator, project, content(one))
    await replaced(operator, project, content({"server": one["server"], "username": "other"}))
    assert await config(admin, project) == {"auths": {one["server"]: entry(one | {"username": "other"})}}


async def test_an_email_address_is_kept_changed_and_removed(operator: Person, project: Project, admin: Admin) -> None:
    one = registry(email="robot@example.com")
    await made(operator, project, content(one))
    same = {"server": one["server"], "username": "robot"}

    kept = await replaced(operator, project, content(same))
    changed = await replaced(operator, project, content(same | {"email": "new@example.com"}))
    after = await config(admin, project)
    removed = await replaced(operator, project, content(same | {"email": None}))

    assert (kept.json()["changedKeys"], changed.status_code, removed.status_code) == ([], 200, 200)
    assert after["auths"][one["server"]]["email"] == "new@example.com"
    assert "email" not in (await config(admin, project))["auths"][one["server"]]


async def test_extra_keys_stay_are_replaced_and_removed(operator: Person, project: Project, admin: Admin) -> None:
    one = registry()
    await made(operator, project, content(one, extra={"note": canary()}))

    await replaced(operator, project, content(one | {"username": "other"}))
    kept = (await stored(admin, project)).data.keys()
    changed = await replaced(operator, project, content(one | {"username": "other"}, extra={"more": "x"}))
    await replaced(operator, project, content(one | {"username": "other"}, extra={}))

    assert kept == {".dockerconfigjson", "note"}
    assert changed.json()["changedKeys"] == ["more", "note"]
    assert (await stored(admin, project)).data.keys() == {".dockerconfigjson"}


async def test_a_password_is_any_text(operator: Person, project: Project, admin: Admin) -> None:
    odd = registry(password=f'{canary()} ":é\\\n\u2028')
    await made(operator, project, content(odd))
    assert await config(admin, project) == {"auths": {odd["server"]: entry(odd)}}
    assert (await revealed(operator, project))["registries"] == [odd]


_FIRST = "/content/registries/0"
_REFUSED: dict[str, tuple[list[dict[str, Any]], dict[str, str]]] = {
    "no registry": ([], {"/content/registries": "REGISTRY_REQUIRED"}),
    "a blank in the server": ([registry("my registry")], {f"{_FIRST}/server": "REGISTRY_SERVER_INVALID"}),
    "another scheme": ([registry("ftp://example.com")], {f"{_FIRST}/server": "REGISTRY_SERVER_INVALID"}),
    "a user in the server": ([registry("me@example.com")], {f"{_FIRST}/server": "REGISTRY_SERVER_INVALID"}),
    "a port out of range": ([registry("example.com:99999")], {f"{_FIRST}/server": "REGISTRY_SERVER_INVALID"}),
    "a registry twice": (
        [registry(), registry("other.example.com"), registry()],
        {f"{_FIRST}/server": "REGISTRY_REPEATED", "/content/registries/2/server": "REGISTRY_REPEATED"},
    ),
    "no password": (
        [{"server": "example.com", "username": "robot"}],
        {f"{_FIRST}/password": "REGISTRY_PASSWORD_REQUIRED"},
    ),
    "no user name": ([registry(username="")], {f"{_FIRST}/username": "REGISTRY_USERNAME_INVALID"}),
    "a colon in the user name": ([registry(username="a:b")], {f"{_FIRST}/username": "REGISTRY_USERNAME_INVALID"}),
    "everything": (
        [{"server": "?", "username": ":"}, registry()],
        {
            f"{_FIRST}/server": "REGISTRY_SERVER_INVALID",
            f"{_FIRST}/username": "REGISTRY_USERNAME_INVALID",
            f"{_FIRST}/password": "REGISTRY_PASSWORD_REQUIRED",
        },
    ),
    "a value where a text belongs": ([registry(password={"text": "x"})], {f"{_FIRST}/password": "WRONG_TYPE"}),
    "a field that is not known": ([registry(auth="eA==")], {f"{_FIRST}/auth": "UNKNOWN_FIELD"}),
}


@pytest.mark.parametrize(("registries", "expected"), _REFUSED.values(), ids=_REFUSED)
async def test_what_is_no_registry_is_refused_with_its_place(
    operator: Person, project: Project, registries: list[dict[str, Any]], expected: dict[str, str]
) -> None:
    response = await operator.post(project.secrets, {"name": "demo", "content": content(*registries)})
    assert refusal(response) == (422, "INVALID")
    assert faults(response) == expected


async def test_an_edit_is_checked_as_a_create_is(operator: Person, project: Project, admin: Admin) -> None:
    one = registry()
    await made(operator, project, content(one))
    before = await stored(admin, project)

    refused = [
        await replaced(operator, project, content()),
        await replaced(operator, project, content(one, {"server": "new.example.com", "username": "robot"})),
        await replaced(operator, project, content(one, one)),
    ]

    assert [faults(response) for response in refused] == [
        {"/content/registries": "REGISTRY_REQUIRED"},
        {"/content/registries/1/password": "REGISTRY_PASSWORD_REQUIRED"},
        {f"{_FIRST}/server": "REGISTRY_REPEATED", "/content/registries/1/server": "REGISTRY_REPEATED"},
    ]
    assert await stored(admin, project) == before
