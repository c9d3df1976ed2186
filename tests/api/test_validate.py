"""Check a Secret without creating it: step one of the page alone, or the whole, with all that is wrong at once."""

from typing import Any

import httpx
import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import LISTER, NOBODY, READER, People, Person, Project
from tests.support.secret import faults, made, refusal
from tests.support.tls import pair

GOOD: dict[str, Any] = {"valid": True, "errors": [], "warnings": []}
PAIR = pair("demo.example.com")
OTHER = pair("other.example.com")


async def judged(person: Person, project: Project, body: object) -> httpx.Response:
    """The answer about a draft."""
    return await person.post(f"{project.path}/secret-actions/validate", body)


def content(**data: object) -> dict[str, Any]:
    return {"kind": "default", "data": data}


_GOOD: dict[str, dict[str, Any]] = {
    "a name alone": {"name": "demo"},
    "step one": {
        "name": "demo.v1",
        "alias": "Demo",
        "description": "first",
        "labels": {"app": "demo"},
        "annotations": {"note": "x"},
        "immutable": True,
    },
    "the whole": {"name": "demo", "alias": "Demo", "content": content(password="x")},
    "the whole of a typed kind": {
        "name": "demo",
        "content": {"kind": "tls", "certificate": PAIR.certificate, "privateKey": PAIR.private_key},
    },
}


@pytest.mark.parametrize("draft", _GOOD.values(), ids=_GOOD)
async def test_what_could_be_created_is_valid_and_is_not_created(
    operator: Person, project: Project, draft: dict[str, Any]
) -> None:
    response = await judged(operator, project, draft)
    listed = await operator.get(project.secrets)
    assert (response.status_code, response.json()) == (200, GOOD)
    assert listed.json()["total"] == 0


_STEP_ONE: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "no name": ({}, {"/name": "REQUIRED"}),
    "no name that a Secret can have": ({"name": "No Name"}, {"/name": "NAME_INVALID"}),
    "all of it": (
        {
            "name": "-",
            "alias": "a" * 64,
            "description": "d" * 257,
            "labels": {"a b": "x", "c": "d e"},
            "annotations": {"kubesphere.io/creator": "me"},
            "immutable": "yes",
            "more": 1,
        },
        {
            "/name": "NAME_INVALID",
            "/alias": "ALIAS_TOO_LONG",
            "/description": "DESCRIPTION_TOO_LONG",
            "/labels/a b": "LABEL_KEY_INVALID",
            "/labels/c": "LABEL_VALUE_INVALID",
            "/annotations/kubesphere.io~1creator": "RESERVED_ANNOTATION",
            "/immutable": "WRONG_TYPE",
            "/more": "UNKNOWN_FIELD",
        },
    ),
}
_WHOLE: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "a pair that does not match": (
        {
            "name": "demo",
            "content": {"kind": "tls", "certificate": PAIR.certificate, "privateKey": OTHER.private_key},
        },
        {"/content/privateKey": "KEY_PAIR_MISMATCH"},
    ),
    "both steps": (
        {
            "name": "Demo",
            "alias": "a" * 64,
            "content": {
                "kind": "image-registry",
                "registries": [{"server": "?", "username": "a:b", "password": "x"}, {"server": "b", "username": "u"}],
            },
        },
        {
            "/name": "NAME_INVALID",
            "/alias": "ALIAS_TOO_LONG",
            "/content/registries/0/server": "REGISTRY_SERVER_INVALID",
            "/content/registries/0/username": "REGISTRY_USERNAME_INVALID",
            "/content/registries/1/password": "REGISTRY_PASSWORD_REQUIRED",
        },
    ),
    "the form of both steps": (
        {"name": 7, "labels": [], "content": {"kind": "default", "data": {"a b": "", "c": {"base64": "?"}}}},
        {
            "/name": "WRONG_TYPE",
            "/labels": "WRONG_TYPE",
            "/content/data/a b": "KEY_INVALID",
            "/content/data/c/base64": "INVALID_BASE64",
        },
    ),
    "a type that has a kind": (
        {"name": "demo", "content": {"kind": "custom", "type": "Opaque", "data": {}}},
        {"/content/type": "TYPE_HAS_KIND"},
    ),
    "a kind that is switched off": (
        {"name": "No", "content": {"kind": "service-account-token", "serviceAccount": "default"}},
        {"/name": "NAME_INVALID", "/content/kind": "KIND_DISABLED"},
    ),
    "no kind": ({"name": "demo", "content": {}}, {"/content/kind": "REQUIRED"}),
    "raw": ({"name": "demo", "content": {"kind": "raw"}}, {"/content/kind": "INVALID_VALUE"}),
    "too much": (
        {"name": "demo", "content": content(a="x" * 1_048_577)},
        {"/content/data": "VALUES_TOO_LARGE"},
    ),
}


@pytest.mark.parametrize(("draft", "expected"), (_STEP_ONE | _WHOLE).values(), ids=_STEP_ONE | _WHOLE)
async def test_all_that_is_wrong_is_told_at_once(
    operator: Person, project: Project, draft: dict[str, Any], expected: dict[str, str]
) -> None:
    response = await judged(operator, project, draft)
    assert response.status_code == 200
    assert (response.json()["valid"], faults(response)) == (False, expected)
    assert [error for error in response.json()["errors"] if not error["message"]] == []


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ({"name": "demo"}, {"/name": "NAME_TAKEN"}),
        ({"name": "demo", "alias": "a" * 64}, {"/name": "NAME_TAKEN", "/alias": "ALIAS_TOO_LONG"}),
        ({"name": "demo", "content": {"kind": "default", "data": {}}}, {"/name": "NAME_TAKEN"}),
        (
            {"name": "demo", "content": {"kind": "account-password"}},
            {"/name": "NAME_TAKEN", "/content": "CREDENTIAL_REQUIRED"},
        ),
    ],
    ids=["a name alone", "step one", "the whole", "with other faults"],
)
async def test_a_name_that_is_taken_is_told_with_the_rest(
    operator: Person, project: Project, draft: dict[str, Any], expected: dict[str, str]
) -> None:
    await made(operator, project, content(k=canary()))
    response = await judged(operator, project, draft)
    assert response.status_code == 200
    assert (response.json()["valid"], faults(response)) == (False, expected)


async def test_what_is_valid_can_be_created_and_what_is_not_cannot(operator: Person, project: Project) -> None:
    drafts = [*_GOOD.values(), *(draft for draft, _ in _WHOLE.values())]
    whole = [draft | {"name": draft["name"]} for draft in drafts if "content" in draft]
    verdicts = [(await judged(operator, project, draft)).json()["valid"] for draft in whole]
    attempts = [await operator.post(f"{project.secrets}?dryRun=true", draft) for draft in whole]
    assert [attempt.status_code == 200 for attempt in attempts] == verdicts
    assert set(verdicts) == {True, False}


@pytest.mark.parametrize("body", [[], "demo", 7, True])
async def test_only_what_is_no_object_at_all_is_refused(operator: Person, project: Project, body: object) -> None:
    response = await judged(operator, project, body)
    assert refusal(response) == (422, "INVALID")
    assert faults(response) == {"": "WRONG_TYPE"}


async def test_who_may_not_create_is_told_so(people: People, project: Project) -> None:
    answers = [await judged(people[name], project, {"name": "demo"}) for name in (LISTER, READER, NOBODY)]
    assert [refusal(answer) for answer in answers] == [
        (403, "FORBIDDEN"),
        (403, "FORBIDDEN"),
        (404, "PROJECT_NOT_FOUND"),
    ]


async def test_a_secret_may_be_called_like_an_action(operator: Person, project: Project, admin: Admin) -> None:
    await made(operator, project, content(), "validate")
    read = await operator.get(f"{project.secrets}/validate")
    assert read.json()["name"] == "validate"
    assert await admin.exists(f"{project.kube_secrets}/validate")
