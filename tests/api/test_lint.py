"""Remarks on values: in the check before a create and in every write, at their place, in nobody's way, unquoted."""

import base64
from typing import Any, Final

import httpx
import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import PATCHER, People, Person, Project
from tests.support.secret import NAME, made, made_elsewhere, stored
from tests.support.tls import DAY, pair, reversed_chain

Told = set[tuple[str, str, str]]
"""Pointer, code and severity of each remark."""
PAIR: Final = pair("demo.example.com")
OLD: Final = pair("demo.example.com", starts=-3 * DAY, ends=-DAY)
LINE: Final = f"{canary()}\n"
TRAILING: Final = ("TRAILING_NEWLINE", "info")

CONTENTS: Final[dict[str, tuple[dict[str, Any], Told]]] = {
    "any": (
        {
            "kind": "default",
            "data": {
                "db.password": canary(),
                "empty": "",
                "line": LINE,
                "twice": base64.b64encode(canary().encode()).decode(),
                "marked": f"\ufeff{canary()}",
                "broken.json": f'{{"a": "{canary()}"',
                "windows": PAIR.ca_certificate.replace("\n", "\r\n"),
                "id": f"-----BEGIN OPENSSH PRIVATE KEY-----\n{canary()}\n-----END OPENSSH PRIVATE KEY-----",
            },
        },
        {
            ("/content/data/db.password", "KEY_NOT_ENV", "info"),
            ("/content/data/empty", "EMPTY_VALUE", "info"),
            ("/content/data/line", *TRAILING),
            ("/content/data/twice", "BASE64_TWICE", "info"),
            ("/content/data/marked", "BYTE_ORDER_MARK", "warning"),
            ("/content/data/broken.json", "JSON_BROKEN", "warning"),
            ("/content/data/broken.json", "KEY_NOT_ENV", "info"),
            ("/content/data/windows", "CRLF_IN_PEM", "warning"),
            ("/content/data/id", "SSH_KEY_WITHOUT_NEWLINE", "warning"),
        },
    ),
    "a chain in the wrong order": (
        {"kind": "tls", "certificate": reversed_chain(PAIR.certificate), "privateKey": PAIR.private_key},
        {("/content/certificate", "CHAIN_ORDER", "warning")},
    ),
    "a certificate of the past": (
        {"kind": "tls", "certificate": OLD.certificate, "privateKey": OLD.private_key},
        {("/content/certificate", "CERTIFICATE_EXPIRED", "warning")},
    ),
    "a password to be filled in": (
        {
            "kind": "image-registry",
            "registries": [
                {"server": "a.example.com", "username": "robot", "password": canary()},
                {"server": "b.example.com", "username": "robot", "password": "changeme"},
            ],
        },
        {("/content/registries/1/password", "REGISTRY_PASSWORD_PLACEHOLDER", "warning")},
    ),
    "nothing to remark": ({"kind": "account-password", "username": "postgres", "password": canary()}, set()),
}
contents = pytest.mark.parametrize(("content", "expected"), CONTENTS.values(), ids=CONTENTS)


def told(response: httpx.Response) -> Told:
    """The remarks of an answer."""
    assert response.is_success, response.text
    warnings = response.json()["warnings"]
    assert all(each["message"] for each in warnings)
    return {(each["pointer"], each["code"], each["severity"]) for each in warnings}


@contents
async def test_a_check_remarks_and_finds_the_draft_valid(
    operator: Person, project: Project, content: dict[str, Any], expected: Told
) -> None:
    path = f"{project.path}/secret-actions/validate"

    whole = await operator.post(path, {"name": NAME, "content": content})
    without_name = await operator.post(path, {"content": content})

    assert whole.json()["valid"]
    assert told(whole) == told(without_name) == expected


@contents
async def test_a_create_remarks_the_same_and_takes_place(
    operator: Person, project: Project, admin: Admin, content: dict[str, Any], expected: Told
) -> None:
    tried = await operator.post(f"{project.secrets}?dryRun=true", {"name": NAME, "content": content})
    created = await made(operator, project, content)

    assert told(tried) == told(created) == expected
    assert await admin.exists(f"{project.kube_secrets}/{NAME}")


async def test_every_way_to_write_values_remarks_at_its_own_place(operator: Person, project: Project) -> None:
    path = f"{project.secrets}/{NAME}"
    await made(operator, project, {"kind": "default", "data": {"a": canary()}})
    content = {"kind": "default", "data": {"a": LINE}}
    document = f"{{apiVersion: v1, kind: Secret, metadata: {{name: {NAME}}}, stringData: {{c: '', d: x}}}}"

    replaced = await operator.put(f"{path}/data", {"content": content})
    again = await operator.put(f"{path}/data", {"content": content})
    patched = await operator.patch(f"{path}/data", {"set": {"b": LINE}, "setIfAbsent": {"c": LINE}})
    upserted = await operator.put(path, {"content": {"kind": "default", "data": {"a": LINE, "d": LINE}}}, if_match=None)
    yaml = await operator.put_yaml(f"{path}/yaml", document)
    info = await operator.patch(path, {"alias": "Demo"})

    assert told(replaced) == {("/content/data/a", *TRAILING)}
    assert told(again) == set()
    assert told(patched) == {("/set/b", *TRAILING), ("/setIfAbsent/c", *TRAILING)}
    assert told(upserted) == {("/content/data/d", *TRAILING)}
    assert told(yaml) == {("/stringData/c", "EMPTY_VALUE", "info")}
    assert told(info) == set()


async def test_a_write_past_the_form_of_the_kind_is_remarked_on(operator: Person, project: Project) -> None:
    await made(operator, project, {"kind": "tls", "certificate": PAIR.certificate, "privateKey": PAIR.private_key})
    other = pair("other.example.com")

    response = await operator.patch(
        f"{project.secrets}/{NAME}/data", {"set": {"tls.crt": PAIR.certificate, "tls.key": other.private_key}}
    )

    assert told(response) == {("/set/tls.key", "PAIR_MISMATCH", "warning")}


async def test_who_may_patch_and_not_read_is_told_of_what_he_sends(
    people: People, project: Project, admin: Admin
) -> None:
    await made_elsewhere(admin, project, {"old": LINE})

    response = await people[PATCHER].patch(f"{project.secrets}/{NAME}/data", {"set": {"new": LINE}})

    assert told(response) == {("/set/new", *TRAILING)}
    assert (await stored(admin, project)).data["new"] == LINE.encode()


async def test_a_secret_that_is_nearly_full_is_remarked_on(operator: Person, project: Project) -> None:
    content = {"kind": "default", "data": {"blob": canary().ljust(1_000_000, "x")}}

    assert told(await made(operator, project, content)) == {("/content", "NEAR_LIMIT", "info")}
