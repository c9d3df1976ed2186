"""A Secret as YAML: view it masked, reveal it plain, download it as a file that kubectl takes."""

from typing import Any

import httpx
import pytest
import yaml

from tests.support.canary import MARK, canary, leaks
from tests.support.cluster import Admin
from tests.support.people import LISTER, PATCHER, READER, People, Person, Project
from tests.support.secret import encoded, faults, made, made_elsewhere, refusal, stored
from tests.support.tls import pair

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


async def viewed(person: Person, project: Project, **query: str) -> str:
    """The document."""
    response = await person.get(f"{project.secrets}/demo/yaml", params=query)
    return response.raise_for_status().text


async def test_the_view_is_masked_and_says_the_rest(operator: Person, project: Project) -> None:
    binary = b"\xff\x00" * 40
    await made(
        operator,
        project,
        {"kind": "default", "data": {"password": canary(), "empty": "", "bytes": {"base64": encoded(binary)}}},
        alias="Demo: yes",
        labels={"app": "demo", "on": "true", "version": "1.10"},
        annotations={"note": "two\nlines"},
    )

    response = await operator.get(f"{project.secrets}/demo/yaml")

    assert response.headers["Content-Type"] == "application/yaml"
    assert "Content-Disposition" not in response.headers
    assert response.text == (
        "apiVersion: v1\n"
        "kind: Secret\n"
        "metadata:\n"
        "  name: demo\n"
        f"  namespace: {project.name}\n"
        "  labels:\n"
        "    app: demo\n"
        '    "on": "true"\n'
        '    version: "1.10"\n'
        "  annotations:\n"
        '    kubesphere.io/alias-name: "Demo: yes"\n'
        '    kubesphere.io/creator: "secretspace:operator"\n'
        '    note: "two\\nlines"\n'
        "type: Opaque\n"
        "data:\n"
        '  bytes: "<kept: 80 bytes>"\n'
        '  empty: "<kept: 0 bytes>"\n'
        '  password: "<kept: 29 bytes>"\n'
    )


async def test_the_view_carries_the_version(operator: Person, project: Project) -> None:
    created = await made(operator, project, {"kind": "default", "data": {}})
    response = await operator.get(f"{project.secrets}/demo/yaml")
    assert response.headers["ETag"] == created.headers["ETag"]


async def test_plain_shows_the_values_as_kubernetes_writes_them(operator: Person, project: Project) -> None:
    value, binary = canary(), b"\xff" + canary().encode()
    await made(operator, project, {"kind": "default", "data": {"text": value, "bytes": {"base64": encoded(binary)}}})
    document = yaml.safe_load(await viewed(operator, project, values="plain"))
    assert document["data"] == {"text": encoded(value), "bytes": encoded(binary)}


@pytest.mark.parametrize("values", ["masked", "plain"])
async def test_a_download_is_a_file_named_after_secret_and_project(
    operator: Person, project: Project, values: str
) -> None:
    await made(operator, project, {"kind": "default", "data": {"k": canary()}})
    query = {"download": "true", "values": values}
    response = await operator.get(f"{project.secrets}/demo/yaml", params=query)
    assert response.headers["Content-Disposition"] == f'attachment; filename="demo.{project.name}.secret.yaml"'
    assert response.text == await viewed(operator, project, values=values)


async def test_what_belongs_to_the_server_or_to_other_tools_is_not_shown(
    operator: Person, project: Project, admin: Admin
) -> None:
    value = canary()
    applied = '{"data":{"k":"' + encoded(value) + '"}}'
    await made_elsewhere(
        admin,
        project,
        {"k": value},
        annotations={LAST_APPLIED: applied, "copy": f"the value is {value}", "note": "x"},
        finalizers=["example.com/hold"],
    )

    masked, plain = await viewed(operator, project), yaml.safe_load(await viewed(operator, project, values="plain"))

    metadata = {"name": "demo", "namespace": project.name, "annotations": {"note": "x"}}
    assert leaks(masked.encode()) == []
    assert plain == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "Opaque",
        "data": {"k": encoded(value)},
    }
    await admin.merge(f"{project.kube_secrets}/demo", {"metadata": {"finalizers": None}})


_CERTIFICATE = pair("demo.example.com")
_CONTENTS: dict[str, dict[str, Any]] = {
    "default": {"kind": "default", "data": {"k": canary(), "n": "", "b": {"base64": "/wA="}}},
    "empty": {"kind": "default", "data": {}},
    "tls": {"kind": "tls", "certificate": _CERTIFICATE.certificate, "privateKey": _CERTIFICATE.private_key},
    "image-registry": {
        "kind": "image-registry",
        "registries": [{"server": "example.com", "username": "robot", "password": canary()}],
    },
    "account-password": {"kind": "account-password", "username": canary()},
    "ssh-auth": {"kind": "ssh-auth", "privateKey": canary()},
    "custom": {"kind": "custom", "type": "example.com/x y", "data": {"k": canary()}},
}


@pytest.mark.parametrize("content", _CONTENTS.values(), ids=_CONTENTS)
async def test_the_plain_form_is_a_manifest_that_the_cluster_takes(
    operator: Person, project: Project, admin: Admin, content: dict[str, Any]
) -> None:
    await made(operator, project, content, alias="Ä: #1", labels={"no": "yes", "n": "012"}, immutable=True)
    before = await stored(admin, project)
    manifest = yaml.safe_load(await viewed(operator, project, values="plain"))

    await admin.delete(f"{project.kube_secrets}/demo")
    await admin.post(f"{project.kube_secrets}?fieldValidation=Strict", manifest)

    after = await stored(admin, project)
    assert (after.type, after.data) == (before.type, before.data)
    assert (after.labels, after.annotations) == (before.labels, before.annotations)
    assert after.object["immutable"] is True


async def test_the_masked_form_is_a_manifest_that_the_cluster_refuses(
    operator: Person, project: Project, admin: Admin
) -> None:
    await made(operator, project, {"kind": "default", "data": {"k": canary()}})
    manifest = yaml.safe_load(await viewed(operator, project))
    manifest["metadata"]["name"] = "copy"
    with pytest.raises(httpx.HTTPStatusError, match="400 Bad Request"):
        await admin.post(f"{project.kube_secrets}?fieldValidation=Strict", manifest)


async def test_who_may_read_may_view_and_others_see_nothing(people: People, operator: Person, project: Project) -> None:
    await made(operator, project, {"kind": "default", "data": {"k": canary()}})
    path = f"{project.secrets}/demo/yaml"
    plain = await people[READER].get(f"{path}?values=plain")
    others = [await people[name].get(f"{path}{query}") for name in (LISTER, PATCHER) for query in ("", "?values=plain")]
    assert encoded(MARK)[:8] in plain.text
    assert [refusal(answer) for answer in others] == [(403, "FORBIDDEN")] * 4


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("values=all", {"?values": "INVALID_VALUE"}),
        ("download=maybe", {"?download": "WRONG_TYPE"}),
        ("values=plain&values=masked", {"?values": "REPEATED_PARAMETER"}),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(
    operator: Person, project: Project, query: str, expected: dict[str, str]
) -> None:
    await made(operator, project, {"kind": "default", "data": {}})
    response = await operator.get(f"{project.secrets}/demo/yaml?{query}")
    assert faults(response) == expected
