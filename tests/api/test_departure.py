"""A deleted account takes its roles along; who manages a workspace is not deleted. Roles that there are are listed."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from app.domain.account import PlatformRole
from app.domain.errors import IsManagerError
from app.domain.workspace import ProjectRole, WorkspaceRole
from app.k8s.transport import Transport
from tests.support.cluster import Admin
from tests.support.people import NOBODY, OPERATOR, READER, People, Person
from tests.support.problem import assert_problem, provokes
from tests.support.service import RunningService
from tests.support.team import RBAC, WORKSPACES, bind_by_hand, invitation, invited, new_team, newcomer, roles_of

ACCOUNTS = "/api/v1/accounts"


@pytest_asyncio.fixture(scope="module")
async def platform_admin(own_transport: Transport, service: RunningService) -> AsyncIterator[Person]:
    async with newcomer(own_transport, service, PlatformRole.PLATFORM_ADMIN) as person:
        yield person


@pytest_asyncio.fixture
async def leaver(own_transport: Transport, service: RunningService) -> AsyncIterator[Person]:
    """Somebody whose account is to be deleted."""
    async with newcomer(own_transport, service) as person:
        yield person


async def test_a_deleted_account_takes_its_roles_along_and_leaves_what_others_gave_it(
    platform_admin: Person, leaver: Person, people: People, admin: Admin
) -> None:
    teams = [await new_team(admin, **{leaver.name: "admin"}), await new_team(admin, **{leaver.name: "regular"})]
    projects = [await team.project(people[READER]) for team in teams]
    for project in projects:
        await invited(people[READER], project, leaver.name, "project-operator")
    by_hand = await bind_by_hand(admin, projects[0], leaver.name, "view")

    deleted = await platform_admin.delete(f"{ACCOUNTS}/{leaver.name}")

    workspaces = [await admin.get(f"{WORKSPACES}/{team.name}") for team in teams]
    assert deleted.status_code == 204
    assert [await roles_of(admin, project, leaver.name) for project in projects] == [[], []]
    assert leaver.username not in str([workspace["spec"] for workspace in workspaces])
    assert await admin.exists(f"{RBAC}/namespaces/{projects[0].name}/rolebindings/{by_hand}")
    assert [await roles_of(admin, project, READER) for project in projects] == [["project-admin"]] * 2


@provokes(IsManagerError, 409)
async def test_the_account_of_a_manager_is_not_deleted_and_loses_nothing(
    platform_admin: Person, leaver: Person, people: People, admin: Admin
) -> httpx.Response:
    team = await new_team(admin, **{leaver.name: "regular"})
    await new_team(admin, manager=leaver.name)
    project = await team.project(people[READER])
    await invited(people[READER], project, leaver.name, "project-operator")

    answer = await platform_admin.delete(f"{ACCOUNTS}/{leaver.name}")

    assert await roles_of(admin, project, leaver.name) == ["project-operator"]
    assert (await leaver.get("/api/v1/me")).status_code == 200
    return answer


async def test_a_stale_etag_takes_no_role_away(
    platform_admin: Person, leaver: Person, people: People, admin: Admin
) -> None:
    team = await new_team(admin, **{leaver.name: "regular"})
    project = await team.project(people[READER])
    await invited(people[READER], project, leaver.name, "project-reader")
    seen = (await platform_admin.get(f"{ACCOUNTS}/{leaver.name}")).headers["ETag"]
    await platform_admin.patch(f"{ACCOUNTS}/{leaver.name}", {"email": "leaver@example.com"})

    answer = await platform_admin.delete(f"{ACCOUNTS}/{leaver.name}", seen)

    assert_problem(answer, 412, "PRECONDITION_FAILED")
    assert await roles_of(admin, project, leaver.name) == ["project-reader"]


async def test_a_deleted_account_is_invited_nowhere(
    platform_admin: Person, leaver: Person, people: People, admin: Admin
) -> None:
    team = await new_team(admin)
    await platform_admin.delete(f"{ACCOUNTS}/{leaver.name}")
    answer = await people[OPERATOR].post(team.members, invitation(leaver.username, "regular"))
    assert [item["code"] for item in answer.json()["errors"]] == ["ACCOUNT_UNKNOWN"]


async def test_everybody_sees_which_roles_there_are(people: People) -> None:
    answer = await people[NOBODY].get("/api/v1/roles")
    items = answer.json()["items"]
    assert [(item["name"], item["scope"]) for item in items] == [
        *((role, "workspace") for role in WorkspaceRole),
        *((role, "project") for role in ProjectRole),
    ]
    assert all(item["title"] and item["description"].endswith(".") for item in items)
    assert answer.json()["total"] == len(items)
