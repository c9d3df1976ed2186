"""Callers with a single right: what they can do with it, what they learn by it, and how few calls it all takes."""

from typing import Any, Final

import httpx
import pytest

from devcluster import ControlPlane
from tests.api.operation import KEY, content
from tests.support.audit_log import AuditLog, on_secrets
from tests.support.canary import canary, leaks
from tests.support.cluster import Admin
from tests.support.log_line import finished
from tests.support.people import LISTER, NAMED, PATCHER, READER, People, Person, Project
from tests.support.problem import assert_problem
from tests.support.service import RunningService

OTHER: Final = "other-key"


@pytest.fixture
def patcher(people: People) -> Person:
    """Who may `patch`, and nothing else."""
    return people[PATCHER]


@pytest.fixture
def lister(people: People) -> Person:
    """Who may `list`, and nothing else."""
    return people[LISTER]


@pytest.fixture
async def secret(admin: Admin, project: Project) -> str:
    """The path of a Secret with two keys."""
    await put(admin, project, "mine")
    return f"{project.secrets}/mine"


async def put(admin: Admin, project: Project, name: str) -> None:
    """Make a Secret of a default kind."""
    data = {KEY: canary(), OTHER: canary()}
    await admin.post(project.kube_secrets, {"metadata": {"name": name}, "stringData": data})


async def values(operator: Person, secret: str) -> dict[str, Any]:
    """What is stored."""
    found: dict[str, Any] = (await operator.get(f"{secret}/data")).json()["content"]["data"]
    return found


async def test_who_may_only_patch_rotates_a_key(patcher: Person, operator: Person, secret: str) -> None:
    before, value = await values(operator, secret), canary()

    response = await patcher.patch(f"{secret}/data", {"set": {KEY: value}}, if_match="*")

    assert response.status_code == 200
    assert await values(operator, secret) == {**before, KEY: {"text": value}}


async def test_who_may_only_patch_works_from_a_version_that_somebody_else_saw(
    patcher: Person, operator: Person, secret: str
) -> None:
    tag = (await operator.get(secret)).headers["ETag"]

    first = await patcher.patch(f"{secret}/data", {"set": {KEY: canary()}}, if_match=tag)
    second = await patcher.patch(f"{secret}/data", {"set": {KEY: canary()}}, if_match=tag)

    assert first.status_code == 200
    assert first.json()["previousEtag"] == tag
    assert_problem(second, 412, "PRECONDITION_FAILED")


async def test_who_may_only_patch_learns_the_version_and_what_they_sent(
    patcher: Person, operator: Person, secret: str
) -> None:
    changes: list[dict[str, Any]] = [
        {"set": {KEY: canary()}},
        {"remove": ["no-such-key"]},
        {"setIfAbsent": {"new-key": canary()}},
        {"rename": {"new-key": "newer-key"}},
    ]

    answers = [await patcher.patch(f"{secret}/data", change) for change in changes]

    assert [response.status_code for response in answers] == [200] * 4
    for response, change in zip(answers, changes, strict=True):
        assert response.json().keys() == {"etag", "previousEtag", "changedKeys", "changes", "warnings"}
        assert response.json()["changes"] is None
        assert set(response.json()["changedKeys"]) <= set(str(change).split("'"))
        assert OTHER not in response.text
        assert leaks(response.content) == []
    assert answers[-1].json()["etag"] == (await operator.get(secret)).headers["ETag"]


async def test_who_may_only_patch_learns_nothing_by_a_refusal(patcher: Person, secret: str) -> None:
    refused = [
        await patcher.patch(f"{secret}/data", {"setIfAbsent": {KEY: canary()}}),
        await patcher.patch(f"{secret}/data", {"rename": {"no-such-key": "else"}}),
        await patcher.patch(f"{secret}/data", {"rename": {KEY: OTHER}}),
    ]

    problems = [assert_problem(response, 409, "PATCH_NOT_APPLICABLE") for response in refused]
    told = [{name: value for name, value in problem.items() if name != "requestId"} for problem in problems]
    assert told[0] == told[1] == told[2]


async def test_who_may_only_patch_cannot_read_by_changing_nothing(patcher: Person, secret: str) -> None:
    answers = [
        await patcher.patch(secret, {}),
        await patcher.patch(secret, {"alias": "Seen"}),
        await patcher.get(secret),
        await patcher.get(f"{secret}/yaml"),
        await patcher.put(f"{secret}/data", {"content": content()}),
        await patcher.get(f"{secret}/data/{KEY}"),
    ]

    assert [response.status_code for response in answers[2:]] == [403] * 4
    for response in answers:
        assert OTHER not in response.text
        assert leaks(response.content) == []


async def test_who_may_only_list_sees_summaries(lister: Person, secret: str, project: Project) -> None:
    response = await lister.get(project.secrets)

    (item,) = response.json()["items"]
    assert (item["name"], item["kind"], item["keyCount"]) == ("mine", "default", 2)
    assert KEY not in response.text
    assert leaks(response.content) == []


async def test_who_may_only_list_gets_no_detail(lister: Person, secret: str) -> None:
    for path in (secret, f"{secret}/data", f"{secret}/data/{KEY}", f"{secret}/yaml"):
        problem = assert_problem(await lister.get(path), 403, "FORBIDDEN")

        assert problem["detail"] == "Kubernetes does not allow you to get secrets here."


async def test_what_one_may_do_is_told_as_it_is(people: People, secret: str, project: Project) -> None:
    told = {
        name: (await people[name].get(f"{project.path}/permissions")).json()["actions"]
        for name in (LISTER, PATCHER, NAMED, READER)
    }

    assert told == {
        LISTER: ["list"],
        PATCHER: ["updateInfo", "updateKeys"],
        NAMED: [],
        READER: ["list", "view", "reveal"],
    }


async def test_who_may_touch_one_secret_is_told_so_at_that_one(people: People, secret: str) -> None:
    detail = (await people[NAMED].get(secret)).json()

    assert detail["valuesVisible"] is True
    assert set(detail["allowedActions"]) == {
        *("view", "reveal", "updateInfo", "updateKeys", "updateData", "updateYaml", "delete")
    }


ONE_CALL: Final = {
    "detail": ("GET", "/mine"),
    "list": ("GET", ""),
    "a page further on": ("GET", "?page=2&limit=1"),
    "reveal": ("GET", "/mine/data"),
    "reveal of one key": ("GET", f"/mine/data/{KEY}"),
    "masked YAML": ("GET", "/mine/yaml"),
    "plain YAML": ("GET", "/mine/yaml?values=plain"),
}


@pytest.mark.parametrize("case", ONE_CALL)
async def test_one_read_is_one_call_upstream(
    plane: ControlPlane,
    admin: Admin,
    service: RunningService,
    operator: Person,
    project: Project,
    secret: str,
    case: str,
) -> None:
    method, path = ONE_CALL[case]
    await operator.get(secret)  # from now on it is known who calls and what they may do, for ten seconds
    audit = AuditLog(plane.audit_log, admin)

    response = await operator.request(method, project.secrets + path)

    assert response.status_code == 200
    assert (await finished(service, response))["upstream_calls"] == 1
    assert [event["verb"] for event in await audit.of(response)] == ["list" if "mine" not in path else "get"]


async def test_a_write_at_a_known_version_is_a_look_and_a_write(
    plane: ControlPlane, admin: Admin, service: RunningService, operator: Person, project: Project, secret: str
) -> None:
    tag = (await operator.get(secret)).headers["ETag"]
    audit = AuditLog(plane.audit_log, admin)

    response = await operator.patch(f"{secret}/data", {"set": {KEY: canary()}}, if_match=tag)

    events = on_secrets(await audit.of(response), project.name)
    assert [event["verb"] for event in events] == ["get", "patch"]
    assert (await finished(service, response))["upstream_calls"] == 2


async def test_no_call_is_made_for_what_can_be_refused_without(
    service: RunningService, operator: Person, project: Project, secret: str
) -> None:
    await operator.get(secret)
    body = {"name": "Not A Name", "content": content()}

    answers: list[httpx.Response] = [
        await operator.post(project.secrets, body),
        await operator.patch(secret, {"alias": "x"}, if_match=None),
        await operator.get(f"{project.secrets}?unknown=1"),
        await operator.get("/api/v1/me"),
        await operator.get("/api/v1/meta"),
    ]

    assert [(await finished(service, response))["upstream_calls"] for response in answers] == [0] * 5
