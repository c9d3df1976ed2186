"""Everybody, at every route about a workspace or what is in it: in their own, a foreign and a missing place.

`test_access` tries a project that others made. Here the service keeps it, and roles in the workspace count as well.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from app.domain.access import RBAC_GROUP
from app.domain.account import PlatformRole
from app.k8s.transport import Transport
from tests.api.attempt import NOT_ASKED, outcome, put_secret, touched
from tests.api.operation import EARLIER, Operation, operations
from tests.support.cluster import Admin
from tests.support.fan_out import eventually
from tests.support.people import (
    NAMED,
    OPERATOR,
    PREFIX,
    PROJECT_ADMIN,
    READER,
    RULES,
    VIEWER,
    People,
    Person,
    Project,
    client_of,
    grant,
)
from tests.support.problem import unlocated
from tests.support.service import RunningService
from tests.support.team import RBAC, WORKSPACES, Team, in_kube, invitation, invited, newcomer

MATRIX: Final = """
                       manager onlooker maker regular project-admin operator reader viewer named script nobody platform
listSecrets            yes     yes      no    no      yes           yes      yes    yes    no    yes    -      no
createSecret           yes     no       no    no      yes           yes      no     no     no    yes    -      no
getSecret              yes     yes      no    no      yes           yes      yes    yes    yes   yes    -      no
updateSecretInfo       yes     no       no    no      yes           yes      no     no     yes   yes    -      no
upsertSecret           yes     no       no    no      yes           yes      no     no     yes   yes    -      no
deleteSecret           yes     no       no    no      yes           yes      no     no     yes   yes    -      no
getSecretData          yes     no       no    no      yes           yes      yes    no     yes   yes    -      no
replaceSecretData      yes     no       no    no      yes           yes      no     no     yes   yes    -      no
patchSecretData        yes     no       no    no      yes           yes      no     no     yes   yes    -      no
diffSecret             yes     no       no    no      yes           yes      yes    no     yes   yes    -      no
newSecretVersion       yes     no       no    no      yes           yes      no     no     no    yes    -      no
restoreSecret          yes     no       no    no      yes           yes      no     no     no    yes    -      no
copySecret             yes     no       no    no      yes           yes      no     no     no    yes    -      no
compareSecrets         yes     no       no    no      yes           yes      yes    no     yes   yes    -      no
createFromYaml         yes     no       no    no      yes           yes      no     no     no    yes    -      no
importSecret           yes     no       no    no      yes           yes      no     no     no    yes    -      no
exportSecret           yes     no       no    no      yes           yes      yes    no     yes   yes    -      no
batchDeleteSecrets     yes     no       no    no      yes           yes      no     no     yes   yes    -      no
getSecretKey           yes     no       no    no      yes           yes      yes    no     yes   yes    -      no
getSecretYaml          yes     no       no    no      yes           yes      yes    no     yes   yes    -      no
updateSecretYaml       yes     no       no    no      yes           yes      no     no     yes   yes    -      no
validateSecret         yes     no       no    no      yes           yes      no     no     no    yes    -      no
getProject             yes     yes      yes   yes     yes           yes      yes    yes    yes   yes    -      yes
getPermissions         yes     yes      yes   yes     yes           yes      yes    yes    yes   yes    -      yes
updateProject          yes     no       no    no      yes           no       no     no     no    no     -      yes
deleteProject          yes     no       no    no      yes           no       no     no     no    no     -      yes
listProjectMembers     yes     yes      yes   yes     yes           yes      yes    yes    yes   yes    -      yes
addProjectMember       yes     no       no    no      yes           no       no     no     no    no     -      no
updateProjectMember    yes     no       no    no      yes           no       no     no     no    no     -      no
removeProjectMember    yes     no       no    no      yes           no       no     no     no    no     -      no
getWorkspace           yes     yes      yes   yes     yes           yes      yes    yes    yes   yes    -      yes
updateWorkspace        yes     no       no    no      no            no       no     no     no    no     -      yes
deleteWorkspace        yes     no       no    no      no            no       no     no     no    no     -      yes
listProjects           yes     yes      yes   yes     yes           yes      yes    yes    yes   yes    -      yes
createProject          yes     no       yes   no      no            no       no     no     no    no     -      yes
listWorkspaceMembers   yes     yes      yes   yes     yes           yes      yes    yes    no    no     -      yes
addWorkspaceMember     yes     no       no    no      no            no       no     no     no    no     -      yes
updateWorkspaceMember  yes     no       no    no      no            no       no     no     no    no     -      yes
removeWorkspaceMember  yes     no       no    no      no            no       no     no     no    no     -      yes
"""
"""Who may (`yes`), who is told that they may not (`no`), and who is told that there is no such place (`-`).

`manager` runs the workspace, an `onlooker` is a viewer of it, a `maker` a self-provisioner; `regular` and those with a
role in the project are regular members. `named`, who may touch the Secret `mine` alone, and `script`, a ServiceAccount
with the role of an operator, are no members. `platform` is a platform admin, and the same everywhere.
"""
NOT_THERE: Final = "-"
ANSWERS: Final = {"FORBIDDEN": "no", "PROJECT_NOT_FOUND": NOT_THERE, "WORKSPACE_NOT_FOUND": NOT_THERE}
STOPPED_BY: Final = {
    "deleteProject": "PRECONDITION_FAILED",
    "deleteWorkspace": "WORKSPACE_IN_USE",
    "addProjectMember": "NOT_WORKSPACE_MEMBER",
    **dict.fromkeys(("updateProjectMember", "updateWorkspaceMember"), "MEMBER_NOT_FOUND"),
    **dict.fromkeys(("removeProjectMember", "removeWorkspaceMember"), "MEMBER_NOT_FOUND"),
}
"""What keeps those who may from undoing what the rest of the table needs."""
INSTEAD: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "deleteProject": lambda: {"headers": {"If-Match": '"not-one-of-ours"'}},
    "addWorkspaceMember": lambda: {"json": invitation(token_hex(4), "regular")},
}
"""What is sent in place of what would stop others."""

TENANCY: Final = "tenancy.secretspace.io"
MINE: Final = "mine"
MEMBERS: Final = {
    "onlooker": "viewer",
    "maker": "self-provisioner",
    **dict.fromkeys(("regular", PROJECT_ADMIN, OPERATOR, READER, VIEWER), "regular"),
}
"""Roles in the workspace."""
INVITED: Final = {
    PROJECT_ADMIN: "project-admin",
    OPERATOR: "project-operator",
    READER: "project-reader",
    VIEWER: "project-viewer",
}
"""Roles in the project."""


@dataclass(frozen=True)
class Right:
    """What Kubernetes is asked about somebody; `name` may hold `{project}` and `{workspace}`."""

    verb: str
    resource: str
    name: str = ""
    group: str = ""


CHANGES_WORKSPACE: Final = [Right("update", "workspaces", "{workspace}", TENANCY)]
GIVES, TAKES = (Right(verb, "rolebindings", group=RBAC_GROUP) for verb in ("create", "delete"))
HANDS_OUT: Final = Right("bind", "clusterroles", "secretspace:project-reader", RBAC_GROUP)
RIGHTS: Final[Mapping[str, list[Right]]] = {
    "updateProject": [Right("update", "namespaces", "{project}")],
    "deleteProject": [Right("delete", "namespaces", "{project}")],
    "addProjectMember": [GIVES, HANDS_OUT],
    "updateProjectMember": [GIVES, TAKES, HANDS_OUT],
    "removeProjectMember": [TAKES],
    "createProject": [Right("create", "namespaces")],
    "updateWorkspace": CHANGES_WORKSPACE,
    "deleteWorkspace": [Right("delete", "workspaces", "{workspace}", TENANCY)],
    "listWorkspaceMembers": [Right("get", "workspaces", "{workspace}", TENANCY)],
    "addWorkspaceMember": CHANGES_WORKSPACE,
    "updateWorkspaceMember": CHANGES_WORKSPACE,
    "removeWorkspaceMember": CHANGES_WORKSPACE,
}
"""What routes ask besides rights on Secrets, which stand in the document."""
BY_ROLE: Final = {
    "createProject": {"manager", "maker"},
    "updateWorkspace": {"manager"},
    "deleteWorkspace": {"manager"},
    "listWorkspaceMembers": {"manager", *MEMBERS},
    "addWorkspaceMember": {"manager"},
    "updateWorkspaceMember": {"manager"},
    "removeWorkspaceMember": {"manager"},
}
"""Who may by a role in the workspace, of which Kubernetes knows nothing."""

OPERATIONS: Final = {name: each for name, each in operations().items() if "{workspace}" in each.path}
IN_PROJECT: Final = [each.id for each in OPERATIONS.values() if each.in_project]
ON_SECRETS: Final = [each.id for each in OPERATIONS.values() if "verbs" in each.access]
Cast = dict[str, Person]


def rows() -> dict[str, dict[str, str]]:
    """The table, by operation and column."""
    header, *lines = MATRIX.strip().splitlines()
    columns = header.split()
    return {operation: dict(zip(columns, cells, strict=True)) for operation, *cells in (line.split() for line in lines)}


EXPECTED: Final = rows()


async def made(admin: Admin, manager: Person, **roles: str) -> Project:
    """A project that the manager of a new workspace makes in it."""
    spec = {
        "manager": manager.username,
        "members": [in_kube("User", PREFIX + name, role) for name, role in roles.items()],
    }
    kind = {"apiVersion": "tenancy.secretspace.io/v1", "kind": "Workspace"}
    workspace = await admin.post(WORKSPACES, {**kind, "metadata": {"generateName": "matrix-"}, "spec": spec})
    return await Team(workspace["metadata"]["name"]).project(manager)


@pytest_asyncio.fixture(scope="module")
async def newcomers(own_transport: Transport, service: RunningService) -> AsyncIterator[Cast]:
    """Those of whom no other test knows, so that nothing but this table gives them rights."""
    async with AsyncExitStack() as stack:
        cast = {
            column: await stack.enter_async_context(newcomer(own_transport, service))
            for column in ("manager", "onlooker", "maker", "regular", "stranger")
        }
        platform = newcomer(own_transport, service, PlatformRole.PLATFORM_ADMIN)
        yield {**cast, "platform": await stack.enter_async_context(platform)}


@pytest_asyncio.fixture(scope="module")
async def own(admin: Admin, people: People, newcomers: Cast) -> Project:
    """The project in which everybody of the table but `nobody` has their role."""
    known = {**people, **newcomers}
    project = await made(admin, newcomers["manager"], **{known[each].name: role for each, role in MEMBERS.items()})
    for name, role in INVITED.items():
        await invited(newcomers["manager"], project, name, role)
    await grant(admin, project.name, NAMED, RULES[NAMED])
    return project


@pytest_asyncio.fixture(scope="module")
async def foreign(admin: Admin, newcomers: Cast) -> Project:
    """A project of another workspace, with which nobody of the table has anything to do."""
    return await made(admin, newcomers["stranger"])


@pytest_asyncio.fixture(scope="module")
async def script(admin: Admin, service: RunningService, own: Project) -> AsyncIterator[Person]:
    """A ServiceAccount of the project, with its own token."""
    accounts = f"/api/v1/namespaces/{own.name}/serviceaccounts"
    await admin.post(accounts, {"metadata": {"name": "script"}})
    role = {"apiGroup": RBAC_GROUP, "kind": "ClusterRole", "name": "secretspace:project-operator"}
    subject = {"kind": "ServiceAccount", "name": "script", "namespace": own.name}
    body = {"metadata": {"name": "script"}, "roleRef": role, "subjects": [subject]}
    await admin.post(f"{RBAC}/namespaces/{own.name}/rolebindings", body)
    issued = await admin.post(f"{accounts}/script/token", {"spec": {"expirationSeconds": 600}})
    async with client_of(service, issued["status"]["token"]) as client:
        person = Person("script", client)
        person.username = f"system:serviceaccount:{own.name}:script"
        yield person


@pytest_asyncio.fixture(scope="module")
async def cast(admin: Admin, people: People, newcomers: Cast, script: Person, own: Project) -> Cast:
    """Everybody who is a column of the table, once the cluster knows of their rights."""
    known = {**people, **newcomers, "script": script}
    cast = {column: known[column] for column in EXPECTED["listSecrets"]}

    async def is_known() -> bool:
        lists = [column for column in cast if await may(admin, cast, column, own, Right("list", "secrets"))]
        return set(lists) == {"manager", PROJECT_ADMIN, OPERATOR, READER, "script"}

    await eventually(is_known)
    return cast


async def may(admin: Admin, cast: Cast, column: str, place: Project, right: Right) -> bool:
    """What `kubectl auth can-i` would say of somebody."""
    resource, _, subresource = right.resource.partition("/")
    name = right.name.format(project=place.name, workspace=place.workspace)
    attributes = {"verb": right.verb, "group": right.group, "resource": resource, "subresource": subresource}
    spec = {
        "user": cast[column].username,
        "groups": ["secretspace:platform-admins"] * (column == "platform"),
        "resourceAttributes": {**attributes, "name": name, "namespace": place.name},
    }
    review = await admin.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", {"spec": spec})
    return bool(review["status"]["allowed"])


async def may_all(admin: Admin, cast: Cast, column: str, place: Project, rights: list[Right]) -> bool:
    """Whether somebody has all of these rights."""
    return all([await may(admin, cast, column, place, right) for right in rights])


def on_secrets(operation: Operation, access: Mapping[str, Any], name: str) -> list[Right]:
    """The rights that a route declares in the document, and asks for where the Secret exists."""
    verbs = [verb for verb in access["verbs"] if verb not in NOT_ASKED.get(operation.id, ())]
    return [Right(verb, access["resource"], name) for verb in verbs]


async def sent(operation: Operation, person: Person, place: Project, earlier: str = EARLIER) -> httpx.Response:
    """The answer to a request that does no harm to the table."""
    return await operation.sent_by(person, place, MINE, earlier, **INSTEAD.get(operation.id, dict)())


def verdict(operation: Operation, response: httpx.Response) -> str:
    """What an answer is in the words of the table, or else the code of what nobody expects."""
    code = outcome(response)[1] or ""
    return "yes" if code == STOPPED_BY.get(operation.id, "") else ANSWERS.get(code, code)


def test_every_operation_has_its_row() -> None:
    assert EXPECTED.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("operation_id", OPERATIONS)
async def test_in_their_own_place_everybody_gets_what_the_table_says(
    admin: Admin, cast: Cast, own: Project, operation_id: str
) -> None:
    operation, answers = OPERATIONS[operation_id], dict[str, str]()
    for column, person in cast.items():
        await put_secret(admin, own, MINE)
        earlier = await touched(admin, own, MINE)
        answers[column] = verdict(operation, await sent(operation, person, own, earlier))

    assert answers == EXPECTED[operation_id]


@pytest.mark.parametrize("operation_id", OPERATIONS)
async def test_a_foreign_place_is_there_for_nobody_but_the_platform_admin(
    admin: Admin, cast: Cast, foreign: Project, operation_id: str
) -> None:
    operation = OPERATIONS[operation_id]
    await put_secret(admin, foreign, MINE)

    answers = {column: verdict(operation, await sent(operation, person, foreign)) for column, person in cast.items()}

    assert answers == dict.fromkeys(cast, NOT_THERE) | {"platform": EXPECTED[operation_id]["platform"]}


@pytest.mark.parametrize("operation_id", OPERATIONS)
async def test_a_missing_place_is_there_for_nobody(cast: Cast, operation_id: str) -> None:
    operation, absent = OPERATIONS[operation_id], Project("absent", "absent")

    answers = {column: verdict(operation, await sent(operation, person, absent)) for column, person in cast.items()}

    assert answers == dict.fromkeys(cast, NOT_THERE)


@pytest.mark.parametrize("operation_id", IN_PROJECT)
async def test_a_foreign_project_is_not_told_from_one_that_is_missing_or_in_another_workspace(
    cast: Cast, own: Project, foreign: Project, operation_id: str
) -> None:
    operation = OPERATIONS[operation_id]
    absent, misplaced = Project("absent", own.workspace), Project(own.name, foreign.workspace)
    places = (foreign, absent, misplaced, Project(own.name, "absent"))

    for column in cast.keys() - {"platform"}:
        first, *others = [unlocated(await sent(operation, cast[column], place)) for place in places]

        assert first["code"] == "PROJECT_NOT_FOUND"
        assert others == [first] * 3


@pytest.mark.parametrize("operation_id", RIGHTS)
async def test_kubectl_says_the_same_but_for_roles_in_the_workspace(
    admin: Admin, cast: Cast, own: Project, foreign: Project, operation_id: str
) -> None:
    rights = RIGHTS[operation_id]
    allowed = {column for column in cast if await may_all(admin, cast, column, own, rights)}
    elsewhere = {column for column in cast if await may_all(admin, cast, column, foreign, rights)}

    expected = {column for column, cell in EXPECTED[operation_id].items() if cell == "yes"}
    assert allowed | BY_ROLE.get(operation_id, set()) == expected
    assert elsewhere == expected & {"platform"}


@pytest.mark.parametrize("operation_id", ON_SECRETS)
async def test_kubectl_says_the_same_of_secrets(
    admin: Admin, cast: Cast, own: Project, foreign: Project, operation_id: str
) -> None:
    operation = OPERATIONS[operation_id]
    access = operation.access
    name = "" if access["scope"] == "namespace" else MINE
    either = [on_secrets(operation, declared, name) for declared in (access, access.get("or", access))]

    allowed = {column for rights in either for column in cast if await may_all(admin, cast, column, own, rights)}
    elsewhere = {column for rights in either for column in cast if await may_all(admin, cast, column, foreign, rights)}

    assert allowed == {column for column, cell in EXPECTED[operation_id].items() if cell == "yes"}
    assert elsewhere == set()
