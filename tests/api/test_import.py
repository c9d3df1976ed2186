"""Files that become Secrets: each of the kind that it is, byte for byte, and none of it guessed."""

import base64
import gzip
import json
from typing import Any, Final

import httpx
import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.log_line import finished
from tests.support.people import LISTER, People, Person, Project
from tests.support.problem import assert_problem
from tests.support.secret import NAME, faults, made, stored
from tests.support.service import RunningService
from tests.support.tls import pair

BINARY: Final = b"\x00\xfe\xed\xfe\xed\xff"
HUB: Final = "https://index.docker.io/v1/"


async def imported(
    person: Person, project: Project, file: str | bytes, form: str, media_type: str = "text/plain", **more: str
) -> httpx.Response:
    """The answer to a file, sent as it is."""
    return await person.request(
        "POST",
        f"{project.path}/secret-actions/import",
        content=file,
        params={"name": NAME, "format": form, **more},
        headers={"Content-Type": media_type},
    )


async def files(person: Person, project: Project, body: object, query: str = "") -> httpx.Response:
    """The answer to many files, in JSON."""
    return await person.post(f"{project.path}/secret-actions/import{query}", body)


def lines(response: httpx.Response) -> list[tuple[str, str, int | None, int | None]]:
    """What a 422 says is wrong, and where in the file."""
    problem = assert_problem(response, 422, "INVALID")
    return [(each["pointer"], each["code"], each.get("line"), each.get("column")) for each in problem["errors"]]


# .env


async def test_an_env_file_becomes_keys(operator: Person, project: Project, admin: Admin) -> None:
    password, note = canary(), canary()
    file = f'\ufeff# settings\r\nexport USER=admin # who\r\nPASSWORD=\'{password} $x\'\r\nNOTE="{note}\\n\\"\nend"\r\n'

    response = await imported(operator, project, file.encode(), "env")

    after = await stored(admin, project)
    assert response.status_code == 201, response.text
    assert response.headers["Location"] == f"{project.secrets}/{NAME}"
    assert response.headers["ETag"] == response.json()["etag"]
    assert (response.json()["kind"], after.type) == ("default", "Opaque")
    assert after.annotations == {"kubesphere.io/creator": operator.username}
    assert after.data == {
        "USER": b"admin",
        "PASSWORD": f"{password} $x".encode(),
        "NOTE": f'{note}\n"\nend'.encode(),
    }


async def test_a_preview_tells_keys_and_sizes_and_makes_nothing(
    operator: Person, project: Project, admin: Admin
) -> None:
    value = canary()

    response = await imported(operator, project, f"USER=\nPASSWORD={value}", "env", dryRun="true")

    body = response.json()
    assert (response.status_code, body["etag"]) == (200, "")
    assert body["keys"] == [
        {"name": "PASSWORD", "size": len(value), "binary": False},
        {"name": "USER", "size": 0, "binary": False},
    ]
    assert [(each["pointer"], each["code"]) for each in body["warnings"]] == [("/USER", "EMPTY_VALUE")]
    assert "Location" not in response.headers
    assert "ETag" not in response.headers
    assert not await admin.exists(f"{project.kube_secrets}/{NAME}")


async def test_all_that_is_wrong_with_a_file_is_told_with_line_and_column(operator: Person, project: Project) -> None:
    file = f"A={canary()}\n{canary()}\nB=${{{canary()}}}\nA='{canary()}'"

    assert lines(await imported(operator, project, file, "env")) == [
        ("", "ENV_LINE_INVALID", 2, 1),
        ("/B", "ENV_INTERPOLATION", 3, 3),
        ("/A", "ENV_NAME_REPEATED", 4, 1),
    ]


# JSON


async def test_a_json_file_becomes_keys(operator: Person, project: Project, admin: Admin) -> None:
    value = canary()
    file = json.dumps({"password": f" {value}\n", "keystore.jks": {"base64": base64.b64encode(BINARY).decode()}})

    response = await imported(operator, project, file, "json", "application/octet-stream")

    assert response.status_code == 201, response.text
    assert (await stored(admin, project)).data == {"password": f" {value}\n".encode(), "keystore.jks": BINARY}


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ({"port": 5432, "ok": "x"}, [("/port", "VALUE_AMBIGUOUS")]),
        ({"db": {"password": "x"}}, [("/db", "VALUE_AMBIGUOUS")]),
        ({"a": None, "b": ["x"]}, [("/a", "VALUE_AMBIGUOUS"), ("/b", "VALUE_AMBIGUOUS")]),
        ({"a": {"base64": "?"}}, [("/a/base64", "INVALID_BASE64")]),
        ({"a b": "x"}, [("/a b", "KEY_INVALID")]),
        (["x"], [("", "WRONG_TYPE")]),
    ],
)
async def test_a_json_file_is_flat_and_of_strings(
    operator: Person, project: Project, file: Any, found: list[tuple[str, str]]
) -> None:
    response = await imported(operator, project, json.dumps(file), "json")

    assert [(pointer, code) for pointer, code, *_ in lines(response)] == found


async def test_a_json_file_names_a_key_once(operator: Person, project: Project) -> None:
    response = await imported(operator, project, '{"a": "x", "a": "y"}', "json")

    assert lines(response) == [("/a", "DUPLICATE_MEMBER", None, None)]


# docker config.json


async def test_a_docker_configuration_is_kept_byte_for_byte(operator: Person, project: Project, admin: Admin) -> None:
    auth = base64.b64encode(f"robot:{canary()}:#'".encode()).decode()
    file = json.dumps({"auths": {HUB: {"auth": auth}}, "credHelpers": {"gcr.io": "gcloud"}}, indent="\t") + "\n"

    response = await imported(operator, project, file, "docker-config", "application/octet-stream")

    after = await stored(admin, project)
    assert response.status_code == 201, response.text
    assert after.type == "kubernetes.io/dockerconfigjson"
    assert after.data == {".dockerconfigjson": file.encode()}
    assert response.json()["kind"] == "image-registry"
    assert [each["server"] for each in response.json()["registries"]] == [HUB]


async def test_a_placeholder_is_remarked_on_where_it_stands(operator: Person, project: Project) -> None:
    file = json.dumps({"auths": {"a.io": {"username": "robot", "password": "<password>"}}})

    response = await imported(operator, project, file, "docker-config", dryRun="true")

    assert [each["pointer"] for each in response.json()["warnings"]] == ["/auths/a.io/password"]


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ({"auths": {"a.io": {}}, "credsStore": "desktop"}, ("/auths/a.io", "REGISTRY_CREDENTIAL_MISSING")),
        ({"auths": {"not a host": {"username": "u", "password": "p"}}}, ("/auths/not a host/server",)),
        ({"credsStore": "desktop"}, ("/auths", "REGISTRY_REQUIRED")),
        ([], ("", "DOCKER_CONFIG_INVALID")),
    ],
)
async def test_a_docker_configuration_without_credentials_is_refused(
    operator: Person, project: Project, file: Any, found: tuple[str, ...]
) -> None:
    (violation,) = lines(await imported(operator, project, json.dumps(file), "docker-config"))

    assert violation[: len(found)] == found


# PEM


async def test_a_pem_bundle_becomes_a_pair(operator: Person, project: Project, admin: Admin) -> None:
    one = pair("demo.example.com")
    blocks = one.certificate.partition("\n")[2]

    response = await imported(operator, project, one.private_key + one.certificate, "pem", "application/x-pem-file")

    after = await stored(admin, project)
    assert response.status_code == 201, response.text
    assert after.type == "kubernetes.io/tls"
    assert after.data == {
        "tls.crt": blocks.encode(),
        "tls.key": one.private_key.partition("\n")[2].encode(),
    }
    assert response.json()["tls"]["pairMatches"]
    assert response.json()["tls"]["chainOk"]


async def test_a_pem_bundle_without_its_key_is_refused(operator: Person, project: Project) -> None:
    one, other = pair("a.example.com"), pair("b.example.com")

    assert lines(await imported(operator, project, one.certificate, "pem")) == [("", "PEM_KEY_MISSING", None, None)]
    assert lines(await imported(operator, project, one.certificate + other.private_key, "pem")) == [
        ("", "KEY_PAIR_MISMATCH", None, None)
    ]


# Many files


async def test_many_files_become_keys(operator: Person, project: Project, admin: Admin) -> None:
    ini = f"[app]\r\npassword = {canary()}\n"
    body = {"name": NAME, "files": {"app.ini": ini, "keystore": {"base64": base64.b64encode(BINARY).decode()}}}

    response = await files(operator, project, body)

    assert response.status_code == 201, response.text
    assert (await stored(admin, project)).data == {"app.ini": ini.encode(), "keystore": BINARY}


async def test_many_files_can_be_previewed(operator: Person, project: Project, admin: Admin) -> None:
    response = await files(operator, project, {"name": NAME, "files": {"a.json": "{"}}, "?dryRun=true")

    assert response.status_code == 200
    assert {(each["pointer"], each["code"]) for each in response.json()["warnings"]} == {
        ("/files/a.json", "KEY_NOT_ENV"),
        ("/files/a.json", "JSON_BROKEN"),
    }
    assert not await admin.exists(f"{project.kube_secrets}/{NAME}")


@pytest.mark.parametrize(
    ("body", "query", "found"),
    [
        ({"name": NAME}, "", {"/files": "REQUIRED"}),
        ({"name": "A", "files": {"a/b": "x"}}, "", {"/name": "NAME_INVALID", "/files/a~1b": "KEY_INVALID"}),
        ({"name": NAME, "files": {"a": "x"}}, "?format=json", {"?format": "FORMAT_OF_FILES"}),
        ({"name": NAME, "files": {"a": "x"}}, "?name=b", {"?name": "NAME_OF_FILES"}),
    ],
)
async def test_files_that_cannot_be_keys_are_refused(
    operator: Person, project: Project, body: object, query: str, found: dict[str, str]
) -> None:
    assert faults(await files(operator, project, body, query)) == found


async def test_files_over_a_mebibyte_together_are_refused(operator: Person, project: Project) -> None:
    body = {"name": NAME, "files": {"a": "x" * 1_048_576, "b": "x"}}

    assert faults(await files(operator, project, body)) == {"/files": "VALUES_TOO_LARGE"}


# What holds for each of them


async def test_a_zip_archive_is_not_unpacked(operator: Person, project: Project) -> None:
    response = await imported(operator, project, b"PK\x03\x04 and so on", "env", "application/zip")

    assert lines(response) == [("", "ARCHIVE_NOT_ACCEPTED", None, None)]


async def test_a_form_is_not_taken_apart(operator: Person, project: Project) -> None:
    response = await operator.request(
        "POST", f"{project.path}/secret-actions/import", files={"file": ("a.env", canary().encode())}
    )

    assert_problem(response, 415, "UNSUPPORTED_MEDIA_TYPE")
    assert response.headers["Accept"] == "application/octet-stream, text/plain, application/json"


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "text/plain; charset=utf-8", "image/png"])
async def test_whatever_a_file_is_said_to_be_the_format_counts(
    operator: Person, project: Project, admin: Admin, media_type: str
) -> None:
    value = canary()

    response = await imported(operator, project, f"A={value}", "env", media_type)

    assert response.status_code == 201, response.text
    assert (await stored(admin, project)).data == {"A": value.encode()}


async def test_a_compressed_file_is_refused(operator: Person, project: Project) -> None:
    response = await operator.request(
        "POST",
        f"{project.path}/secret-actions/import",
        content=gzip.compress(b"A=1"),
        params={"name": NAME, "format": "env"},
        headers={"Content-Type": "text/plain", "Content-Encoding": "gzip"},
    )

    assert_problem(response, 415, "UNSUPPORTED_ENCODING")


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, {"?name": "REQUIRED", "?format": "REQUIRED"}),
        ({"name": "A_B", "format": "env"}, {"?name": "NAME_INVALID"}),
        ({"name": NAME, "format": "toml"}, {"?format": "INVALID_VALUE"}),
    ],
)
async def test_a_format_is_not_guessed(
    operator: Person, project: Project, params: dict[str, str], found: dict[str, str]
) -> None:
    headers = {"Content-Type": "text/plain"}
    response = await operator.request(
        "POST", f"{project.path}/secret-actions/import", content="A=1", params=params, headers=headers
    )

    assert faults(response) == found


async def test_a_body_is_needed(operator: Person, project: Project) -> None:
    assert lines(await imported(operator, project, "", "env")) == [("", "BODY_REQUIRED", None, None)]


async def test_what_is_there_is_not_overwritten(operator: Person, project: Project, admin: Admin) -> None:
    await made(operator, project, {"kind": "default", "data": {"KEPT": canary()}})
    before = await stored(admin, project)

    assert_problem(await imported(operator, project, f"A={canary()}", "env"), 409, "ALREADY_EXISTS")
    assert await stored(admin, project) == before


async def test_who_may_not_create_may_not_preview(people: People, project: Project) -> None:
    response = await imported(people[LISTER], project, f"A={canary()}", "env", dryRun="true")

    assert_problem(response, 403, "FORBIDDEN")


async def test_the_line_of_a_request_has_neither_name_nor_format(
    operator: Person, project: Project, service: RunningService
) -> None:
    response = await imported(operator, project, f"A={canary()}", "env")

    line = await finished(service, response)
    assert line["route"].endswith("/secret-actions/import")
    assert "format" not in str(line)
