"""`?merge=true`: an edit of an older version is made to the one that is there, if the others changed something else."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx
import pytest

from devcluster import ControlPlane
from tests.support.audit_log import AuditLog, on_secrets
from tests.support.canary import canary, leaks
from tests.support.cluster import Admin
from tests.support.people import OPERATOR, PATCHER, PROJECT_ADMIN, People, Person, Project
from tests.support.problem import assert_problem
from tests.support.secret import faults, made, made_elsewhere, stored
from tests.support.tls import pair

Merge = Callable[[Person, str, str, str], Awaitable[httpx.Response]]
QUERY: Final = {"merge": "true"}
OLD: Final = "old-canary-value"


def content(**data: object) -> dict[str, Any]:
    return {"kind": "default", "data": data}


def document(kept: str, ours: str) -> str:
    values = f'{{kept: "<kept: {len(kept)} bytes>", theirs: "<kept: {len(OLD)} bytes>"}}'
    metadata = "{name: demo, labels: {app: demo}}"
    return f"apiVersion: v1\nkind: Secret\nmetadata: {metadata}\ndata: {values}\nstringData: {{ours: {ours}}}\n"


async def _yaml(person: Person, path: str, tag: str, ours: str) -> httpx.Response:
    headers = {"Content-Type": "application/yaml", "If-Match": tag}
    body = document(OLD, ours)
    return await person.request("PUT", f"{path}/yaml", content=body, headers=headers, params=QUERY)


MERGES: Final[dict[str, Merge]] = {
    "keys": lambda person, path, tag, ours: person.patch(f"{path}/data", {"set": {"ours": ours}}, tag, params=QUERY),
    "guarded keys": lambda person, path, tag, ours: person.patch(
        f"{path}/data", {"set": {"ours": ours}, "setIfAbsent": {"new": ""}}, tag, params=QUERY
    ),
    "data": lambda person, path, tag, ours: person.put(
        f"{path}/data", {"content": content(kept=OLD, theirs=OLD, ours=ours)}, tag, params=QUERY
    ),
    "yaml": _yaml,
}


@pytest.fixture
async def secret(admin: Admin, project: Project) -> str:
    """The path of a Secret."""
    await made_elsewhere(admin, project, {"kept": OLD, "ours": OLD, "theirs": OLD}, labels={"app": "demo"})
    return f"{project.secrets}/demo"


async def etag(person: Person, path: str) -> str:
    """The version that is there."""
    return (await person.get(path)).headers["ETag"]


@pytest.mark.parametrize("how", MERGES)
async def test_nothing_of_either_edit_is_lost(
    people: People, project: Project, admin: Admin, secret: str, how: str
) -> None:
    one, two = people[OPERATOR], people[PROJECT_ADMIN]
    tag, ours, theirs = await etag(one, secret), canary(), canary()
    await two.patch(f"{secret}/data", {"set": {"theirs": theirs}, "rename": {"kept": "renamed"}}, tag)
    await two.patch(secret, {"alias": "Theirs", "labels": {"tier": "x"}})
    current = await etag(two, secret)

    response = await MERGES[how](one, secret, tag, ours)

    after = await stored(admin, project)
    assert response.status_code == 200, response.text
    assert (after.data["ours"], after.data["theirs"]) == (ours.encode(), theirs.encode())
    assert after.data["renamed"] == OLD.encode()
    assert "kept" not in after.data
    assert (after.labels, after.annotations["kubesphere.io/alias-name"]) == ({"app": "demo", "tier": "x"}, "Theirs")
    assert response.json()["previousEtag"] == current
    assert "MERGED" in [warning["code"] for warning in response.json()["warnings"]]
    assert leaks(response.content) == []


async def test_information_is_merged_too(people: People, project: Project, admin: Admin, secret: str) -> None:
    one, two = people[OPERATOR], people[PROJECT_ADMIN]
    tag = await etag(one, secret)
    await two.patch(secret, {"alias": "Theirs", "labels": {"tier": "x"}}, tag)

    body = {"description": "Ours", "labels": {"app": None}}
    response = await one.patch(secret, body, tag, params=QUERY)
    clash = await one.patch(secret, {"alias": "Ours", "labels": {"tier": None}}, tag, params=QUERY)

    after = await stored(admin, project)
    assert response.status_code == 200
    assert after.labels == {"tier": "x"}
    assert after.annotations["kubesphere.io/description"] == "Ours"
    assert assert_problem(clash, 412, "PRECONDITION_FAILED")["overlap"] == ["/labels/tier", "/alias"]


@pytest.mark.parametrize("how", MERGES)
async def test_two_edits_of_one_key_are_not_merged(
    operator: Person, project: Project, admin: Admin, secret: str, how: str
) -> None:
    tag = await etag(operator, secret)
    await operator.patch(f"{secret}/data", {"set": {"ours": canary(), "more": canary()}}, tag)
    before = await stored(admin, project)

    problem = assert_problem(await MERGES[how](operator, secret, tag, canary()), 412, "PRECONDITION_FAILED")

    assert problem["overlap"] == ["/data/ours"]
    assert problem["meanwhile"]["data"]["added"] == ["more"]
    assert await stored(admin, project) == before


@pytest.mark.parametrize("how", MERGES)
async def test_sending_the_same_once_more_changes_nothing(
    operator: Person, project: Project, admin: Admin, secret: str, how: str
) -> None:
    tag, ours = await etag(operator, secret), canary()
    first = await MERGES[how](operator, secret, tag, ours)
    before = await stored(admin, project)

    again = await MERGES[how](operator, secret, tag, ours)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.json()["changedKeys"] == []
    assert await stored(admin, project) == before


async def test_a_dry_run_tells_what_the_merge_would_change(
    operator: Person, project: Project, admin: Admin, secret: str
) -> None:
    tag = await etag(operator, secret)
    await operator.patch(f"{secret}/data", {"set": {"theirs": canary()}}, tag)
    before = await stored(admin, project)

    response = await operator.patch(
        f"{secret}/data", {"set": {"ours": canary()}}, tag, params=QUERY | {"dryRun": "true"}
    )

    assert response.json()["changes"]["data"]["changed"] == ["ours"]
    assert await stored(admin, project) == before


async def test_certificate_and_key_are_not_merged_from_two_hands(
    operator: Person, project: Project, admin: Admin
) -> None:
    first, second = pair("demo.example.com"), pair("demo.example.com")
    await made(operator, project, {"kind": "tls", "certificate": first.certificate, "privateKey": first.private_key})
    path = f"{project.secrets}/demo"
    tag = await etag(operator, path)
    await admin.merge(f"{project.kube_secrets}/demo", {"stringData": {"tls.key": second.private_key}})

    response = await operator.patch(f"{path}/data", {"set": {"tls.crt": second.certificate}}, tag, params=QUERY)

    assert assert_problem(response, 412, "PRECONDITION_FAILED")["overlap"] == ["/data/tls.crt"]


async def test_who_may_only_patch_cannot_merge(people: People, operator: Person, secret: str) -> None:
    tag = await etag(operator, secret)
    await operator.patch(secret, {"alias": "Theirs"}, tag)

    problem = assert_problem(await MERGES["keys"](people[PATCHER], secret, tag, canary()), 412, "PRECONDITION_FAILED")

    assert "meanwhile" not in problem


async def test_at_the_version_that_is_there_it_costs_nothing(
    plane: ControlPlane, admin: Admin, operator: Person, project: Project, secret: str
) -> None:
    tag = await etag(operator, secret)
    audit = AuditLog(plane.audit_log, admin)

    plain = await MERGES["keys"](operator, secret, tag, canary())
    merged = await MERGES["keys"](operator, secret, tag, canary())

    verbs = [[event["verb"] for event in on_secrets(await audit.of(each), project.name)] for each in (plain, merged)]
    assert verbs == [["get", "patch"], ["get", "get", "list"]]


async def test_many_who_edit_at_once_lose_nothing(people: People, project: Project, admin: Admin, secret: str) -> None:
    tag = await etag(people[OPERATOR], secret)
    keys = [f"k{number}" for number in range(4)]

    answers = await asyncio.gather(
        *(people[OPERATOR].patch(f"{secret}/data", {"set": {key: canary()}}, tag, params=QUERY) for key in keys)
    )

    written = {key for key, answer in zip(keys, answers, strict=True) if answer.status_code == 200}
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert (await stored(admin, project)).data.keys() == {"kept", "ours", "theirs"} | written


@pytest.mark.parametrize(("method", "body"), [("PUT", {"content": content()}), ("DELETE", None)])
async def test_what_cannot_be_merged_does_not_take_it(
    operator: Person, secret: str, method: str, body: dict[str, Any] | None
) -> None:
    response = await operator.request(method, secret, json=body, headers={"If-Match": "*"}, params=QUERY)

    assert faults(response) == {"?merge": "UNKNOWN_PARAMETER"}
