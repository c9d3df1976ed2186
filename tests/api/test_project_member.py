"""Members of a project: shown, invited, changed and removed by who may, as native role bindings."""

from collections.abc import AsyncIterator
from secrets import token_hex

import httpx
import pytest
import pytest_asyncio

from app.domain.errors import (
    AlreadyExistsError,
    ConflictError,
    InheritedError,
    MemberNotFoundError,
    NotManagedError,
    NotWorkspaceMemberError,
    ProjectTerminatingError,
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
    People,
    Person,
    Project,
)
from tests.support.problem import assert_problem, provokes
from tests.support.service import RunningService
from tests.support.team import (
    GROUP,
    RBAC,
    Team,
    bind_by_hand,
    bindings,
    invitation,
    invited,
    new_team,
    newcomer,
    roles_of,
    user_id,
)


@pytest_asyncio.fixture(scope="module")
async def team(admin: Admin) -> Team:
    return await new_team(admin)


@pytest_asyncio.fixture
async def project(team: Team, people: People) -> Project:
    """A project whose only project-admin is the reader."""
    return await team.project(people[READER])


@pytest_asyncio.fixture
async def owner(people: People) -> Person:
    """The project-admin of the project."""
    return people[READER]


def members(project: Project, name: str | None = None) -> str:
    return f"{project.path}/members" + ("" if name is None else f"/{user_id(name)}")


def rows(response: httpx.Response) -> set[tuple[str, str, str, bool]]:
    """Name, role, source and whether it is inherited, of each item of a list."""
    return {
        (item["subject"]["name"].removeprefix(PREFIX), item["role"], item["source"], item["inherited"])
        for item in response.raise_for_status().json()["items"]
    }


async def test_who_is_invited_has_a_native_role_binding_that_names_who_invited(
    owner: Person, people: People, project: Project, admin: Admin
) -> None:
    answer = await owner.post(members(project), invitation(PATCHER, "project-operator"))
    (binding,) = [each for each in await bindings(admin, project) if each["subjects"][0]["name"] == PREFIX + PATCHER]
    assert (answer.status_code, answer.headers["Location"]) == (201, members(project, PATCHER))
    assert answer.headers["ETag"] == answer.json()["etag"]
    assert answer.json() | {"etag": ""} == {
        "id": user_id(PATCHER),
        "subject": {"kind": "user", "name": PREFIX + PATCHER},
        "role": "project-operator",
        "source": "secretspace",
        "inherited": False,
        "etag": "",
    }
    assert binding["roleRef"]["name"] == "secretspace:project-operator"
    assert binding["metadata"]["annotations"]["secretspace.io/actor"] == owner.username
    assert (await people[PATCHER].get(project.secrets)).status_code == 200


async def test_a_group_is_invited_if_it_is_in_the_workspace_itself(owner: Person, project: Project) -> None:
    group = await owner.post(members(project), invitation(GROUP, "project-reader", "group"))
    as_user = await owner.post(members(project), invitation(GROUP, "project-reader", "user"))
    other = await owner.post(members(project), invitation("example:others", "project-reader", "group"))
    assert (group.status_code, group.json()["subject"]) == (201, {"kind": "group", "name": GROUP})
    assert [as_user.json()["code"], other.json()["code"]] == ["NOT_WORKSPACE_MEMBER"] * 2


async def test_the_manager_of_the_workspace_can_be_invited(owner: Person, project: Project) -> None:
    answer = await owner.post(members(project), invitation(OPERATOR, "project-reader"))
    assert answer.status_code == 201


@provokes(NotWorkspaceMemberError, 409)
async def test_who_is_not_in_the_workspace_is_not_invited(
    owner: Person, project: Project, admin: Admin
) -> httpx.Response:
    answer = await owner.post(members(project), invitation(NOBODY, "project-reader"))
    assert await roles_of(admin, project, NOBODY) == []
    return answer


@provokes(AlreadyExistsError, 409)
async def test_who_is_there_already_is_not_invited_again(
    owner: Person, project: Project, admin: Admin
) -> httpx.Response:
    await invited(owner, project, PATCHER, "project-reader")
    answer = await owner.post(members(project), invitation(PATCHER, "project-operator"))
    assert await roles_of(admin, project, PATCHER) == ["project-reader"]
    return answer


async def test_nobody_invites_themselves_upwards(owner: Person, people: People, project: Project, admin: Admin) -> None:
    await invited(owner, project, PATCHER, "project-operator")
    answers = [
        await people[PATCHER].post(members(project), invitation(PATCHER, "project-admin")),
        await people[PATCHER].patch(members(project, PATCHER), {"role": "project-admin"}),
        await people[PATCHER].delete(members(project, READER)),
        await people[LISTER].post(members(project), invitation(LISTER, "project-reader")),
    ]
    assert [answer.json()["code"] for answer in answers] == ["FORBIDDEN"] * 4
    assert await roles_of(admin, project, PATCHER) == ["project-operator"]
    assert await roles_of(admin, project, READER) == ["project-admin"]


async def test_who_may_bind_one_role_hands_out_no_other(people: People, project: Project, admin: Admin) -> None:
    rules = [
        {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["rolebindings"], "verbs": ["create"]},
        {
            "apiGroups": ["rbac.authorization.k8s.io"],
            "resources": ["clusterroles"],
            "resourceNames": ["secretspace:project-reader"],
            "verbs": ["bind"],
        },
    ]
    role = await admin.post(
        f"{RBAC}/clusterroles", {"metadata": {"name": f"tests-inviter-{token_hex(4)}"}, "rules": rules}
    )
    await bind_by_hand(admin, project, PATCHER, role["metadata"]["name"])
    reader = await people[PATCHER].post(members(project), invitation(NAMED, "project-reader"))
    operator = await people[PATCHER].post(members(project), invitation(LISTER, "project-operator"))
    assert (reader.status_code, operator.json()["code"]) == (201, "FORBIDDEN")


@pytest.mark.parametrize("role", ["cluster-admin", "secretspace:project-admin", "admin", "PROJECT-ADMIN", ""])
async def test_a_role_that_is_none_of_the_four_is_refused(
    owner: Person, project: Project, role: str, admin: Admin
) -> None:
    await invited(owner, project, NAMED, "project-reader")
    answers = [
        await owner.post(members(project), invitation(PATCHER, role)),
        await owner.patch(members(project, NAMED), {"role": role}),
    ]
    assert [[(item["pointer"], item["code"]) for item in answer.json()["errors"]] for answer in answers] == [
        [("/role", "INVALID_VALUE")]
    ] * 2
    assert await roles_of(admin, project, PATCHER) == []


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        ("user", "system:admin", "SUBJECT_RESERVED"),
        ("group", "system:masters", "SUBJECT_RESERVED"),
        ("user", "secretspace-system:accounts", "SUBJECT_RESERVED"),
        ("user", "", "SUBJECT_NAME_INVALID"),
        ("user", " anna", "SUBJECT_NAME_INVALID"),
        ("user", "an\x00na", "SUBJECT_NAME_INVALID"),
        ("group", "cafe\u0301", "SUBJECT_NAME_INVALID"),
        ("user", "a" * 254, "SUBJECT_NAME_INVALID"),
        ("user", "secretspace:no-such-account", "ACCOUNT_UNKNOWN"),
        ("user", "secretspace:Not A Name", "ACCOUNT_UNKNOWN"),
    ],
)
async def test_a_name_that_is_nobodys_is_refused_with_its_place(
    owner: Person, project: Project, kind: str, name: str, code: str
) -> None:
    answer = await owner.post(members(project), invitation(name, "project-reader", kind))
    assert [(item["pointer"], item["code"]) for item in answer.json()["errors"]] == [("/subject/name", code)]


async def test_a_service_account_is_no_kind_of_member(owner: Person, project: Project) -> None:
    answer = await owner.post(members(project), invitation("default", "project-reader", "serviceAccount"))
    assert [(item["pointer"], item["code"]) for item in answer.json()["errors"]] == [("/subject/kind", "INVALID_VALUE")]


async def test_the_list_shows_each_way_in_which_somebody_has_a_role(
    owner: Person, people: People, project: Project, admin: Admin
) -> None:
    await invited(owner, project, LISTER, "project-reader")
    await bind_by_hand(admin, project, LISTER, "view")
    await bind_by_hand(admin, project, NOBODY, "secretspace:project-admin")
    listed = await people[LISTER].get(members(project))
    ids = {item["id"] for item in listed.json()["items"] if item["subject"]["name"] == PREFIX + LISTER}
    assert rows(listed) == {
        (READER, "project-admin", "secretspace", False),
        (OPERATOR, "project-admin", "secretspace", True),
        (LISTER, "project-reader", "secretspace", False),
        (LISTER, "project-viewer", "secretspace", True),
        (LISTER, "view", "kubernetes", False),
        (NOBODY, "secretspace:project-admin", "kubernetes", False),
    }
    assert ids == {user_id(LISTER)}


async def test_the_list_has_pages(owner: Person, project: Project) -> None:
    first = (await owner.get(members(project), params={"limit": 1})).json()
    beyond = (await owner.get(members(project), params={"limit": 1, "page": 9})).json()
    assert (len(first["items"]), first["total"], first["page"], first["limit"]) == (1, beyond["total"], 1, 1)
    assert beyond["items"] == []


@provokes(InheritedError, 409)
async def test_a_role_from_the_workspace_is_not_changed_here(owner: Person, project: Project) -> httpx.Response:
    removed = await owner.delete(members(project, LISTER))
    assert_problem(removed, 409, "INHERITED")
    return await owner.patch(members(project, LISTER), {"role": "project-reader"})


@provokes(NotManagedError, 409)
async def test_a_binding_made_by_others_is_left_alone(owner: Person, project: Project, admin: Admin) -> httpx.Response:
    name = await bind_by_hand(admin, project, NAMED, "secretspace:project-operator")
    before = await admin.get(f"{RBAC}/namespaces/{project.name}/rolebindings/{name}")
    removed = await owner.delete(members(project, NAMED))
    changed = await owner.patch(members(project, NAMED), {"role": "project-reader"})
    assert await admin.get(f"{RBAC}/namespaces/{project.name}/rolebindings/{name}") == before
    assert_problem(removed, 409, "NOT_MANAGED")
    return changed


async def test_a_change_leaves_what_others_made_for_the_same_person(
    owner: Person, project: Project, admin: Admin
) -> None:
    name = await bind_by_hand(admin, project, NAMED, "view")
    await invited(owner, project, NAMED, "project-reader")
    removed = await owner.delete(members(project, NAMED))
    assert removed.status_code == 204
    assert await roles_of(admin, project, NAMED) == []
    assert await admin.exists(f"{RBAC}/namespaces/{project.name}/rolebindings/{name}")


@pytest.mark.parametrize("member", [user_id("nobody-at-all"), "no-id", "dXNlcjo", "Z3JvdXA6eA=="])
@provokes(MemberNotFoundError, 404)
async def test_an_id_of_no_member_is_not_found(owner: Person, project: Project, member: str) -> httpx.Response:
    removed = await owner.delete(f"{members(project)}/{member}")
    assert_problem(removed, 404, "MEMBER_NOT_FOUND")
    return await owner.patch(f"{members(project)}/{member}", {"role": "project-reader"})


@pytest_asyncio.fixture(scope="module")
async def audit(plane: ControlPlane, admin: Admin) -> AuditLog:
    return AuditLog(plane.audit_log, admin)


async def test_a_member_who_is_changed_has_a_role_at_every_moment(
    owner: Person, project: Project, admin: Admin, audit: AuditLog
) -> None:
    before = await invited(owner, project, PATCHER, "project-operator")
    changed = await owner.patch(members(project, PATCHER), {"role": "project-reader"}, before["etag"])
    events = await audit.of(changed)
    writes = [
        (event["verb"], event["user"]["username"])
        for event in events
        if event["objectRef"]["resource"] == "rolebindings" and event["verb"] in {"create", "delete"}
    ]
    assert (changed.status_code, changed.json()["role"], changed.json()["id"]) == (200, "project-reader", before["id"])
    assert changed.headers["ETag"] == changed.json()["etag"] != before["etag"]
    assert await roles_of(admin, project, PATCHER) == ["project-reader"]
    assert writes == [("create", SERVICE_ACCOUNT), ("delete", SERVICE_ACCOUNT)]


async def test_the_role_that_somebody_has_already_is_not_written_again(
    owner: Person, project: Project, audit: AuditLog
) -> None:
    before = await invited(owner, project, PATCHER, "project-reader")
    same = await owner.patch(members(project, PATCHER), {"role": "project-reader"}, before["etag"])
    written = [event for event in await audit.of(same) if event["verb"] in {"delete", "patch"}]
    assert (same.status_code, same.json()) == (200, before)
    assert written == []


async def test_a_stale_or_missing_etag_changes_nothing(owner: Person, project: Project, admin: Admin) -> None:
    before = await invited(owner, project, PATCHER, "project-operator")
    await owner.patch(members(project, PATCHER), {"role": "project-reader"}, before["etag"])
    answers = [
        await owner.patch(members(project, PATCHER), {"role": "project-admin"}, before["etag"]),
        await owner.delete(members(project, PATCHER), before["etag"]),
        await owner.patch(members(project, PATCHER), {"role": "project-admin"}, None),
        await owner.delete(members(project, PATCHER), None),
    ]
    assert [answer.json()["code"] for answer in answers] == ["PRECONDITION_FAILED"] * 2 + ["PRECONDITION_REQUIRED"] * 2
    assert await roles_of(admin, project, PATCHER) == ["project-reader"]


async def test_who_is_removed_has_no_role_any_more(
    owner: Person, people: People, project: Project, admin: Admin
) -> None:
    before = await invited(owner, project, PATCHER, "project-operator")
    removed = await owner.delete(members(project, PATCHER), before["etag"])
    assert (removed.status_code, removed.content) == (204, b"")
    assert await roles_of(admin, project, PATCHER) == []
    assert (await people[PATCHER].get(project.secrets)).status_code == 403


@provokes(ConflictError, 409)
async def test_a_change_that_may_be_under_way_is_waited_for(
    owner: Person, project: Project, admin: Admin
) -> httpx.Response:
    await invited(owner, project, PATCHER, "project-reader")
    labels = {"app.kubernetes.io/managed-by": "secretspace"}
    await bind_by_hand(admin, project, PATCHER, "secretspace:project-operator", labels)
    answer = await owner.patch(members(project, PATCHER), {"role": "project-viewer"})
    assert (PATCHER, "project-operator", "secretspace", False) in rows(await owner.get(members(project)))
    assert await roles_of(admin, project, PATCHER) == ["project-operator", "project-reader"]
    return answer


@provokes(ProjectTerminatingError, 409)
async def test_nobody_is_invited_to_a_project_that_is_being_deleted(
    owner: Person, project: Project, admin: Admin
) -> httpx.Response:
    held = f"/api/v1/namespaces/{project.name}/configmaps"
    await admin.post(held, {"metadata": {"name": "held", "finalizers": ["tests.secretspace.io/held"]}})
    (await owner.delete(f"{project.path}?confirm={project.name}")).raise_for_status()
    answer = await owner.post(members(project), invitation(PATCHER, "project-reader"))
    await admin.merge(f"{held}/held", {"metadata": {"finalizers": None}})
    return answer


@pytest_asyncio.fixture
async def stranger(own_transport: Transport, service: RunningService) -> AsyncIterator[Person]:
    async with newcomer(own_transport, service) as person:
        yield person


async def test_the_workspace_s_manager_runs_each_of_its_projects(
    people: People, project: Project, admin: Admin, stranger: Person, team: Team
) -> None:
    await people[OPERATOR].post(team.members, invitation(stranger.name, "regular"))
    added = await people[OPERATOR].post(members(project), invitation(stranger.name, "project-viewer"))
    assert added.status_code == 201
    assert await roles_of(admin, project, stranger.name) == ["project-viewer"]
