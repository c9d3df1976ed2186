"""Somebody always runs a project, and two who change members at once do not undo each other: on two replicas."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import pytest_asyncio

from app.domain.errors import LastAdminError
from app.domain.member import short_id
from app.domain.workspace import Subject, SubjectKind
from tests.support.cluster import Admin, Cluster
from tests.support.people import LISTER, NAMED, OPERATOR, PATCHER, PREFIX, READER, People, Person, Project, client_of
from tests.support.problem import provokes
from tests.support.service import RunningService, running_service
from tests.support.team import GROUP, Team, bind_by_hand, bindings, invitation, invited, new_team, roles_of, user_id

ROUNDS = 8
LEAVING = "leaving.secretspace.io/"


@pytest_asyncio.fixture(scope="module")
async def team(admin: Admin) -> Team:
    return await new_team(admin)


@pytest_asyncio.fixture
async def project(team: Team, people: People) -> Project:
    """A project whose only project-admin is the reader."""
    return await team.project(people[READER])


@pytest_asyncio.fixture
async def owner(people: People) -> Person:
    return people[READER]


@pytest.fixture(scope="module")
def replica(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A second process of the service, on the same cluster."""
    with running_service(cluster.home.service_kubeconfig, tmp_path_factory.mktemp("replica")) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def elsewhere(people: People, replica: RunningService) -> AsyncIterator[Person]:
    """The patcher, at the other replica."""
    token = people[PATCHER].client.headers["Authorization"].removeprefix("Bearer ")
    async with client_of(replica, token) as client:
        yield Person(PATCHER, client)


def member(project: Project, name: str) -> str:
    return f"{project.path}/members/{user_id(name)}"


def outcomes(answers: list[httpx.Response]) -> list[str]:
    """The codes of what was refused, and `done`."""
    return sorted("done" if answer.is_success else answer.json()["code"] for answer in answers)


async def notes(admin: Admin, project: Project) -> list[str]:
    """The notes that say that somebody leaves."""
    annotations = (await admin.get(f"/api/v1/namespaces/{project.name}"))["metadata"]["annotations"]
    return [name for name in annotations if name.startswith(LEAVING)]


@provokes(LastAdminError, 409)
async def test_the_last_project_admin_is_not_removed(owner: Person, project: Project, admin: Admin) -> httpx.Response:
    answer = await owner.delete(member(project, READER))
    assert await roles_of(admin, project, READER) == ["project-admin"]
    return answer


@provokes(LastAdminError, 409)
async def test_the_last_project_admin_is_not_demoted(owner: Person, project: Project, admin: Admin) -> httpx.Response:
    answer = await owner.patch(member(project, READER), {"role": "project-operator"})
    assert await roles_of(admin, project, READER) == ["project-admin"]
    return answer


@provokes(LastAdminError, 409)
async def test_admins_by_the_workspace_or_by_hand_do_not_count(
    people: People, project: Project, admin: Admin
) -> httpx.Response:
    await bind_by_hand(admin, project, NAMED, "secretspace:project-admin")
    return await people[OPERATOR].delete(member(project, READER))


async def test_the_last_project_admin_stays_one_by_being_made_one(owner: Person, project: Project) -> None:
    answer = await owner.patch(member(project, READER), {"role": "project-admin"})
    assert (answer.status_code, answer.json()["role"]) == (200, "project-admin")


async def test_an_admin_leaves_where_another_person_or_a_group_is_one(
    people: People, owner: Person, project: Project, admin: Admin
) -> None:
    await owner.post(f"{project.path}/members", invitation(GROUP, "project-admin", "group"))
    await invited(owner, project, PATCHER, "project-admin")
    left = await owner.delete(member(project, READER))
    demoted = await people[PATCHER].patch(member(project, PATCHER), {"role": "project-reader"})
    assert (left.status_code, demoted.status_code) == (204, 200)
    assert await notes(admin, project) == []


@pytest.mark.parametrize("round_number", range(ROUNDS))
async def test_of_the_last_two_admins_who_leave_at_once_one_stays(
    owner: Person, elsewhere: Person, project: Project, admin: Admin, round_number: int
) -> None:
    await invited(owner, project, PATCHER, "project-admin")

    answers = await asyncio.gather(
        owner.delete(member(project, READER)), elsewhere.patch(member(project, PATCHER), {"role": "project-viewer"})
    )

    admins = [each for each in await bindings(admin, project) if each["roleRef"]["name"].endswith("project-admin")]
    assert outcomes(list(answers)) == ["LAST_ADMIN", "done"]
    assert len(admins) == 1
    assert await notes(admin, project) == []


async def test_of_many_admins_who_are_removed_at_once_one_stays(
    people: People, owner: Person, elsewhere: Person, project: Project, admin: Admin
) -> None:
    others = [PATCHER, NAMED, LISTER, OPERATOR]
    for name in others:
        await invited(owner, project, name, "project-admin")

    answers = await asyncio.gather(
        *(
            person.delete(member(project, name))
            for name in (READER, *others)
            for person in (people[OPERATOR], elsewhere)
        )
    )

    admins = [each for each in await bindings(admin, project) if each["roleRef"]["name"].endswith("project-admin")]
    gone = {"MEMBER_NOT_FOUND", "INHERITED"}  # the latter of the workspace's manager, who stays an admin by that
    assert set(outcomes(list(answers))) <= {"done", "LAST_ADMIN", "CONFLICT", "FORBIDDEN"} | gone
    assert len(admins) >= 1
    assert await notes(admin, project) == []


async def test_who_is_about_to_leave_does_not_count_for_a_minute(owner: Person, project: Project, admin: Admin) -> None:
    await invited(owner, project, PATCHER, "project-admin")
    note = LEAVING + short_id(Subject(SubjectKind.USER, PREFIX + PATCHER))
    namespace = f"/api/v1/namespaces/{project.name}"

    await admin.merge(namespace, {"metadata": {"annotations": {note: at(seconds=-10)}}})
    fresh = await owner.delete(member(project, READER))
    await admin.merge(namespace, {"metadata": {"annotations": {note: at(seconds=-70)}}})
    left_behind = await owner.delete(member(project, READER))

    assert (fresh.json()["code"], left_behind.status_code) == ("LAST_ADMIN", 204)
    assert await notes(admin, project) == []


@pytest.mark.parametrize("text", ["soon", "", "2026-11-25", "9999-12-31T23:59:59+00:00"])
async def test_a_note_that_is_no_time_of_this_minute_says_nothing(
    owner: Person, project: Project, admin: Admin, text: str
) -> None:
    await invited(owner, project, PATCHER, "project-admin")
    note = LEAVING + short_id(Subject(SubjectKind.USER, PREFIX + PATCHER))
    await admin.merge(f"/api/v1/namespaces/{project.name}", {"metadata": {"annotations": {note: text}}})
    answer = await owner.delete(member(project, READER))
    assert answer.status_code == 204


def at(*, seconds: int) -> str:
    """A time, counted from now."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds")


@pytest.mark.parametrize("round_number", range(ROUNDS))
async def test_of_two_who_change_a_member_from_one_version_at_once_one_is_told_so(
    people: People, elsewhere: Person, owner: Person, project: Project, admin: Admin, round_number: int
) -> None:
    await invited(owner, project, PATCHER, "project-admin")
    seen = await invited(owner, project, NAMED, "project-operator")

    answers = await asyncio.gather(
        owner.patch(member(project, NAMED), {"role": "project-reader"}, seen["etag"]),
        elsewhere.patch(member(project, NAMED), {"role": "project-viewer"}, seen["etag"]),
    )

    done = [answer.json()["role"] for answer in answers if answer.is_success]
    assert len(done) == 1
    assert set(outcomes(list(answers))) <= {"done", "PRECONDITION_FAILED", "CONFLICT"}
    assert await roles_of(admin, project, NAMED) == done


@pytest.mark.parametrize("round_number", range(ROUNDS))
async def test_of_two_who_change_and_remove_a_member_at_once_nothing_is_left_half_done(
    people: People, elsewhere: Person, owner: Person, project: Project, admin: Admin, round_number: int
) -> None:
    await invited(owner, project, PATCHER, "project-admin")
    await invited(owner, project, NAMED, "project-operator")

    changed, removed = await asyncio.gather(
        owner.patch(member(project, NAMED), {"role": "project-reader"}), elsewhere.delete(member(project, NAMED))
    )

    assert set(outcomes([changed, removed])) <= {"done", "CONFLICT", "MEMBER_NOT_FOUND"}
    assert changed.is_success or removed.is_success
    assert await roles_of(admin, project, NAMED) == ([] if removed.is_success else ["project-reader"])


@pytest.mark.parametrize("round_number", range(ROUNDS))
async def test_of_two_who_invite_the_same_person_at_once_one_does(
    elsewhere: Person, owner: Person, project: Project, admin: Admin, round_number: int
) -> None:
    await invited(owner, project, PATCHER, "project-admin")

    answers = await asyncio.gather(
        owner.post(f"{project.path}/members", invitation(NAMED, "project-reader")),
        elsewhere.post(f"{project.path}/members", invitation(NAMED, "project-operator")),
    )

    done = [answer.json()["role"] for answer in answers if answer.is_success]
    assert outcomes(list(answers)) == ["ALREADY_EXISTS", "done"]
    assert await roles_of(admin, project, NAMED) == done
