"""Projects are made, changed and deleted by who may; who makes one is its first project-admin."""

from secrets import token_hex

import httpx
import pytest
import pytest_asyncio

from app.domain.errors import NameReservedError, NotManagedError
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import NOBODY, OPERATOR, PREFIX, PROJECT_ADMIN, READER, MakeProject, People, Person, Project
from tests.support.problem import provokes

WORKSPACES = "/api/v1/workspaces"


@pytest_asyncio.fixture
async def workspace(admin: Admin) -> str:
    """A workspace that the operator manages, in which the reader may make projects, and the lister only looks."""
    name = f"team-{token_hex(4)}"
    members = [
        {"subject": {"kind": "User", "name": PREFIX + person}, "role": role}
        for person, role in ((READER, "self-provisioner"), ("lister", "viewer"))
    ]
    body = {"metadata": {"name": name}, "spec": {"manager": PREFIX + OPERATOR, "members": members}}
    kind = {"apiVersion": "tenancy.secretspace.io/v1", "kind": "Workspace"}
    await admin.post("/apis/tenancy.secretspace.io/v1/workspaces", kind | body)
    return name


def a_name() -> str:
    return f"project-{token_hex(4)}"


async def made(person: Person, workspace: str) -> dict[str, str]:
    answer = await person.post(f"{WORKSPACES}/{workspace}/projects", {"name": a_name(), "alias": "Demo"})
    return dict(answer.raise_for_status().json())


async def test_a_self_provisioner_makes_a_project_and_is_its_admin(
    people: People, workspace: str, admin: Admin
) -> None:
    path = f"{WORKSPACES}/{workspace}/projects"
    name = a_name()
    answer = await people[READER].post(path, {"name": name, "alias": "Demo", "description": "d"})
    written = await people[READER].post(
        f"{path}/{name}/secrets", {"name": "demo", "content": {"kind": "default", "data": {"a": canary()}}}
    )
    namespace = await admin.get(f"/api/v1/namespaces/{name}")
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{path}/{name}")
    assert answer.json()["creator"] == PREFIX + READER
    assert written.status_code == 201
    assert namespace["metadata"]["labels"]["kubesphere.io/workspace"] == workspace
    assert namespace["metadata"]["annotations"]["secretspace.io/actor"] == PREFIX + READER


async def test_who_only_looks_makes_no_project(people: People, workspace: str, admin: Admin) -> None:
    name = a_name()
    answer = await people["lister"].post(f"{WORKSPACES}/{workspace}/projects", {"name": name})
    stranger = await people[NOBODY].post(f"{WORKSPACES}/{workspace}/projects", {"name": name})
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "WORKSPACE_NOT_FOUND")
    assert not await admin.exists(f"/api/v1/namespaces/{name}")


async def test_a_namespace_that_is_there_is_never_taken_over(people: People, workspace: str, admin: Admin) -> None:
    name = a_name()
    before = await admin.post("/api/v1/namespaces", {"metadata": {"name": name}})
    path = f"{WORKSPACES}/{workspace}/projects"
    answer = await people[READER].post(path, {"name": name})
    after = await admin.get(f"/api/v1/namespaces/{name}")
    assert answer.json()["code"] == "ALREADY_EXISTS"
    assert after["metadata"].get("labels") == before["metadata"].get("labels")


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-mine", "secretspace-system"])
@provokes(NameReservedError, 409)
async def test_no_project_has_the_name_of_a_namespace_that_is_the_clusters_own(
    people: People, workspace: str, name: str
) -> httpx.Response:
    return await people[READER].post(f"{WORKSPACES}/{workspace}/projects", {"name": name})


@provokes(NotManagedError, 409)
async def test_a_project_known_by_a_label_alone_is_neither_changed_nor_deleted(
    people: People, project: Project, admin: Admin
) -> httpx.Response:
    changed = await people[PROJECT_ADMIN].patch(project.path, {"alias": "x"})
    deleted = await people[PROJECT_ADMIN].delete(f"{project.path}?confirm={project.name}")
    namespace = await admin.get(f"/api/v1/namespaces/{project.name}")
    assert changed.json()["code"] == "NOT_MANAGED"
    assert namespace["metadata"].get("annotations") is None
    assert namespace["status"]["phase"] == "Active"
    return deleted


async def test_a_namespace_that_only_claims_a_workspace_is_not_its_admins_to_change(
    people: People, workspace: str, make_project: MakeProject, admin: Admin
) -> None:
    name = (await make_project()).name  # in which the operator has something to do
    claim = {"labels": {"kubesphere.io/workspace": workspace}, "annotations": {"secretspace.io/workspace-uid": "other"}}
    await admin.merge(f"/api/v1/namespaces/{name}", {"metadata": claim})
    path = f"{WORKSPACES}/{workspace}/projects/{name}"
    answers = [
        await people[OPERATOR].patch(path, {"alias": "x"}),
        await people[OPERATOR].delete(f"{path}?confirm={name}"),
    ]
    assert [answer.json()["code"] for answer in answers] == ["FORBIDDEN", "FORBIDDEN"]


async def test_its_admin_changes_alias_and_description(people: People, workspace: str) -> None:
    project = await made(people[READER], workspace)
    path = f"{WORKSPACES}/{workspace}/projects/{project['name']}"
    changed = await people[READER].patch(path, {"alias": None, "description": "new"}, project["etag"])
    stale = await people[READER].patch(path, {"alias": "x"}, project["etag"])
    assert (changed.status_code, changed.json()["alias"], changed.json()["description"]) == (200, "", "new")
    assert stale.json()["code"] == "PRECONDITION_FAILED"


async def test_the_workspace_s_manager_may_delete_a_project_and_types_its_name(
    people: People, workspace: str, admin: Admin
) -> None:
    project = await made(people[READER], workspace)
    path = f"{WORKSPACES}/{workspace}/projects/{project['name']}"
    mistyped = await people[OPERATOR].delete(f"{path}?confirm=other")
    untyped = await people[OPERATOR].delete(path)
    deleted = await people[OPERATOR].delete(f"{path}?confirm={project['name']}")
    namespace = await admin.get(f"/api/v1/namespaces/{project['name']}")
    assert (mistyped.json()["errors"][0]["pointer"], mistyped.json()["errors"][0]["code"]) == (
        "?confirm",
        "NAME_MISMATCH",
    )
    assert untyped.json()["errors"][0]["code"] == "REQUIRED"
    assert deleted.json() == {"deletionPending": True}
    assert namespace["status"]["phase"] == "Terminating"


async def test_who_may_only_look_neither_changes_nor_deletes_a_project(people: People, workspace: str) -> None:
    project = await made(people[READER], workspace)
    path = f"{WORKSPACES}/{workspace}/projects/{project['name']}"
    changed = await people["lister"].patch(path, {"alias": "x"})
    deleted = await people["lister"].delete(f"{path}?confirm={project['name']}")
    assert [changed.json()["code"], deleted.json()["code"]] == ["FORBIDDEN", "FORBIDDEN"]
