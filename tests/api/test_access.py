"""Who may do what: every operation of the document, for every kind of caller, in projects seen and unseen."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from secrets import token_hex
from typing import Final

import httpx
import pytest
import pytest_asyncio

from app.main import create_app, open_routes
from app.settings import Settings
from tests.api.attempt import NOT_ASKED, outcome, put_secret, touched
from tests.api.operation import KEY, REQUESTS, Options, content, operations
from tests.support.cluster import Admin
from tests.support.people import (
    LISTER,
    NAMED,
    NAMESPACE,
    NOBODY,
    OPERATOR,
    PATCHER,
    PROJECT_ADMIN,
    READER,
    VIEWER,
    People,
    Person,
    Project,
    client_of,
    new_project,
)
from tests.support.problem import unlocated
from tests.support.service import RunningService

TABLE: Final = """
                   anonymous nobody lister patcher named named-else viewer reader operator project-admin script
listSecrets              401    404    200     403   403        403    200    200      200           200    200
createSecret             401    404    403     403   403        403    403    403      201           201    201
getSecret                401    404    403     403   200        403    200    200      200           200    200
updateSecretInfo         401    404    403     200   200        403    403    403      200           200    200
upsertSecret             401    404    403     403   200        403    403    403      200           200    200
deleteSecret             401    404    403     403   200        403    403    403      200           200    200
getSecretData            401    404    403     403   200        403    403    200      200           200    200
replaceSecretData        401    404    403     403   200        403    403    403      200           200    200
patchSecretData          401    404    403     200   200        403    403    403      200           200    200
getSecretKey             401    404    403     403   200        403    403    200      200           200    200
getSecretYaml            401    404    403     403   200        403    403    200      200           200    200
updateSecretYaml         401    404    403     403   200        403    403    403      200           200    200
restoreSecret            401    404    403     403   403        403    403    403      200           200    200
copySecret               401    404    403     403   403        403    403    403      201           201    201
compareSecrets           401    404    403     403   200        403    403    200      200           200    200
createFromYaml           401    404    403     403   403        403    403    403      200           200    200
batchDeleteSecrets       401    404    403     403   200        403    403    403      200           200    200
exportSecret             401    404    403     403   200        403    403    200      200           200    200
importSecret             401    404    403     403   403        403    403    403      201           201    201
diffSecret               401    404    403     403   200        403    403    200      200           200    200
newSecretVersion         401    404    403     403   403        403    403    403      201           201    201
validateSecret           401    404    403     403   403        403    403    403      200           200    200
getProject               401    404    200     200   200        200    200    200      200           200    200
getPermissions           401    404    200     200   200        200    200    200      200           200    200
updateProject            401    404    403     403   403        403    403    403      403           409    403
deleteProject            401    404    403     403   403        403    403    403      403           409    403
listProjectMembers       401    404    200     200   200        200    200    200      200           200    200
addProjectMember         401    404    403     403   403        403    403    403      403           409    403
updateProjectMember      401    404    403     403   403        403    403    403      403           409    403
removeProjectMember      401    404    403     403   403        403    403    403      403           409    403
getWorkspace             401    404    200     200   200        200    200    200      200           200    200
listProjects             401    404    200     200   200        200    200    200      200           200    200
listWorkspaces           401    200    200     200   200        200    200    200      200           200    200
createWorkspace          401    403    403     403   403        403    403    403      403           403    403
updateWorkspace          401    404    403     403   403        403    403    403      403           403    403
deleteWorkspace          401    404    403     403   403        403    403    403      403           403    403
createProject            401    404    403     403   403        403    403    403      403           403    403
listWorkspaceMembers     401    404    403     403   403        403    403    403      403           403    403
addWorkspaceMember       401    404    403     403   403        403    403    403      403           403    403
updateWorkspaceMember    401    404    403     403   403        403    403    403      403           403    403
removeWorkspaceMember    401    404    403     403   403        403    403    403      403           403    403
listRoles                401    200    200     200   200        200    200    200      200           200    200
getMe                    401    200    200     200   200        200    200    200      200           200    200
getMeta                  401    200    200     200   200        200    200    200      200           200    200
listAccounts             401    403    403     403   403        403    403    403      403           403    403
createAccount            401    403    403     403   403        403    403    403      403           403    403
getAccount               401    403    403     403   403        403    403    403      403           403    403
updateAccount            401    403    403     403   403        403    403    403      403           403    403
deleteAccount            401    403    403     403   403        403    403    403      403           403    403
setPassword              401    403    403     403   403        403    403    403      403           403    403
signOutEverywhere        401    403    403     403   403        403    403    403      403           403    403
issueToken               400    400    400     400   400        400    400    400      400           400    400
getIssuer                404    404    404     404   404        404    404    404      404           404    404
getSigningKeys           404    404    404     404   404        404    404    404      404           404    404
revokeToken              200    200    200     200   200        200    200    200      200           200    200
getLiveness              200    200    200     200   200        200    200    200      200           200    200
getReadiness             200    200    200     200   200        200    200    200      200           200    200
getMetrics               200    200    200     200   200        200    200    200      200           200    200
"""
"""`named` may touch the Secret `mine` alone, and `named-else` is the same person at another one. `script` is a
ServiceAccount with a token of the cluster's own and the role of an operator. A `viewer` sees Secrets without their
values. issueToken gets a wrong password.
None of them may manage accounts, and the account that is asked for is nobody's;
the issuer is no address here. The workspace is known by a label alone, and the project was made by others: so who might
change them is told that they are not managed here."""

CODES: Final = {401: "UNAUTHENTICATED", 403: "FORBIDDEN", 404: "PROJECT_NOT_FOUND", 409: "NOT_MANAGED"}
OTHER_CODES: Final = {
    "issueToken": {400: "INVALID_GRANT"},
    "getIssuer": {404: "ROUTE_NOT_FOUND"},
    "getSigningKeys": {404: "ROUTE_NOT_FOUND"},
    "getWorkspace": {404: "WORKSPACE_NOT_FOUND"},
    "updateWorkspace": {404: "WORKSPACE_NOT_FOUND"},
    "deleteWorkspace": {404: "WORKSPACE_NOT_FOUND"},
    "listProjects": {404: "WORKSPACE_NOT_FOUND"},
    "createProject": {404: "WORKSPACE_NOT_FOUND"},
    "listWorkspaceMembers": {404: "WORKSPACE_NOT_FOUND"},
    "addWorkspaceMember": {404: "WORKSPACE_NOT_FOUND"},
    "updateWorkspaceMember": {404: "WORKSPACE_NOT_FOUND"},
    "removeWorkspaceMember": {404: "WORKSPACE_NOT_FOUND"},
}

OPERATIONS: Final = operations()
IN_PROJECT: Final = [each.id for each in OPERATIONS.values() if each.in_project]
ON_SECRETS: Final = [each.id for each in OPERATIONS.values() if "verbs" in each.access]
MINE: Final = "mine"
THEIRS: Final = "theirs"
RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"

Answer = tuple[int, str | None]
Callers = dict[str, tuple[Person, str]]
"""By the column of the table: who it is, and which Secret they ask for."""


def rows() -> dict[str, dict[str, int]]:
    """The table, by operation and column."""
    header, *lines = TABLE.strip().splitlines()
    columns = header.split()
    return {
        operation: dict(zip(columns, map(int, statuses), strict=True))
        for operation, *statuses in (line.split() for line in lines)
    }


EXPECTED: Final = rows()


@pytest_asyncio.fixture(scope="module")
async def project(admin: Admin) -> Project:
    """One project for the whole table; what a caller takes away is put back before the next one asks."""
    return await new_project(admin)


@pytest_asyncio.fixture(scope="module")
async def script(admin: Admin, service: RunningService, project: Project) -> AsyncIterator[Person]:
    """A ServiceAccount of the project."""
    accounts = f"/api/v1/namespaces/{project.name}/serviceaccounts"
    await admin.post(accounts, {"metadata": {"name": "script"}})
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "secretspace:project-operator"}
    subject = {"kind": "ServiceAccount", "name": "script", "namespace": project.name}
    body = {"metadata": {"name": "script"}, "roleRef": role, "subjects": [subject]}
    await admin.post(f"{RBAC}/namespaces/{project.name}/rolebindings", body)
    issued = await admin.post(f"{accounts}/script/token", {"spec": {"expirationSeconds": 600}})
    async with client_of(service, issued["status"]["token"]) as client:
        person = Person("script", client)
        person.username = f"system:serviceaccount:{project.name}:script"
        yield person


@pytest_asyncio.fixture(scope="module")
async def callers(service: RunningService, people: People, script: Person) -> AsyncIterator[Callers]:
    """Everybody who is a column of the table."""
    everybody = (NOBODY, LISTER, PATCHER, NAMED, VIEWER, READER, OPERATOR, PROJECT_ADMIN)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=service.url, trust_env=False))
        yield {
            "anonymous": (Person("anonymous", client), MINE),
            **{name: (people[name], MINE) for name in everybody},
            "named-else": (people[NAMED], THEIRS),
            "script": (script, MINE),
        }


@pytest_asyncio.fixture(scope="module")
async def foreign(admin: Admin, project: Project) -> Project:
    """A project of the same workspace that is there, and in which nobody has anything to do."""
    name = f"foreign-{token_hex(4)}"
    await admin.post(
        "/api/v1/namespaces", {"metadata": {"name": name, "labels": {"kubesphere.io/workspace": project.workspace}}}
    )
    await put_secret(admin, Project(name, project.workspace), MINE)
    return Project(name, project.workspace)


def known(callers: Callers) -> list[tuple[Person, str]]:
    """All but who is not signed in."""
    return [caller for column, caller in callers.items() if column != "anonymous"]


def test_every_operation_of_the_document_has_its_row_and_its_request() -> None:
    assert EXPECTED.keys() == OPERATIONS.keys()
    assert REQUESTS.keys() == OPERATIONS.keys()


def test_the_rows_of_the_table_are_whole() -> None:
    assert {len(row) for row in EXPECTED.values()} == {11}


@pytest.mark.parametrize("operation_id", OPERATIONS)
async def test_every_caller_gets_what_the_table_says(
    admin: Admin, callers: Callers, project: Project, operation_id: str
) -> None:
    operation, codes = OPERATIONS[operation_id], CODES | OTHER_CODES.get(operation_id, {})
    answers: dict[str, Answer] = {}
    for column, (person, name) in callers.items():
        await put_secret(admin, project, name)
        earlier = await touched(admin, project, name)
        answers[column] = outcome(await operation.sent_by(person, project, name, earlier))

    assert answers == {column: (status, codes.get(status)) for column, status in EXPECTED[operation_id].items()}


@pytest.mark.parametrize("operation_id", IN_PROJECT)
async def test_a_project_that_is_not_to_be_seen_answers_like_one_that_is_not_there(
    callers: Callers, project: Project, foreign: Project, operation_id: str
) -> None:
    operation = OPERATIONS[operation_id]
    places = (foreign, Project("absent"), Project(project.name, "elsewhere"), Project("kube-system", "cluster"))

    for person, name in known(callers):
        unseen, absent, misplaced, hidden = [
            unlocated(await operation.sent_by(person, place, name)) for place in places
        ]

        assert (absent["status"], absent["code"]) == (404, "PROJECT_NOT_FOUND")
        assert unseen == misplaced == hidden == absent


REFUSED_CONTENT: Final = {"kind": "service-account-token", "serviceAccount": "default"}
MISMATCHED: Final = {"If-Match": '"not-one-of-ours"'}
PROBES: Final[dict[str, Options]] = {
    "createSecret": {"json": {"name": "probe", "content": REFUSED_CONTENT}},
    "validateSecret": {"json": {"name": "probe", "content": REFUSED_CONTENT}},
    "upsertSecret": {"json": {"content": REFUSED_CONTENT}},
    "updateSecretInfo": {"json": {"alias": "probe"}, "headers": MISMATCHED},
    "deleteSecret": {"headers": MISMATCHED},
    "patchSecretData": {"json": {"remove": [KEY]}, "headers": MISMATCHED},
    "copySecret": {"json": {"project": "absent"}},
    "compareSecrets": {"json": {"name": "absent"}},
    "batchDeleteSecrets": {"json": {"items": [{"name": MINE}, {"name": MINE}]}},
    "createFromYaml": {"content": "kind: Secret", "headers": {"Content-Type": "application/yaml"}},
    "diffSecret": {"json": {"edit": {"operation": "updateSecretInfo", "alias": "probe"}}},
    "newSecretVersion": {"json": {"edit": {"operation": "patchSecretData", "rename": {"absent": "x"}}}},
    "replaceSecretData": {
        "json": {"content": {"kind": "tls", "certificate": "", "privateKey": ""}},
        "headers": MISMATCHED,
    },
}
"""Requests that are refused for another reason than rights, once the project is known."""


@pytest.mark.parametrize("operation_id", PROBES)
async def test_a_request_that_is_wrong_in_itself_does_not_tell_whether_a_project_is_there(
    people: People, project: Project, foreign: Project, operation_id: str
) -> None:
    operation = OPERATIONS[operation_id]

    for person in (people[NOBODY], people[OPERATOR]):
        unseen, absent = [
            unlocated(
                await person.request(
                    operation.method,
                    operation.path.format(workspace=place.workspace, project=place.name, name=MINE, key=KEY),
                    **PROBES[operation_id],
                )
            )
            for place in (foreign, Project("absent"))
        ]

        assert unseen == absent


@pytest.mark.parametrize("operation_id", ON_SECRETS)
async def test_the_access_that_a_route_declares_is_what_rbac_asks_for(
    admin: Admin, callers: Callers, project: Project, operation_id: str
) -> None:
    access = OPERATIONS[operation_id].access
    named = access["scope"] in {"name", "items"}
    asked = set(access["verbs"]) - NOT_ASKED.get(operation_id, set())

    allowed = {
        column
        for column, (person, name) in callers.items()
        if all([await may(admin, person, verb, project, name if named else "") for verb in asked])
        or ("or" in access and await may(admin, person, "list", project, name if named else "", "metadata"))
    }

    assert allowed == {column for column, status in EXPECTED[operation_id].items() if status < 300}


async def test_an_upsert_of_what_is_not_there_asks_for_create(callers: Callers, project: Project) -> None:
    absent = f"absent-{token_hex(4)}"
    statuses = {
        column: (await OPERATIONS["upsertSecret"].sent_by(person, project, f"{absent}.{column}")).status_code
        for column, (person, _) in callers.items()
    }

    assert {column for column, status in statuses.items() if status == 201} == {"operator", "project-admin", "script"}
    assert statuses["reader"] == 403


async def may(admin: Admin, person: Person, verb: str, project: Project, name: str, subresource: str = "") -> bool:
    """Whether RBAC allows it, asked of the cluster by its administrator."""
    attributes = {"namespace": project.name, "verb": verb, "resource": "secrets", "name": name}
    attributes["subresource"] = subresource
    body = {"spec": {"user": person.username, "resourceAttributes": attributes}}
    review = await admin.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
    return bool(review["status"]["allowed"])


@pytest_asyncio.fixture(scope="module")
async def almighty(admin: Admin, service: RunningService, project: Project) -> AsyncIterator[Person]:
    """A ServiceAccount that may do everything in the whole cluster."""
    accounts = f"/api/v1/namespaces/{project.name}/serviceaccounts"
    await admin.post(accounts, {"metadata": {"name": "almighty"}})
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    subject = {"kind": "ServiceAccount", "name": "almighty", "namespace": project.name}
    body = {"metadata": {"name": f"almighty-{token_hex(4)}"}, "roleRef": role, "subjects": [subject]}
    binding = await admin.post(f"{RBAC}/clusterrolebindings", body)
    issued = await admin.post(f"{accounts}/almighty/token", {"spec": {"expirationSeconds": 600}})
    async with client_of(service, issued["status"]["token"]) as client:
        yield Person("almighty", client)
    await admin.delete(f"{RBAC}/clusterrolebindings/{binding['metadata']['name']}")


@pytest.mark.parametrize("namespace", ["kube-system", "kube-public", NAMESPACE])
async def test_namespaces_of_the_system_are_no_projects_whatever_rbac_says(almighty: Person, namespace: str) -> None:
    place = Project(namespace, "cluster")

    answers = [
        await almighty.get(place.secrets),
        await almighty.get(f"{place.secrets}/signing-keys/data"),
        await almighty.get(place.path),
        await almighty.get(f"{place.path}/permissions"),
        await almighty.post(place.secrets, {"name": "one", "content": content()}),
    ]
    listed = await almighty.get("/api/v1/workspaces/cluster/projects?limit=500")

    assert {outcome(response) for response in answers} == {(404, "PROJECT_NOT_FOUND")}
    assert namespace not in {item["name"] for item in listed.json()["items"]}


async def test_who_may_do_everything_sees_all_other_projects(almighty: Person, foreign: Project) -> None:
    default, other = await almighty.get(Project("default", "cluster").secrets), await almighty.get(foreign.secrets)

    assert (default.status_code, other.status_code) == (200, 200)


async def test_only_what_is_declared_open_answers_who_is_not_known(service: RunningService) -> None:
    declared = {path for method, path in open_routes(create_app(Settings())) if method == "GET"}
    paths = sorted(declared | {each.path for each in OPERATIONS.values()} | {"/", "/api/v1/no-such-path", "/docs/none"})
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as anonymous:
        answers = {path: (await anonymous.get(path)).status_code for path in paths}

    assert {path for path, status in answers.items() if status != 401} == declared
