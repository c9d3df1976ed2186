"""A write that came too late: 412, and what the others changed meanwhile, for who may read it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx
import pytest

from devcluster import ControlPlane
from tests.support.audit_log import AuditLog, on_secrets
from tests.support.canary import canary, leaks
from tests.support.cluster import Admin
from tests.support.people import NAMED, PATCHER, People, Person, Project, bind, grant
from tests.support.problem import assert_problem
from tests.support.secret import made_elsewhere, stored

Write = Callable[[Person, str, str], Awaitable[httpx.Response]]
NAME: Final = "mine"
SAME: Final[dict[str, list[str]]] = {"added": [], "changed": [], "removed": [], "same": []}


def content(**data: object) -> dict[str, Any]:
    return {"kind": "default", "data": data}


def document() -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: {NAME}}}\nstringData: {{a: {canary()}}}\n"


WRITES: Final[dict[str, Write]] = {
    "info": lambda person, path, tag: person.patch(path, {"alias": "Mine"}, tag),
    "keys": lambda person, path, tag: person.patch(f"{path}/data", {"set": {"a": canary()}}, tag),
    "data": lambda person, path, tag: person.put(f"{path}/data", {"content": content(a=canary())}, tag),
    "yaml": lambda person, path, tag: person.put_yaml(f"{path}/yaml", document(), tag),
    "upsert": lambda person, path, tag: person.put(path, {"content": content(a=canary())}, tag),
    "delete": lambda person, path, tag: person.delete(path, tag),
    "dry run": lambda person, path, tag: person.delete(path, tag, params={"dryRun": "true"}),
}


@pytest.fixture
async def secret(admin: Admin, project: Project) -> str:
    """The path of a Secret."""
    data = {"a": canary(), "b": canary(), "c": canary()}
    await made_elsewhere(admin, project, data, name=NAME, labels={"app": "demo"})
    return f"{project.secrets}/{NAME}"


async def etag(person: Person, path: str) -> str:
    """The version that is there."""
    return (await person.get(path)).headers["ETag"]


async def change(operator: Person, path: str) -> None:
    """What somebody else does: two writes, of which the first is undone in part by the second."""
    await operator.patch(f"{path}/data", {"set": {"b": canary(), "d": canary()}, "remove": ["c"]})
    await operator.patch(f"{path}/data", {"remove": ["d"]})
    await operator.patch(path, {"alias": "Theirs", "labels": {"tier": "x"}, "annotations": {"note": "x"}})


@pytest.mark.parametrize("write", WRITES)
async def test_every_write_is_told_what_changed_meanwhile(
    operator: Person, project: Project, admin: Admin, secret: str, write: str
) -> None:
    tag = await etag(operator, secret)
    await change(operator, secret)
    before = await stored(admin, project, NAME)

    problem = assert_problem(await WRITES[write](operator, secret, tag), 412, "PRECONDITION_FAILED")

    assert problem["meanwhile"] == {
        "data": {"added": [], "changed": ["b"], "removed": ["c"], "same": ["a"]},
        "labels": SAME | {"added": ["tier"], "same": ["app"]},
        "annotations": SAME | {"added": ["note"]},
        "alias": "added",
        "description": "same",
        "immutable": "same",
    }
    assert "versionGone" not in problem
    assert await stored(admin, project, NAME) == before


async def test_who_may_not_read_is_told_nothing_of_it(people: People, operator: Person, secret: str) -> None:
    tag = await etag(operator, secret)
    await change(operator, secret)

    response = await WRITES["keys"](people[PATCHER], secret, tag)

    problem = assert_problem(response, 412, "PRECONDITION_FAILED")
    assert "meanwhile" not in problem
    assert '"b"' not in response.text


async def test_who_may_read_what_is_there_and_not_look_back_is_told_nothing_of_it(
    people: People, operator: Person, secret: str
) -> None:
    tag = await etag(operator, secret)
    await change(operator, secret)

    problem = assert_problem(await WRITES["keys"](people[NAMED], secret, tag), 412, "PRECONDITION_FAILED")

    assert "meanwhile" not in problem


async def test_a_right_to_list_this_one_alone_is_enough_to_look_back(
    people: People, operator: Person, admin: Admin, project: Project, secret: str
) -> None:
    await grant(admin, project.name, f"{NAMED}-list", {"verbs": ["list"], "resourceNames": [NAME]})
    await bind(admin, project.name, NAMED, {"kind": "Role", "name": f"{NAMED}-list"})
    tag = await etag(operator, secret)
    await change(operator, secret)

    problem = assert_problem(await WRITES["keys"](people[NAMED], secret, tag), 412, "PRECONDITION_FAILED")

    assert problem["meanwhile"]["data"]["changed"] == ["b"]


async def test_a_secret_that_was_made_anew_is_not_compared_with_its_namesake(
    operator: Person, project: Project, admin: Admin, secret: str
) -> None:
    tag = await etag(operator, secret)
    await admin.delete(f"{project.kube_secrets}/{NAME}")
    await made_elsewhere(admin, project, {"z": canary()}, name=NAME)

    problem = assert_problem(await WRITES["keys"](operator, secret, tag), 412, "PRECONDITION_FAILED")

    assert "meanwhile" not in problem


async def test_looking_back_is_two_reads_by_the_caller(
    plane: ControlPlane, admin: Admin, operator: Person, project: Project, secret: str
) -> None:
    tag = await etag(operator, secret)
    await change(operator, secret)
    audit = AuditLog(plane.audit_log, admin)

    response = await WRITES["keys"](operator, secret, tag)

    events = on_secrets(await audit.of(response), project.name)
    assert [event["verb"] for event in events] == ["get", "get", "list"]
    assert "resourceVersionMatch=Exact" in events[2]["requestURI"]
    assert {event["impersonatedUser"]["username"] for event in events} == {operator.username}
    assert leaks(response.content) == []


async def test_sending_the_same_write_twice_does_no_harm(
    operator: Person, project: Project, admin: Admin, secret: str
) -> None:
    tag, body = await etag(operator, secret), {"set": {"a": canary()}}
    first = await operator.patch(f"{secret}/data", body, tag)
    before = await stored(admin, project, NAME)

    again = await operator.patch(f"{secret}/data", body, tag)

    assert first.status_code == 200
    assert assert_problem(again, 412, "PRECONDITION_FAILED")["meanwhile"]["data"]["changed"] == ["a"]
    assert await stored(admin, project, NAME) == before
