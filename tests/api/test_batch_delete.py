"""Several Secrets deleted at once: each by itself, and no plain success where one is still there."""

from typing import Any, Final

import httpx

from app.schemas.secret_batch import MAX_DELETED
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import LISTER, NAMED, READER, People, Person, Project
from tests.support.problem import assert_problem
from tests.support.secret import faults, made, made_elsewhere, stored

OWNER: Final = {
    "apiVersion": "bitnami.com/v1alpha1",
    "kind": "SealedSecret",
    "name": "sealed",
    "uid": "0b5b0e6c-7e4c-4f5e-9d3a-2f6f0c9a1d11",
    "controller": True,
}


async def deleted(person: Person, project: Project, *items: dict[str, Any], query: str = "") -> httpx.Response:
    """The answer to who deletes these."""
    return await person.post(f"{project.path}/secret-actions/batch-delete{query}", {"items": [*items]})


async def put(person: Person, project: Project, *names: str) -> list[str]:
    """Secrets of these names, and their ETags."""
    content = {"kind": "default", "data": {"password": canary()}}
    return [(await made(person, project, content, name)).headers["ETag"] for name in names]


async def there(admin: Admin, project: Project) -> set[str]:
    """The names of the Secrets that are there."""
    return {item["metadata"]["name"] for item in (await admin.get(project.kube_secrets))["items"]}


def codes(response: httpx.Response) -> dict[str, str | None]:
    """By name, why it is still there; None for what is gone."""
    return {item["name"]: item.get("problem", {}).get("code") for item in response.json()["items"]}


async def test_all_are_deleted_and_each_tells_the_version_that_it_had(
    operator: Person, project: Project, admin: Admin
) -> None:
    first, second = await put(operator, project, "first", "second")
    await put(operator, project, "third")

    response = await deleted(operator, project, {"name": "second", "etag": second}, {"name": "first"})

    assert response.status_code == 200
    assert response.json() == {
        "items": [
            {"name": "second", "status": "deleted", "previousEtag": second, "deletionPending": False},
            {"name": "first", "status": "deleted", "previousEtag": first, "deletionPending": False},
        ],
        "deleted": 2,
        "failed": 0,
    }
    assert await there(admin, project) == {"third"}


async def test_what_fails_stays_and_stops_no_other(operator: Person, project: Project, admin: Admin) -> None:
    (stale,) = await put(operator, project, "changed")
    await operator.patch(f"{project.secrets}/changed", {"alias": "Changed"})
    await put(operator, project, "good", "other")
    await made_elsewhere(admin, project, {"a": canary()}, "helm.sh/release.v1", "release")
    await made_elsewhere(admin, project, {"a": canary()}, name="sealed", ownerReferences=[OWNER])

    response = await deleted(
        operator,
        project,
        {"name": "changed", "etag": stale},
        {"name": "good"},
        {"name": "absent"},
        {"name": "release"},
        {"name": "sealed"},
        {"name": "other", "etag": '"not-one-of-ours"'},
    )

    assert response.status_code == 200
    assert codes(response) == {
        "changed": "PRECONDITION_FAILED",
        "good": None,
        "absent": "SECRET_NOT_FOUND",
        "release": "READ_ONLY",
        "sealed": "MANAGED_BY_CONTROLLER",
        "other": "PRECONDITION_FAILED",
    }
    assert (response.json()["deleted"], response.json()["failed"]) == (1, 5)
    assert await there(admin, project) == {"changed", "release", "sealed", "other"}


async def test_a_failed_one_has_a_problem_as_the_single_delete_has(operator: Person, project: Project) -> None:
    (stale,) = await put(operator, project, "changed")
    await operator.patch(f"{project.secrets}/changed", {"alias": "Changed"})

    single = await operator.delete(f"{project.secrets}/changed", stale)
    (item,) = (await deleted(operator, project, {"name": "changed", "etag": stale})).json()["items"]

    problem = assert_problem(single, 412, "PRECONDITION_FAILED")
    assert item["status"] == "failed"
    assert item["problem"] == {name: part for name, part in problem.items() if name not in {"instance", "requestId"}}
    assert item["problem"]["meanwhile"]["alias"] == "added"


async def test_guards_are_set_aside_for_all(operator: Person, project: Project, admin: Admin) -> None:
    await made_elsewhere(admin, project, {"a": canary()}, "helm.sh/release.v1", "release")
    await made_elsewhere(admin, project, {"a": canary()}, name="sealed", ownerReferences=[OWNER])

    one = await deleted(
        operator, project, {"name": "release"}, {"name": "sealed"}, query="?override=readOnly&dryRun=true"
    )
    both = await deleted(operator, project, {"name": "release"}, {"name": "sealed"}, query="?override=readOnly,managed")

    assert codes(one) == {"release": None, "sealed": "MANAGED_BY_CONTROLLER"}
    assert codes(both) == {"release": None, "sealed": None}
    assert await there(admin, project) == set()


async def test_a_dry_run_deletes_nothing(operator: Person, project: Project, admin: Admin) -> None:
    await put(operator, project, "first")

    response = await deleted(operator, project, {"name": "first"}, {"name": "absent"}, query="?dryRun=true")

    assert codes(response) == {"first": None, "absent": "SECRET_NOT_FOUND"}
    assert await there(admin, project) == {"first"}


async def test_what_a_finalizer_holds_is_told(operator: Person, project: Project, admin: Admin) -> None:
    await made_elsewhere(admin, project, {"a": canary()}, name="held", finalizers=["example.com/hold"])

    (item,) = (await deleted(operator, project, {"name": "held"})).json()["items"]

    assert (item["status"], item["deletionPending"]) == ("deleted", True)
    assert "deletionTimestamp" in (await stored(admin, project, "held")).object["metadata"]


async def test_each_is_asked_of_rbac_by_itself(
    operator: Person, people: People, project: Project, admin: Admin
) -> None:
    await put(operator, project, "mine", "theirs")

    response = await deleted(people[NAMED], project, {"name": "mine"}, {"name": "theirs"})

    assert codes(response) == {"mine": None, "theirs": "FORBIDDEN"}
    assert await there(admin, project) == {"theirs"}


async def test_who_may_not_delete_is_told_so_of_each(operator: Person, people: People, project: Project) -> None:
    await put(operator, project, "first")

    answers = [await deleted(people[name], project, {"name": "first"}, {"name": "absent"}) for name in (READER, LISTER)]

    assert [set(codes(answer).values()) for answer in answers] == [{"FORBIDDEN", "SECRET_NOT_FOUND"}, {"FORBIDDEN"}]


async def test_many_are_deleted_at_once(operator: Person, project: Project, admin: Admin) -> None:
    names = [f"secret-{number}" for number in range(MAX_DELETED)]
    for name in names:
        await admin.post(project.kube_secrets, {"metadata": {"name": name}})

    response = await deleted(operator, project, *({"name": name} for name in names))

    assert [item["name"] for item in response.json()["items"]] == names
    assert (response.json()["deleted"], response.json()["failed"]) == (MAX_DELETED, 0)
    assert await there(admin, project) == set()


async def test_a_request_that_names_one_twice_or_too_many_or_none_deletes_nothing(
    operator: Person, project: Project, admin: Admin
) -> None:
    await put(operator, project, "first")
    many = [{"name": f"secret-{number}"} for number in range(MAX_DELETED)]

    twice = await deleted(operator, project, {"name": "first"}, {"name": "other"}, {"name": "first"})
    too_many = await deleted(operator, project, {"name": "first"}, *many)
    none = await deleted(operator, project)
    no_name = await deleted(operator, project, {"name": "first"}, {"name": "No Name"}, {"etag": '"MTIz"'})

    assert faults(twice) == {"/items/2/name": "SECRET_NAMED_TWICE"}
    assert faults(too_many) == {"/items": "TOO_LONG"}
    assert faults(none) == {"/items": "TOO_SHORT"}
    assert faults(no_name) == {"/items/1/name": "NAME_INVALID", "/items/2/name": "REQUIRED"}
    assert await there(admin, project) == {"first"}


async def test_a_project_that_is_not_there_is_a_problem_of_the_whole(operator: Person) -> None:
    response = await deleted(operator, Project("absent"), {"name": "first"})

    assert_problem(response, 404, "PROJECT_NOT_FOUND")
