"""Copies of Secrets in other projects: the values move without being seen, and only where the caller may put them."""

from typing import Any, Final

import httpx
import pytest

from tests.support.canary import canary, leaks
from tests.support.cluster import Admin
from tests.support.log_line import written
from tests.support.people import LISTER, NAMED, PATCHER, READER, MakeProject, People, Person, Project, grant
from tests.support.problem import assert_problem
from tests.support.secret import NAME, encoded, faults, made, made_elsewhere, refusal, stored
from tests.support.service import RunningService
from tests.unit.sample import EVERY_BYTE

COPIED_FROM: Final = "secretspace.io/copied-from"
OWNER: Final = {
    "apiVersion": "external-secrets.io/v1",
    "kind": "ExternalSecret",
    "name": "db",
    "uid": "0b5b0e6c-7e4c-4f5e-9d3a-2f6f0c9a1d11",
    "controller": True,
}


async def copied(person: Person, project: Project, body: dict[str, Any], query: str = "") -> httpx.Response:
    """The answer to who copies the Secret of the tests."""
    return await person.post(f"{project.secrets}/{NAME}/copy{query}", body)


@pytest.fixture
async def other(make_project: MakeProject) -> Project:
    """Another project of the same people."""
    return await make_project()


async def test_the_copy_is_the_original_in_another_project(
    operator: Person, project: Project, other: Project, admin: Admin
) -> None:
    said = {"kubesphere.io/alias-name": "Demo", "kubesphere.io/description": "first", "example.com/note": "x"}
    before = await made_elsewhere(
        admin,
        project,
        {"tls.jks": EVERY_BYTE, "password": canary()},
        "example.com/custom",
        labels={"app": "demo"},
        annotations=said,
        immutable=True,
    )

    response = await copied(operator, project, {"project": other.name})

    after = await stored(admin, other)
    assert response.status_code == 201
    assert response.headers["Location"] == f"{other.secrets}/{NAME}"
    assert response.headers["ETag"] == response.json()["etag"]
    assert (response.json()["project"], response.json()["alias"]) == (other.name, "Demo")
    assert (after.data, after.type, after.labels) == (before.data, before.type, before.labels)
    assert after.object["immutable"]
    assert after.annotations == said | {
        "kubesphere.io/creator": operator.username,
        COPIED_FROM: f"{project.workspace}/{project.name}/{NAME}",
    }
    assert await stored(admin, project) == before


async def test_marks_of_controllers_owners_and_finalizers_stay_behind(
    operator: Person, project: Project, other: Project, admin: Admin
) -> None:
    password = canary()
    last_applied = f'{{"data":{{"password":"{encoded(password)}"}}}}'
    await made_elsewhere(
        admin,
        project,
        {"password": password},
        labels={"reconcile.external-secrets.io/managed": "true"},
        annotations={
            "kubectl.kubernetes.io/last-applied-configuration": last_applied,
            "example.com/note": f"it is {password}",
            "reflector.v1.k8s.emberstack.com/reflection-allowed": "true",
        },
        ownerReferences=[OWNER],
        finalizers=["example.com/hold"],
    )

    response = await copied(operator, project, {"project": other.name})

    after = await stored(admin, other)
    assert [each["code"] for each in response.json()["warnings"]] == ["NOT_KEPT"]
    assert response.json()["managedBy"] is None
    assert after.labels == {}
    assert after.annotations.keys() == {"kubesphere.io/creator", COPIED_FROM}
    assert after.object["metadata"].keys().isdisjoint({"ownerReferences", "finalizers"})
    assert leaks(str(after.annotations).encode()) == []


async def test_a_copy_may_have_another_name_and_stay_in_its_project(
    operator: Person, project: Project, admin: Admin
) -> None:
    await made(operator, project, {"kind": "default", "data": {"password": canary()}})

    response = await copied(operator, project, {"name": "demo-2"})

    assert response.headers["Location"] == f"{project.secrets}/demo-2"
    assert (await stored(admin, project, "demo-2")).data == (await stored(admin, project)).data


async def test_nothing_is_written_over(operator: Person, project: Project, other: Project, admin: Admin) -> None:
    await made(operator, project, {"kind": "default", "data": {"password": canary()}})
    before = await made_elsewhere(admin, other, {"password": canary()})

    elsewhere = await copied(operator, project, {"project": other.name})
    onto_itself = await copied(operator, project, {})

    assert [refusal(each) for each in (elsewhere, onto_itself)] == [(409, "ALREADY_EXISTS")] * 2
    assert await stored(admin, other) == before


async def test_a_dry_run_copies_nothing_and_leaves_no_line(
    operator: Person, project: Project, other: Project, admin: Admin, service: RunningService
) -> None:
    await made(operator, project, {"kind": "default", "data": {"password": canary()}})

    response = await copied(operator, project, {"project": other.name}, "?dryRun=true")

    assert (response.status_code, response.json()["etag"]) == (200, "")
    assert response.json()["changes"]["data"]["added"] == ["password"]
    assert "Location" not in response.headers
    assert not await admin.exists(f"{other.kube_secrets}/{NAME}")
    assert lines(service, response) == []


async def test_a_copy_leaves_a_line_that_names_both_ends_and_no_value(
    operator: Person, project: Project, other: Project, service: RunningService
) -> None:
    await made(operator, project, {"kind": "default", "data": {"b": canary(), "a": canary()}})

    (line,) = lines(service, await copied(operator, project, {"project": other.name, "name": "two"}))

    assert (line["user"], line["project"], line["secret"]) == (operator.username, project.name, NAME)
    assert line["copied_to"] == f"{other.workspace}/{other.name}/two"
    assert line["keys"] == ["a", "b"]


async def test_a_target_that_is_not_to_be_seen_is_told_to_be_the_target(
    operator: Person, project: Project, admin: Admin, service: RunningService
) -> None:
    await made(operator, project, {"kind": "default", "data": {"password": canary()}})
    unseen = f"{project.name}-unseen"
    labels = {"kubesphere.io/workspace": project.workspace}
    await admin.post("/api/v1/namespaces", {"metadata": {"name": unseen, "labels": labels}})

    answers = [
        await copied(operator, project, {"project": "absent"}),
        await copied(operator, project, {"project": unseen}),
        await copied(operator, project, {"project": "kube-system", "workspace": "cluster"}),
        await copied(operator, project, {"workspace": "elsewhere"}),
    ]
    source = await copied(operator, Project("absent"), {"project": project.name})

    problems = [assert_problem(answer, 404, "PROJECT_NOT_FOUND") for answer in answers]
    assert [faults(answer) for answer in answers] == [{"/project": "NAMES_NOTHING"}] * 4
    assert len({str(problem["errors"]) for problem in problems}) == 1
    assert "errors" not in assert_problem(source, 404, "PROJECT_NOT_FOUND")
    assert [line for answer in answers for line in lines(service, answer)] == []


async def test_rights_are_needed_at_both_ends(
    operator: Person, people: People, project: Project, other: Project, admin: Admin
) -> None:
    await made(operator, project, {"kind": "default", "data": {"password": canary()}})
    await grant(admin, project.name, "patcher-creates", {"verbs": ["create"]})

    answers = {name: await copied(people[name], project, {"project": other.name}) for name in (LISTER, PATCHER, READER)}

    assert {name: refusal(answer) for name, answer in answers.items()} == dict.fromkeys(answers, (403, "FORBIDDEN"))
    assert "create" in answers[READER].json()["detail"]
    assert "get" in answers[PATCHER].json()["detail"]
    assert not await admin.exists(f"{other.kube_secrets}/{NAME}")


async def test_who_may_only_read_here_and_only_create_there_may_copy(
    operator: Person, people: People, project: Project, other: Project, admin: Admin
) -> None:
    content = {"kind": "default", "data": {"password": canary()}}
    await made(operator, project, content, "mine")
    await grant(admin, other.name, NAMED + "-creates", {"verbs": ["create"]})
    binding = {
        "metadata": {"name": "named-creates-too"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": NAMED + "-creates"},
        "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": people[NAMED].username}],
    }
    await admin.post(f"/apis/rbac.authorization.k8s.io/v1/namespaces/{other.name}/rolebindings", binding)

    response = await people[NAMED].post(f"{project.secrets}/mine/copy", {"project": other.name, "name": "theirs"})

    assert (response.status_code, response.json()["valuesVisible"]) == (201, False)
    assert await admin.exists(f"{other.kube_secrets}/theirs")


@pytest.mark.parametrize("secret_type", ["helm.sh/release.v1", "kubernetes.io/service-account-token"])
async def test_what_is_of_use_in_one_place_is_not_copied(
    operator: Person, project: Project, admin: Admin, secret_type: str
) -> None:
    account = {"kubernetes.io/service-account.name": "robot"}
    await admin.post(f"/api/v1/namespaces/{project.name}/serviceaccounts", {"metadata": {"name": "robot"}})
    await made_elsewhere(admin, project, {"a": canary()}, secret_type, annotations=account)

    assert refusal(await copied(operator, project, {"name": "demo-2"})) == (409, "READ_ONLY")


async def test_a_body_that_breaks_rules_copies_nothing(operator: Person, project: Project) -> None:
    await made(operator, project, {"kind": "default", "data": {"password": canary()}})

    wrong = await copied(operator, project, {"workspace": "-", "project": "No", "name": "No", "values": True})

    assert faults(wrong) == {
        "/workspace": "LABEL_VALUE_INVALID",
        "/project": "LABEL_NAME_INVALID",
        "/name": "NAME_INVALID",
        "/values": "UNKNOWN_FIELD",
    }


def lines(service: RunningService, response: httpx.Response) -> list[dict[str, Any]]:
    """The lines about copies that a request left."""
    request_id = response.headers["X-Request-Id"]
    return [line for line in written(service) if line["event"] == "secret.copied" and line["request_id"] == request_id]
