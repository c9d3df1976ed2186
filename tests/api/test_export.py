"""Secrets as files: a reveal, recorded as one, that gives back every byte or says what the form cannot hold."""

import asyncio
import base64
import json
import subprocess
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml

from app.domain.errors import NotExportableError
from devcluster import ControlPlane
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.log_line import written
from tests.support.people import LISTER, READER, People, Person, Project
from tests.support.problem import assert_problem, provokes
from tests.support.secret import NAME, faults, made_elsewhere, stored
from tests.support.service import RunningService

BINARY: Final = b"\x00\xfe\xed\xff"
FORMATS: Final = ["env", "json", "manifest"]


async def exported(person: Person, project: Project, form: str, name: str = NAME) -> httpx.Response:
    """The answer to who asks for a file."""
    return await person.get(f"{project.secrets}/{name}/export", params={"format": form})


async def imported(person: Person, project: Project, file: bytes, form: str, name: str) -> httpx.Response:
    """The answer to who makes a Secret of a file."""
    return await person.request(
        "POST",
        f"{project.path}/secret-actions/import",
        content=file,
        params={"name": name, "format": form},
        headers={"Content-Type": "application/octet-stream"},
    )


def revealed(service: RunningService, response: httpx.Response) -> list[dict[str, Any]]:
    """The lines of reveals that a request left."""
    request_id = response.headers["X-Request-Id"]
    return [
        line for line in written(service) if line["event"] == "secret.revealed" and line["request_id"] == request_id
    ]


def texts() -> dict[str, bytes]:
    """Values of every shape that an environment can carry."""
    shapes = ("", " ", 'it\'s "$HOME" `date` \\n \\', "first\r\nsecond\n", "#grüße 🙂 = # x\t")
    return {f"KEY_{index}": f"{canary()}{shape}".encode() for index, shape in enumerate(shapes)} | {"EMPTY": b""}


@pytest.mark.parametrize("form", FORMATS)
async def test_an_export_is_a_reveal_and_recorded_before_it_leaves(
    people: People, project: Project, admin: Admin, service: RunningService, form: str
) -> None:
    await made_elsewhere(admin, project, {"B": canary(), "A": canary()})

    response = await exported(people[READER], project, form)

    (line,) = revealed(service, response)
    assert response.status_code == 200, response.text
    assert (line["user"], line["project"], line["secret"]) == (people[READER].username, project.name, NAME)
    assert line["keys"] == ["A", "B"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["ETag"] == (await people[READER].get(f"{project.secrets}/{NAME}")).headers["ETag"]


@pytest.mark.parametrize(
    ("form", "media_type", "file_name"),
    [
        ("env", "text/plain; charset=utf-8", "demo.env"),
        ("json", "application/json", "demo.json"),
        ("manifest", "application/yaml", "demo.secret.yaml"),
    ],
)
async def test_a_browser_saves_it_as_a_file(
    operator: Person, project: Project, admin: Admin, form: str, media_type: str, file_name: str
) -> None:
    await made_elsewhere(admin, project, {"A": canary()})

    response = await exported(operator, project, form)

    assert response.headers["Content-Type"] == media_type
    assert response.headers["Content-Disposition"] == f'attachment; filename="{file_name}"'


@pytest.mark.parametrize("shell", ["sh", "bash"])
async def test_a_shell_reads_back_the_same_bytes(
    operator: Person, project: Project, admin: Admin, tmp_path: Path, shell: str
) -> None:
    data = texts()
    await made_elsewhere(admin, project, data)
    (tmp_path / "demo.env").write_bytes((await exported(operator, project, "env")).content)

    program = f"set -a; . ./demo.env; exec env -0 {' '.join(f'-u {name}' for name in ('PWD', 'SHLVL', '_', 'OLDPWD'))}"
    done = await asyncio.to_thread(
        subprocess.run, [shell, "-c", program], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, stdout=subprocess.PIPE
    )

    found = dict(each.split(b"=", 1) for each in done.stdout.split(b"\0") if each)
    assert {key: value for key, value in found.items() if key != b"PATH"} == {
        key.encode(): value for key, value in data.items()
    }


@pytest.mark.parametrize("form", ["env", "json"])
async def test_an_import_of_an_export_is_the_same_bytes(
    operator: Person, project: Project, admin: Admin, form: str
) -> None:
    data = texts()
    await made_elsewhere(admin, project, data)

    response = await imported(operator, project, (await exported(operator, project, form)).content, form, "again")

    assert response.status_code == 201, response.text
    assert (await stored(admin, project, "again")).data == data


async def test_json_holds_any_key_and_any_bytes(operator: Person, project: Project, admin: Admin) -> None:
    data = {"a.jks": canary().encode() + BINARY, "b-c": f"{canary()}\n".encode()}
    await made_elsewhere(admin, project, data)

    file = (await exported(operator, project, "json")).content
    await imported(operator, project, file, "json", "again")

    assert json.loads(file) == {
        "a.jks": {"base64": base64.b64encode(data["a.jks"]).decode()},
        "b-c": data["b-c"].decode(),
    }
    assert (await stored(admin, project, "again")).data == data


@provokes(NotExportableError, 409)
async def test_what_an_environment_cannot_carry_is_named(
    operator: Person, project: Project, admin: Admin, service: RunningService
) -> httpx.Response:
    await made_elsewhere(admin, project, {"tls.crt": canary(), "BINARY": BINARY, "UID": canary(), "GOOD": canary()})

    response = await exported(operator, project, "env")

    assert faults(response) == {
        "/data/tls.crt": "NOT_ENV_NAME",
        "/data/UID": "NOT_ENV_NAME",
        "/data/BINARY": "NOT_ENV_TEXT",
    }
    assert revealed(service, response) == []
    return response


async def test_kubectl_makes_the_same_secret_of_a_manifest(
    operator: Person, project: Project, admin: Admin, plane: ControlPlane, tmp_path: Path
) -> None:
    annotations = {"example.com/note": "kept", "kubesphere.io/alias-name": "Demo", "kubesphere.io/creator": "someone"}
    data = texts() | {"a.jks": canary().encode() + BINARY}
    before = await made_elsewhere(
        admin, project, data, "example.com/custom", labels={"app": "demo"}, annotations=annotations, immutable=True
    )
    response = await exported(operator, project, "manifest")
    file = tmp_path / "demo.yaml"
    file.write_bytes(response.content)
    await admin.delete(f"{project.kube_secrets}/{NAME}")

    command = ["kubectl", "--kubeconfig", str(plane.kubeconfig), "-n", project.name, "create", "-f", str(file)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)

    after = await stored(admin, project)
    assert done.returncode == 0, done.stderr
    assert (after.data, after.type, after.labels) == (data, before.type, before.labels)
    assert after.annotations == {"example.com/note": "kept", "kubesphere.io/alias-name": "Demo"}
    assert after.object["immutable"]
    assert yaml.safe_load(response.content)["metadata"].keys() == {"name", "labels", "annotations"}


async def test_who_may_not_read_gets_no_file(
    people: People, project: Project, admin: Admin, service: RunningService
) -> None:
    await made_elsewhere(admin, project, {"A": canary()})

    response = await exported(people[LISTER], project, "json")

    assert_problem(response, 403, "FORBIDDEN")
    assert revealed(service, response) == []


async def test_a_secret_that_is_not_there_is_not_exported(operator: Person, project: Project) -> None:
    assert_problem(await exported(operator, project, "json", "absent"), 404, "SECRET_NOT_FOUND")


@pytest.mark.parametrize(("params", "code"), [({}, "REQUIRED"), ({"format": "docker"}, "INVALID_VALUE")])
async def test_a_format_is_asked_for(
    operator: Person, project: Project, admin: Admin, params: dict[str, str], code: str
) -> None:
    await made_elsewhere(admin, project, {"A": canary()})

    response = await operator.get(f"{project.secrets}/{NAME}/export", params=params)

    assert faults(response) == {"?format": code}
