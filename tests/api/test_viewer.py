"""Seeing Secrets without reading them: what a viewer gets, what not, and who it is that reads for them."""

from typing import Any, Final

import pytest
import pytest_asyncio

from app.domain.access import METADATA
from app.domain.call import RESERVED_USER_METADATA
from devcluster import ControlPlane
from tests.api.operation import KEY, content, manifest
from tests.support.audit_log import AuditLog, on_secrets
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.log_line import finished, written
from tests.support.people import NOBODY, VIEWER, People, Person, Project, bind, grant, new_project
from tests.support.problem import assert_problem
from tests.support.secret import made, made_elsewhere, without_actions
from tests.support.service import RunningService

HELM: Final = "helm.sh/release.v1"
ALIAS: Final = "kubesphere.io/alias-name"
SEE: Final = {"resources": [METADATA], "verbs": ["list"]}


@pytest.fixture
def viewer(people: People) -> Person:
    """Who sees Secrets, and does not read them."""
    return people[VIEWER]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def filled(admin: Admin) -> Project:
    """A project with Secrets that a list tells apart."""
    project = await new_project(admin)
    await made_elsewhere(admin, project, {}, name="apple", labels={"app": "fruit"})
    await made_elsewhere(admin, project, {"k": canary(), "l": canary()}, name="banana", labels={"app": "fruit"})
    await made_elsewhere(admin, project, {"k": canary()}, "example.com/x", "cherry", annotations={ALIAS: "Kirsche"})
    await made_elsewhere(admin, project, {"release": canary()}, HELM, "sh.helm.release.v1.apple.v1")
    return project


@pytest_asyncio.fixture
async def secret(admin: Admin, project: Project) -> str:
    """The path of a Secret."""
    await made_elsewhere(admin, project, {KEY: canary()}, name="mine")
    return f"{project.secrets}/mine"


async def may_only_see(admin: Admin, name: str = NOBODY) -> Project:
    """A project that the service's own user is not bound in, and in which this person may see Secrets."""
    made = await admin.namespace()
    await grant(admin, made, name, SEE)
    return Project(made, "cluster")


_QUERIES: Final = {
    "all": "",
    "sorted": "?sort=-keyCount,name",
    "second page": "?page=2&limit=2&sort=name",
    "by name": "?name=kirsche",
    "by label": "?labelSelector=app%3Dfruit",
    "by type": "?type=example.com/x",
    "Helm releases too": "?includeHelm=true&limit=50",
}


@pytest.mark.parametrize("query", _QUERIES.values(), ids=_QUERIES)
async def test_a_viewer_sees_the_list_that_a_reader_sees(
    viewer: Person, operator: Person, filled: Project, query: str
) -> None:
    seen, read = await viewer.get(filled.secrets + query), await operator.get(filled.secrets + query)

    assert (seen.status_code, without_actions(seen.json())) == (200, without_actions(read.json()))
    assert {tuple(item["allowedActions"]) for item in seen.json()["items"]} == {("view",)}


async def test_a_label_selector_that_makes_no_sense_is_refused(viewer: Person, filled: Project) -> None:
    problem = assert_problem(await viewer.get(f"{filled.secrets}?labelSelector=a%3D%3D%3Db"), 422, "INVALID")

    assert [error["code"] for error in problem["errors"]] == ["LABEL_SELECTOR_INVALID"]


async def test_a_viewer_sees_of_a_secret_all_that_does_not_stand_beside_its_values(
    viewer: Person, operator: Person, project: Project
) -> None:
    fields: dict[str, Any] = {"alias": "Demo", "description": "first", "labels": {"app": "demo"}, "immutable": True}
    await made(operator, project, {"kind": "account-password", "username": canary(), "password": canary()}, **fields)
    path = f"{project.secrets}/demo"

    seen, read = await viewer.get(path), await operator.get(path)

    assert seen.status_code == 200
    assert seen.headers["ETag"] == read.headers["ETag"]
    assert seen.json() == read.json() | {
        "keys": None,
        "immutable": None,
        "valuesVisible": False,
        "allowedActions": ["view"],
    }
    assert seen.json()["keyCount"] == 2


@pytest.mark.parametrize(
    ("kind", "facts"),
    [("kubernetes.io/tls", "tls"), ("kubernetes.io/dockerconfigjson", "registries")],
)
async def test_what_values_tell_of_themselves_is_not_told_to_a_viewer(
    viewer: Person, admin: Admin, project: Project, kind: str, facts: str
) -> None:
    data = {"tls.crt": canary(), "tls.key": canary(), ".dockerconfigjson": f'{{"auths": {{"{canary()}": {{}}}}}}'}
    await made_elsewhere(admin, project, data, kind)

    seen = (await viewer.get(f"{project.secrets}/demo")).json()

    assert (seen["type"], seen["keyCount"], seen["keys"], seen[facts]) == (kind, 3, None, None)


async def test_an_annotation_that_may_repeat_a_value_is_not_shown_to_a_viewer(
    viewer: Person, admin: Admin, project: Project
) -> None:
    value = canary()
    await made_elsewhere(admin, project, {KEY: value}, annotations={"copy": value, ALIAS: "Demo"})

    seen = await viewer.get(f"{project.secrets}/demo")

    assert seen.json()["annotations"] == {ALIAS: "Demo"}


async def test_a_secret_that_is_not_there_is_not_found_by_a_viewer(viewer: Person, project: Project) -> None:
    assert_problem(await viewer.get(f"{project.secrets}/absent"), 404, "SECRET_NOT_FOUND")


async def test_a_viewer_is_told_what_they_may_do(viewer: Person, project: Project) -> None:
    assert (await viewer.get(f"{project.path}/permissions")).json() == {"actions": ["list", "view"]}


async def test_a_viewer_gets_no_value_no_key_and_no_manifest_and_changes_nothing(
    viewer: Person, admin: Admin, project: Project, secret: str
) -> None:
    before = await admin.get(f"{project.kube_secrets}/mine")

    refused = [
        await viewer.get(f"{secret}/data"),
        await viewer.get(f"{secret}/data?key={KEY}"),
        await viewer.get(f"{secret}/data/{KEY}"),
        await viewer.get(f"{secret}/yaml"),
        await viewer.get(f"{secret}/yaml?values=plain"),
        await viewer.patch(secret, {"alias": "Seen"}),
        await viewer.patch(f"{secret}/data", {"set": {KEY: canary()}}),
        await viewer.put(f"{secret}/data", {"content": content()}),
        await viewer.put(secret, {"content": content()}),
        await viewer.put_yaml(f"{secret}/yaml", manifest("mine")),
        await viewer.post(project.secrets, {"name": "new", "content": content()}),
        await viewer.delete(secret),
    ]

    for response in refused:
        problem = assert_problem(response, 403, "FORBIDDEN")
        assert KEY not in problem["detail"]
    assert await admin.get(f"{project.kube_secrets}/mine") == before


@pytest.mark.parametrize("path", ["", "/mine"], ids=["list", "detail"])
async def test_the_service_lists_for_a_viewer_and_both_logs_say_for_whom(
    plane: ControlPlane, admin: Admin, service: RunningService, viewer: Person, project: Project, secret: str, path: str
) -> None:
    await viewer.get(f"{project.path}/permissions")  # from now on it is known what they may do
    audit = AuditLog(plane.audit_log, admin)

    response = await viewer.get(project.secrets + path)

    refused, made_for_them = on_secrets(await audit.of(response), project.name)
    line = await finished(service, response)
    assert (line["user"], line["project"], line["upstream_calls"]) == (viewer.username, project.name, 2)
    assert refused["impersonatedUser"]["username"] == viewer.username
    assert refused["responseStatus"]["code"] == 403
    assert made_for_them["impersonatedUser"]["username"] == RESERVED_USER_METADATA
    assert made_for_them["verb"] == "list"
    assert made_for_them["auditID"] == f"{line['request_id']}.2"


async def test_who_may_see_one_secret_sees_that_one(
    people: People, admin: Admin, project: Project, secret: str
) -> None:
    await made_elsewhere(admin, project, {KEY: canary()}, name="theirs")
    await grant(admin, project.name, NOBODY, {**SEE, "resourceNames": ["mine"]})

    assert (await people[NOBODY].get(secret)).json()["allowedActions"] == ["view"]
    for path in (project.secrets, f"{project.secrets}/theirs", f"{project.secrets}/absent"):
        assert_problem(await people[NOBODY].get(path), 403, "FORBIDDEN")


@pytest.mark.parametrize("verbs", [["list"], ["get"], ["list", "get", "patch"]], ids="+".join)
async def test_rights_on_a_named_secret_do_not_become_a_sight_of_all(
    people: People, admin: Admin, project: Project, secret: str, verbs: list[str]
) -> None:
    await made_elsewhere(admin, project, {KEY: canary()}, name="theirs")
    await grant(admin, project.name, NOBODY, {"verbs": verbs, "resourceNames": ["mine"]})

    for path in (project.secrets, f"{project.secrets}/theirs"):
        assert_problem(await people[NOBODY].get(path), 403, "FORBIDDEN")


async def test_who_may_also_read_one_secret_reads_that_one_and_sees_the_others(
    people: People, admin: Admin, project: Project, secret: str
) -> None:
    await made_elsewhere(admin, project, {KEY: canary()}, name="theirs")
    await bind(admin, project.name, NOBODY, {"kind": "ClusterRole", "name": "secretspace:project-viewer"})
    await grant(admin, project.name, NOBODY, {"verbs": ["get"], "resourceNames": ["mine"]})

    read, seen = [(await people[NOBODY].get(f"{project.secrets}/{name}")).json() for name in ("mine", "theirs")]

    assert ([key["name"] for key in read["keys"]], read["allowedActions"]) == ([KEY], ["view", "reveal"])
    assert (seen["keys"], seen["allowedActions"]) == (None, ["view"])


async def test_where_the_services_own_user_is_not_bound_nothing_is_seen_and_the_operator_is_told_why(
    people: People, admin: Admin, service: RunningService
) -> None:
    project = await may_only_see(admin)
    await made_elsewhere(admin, project, {KEY: canary()}, name="mine")

    for path in (project.secrets, f"{project.secrets}/mine", f"{project.secrets}/absent"):
        response = await people[NOBODY].get(path)

        problem = assert_problem(response, 403, "FORBIDDEN")
        await finished(service, response)
        (told,) = [
            line
            for line in written(service)
            if line["event"] == "kubernetes.own_access_refused" and line["request_id"] == problem["requestId"]
        ]
        assert (told["user"], told["verb"], told["resource"]) == (RESERVED_USER_METADATA, "list", "secrets")
    assert (await people[NOBODY].get(f"{project.path}/permissions")).json() == {"actions": ["list", "view"]}
