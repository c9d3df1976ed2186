"""The whole page as one scenario: what a person does with Secrets, from signing in to the last delete."""

from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Any

import httpx
import pytest_asyncio

from app.domain.account import NewAccount
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from app.k8s.account import Accounts
from app.k8s.transport import Transport
from tests.support.audit_log import AuditLog, on_secrets
from tests.support.canary import canary
from tests.support.cluster import Admin, Cluster, a_trace
from tests.support.people import NAMESPACE, Person, Project, bind, client_of
from tests.support.secret import faults
from tests.support.service import RunningService
from tests.support.tls import pair

PAIR = pair("demo.example.com")
CONTENTS: dict[str, dict[str, Any]] = {
    "demo-default": {
        "kind": "default",
        "data": {"username": "admin", "password": canary(), "logo": {"base64": "iVAN"}},
    },
    "demo-tls": {"kind": "tls", "certificate": PAIR.certificate, "privateKey": PAIR.private_key},
    "demo-registry": {
        "kind": "image-registry",
        "registries": [{"server": "registry.example.com", "username": "robot", "password": canary()}],
    },
    "demo-account": {"kind": "account-password", "username": "postgres", "password": canary()},
    "demo-custom": {"kind": "custom", "type": "example.com/licence", "data": {"licence": canary()}},
}


@pytest_asyncio.fixture
async def regular(own_transport: Transport, service: RunningService, project: Project, admin: Admin) -> tuple[str, str]:
    """Name and password of a person who is an operator of the project, and nothing else."""
    name, password, passwords = f"regular-{token_hex(4)}", token_urlsafe(), Passwords()
    await create_account(NewAccount(name, password), Accounts(own_transport, NAMESPACE), passwords, a_trace())
    passwords.close()
    await bind(admin, project.name, name, {"kind": "ClusterRole", "name": "secretspace:project-operator"})
    return name, password


@pytest_asyncio.fixture
async def person(regular: tuple[str, str], service: RunningService) -> AsyncIterator[Person]:
    """That person, signed in as a page signs in."""
    name, password = regular
    form = {"grant_type": "password", "username": name, "password": password}
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client:
        signed_in = (await client.post("/oauth/token", data=form)).raise_for_status().json()
    async with client_of(service, signed_in["access_token"]) as client:
        yield Person(name, client)


async def test_the_whole_page(
    person: Person, project: Project, admin: Admin, cluster: Cluster, service: RunningService, tmp_path: Path
) -> None:
    audit_log = AuditLog(cluster.plane.audit_log, admin)

    await find_the_project(person, project)
    await create_in_two_steps(person, project)
    await look_around(person, project)
    await edit_the_information(person, project)
    await edit_the_yaml(person, project, tmp_path)
    await edit_the_data(person, project)
    await delete_everything(person, project)

    calls = on_secrets(await audit_log.settled(), project.name)
    assert {call["impersonatedUser"]["username"] for call in calls} == {person.username}
    assert {call["verb"] for call in calls} == {"list", "get", "create", "patch", "delete"}
    assert len(revealing_lines(service, person)) == 3


async def find_the_project(person: Person, project: Project) -> None:
    me = (await person.get("/api/v1/me")).json()
    workspaces = (await person.get("/api/v1/workspaces")).json()["items"]
    projects = (await person.get(f"/api/v1/workspaces/{project.workspace}/projects")).json()["items"]
    permissions = (await person.get(f"{project.path}/permissions")).json()
    kinds = (await person.get("/api/v1/meta")).json()["kinds"]
    assert (me["username"], me["source"]) == (person.username, "local")
    assert [workspace["name"] for workspace in workspaces] == [project.workspace]
    assert [each["name"] for each in projects] == [project.name]
    assert {"list", "create", "reveal", "delete"} <= set(permissions["actions"])
    assert {content["kind"] for content in CONTENTS.values()} <= {kind["kind"] for kind in kinds}


async def create_in_two_steps(person: Person, project: Project) -> None:
    validate = f"{project.path}/secret-actions/validate"
    wrong = await person.post(validate, {"name": "Demo Default", "alias": "Demo"})
    assert faults(wrong) == {"/name": "NAME_INVALID"}
    for name, content in CONTENTS.items():
        step_one = {"name": name, "alias": f"Alias of {name}", "labels": {"app": "demo"}}
        first = await person.post(validate, step_one)
        whole = await person.post(validate, {**step_one, "content": content})
        created = await person.post(project.secrets, {**step_one, "content": content})
        assert (first.json()["valid"], whole.json()["valid"], created.status_code) == (True, True, 201)
        assert created.json()["creator"] == person.username


async def look_around(person: Person, project: Project) -> None:
    page = (await person.get(project.secrets, params={"sort": "name", "limit": 3, "page": 2})).json()
    filtered = (await person.get(project.secrets, params={"kind": "tls"})).json()
    details = {name: (await person.get(f"{project.secrets}/{name}")).json() for name in CONTENTS}
    revealed = (await person.get(f"{project.secrets}/demo-default/data")).json()["content"]
    assert ([item["name"] for item in page["items"]], page["total"]) == (["demo-registry", "demo-tls"], 5)
    assert [item["name"] for item in filtered["items"]] == ["demo-tls"]
    assert {name: detail["kind"] for name, detail in details.items()} == {
        name: content["kind"] for name, content in CONTENTS.items()
    }
    assert details["demo-tls"]["tls"]["state"] == "valid"
    assert details["demo-registry"]["registries"][0]["username"] == "robot"
    assert revealed["data"]["password"] == {"text": CONTENTS["demo-default"]["data"]["password"]}
    assert revealed["data"]["logo"] == {"base64": "iVAN"}


async def edit_the_information(person: Person, project: Project) -> None:
    path = f"{project.secrets}/demo-default"
    before = await person.get(path)
    change = {"alias": "New", "description": "second", "labels": {"tier": "backend"}}
    edited = await person.patch(path, change, before.headers["ETag"])
    late = await person.patch(path, {"alias": "Late"}, before.headers["ETag"])
    after = (await person.get(path)).json()
    assert (edited.status_code, late.status_code) == (200, 412)
    assert (after["alias"], after["description"]) == ("New", "second")
    assert after["labels"] == {"app": "demo", "tier": "backend"}


async def edit_the_yaml(person: Person, project: Project, folder: Path) -> None:
    path = f"{project.secrets}/demo-default/yaml"
    viewed = await person.get(path)
    downloaded = await person.get(path, params={"download": True})
    file = folder / downloaded.headers["Content-Disposition"].partition('filename="')[2].rstrip('"')
    file.write_text(downloaded.text.replace("tier: backend", "tier: frontend"))
    uploaded = await person.put_yaml(path, file.read_bytes(), downloaded.headers["ETag"])
    after = await person.get(path)
    assert viewed.text == downloaded.text
    assert file.name == f"demo-default.{project.name}.secret.yaml"
    assert (uploaded.status_code, uploaded.json()["changedKeys"]) == (200, [])
    assert after.text == file.read_text()


async def edit_the_data(person: Person, project: Project) -> None:
    new = canary()
    keys = await person.get(f"{project.secrets}/demo-default")
    change = {"set": {"password": new}, "remove": ["logo"], "rename": {"username": "user"}}
    patched = await person.patch(f"{project.secrets}/demo-default/data", change, keys.headers["ETag"])
    shown = await person.get(f"{project.secrets}/demo-account/data")
    content = shown.json()["content"] | {"password": new}
    replaced = await person.put(f"{project.secrets}/demo-account/data", {"content": content}, shown.headers["ETag"])
    after = (await person.get(f"{project.secrets}/demo-default/data")).json()["content"]
    assert patched.json()["changedKeys"] == ["logo", "password", "user", "username"]
    assert replaced.json()["changedKeys"] == ["password"]
    assert after == {"kind": "default", "data": {"password": {"text": new}, "user": {"text": "admin"}}}


async def delete_everything(person: Person, project: Project) -> None:
    items = (await person.get(project.secrets)).json()["items"]
    deleted = [await person.delete(f"{project.secrets}/{item['name']}", item["etag"]) for item in items]
    left = (await person.get(project.secrets)).json()
    assert [answer.status_code for answer in deleted] == [200] * 5
    assert left["total"] == 0


def revealing_lines(service: RunningService, person: Person) -> list[str]:
    """What the log says of this person's reveals."""
    return [line for line in service.log_lines() if "secret.revealed" in line and person.username in line]
