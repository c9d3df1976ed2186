"""Workspaces and projects as somebody finds their way through them."""

from secrets import token_hex

from tests.support.cluster import Admin
from tests.support.people import OPERATOR, PREFIX, WORKSPACE, People, Person, Project

WORKSPACES = "/api/v1/workspaces"
KUBE_WORKSPACES = "/apis/tenancy.secretspace.io/v1/workspaces"


async def a_workspace(admin: Admin, manager: str) -> dict[str, str]:
    name = f"team-{token_hex(4)}"
    made = await admin.post(
        KUBE_WORKSPACES,
        {
            "apiVersion": "tenancy.secretspace.io/v1",
            "kind": "Workspace",
            "metadata": {"name": name},
            "spec": {"manager": PREFIX + manager, "alias": "Team"},
        },
    )
    return {"name": name, "uid": made["metadata"]["uid"]}


async def a_namespace(admin: Admin, workspace: str, **annotations: str) -> str:
    name = f"ns-{token_hex(4)}"
    metadata = {"name": name, "labels": {"kubesphere.io/workspace": workspace}, "annotations": annotations}
    await admin.post("/api/v1/namespaces", {"metadata": metadata})
    return name


async def test_a_workspace_is_listed_for_its_manager_and_for_nobody_else(admin: Admin, people: People) -> None:
    workspace = await a_workspace(admin, OPERATOR)
    manager = await people[OPERATOR].get(f"{WORKSPACES}/{workspace['name']}")
    stranger = await people["nobody"].get(f"{WORKSPACES}/{workspace['name']}")
    assert (manager.status_code, manager.json()["alias"], manager.json()["managed"]) == (200, "Team", True)
    assert (stranger.status_code, stranger.json()["code"]) == (404, "WORKSPACE_NOT_FOUND")


async def test_a_workspace_known_by_a_label_shows_to_who_sees_a_project_of_it(
    operator: Person, project: Project, people: People
) -> None:
    listed, hidden = [(await person.get(f"{WORKSPACES}?limit=500")).json() for person in (operator, people["nobody"])]
    assert WORKSPACE in [item["name"] for item in listed["items"]]
    assert WORKSPACE not in [item["name"] for item in hidden["items"]]
    assert hidden["total"] == len(hidden["items"])


async def test_a_project_is_listed_for_who_has_something_to_do_in_it(
    operator: Person, project: Project, people: People
) -> None:
    path = f"{WORKSPACES}/{WORKSPACE}/projects?limit=500"
    total = (await operator.get(path)).json()["total"]
    pages = [(await operator.get(f"{path}&page={page}")).json()["items"] for page in range(1, total // 500 + 2)]
    found = await operator.get(project.path)
    hidden = await people["nobody"].get(project.path)
    assert project.name in [item["name"] for page in pages for item in page]
    assert (found.json()["name"], found.json()["workspace"]) == (project.name, WORKSPACE)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "PROJECT_NOT_FOUND")


async def test_a_manager_sees_the_projects_made_for_the_workspace(admin: Admin, operator: Person) -> None:
    workspace = await a_workspace(admin, OPERATOR)
    name = await a_namespace(admin, workspace["name"], **{"secretspace.io/workspace-uid": workspace["uid"]})
    listed = await operator.get(f"{WORKSPACES}/{workspace['name']}/projects")
    found = await operator.get(f"{WORKSPACES}/{workspace['name']}/projects/{name}")
    assert [item["name"] for item in listed.json()["items"]] == [name]
    assert found.status_code == 200


async def test_a_namespace_that_only_bears_the_name_of_a_workspace_is_not_shown_to_its_manager(
    admin: Admin, operator: Person
) -> None:
    workspace = await a_workspace(admin, OPERATOR)
    name = await a_namespace(admin, workspace["name"])
    listed = await operator.get(f"{WORKSPACES}/{workspace['name']}/projects")
    found = await operator.get(f"{WORKSPACES}/{workspace['name']}/projects/{name}")
    assert listed.json()["items"] == []
    assert (found.status_code, found.json()["code"]) == (404, "PROJECT_NOT_FOUND")


async def test_dot_segments_are_no_workspace(operator: Person) -> None:
    answers = [await operator.get(f"{WORKSPACES}/{name}") for name in ("%2e%2e", "%2e", "a%2fb", "-")]
    assert {answer.status_code for answer in answers} == {404}


async def test_the_service_s_own_namespace_is_no_project(operator: Person) -> None:
    own = await operator.get(f"{WORKSPACES}/cluster/projects/secretspace-system")
    system = await operator.get(f"{WORKSPACES}/cluster/projects/kube-system")
    assert {own.json()["code"], system.json()["code"]} == {"PROJECT_NOT_FOUND"}


async def test_validate_judges_all_fields_at_once(operator: Person, project: Project) -> None:
    content = {"kind": "tls", "certificate": "no", "privateKey": "no"}
    judged = await operator.post(
        f"{project.path}/secret-actions/validate", {"name": "demo", "alias": "a" * 64, "content": content}
    )
    assert {(item["pointer"], item["code"]) for item in judged.json()["errors"]} == {
        ("/alias", "ALIAS_TOO_LONG"),
        ("/content/certificate", "CERTIFICATE_INVALID"),
        ("/content/privateKey", "PRIVATE_KEY_INVALID"),
    }


async def test_validate_of_an_unseen_project_tells_nothing_of_the_body(people: People, project: Project) -> None:
    judged = await people["nobody"].post(f"{project.path}/secret-actions/validate", {"name": "BAD"})
    assert (judged.status_code, judged.json()["code"]) == (404, "PROJECT_NOT_FOUND")
