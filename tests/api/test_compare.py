"""Two Secrets compared: which keys hold the same, to who may read both, and never a value."""

from typing import Any

import httpx

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import NAMED, PATCHER, READER, MakeProject, People, Person, Project
from tests.support.problem import assert_problem
from tests.support.secret import NAME, faults, made_elsewhere, refusal


async def compared(person: Person, project: Project, body: dict[str, Any], name: str = NAME) -> httpx.Response:
    """The answer to who compares with the Secret of the tests."""
    return await person.post(f"{project.secrets}/{name}/compare", body)


async def test_each_key_stands_in_one_list(
    operator: Person, project: Project, make_project: MakeProject, admin: Admin
) -> None:
    other, shared = await make_project(), canary()
    await made_elsewhere(admin, project, {"same": shared, "empty": b"", "differs": canary(), "left": canary()})
    await made_elsewhere(admin, other, {"same": shared, "empty": b"", "differs": canary(), "right": canary()})

    response = await compared(operator, project, {"project": other.name, "name": NAME})

    assert response.status_code == 200
    assert response.json() == {
        "same": ["empty", "same"],
        "differs": ["differs"],
        "onlyLeft": ["left"],
        "onlyRight": ["right"],
    }


async def test_values_are_compared_as_bytes(operator: Person, project: Project, admin: Admin) -> None:
    value = canary()
    await made_elsewhere(admin, project, {"a": value, "b": value, "c": b"\xff\x00"})
    await made_elsewhere(admin, project, {"a": f"{value}\n", "b": f" {value}", "c": b"\xff\x00"}, name="other")

    body = (await compared(operator, project, {"name": "other"})).json()

    assert (body["same"], body["differs"]) == (["c"], ["a", "b"])


async def test_types_and_metadata_do_not_count(operator: Person, project: Project, admin: Admin) -> None:
    value = canary()
    await made_elsewhere(admin, project, {"a": value}, labels={"app": "demo"})
    await made_elsewhere(admin, project, {"a": value}, "example.com/x", name="other")

    body = (await compared(operator, project, {"name": "other"})).json()

    assert body == {"same": ["a"], "differs": [], "onlyLeft": [], "onlyRight": []}


async def test_both_have_to_be_readable(people: People, project: Project, admin: Admin) -> None:
    for name in ("mine", "theirs"):
        await made_elsewhere(admin, project, {"a": canary()}, name=name)

    both = await compared(people[READER], project, {"name": "theirs"}, "mine")
    left = await compared(people[NAMED], project, {"name": "theirs"}, "mine")
    right = await compared(people[NAMED], project, {"name": "mine"}, "theirs")
    neither = await compared(people[PATCHER], project, {"name": "theirs"}, "mine")

    assert both.status_code == 200
    assert [refusal(each) for each in (left, right, neither)] == [(403, "FORBIDDEN")] * 3


async def test_it_is_said_which_one_is_not_there(operator: Person, project: Project, admin: Admin) -> None:
    await made_elsewhere(admin, project, {"a": canary()})

    left = await compared(operator, project, {"name": NAME}, "absent")
    right = await compared(operator, project, {"name": "absent"})
    place = await compared(operator, project, {"name": NAME, "project": "absent"})

    assert "errors" not in assert_problem(left, 404, "SECRET_NOT_FOUND")
    assert_problem(right, 404, "SECRET_NOT_FOUND")
    assert_problem(place, 404, "PROJECT_NOT_FOUND")
    assert [faults(each) for each in (right, place)] == [{"/name": "NAMES_NOTHING"}, {"/project": "NAMES_NOTHING"}]


async def test_the_other_one_has_to_be_named(operator: Person, project: Project, admin: Admin) -> None:
    await made_elsewhere(admin, project, {"a": canary()})

    assert faults(await compared(operator, project, {"project": project.name})) == {"/name": "REQUIRED"}
