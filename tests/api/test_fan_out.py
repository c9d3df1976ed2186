"""A role in a workspace is a right in each of its projects; what is said of that makes no tag stale."""

from secrets import token_hex

import pytest_asyncio

from tests.support.cluster import Admin
from tests.support.fan_out import ADMINS, Team, binding, eventually, is_settled, may, members, new_team, set_members
from tests.support.people import LISTER, NOBODY, OPERATOR, PREFIX, READER, People, Person

WORKSPACES = "/api/v1/workspaces"
RBAC = "rbac.authorization.k8s.io"


@pytest_asyncio.fixture
async def team(admin: Admin) -> Team:
    """A workspace that the operator manages, and the lister views."""
    return await new_team(admin, 0, PREFIX + OPERATOR, **{PREFIX + LISTER: "viewer"})


async def project_of(person: Person, team: Team) -> str:
    """A new project, made through the service."""
    body = {"name": f"{team.name}-{token_hex(2)}"}
    return str((await person.post(f"{WORKSPACES}/{team.name}/projects", body)).raise_for_status().json()["name"])


async def edited(person: Person, team: Team, **fields: str) -> None:
    """Change the workspace through the service, which then looks at it."""
    (await person.patch(f"{WORKSPACES}/{team.name}", fields)).raise_for_status()


async def test_by_the_time_a_project_is_answered_everybody_has_their_rights_in_it(
    people: People, admin: Admin, team: Team
) -> None:
    project = await project_of(people[OPERATOR], team)

    viewer, manager = PREFIX + LISTER, PREFIX + OPERATOR
    assert await may(admin, manager, "get", "secrets", project)
    assert await may(admin, manager, "create", "rolebindings", project, RBAC)
    assert await may(admin, viewer, "list", "secrets/metadata", project)
    assert not await may(admin, viewer, "get", "secrets", project)
    assert await may(admin, "secretspace-system:metadata", "list", "secrets", project)
    assert not await may(admin, "secretspace-system:metadata", "get", "secrets", project)
    assert not await may(admin, PREFIX + NOBODY, "list", "secrets/metadata", project)


async def test_the_bindings_say_what_they_are_and_who_caused_them(people: People, admin: Admin, team: Team) -> None:
    await set_members(admin, team, **{PREFIX + READER: "self-provisioner"})
    project = await project_of(people[READER], team)

    made = (await admin.get(binding(project, ADMINS)))["metadata"]
    assert made["labels"] == {"app.kubernetes.io/managed-by": "secretspace", "secretspace.io/inherited": "true"}
    assert made["annotations"] == {"secretspace.io/actor": PREFIX + READER}


async def test_a_new_manager_has_the_rights_of_the_old_one_who_has_them_no_more(
    people: People, admin: Admin, team: Team
) -> None:
    await set_members(admin, team, **{PREFIX + READER: "self-provisioner"})
    project = await project_of(people[READER], team)
    before = await may(admin, PREFIX + OPERATOR, "get", "secrets", project)

    await edited(people[OPERATOR], team, manager=NOBODY)
    await eventually(lambda: is_settled(admin, team))

    assert before
    assert not await may(admin, PREFIX + OPERATOR, "get", "secrets", project)
    assert await may(admin, PREFIX + NOBODY, "get", "secrets", project)


async def test_a_viewer_who_becomes_an_admin_and_then_is_no_member_has_rights_accordingly(
    people: People, admin: Admin, team: Team
) -> None:
    project, viewer = await project_of(people[OPERATOR], team), PREFIX + LISTER

    await set_members(admin, team, **{viewer: "admin"})
    await edited(people[OPERATOR], team, alias="A")
    await eventually(lambda: is_settled(admin, team))
    as_admin = await may(admin, viewer, "delete", "secrets", project)
    await set_members(admin, team)
    await edited(people[OPERATOR], team, alias="B")
    await eventually(lambda: is_settled(admin, team))

    assert as_admin
    assert not await may(admin, viewer, "delete", "secrets", project)
    assert not await may(admin, viewer, "list", "secrets/metadata", project)


async def test_a_project_of_the_same_label_that_was_not_made_for_the_workspace_is_left_alone(
    people: People, admin: Admin, team: Team
) -> None:
    labels = {"kubesphere.io/workspace": team.name, "app.kubernetes.io/managed-by": "secretspace"}
    foreign = f"foreign-{token_hex(4)}"
    await admin.post("/api/v1/namespaces", {"metadata": {"name": foreign, "labels": labels}})

    await edited(people[OPERATOR], team, alias="A")
    await eventually(lambda: is_settled(admin, team))

    assert not await may(admin, PREFIX + OPERATOR, "get", "secrets", foreign)


async def test_a_workspace_says_whether_it_is_synced_once_it_has_been_looked_at(
    people: People, admin: Admin, team: Team
) -> None:
    await edited(people[OPERATOR], team, alias="A")
    await eventually(lambda: is_settled(admin, team))

    assert (await people[OPERATOR].get(f"{WORKSPACES}/{team.name}")).json()["synced"] is True


async def test_a_status_written_meanwhile_makes_no_tag_stale(people: People, admin: Admin, team: Team) -> None:
    path = f"{WORKSPACES}/{team.name}"
    read = (await people[OPERATOR].get(path)).json()["etag"]
    said = {
        "type": "Looked",
        "status": "True",
        "reason": "Looked",
        "message": "",
        "lastTransitionTime": "2026-11-24T12:00:00Z",
    }
    await admin.merge(f"{team.kube}/status", {"status": {"conditions": [said]}})

    changed = await people[OPERATOR].patch(path, {"alias": "A"}, read)
    await eventually(lambda: is_settled(admin, team))
    deleted = await people[OPERATOR].delete(path, changed.json()["etag"])

    assert (changed.status_code, changed.json()["alias"]) == (200, "A")
    assert deleted.status_code == 204


async def test_what_others_say_in_the_status_stays(people: People, admin: Admin, team: Team) -> None:
    said = {
        "type": "Looked",
        "status": "True",
        "reason": "Looked",
        "message": "m",
        "observedGeneration": 1,
        "lastTransitionTime": "2026-11-24T12:00:00Z",
    }
    await admin.merge(f"{team.kube}/status", {"status": {"conditions": [said]}})

    await edited(people[OPERATOR], team, alias="A")
    await eventually(lambda: is_settled(admin, team))

    assert said in (await admin.get(team.kube))["status"]["conditions"]


async def test_a_change_by_others_meanwhile_makes_a_tag_stale(people: People, admin: Admin, team: Team) -> None:
    path = f"{WORKSPACES}/{team.name}"
    read = (await people[OPERATOR].get(path)).json()["etag"]
    await admin.merge(team.kube, {"spec": {"members": members(**{PREFIX + READER: "viewer"})}})

    changed = await people[OPERATOR].patch(path, {"alias": "A"}, read)
    deleted = await people[OPERATOR].delete(path, read)

    assert [answer.json()["code"] for answer in (changed, deleted)] == ["PRECONDITION_FAILED"] * 2
    assert "alias" not in (await admin.get(team.kube))["spec"]
