"""Members of a workspace: shown to members, changed by admins; who leaves it leaves its projects."""

import asyncio
from collections.abc import AsyncIterator
from secrets import token_hex
from typing import Any

import httpx
import pytest
import pytest_asyncio

from app.domain.account import PlatformRole
from app.domain.errors import (
    IsManagerError,
    LastAdminError,
    TooManyMembersError,
)
from app.k8s.transport import Transport
from devcluster import ControlPlane
from tests.support.audit_log import SERVICE_ACCOUNT, AuditLog
from tests.support.cluster import Admin
from tests.support.people import (
    LISTER,
    NAMED,
    NOBODY,
    OPERATOR,
    PATCHER,
    PREFIX,
    READER,
    VIEWER,
    People,
    Person,
    Project,
)
from tests.support.problem import assert_problem, provokes
from tests.support.service import RunningService
from tests.support.team import (
    GROUP,
    RBAC,
    WORKSPACES,
    Team,
    bind_by_hand,
    in_kube,
    invitation,
    invited,
    new_team,
    newcomer,
    roles_of,
    user_id,
)

SECONDS = 10.0


@pytest_asyncio.fixture
async def team(admin: Admin) -> Team:
    """A workspace that the operator manages."""
    return await new_team(admin)


@pytest_asyncio.fixture
async def manager(people: People) -> Person:
    return people[OPERATOR]


@pytest_asyncio.fixture(scope="module")
async def platform_admin(own_transport: Transport, service: RunningService) -> AsyncIterator[Person]:
    async with newcomer(own_transport, service, PlatformRole.PLATFORM_ADMIN) as person:
        yield person


def member(team: Team, name: str) -> str:
    return f"{team.members}/{user_id(name)}"


async def stored(admin: Admin, team: Team) -> dict[str, str]:
    """Who has which role, as the resource has it."""
    spec = (await admin.get(f"{WORKSPACES}/{team.name}"))["spec"]
    return {each["subject"]["name"].removeprefix(PREFIX): each["role"] for each in spec["members"]}


async def etag(person: Person, team: Team) -> str:
    return str((await person.get(team.path)).json()["etag"])


async def test_every_member_sees_the_manager_first_and_then_all_others(people: People, team: Team) -> None:
    answer = await people[PATCHER].get(team.members)
    items = answer.json()["items"]
    version = await etag(people[PATCHER], team)
    assert [(item["subject"]["name"].removeprefix(PREFIX), item["role"], item["manager"]) for item in items] == [
        (OPERATOR, "admin", True),
        (GROUP, "regular", False),
        (LISTER, "viewer", False),
        (NAMED, "regular", False),
        (PATCHER, "regular", False),
        (READER, "self-provisioner", False),
    ]
    assert {(item["source"], item["inherited"], item["etag"]) for item in items} == {("secretspace", False, version)}
    assert items[0]["id"] == user_id(OPERATOR)


async def test_the_list_has_pages(people: People, team: Team) -> None:
    page = (await people[PATCHER].get(team.members, params={"limit": 2, "page": 3})).json()
    assert (len(page["items"]), page["total"], page["page"], page["limit"]) == (2, 6, 3, 2)


async def test_who_sees_the_workspace_because_of_a_project_alone_does_not_see_its_members(
    people: People, team: Team, admin: Admin
) -> None:
    project = await team.project(people[READER])
    await bind_by_hand(admin, project, NOBODY, "secretspace:project-reader")
    through_project = await people[NOBODY].get(team.members)
    stranger = await people[VIEWER].get(team.members)
    assert_problem(through_project, 403, "FORBIDDEN")
    assert_problem(stranger, 404, "WORKSPACE_NOT_FOUND")


async def test_who_may_get_the_workspace_in_kubernetes_sees_its_members(platform_admin: Person, team: Team) -> None:
    answer = await platform_admin.get(team.members)
    assert (answer.status_code, answer.json()["total"]) == (200, 6)


async def test_the_manager_adds_users_and_groups(manager: Person, people: People, team: Team, admin: Admin) -> None:
    account = await manager.post(team.members, invitation(NOBODY, "self-provisioner"))
    group = await manager.post(team.members, invitation("example:testers", "viewer", "group"))
    foreign = await manager.post(team.members, invitation("anna@example.com", "regular"))
    workspace = await admin.get(f"{WORKSPACES}/{team.name}")
    assert [answer.status_code for answer in (account, group, foreign)] == [201] * 3
    assert account.headers["Location"] == member(team, NOBODY)
    assert account.json()["subject"] == {"kind": "user", "name": PREFIX + NOBODY}
    assert foreign.headers["ETag"] == foreign.json()["etag"] == await etag(manager, team)
    assert workspace["spec"]["members"][-3:] == [
        in_kube("User", PREFIX + NOBODY, "self-provisioner"),
        in_kube("Group", "example:testers", "viewer"),
        in_kube("User", "anna@example.com", "regular"),
    ]
    assert workspace["metadata"]["annotations"]["secretspace.io/actor"] == manager.username
    assert (await people[NOBODY].post(f"{team.path}/projects", {"name": f"project-{token_hex(4)}"})).status_code == 201


async def test_who_may_update_it_in_kubernetes_adds_too(platform_admin: Person, team: Team, admin: Admin) -> None:
    answer = await platform_admin.post(team.members, invitation(NOBODY, "regular"))
    assert answer.status_code == 201
    assert (await stored(admin, team))[NOBODY] == "regular"


async def test_nobody_invites_themselves_upwards(people: People, team: Team, admin: Admin) -> None:
    before = await stored(admin, team)
    answers = [
        await people[PATCHER].patch(member(team, PATCHER), {"role": "admin"}),
        await people[READER].post(team.members, invitation(NOBODY, "regular")),
        await people[LISTER].delete(member(team, READER)),
        await people[NAMED].delete(member(team, NAMED)),
    ]
    assert [answer.json()["code"] for answer in answers] == ["FORBIDDEN"] * 4
    assert await stored(admin, team) == before


@pytest.mark.parametrize("name", [READER, OPERATOR])
async def test_who_is_a_member_or_the_manager_is_not_added_again(
    manager: Person, team: Team, admin: Admin, name: str
) -> None:
    before = await stored(admin, team)
    answer = await manager.post(team.members, invitation(name, "viewer"))
    assert_problem(answer, 409, "ALREADY_EXISTS")
    assert await stored(admin, team) == before


@provokes(TooManyMembersError, 409)
async def test_a_workspace_has_250_members_at_most(manager: Person, team: Team, admin: Admin) -> httpx.Response:
    full = [in_kube("User", f"user-{number}", "regular") for number in range(249)]
    await admin.merge(f"{WORKSPACES}/{team.name}", {"spec": {"members": full}})
    last = await manager.post(team.members, invitation(NOBODY, "regular"))
    assert last.status_code == 201
    return await manager.post(team.members, invitation(VIEWER, "regular"))


@pytest.mark.parametrize("role", ["owner", "project-admin", "Admin", ""])
async def test_a_role_that_is_none_of_the_workspace_s_is_refused(manager: Person, team: Team, role: str) -> None:
    answers = [
        await manager.post(team.members, invitation(NOBODY, role)),
        await manager.patch(member(team, READER), {"role": role}),
    ]
    assert [[(item["pointer"], item["code"]) for item in answer.json()["errors"]] for answer in answers] == [
        [("/role", "INVALID_VALUE")]
    ] * 2


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        ("user", "system:kube-scheduler", "SUBJECT_RESERVED"),
        ("group", "system:authenticated", "SUBJECT_RESERVED"),
        ("user", "secretspace-system:metadata", "SUBJECT_RESERVED"),
        ("group", "a\nb", "SUBJECT_NAME_INVALID"),
        ("user", "secretspace:nobody-at-all", "ACCOUNT_UNKNOWN"),
    ],
)
async def test_a_name_that_is_nobodys_is_refused_with_its_place(
    manager: Person, team: Team, kind: str, name: str, code: str
) -> None:
    answer = await manager.post(team.members, invitation(name, "regular", kind))
    assert [(item["pointer"], item["code"]) for item in answer.json()["errors"]] == [("/subject/name", code)]


async def test_a_role_is_changed_at_the_version_of_the_workspace(manager: Person, team: Team, admin: Admin) -> None:
    seen = await etag(manager, team)
    changed = await manager.patch(member(team, PATCHER), {"role": "self-provisioner"}, seen)
    stale = await manager.patch(member(team, NAMED), {"role": "viewer"}, seen)
    missing = await manager.patch(member(team, NAMED), {"role": "viewer"}, None)
    assert (changed.status_code, changed.json()["role"]) == (200, "self-provisioner")
    assert changed.headers["ETag"] == changed.json()["etag"] == await etag(manager, team) != seen
    assert (stale.json()["code"], missing.json()["code"]) == ("PRECONDITION_FAILED", "PRECONDITION_REQUIRED")
    assert (await stored(admin, team))[PATCHER] == "self-provisioner"
    assert (await stored(admin, team))[NAMED] == "regular"


async def test_many_who_add_at_once_lose_no_entry(
    manager: Person, platform_admin: Person, team: Team, admin: Admin
) -> None:
    names = [f"user-{number}" for number in range(6)]
    answers = await asyncio.gather(
        *(
            person.post(team.members, invitation(name, "regular"))
            for name, person in zip(names, [manager, platform_admin] * 3, strict=True)
        )
    )
    added = {name for name, answer in zip(names, answers, strict=True) if answer.is_success}
    refused = {answer.json()["code"] for answer in answers if not answer.is_success}
    assert added
    assert refused <= {"CONFLICT"}
    assert set(names) & set(await stored(admin, team)) == added


async def test_an_id_of_no_member_is_not_found(manager: Person, team: Team) -> None:
    answers = [
        await manager.patch(member(team, NOBODY), {"role": "viewer"}),
        await manager.delete(member(team, NOBODY)),
        await manager.delete(f"{team.members}/no-id"),
    ]
    for answer in answers:
        assert_problem(answer, 404, "MEMBER_NOT_FOUND")


@provokes(IsManagerError, 409)
async def test_the_manager_is_neither_changed_nor_removed_as_a_member(
    manager: Person, team: Team, admin: Admin
) -> httpx.Response:
    entry = in_kube("User", PREFIX + OPERATOR, "viewer")
    spec = (await admin.get(f"{WORKSPACES}/{team.name}"))["spec"]
    removed = await manager.delete(member(team, OPERATOR))
    await admin.merge(f"{WORKSPACES}/{team.name}", {"spec": {"members": [*spec["members"], entry]}})
    assert_problem(await manager.delete(member(team, OPERATOR)), 409, "IS_MANAGER")
    assert_problem(removed, 409, "IS_MANAGER")
    return await manager.patch(member(team, OPERATOR), {"role": "regular"})


@provokes(LastAdminError, 409)
async def test_the_last_admin_of_a_workspace_without_a_manager_stays(people: People, admin: Admin) -> httpx.Response:
    team = await new_team(admin, manager=None, nobody="admin")
    demoted = await people[NOBODY].patch(member(team, NOBODY), {"role": "viewer"})
    assert_problem(demoted, 409, "LAST_ADMIN")
    return await people[NOBODY].delete(member(team, NOBODY))


@pytest.mark.parametrize("round_number", range(4))
async def test_of_the_last_two_admins_who_leave_at_once_one_stays(
    people: People, admin: Admin, round_number: int
) -> None:
    team = await new_team(admin, manager=None, nobody="admin", viewer="admin")
    answers = await asyncio.gather(*(people[name].delete(member(team, name)) for name in (NOBODY, VIEWER)))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    assert list((await stored(admin, team)).values()).count("admin") == 1


async def test_an_admin_leaves_while_there_is_a_manager(manager: Person, people: People, admin: Admin) -> None:
    team = await new_team(admin, nobody="admin")
    answer = await people[NOBODY].delete(member(team, NOBODY))
    assert answer.status_code == 204
    assert (await people[NOBODY].get(team.path)).status_code == 404


async def test_who_is_removed_leaves_all_projects_of_the_workspace_and_no_other(
    manager: Person, people: People, team: Team, admin: Admin
) -> None:
    other = await new_team(admin)
    inside = [await team.project(people[READER]), await team.project(people[READER])]
    outside = await other.project(people[READER])
    for project in (*inside, outside):
        await invited(people[READER], project, PATCHER, "project-operator")
    by_hand = await bind_by_hand(admin, inside[0], PATCHER, "view")

    removed = await manager.delete(member(team, PATCHER))

    assert removed.status_code == 204
    assert PATCHER not in await stored(admin, team)
    assert [await roles_of(admin, project, PATCHER) for project in (*inside, outside)] == [[], [], ["project-operator"]]
    assert await admin.exists(f"{RBAC}/namespaces/{inside[0].name}/rolebindings/{by_hand}")
    assert [await roles_of(admin, project, READER) for project in inside] == [["project-admin"]] * 2


async def test_the_last_project_admin_is_no_obstacle(manager: Person, people: People, team: Team, admin: Admin) -> None:
    project = await team.project(people[READER])
    removed = await manager.delete(member(team, READER), await etag(manager, team))
    assert removed.status_code == 204
    assert await roles_of(admin, project, READER) == []


async def test_the_roles_of_admins_and_viewers_in_projects_come_and_go(
    manager: Person, people: People, team: Team
) -> None:
    project = await team.project(people[READER])
    await manager.post(team.members, invitation(NOBODY, "admin"))
    await until(people[READER], project, NOBODY, ["project-admin"])
    await manager.patch(member(team, NOBODY), {"role": "viewer"})
    await until(people[READER], project, NOBODY, ["project-viewer"])
    await manager.delete(member(team, NOBODY))
    await until(people[READER], project, NOBODY, [])


async def until(person: Person, project: Project, name: str, roles: list[str]) -> None:
    """Wait until somebody has these roles in a project; they come in the background."""
    async with asyncio.timeout(SECONDS):
        while await listed(person, project, name) != roles:
            await asyncio.sleep(0.1)


async def listed(person: Person, project: Project, name: str) -> list[str]:
    items: list[dict[str, Any]] = (await person.get(f"{project.path}/members")).json()["items"]
    return [item["role"] for item in items if item["subject"]["name"] == PREFIX + name]


async def test_a_workspace_known_by_a_label_alone_has_no_members_to_change(
    platform_admin: Person, project: Project
) -> None:
    path = f"/api/v1/workspaces/{project.workspace}/members"
    listing = await platform_admin.get(path)
    added = await platform_admin.post(path, invitation(NOBODY, "regular"))
    assert (listing.status_code, listing.json()["items"]) == (200, [])
    assert_problem(added, 409, "NOT_MANAGED")


async def test_the_audit_log_names_the_service_account_under_the_id_of_the_request(
    manager: Person, people: People, team: Team, admin: Admin, plane: ControlPlane
) -> None:
    audit = AuditLog(plane.audit_log, admin)
    project = await team.project(people[READER])
    await invited(people[READER], project, PATCHER, "project-reader")

    answer = await manager.delete(member(team, PATCHER))

    events = await audit.of(answer)
    writes = [event for event in events if event["verb"] in {"create", "patch", "delete"} and not reviews(event)]
    done = [event for event in writes if event["responseStatus"]["code"] < 300]  # one may lose a race with a status
    assert [(event["verb"], event["objectRef"]["resource"]) for event in done] == [
        ("delete", "rolebindings"),
        ("patch", "workspaces"),
    ]
    assert {event["user"]["username"] for event in writes} == {SERVICE_ACCOUNT}
    assert [event for event in writes if "impersonatedUser" in event] == []
    assert {event["auditID"].partition(".")[0] for event in writes} == {answer.headers["X-Request-Id"]}


def reviews(event: dict[str, Any]) -> bool:
    """Whether a call asks for rights."""
    return str(event["objectRef"].get("apiGroup", "")) == "authorization.k8s.io"
