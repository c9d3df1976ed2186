"""What policies of the cluster refuse: told by the policy's name, and by nothing that it says."""

import asyncio
from collections.abc import AsyncIterator
from secrets import token_hex
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from app.domain.errors import RefusedByAdmissionError
from tests.api.operation import KEY, content, manifest
from tests.support.canary import canary, leaks
from tests.support.cluster import Admin
from tests.support.people import LISTER, OPERATOR, MakeProject, People, Person, Project, new_project
from tests.support.problem import assert_problem, provokes
from tests.support.webhook import refusing_webhook

SECONDS: Final = 30.0
GROUP: Final = "/apis/admissionregistration.k8s.io/v1"
LABEL: Final = "tests.secretspace.io/allowed"
QUOTING: Final = "'refused: ' + string(object.data['password'])"
"""A policy whose message holds a value, as the message of any policy may."""


@pytest_asyncio.fixture(scope="module")
async def project(admin: Admin) -> Project:
    """One that the policy is about."""
    return await new_project(admin)


@pytest_asyncio.fixture(scope="module", params=["Forbidden", "Invalid"])
async def policy(admin: Admin, project: Project, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The name of a policy that wants a label on every Secret of the project, and quotes what it refuses."""
    name = f"wants-a-label-{token_hex(4)}.tests.secretspace.io"
    policies, bindings = f"{GROUP}/validatingadmissionpolicies", f"{GROUP}/validatingadmissionpolicybindings"
    await admin.post(policies, {"metadata": {"name": name}, "spec": rule(request.param)})
    selector = {"matchLabels": {"kubernetes.io/metadata.name": project.name}}
    spec = {"policyName": name, "validationActions": ["Deny"], "matchResources": {"namespaceSelector": selector}}
    await admin.post(bindings, {"metadata": {"name": name}, "spec": spec})
    async with asyncio.timeout(SECONDS):
        while not await refuses(admin, project, name):
            await asyncio.sleep(0.2)
    yield name
    await admin.delete(f"{bindings}/{name}")
    await admin.delete(f"{policies}/{name}")


def rule(reason: str) -> dict[str, Any]:
    """What the policy asks for, and the reason that it gives, which decides on the status of its refusals."""
    operations = ["CREATE", "UPDATE"]
    resources = {"apiGroups": [""], "apiVersions": ["v1"], "operations": operations, "resources": ["secrets"]}
    expression = f"has(object.metadata.labels) && '{LABEL}' in object.metadata.labels"
    return {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [resources]},
        "validations": [{"expression": expression, "messageExpression": QUOTING, "reason": reason}],
    }


async def refuses(admin: Admin, project: Project, policy: str) -> bool:
    """Whether an unlabelled Secret cannot be made; a policy takes some seconds to be in force."""
    body = {"metadata": {"generateName": "probe-"}, "stringData": {KEY: canary()}}
    try:
        await admin.post(f"{project.kube_secrets}?dryRun=All", body)
    except httpx.HTTPStatusError as refused:
        return policy in refused.response.text
    return False


@pytest_asyncio.fixture
async def labelled(operator: Person, project: Project, policy: str) -> str:
    """The path of a Secret that the policy accepts."""
    name = f"labelled-{token_hex(4)}"
    body = {"name": name, "labels": {LABEL: "yes"}, "content": content()}
    assert (await operator.post(project.secrets, body)).status_code == 201
    return f"{project.secrets}/{name}"


async def test_the_policy_itself_quotes_what_it_refuses(admin: Admin, project: Project, policy: str) -> None:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await admin.post(project.kube_secrets, {"metadata": {"name": "refused"}, "stringData": {KEY: canary()}})

    assert leaks(refused.value.response.content) != []
    assert policy in refused.value.response.text


@provokes(RefusedByAdmissionError, 422)
async def test_a_secret_that_a_policy_refuses(
    operator: Person, admin: Admin, project: Project, policy: str
) -> httpx.Response:
    response = await operator.post(project.secrets, {"name": "refused", "content": content()})

    assert response.json()["detail"] == f"The admission policy or webhook {policy} refused it."
    assert not await admin.exists(f"{project.kube_secrets}/refused")
    return response


@provokes(RefusedByAdmissionError, 422)
async def test_a_dry_run_says_the_same(operator: Person, project: Project, policy: str) -> httpx.Response:
    return await operator.post(f"{project.secrets}?dryRun=true", {"name": "refused", "content": content()})


@provokes(RefusedByAdmissionError, 422)
async def test_a_change_that_a_policy_refuses(operator: Person, labelled: str) -> httpx.Response:
    before = (await operator.get(labelled)).headers["ETag"]

    response = await operator.patch(labelled, {"labels": {LABEL: None}})

    assert (await operator.get(labelled)).headers["ETag"] == before
    return response


@provokes(RefusedByAdmissionError, 422)
async def test_a_document_that_a_policy_refuses(operator: Person, labelled: str) -> httpx.Response:
    return await operator.put_yaml(f"{labelled}/yaml", manifest(labelled.rpartition("/")[2]))


async def test_what_a_policy_accepts_is_written(operator: Person, labelled: str) -> None:
    response = await operator.patch(f"{labelled}/data", {"set": {KEY: canary()}})

    assert response.status_code == 200


async def test_a_draft_that_a_policy_would_refuse_is_not_valid(people: People, project: Project, policy: str) -> None:
    path = f"{project.path}/secret-actions/validate"

    response = await people[OPERATOR].post(path, {"name": "draft", "content": content()})

    assert response.json()["valid"] is False
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [("", "REFUSED_BY_ADMISSION")]


async def test_the_name_alone_is_not_held_against_a_policy(operator: Person, project: Project, policy: str) -> None:
    response = await operator.post(f"{project.path}/secret-actions/validate", {"name": "draft"})

    assert (response.status_code, response.json()["valid"]) == (200, True)


async def test_somebody_without_rights_is_told_of_no_policy(people: People, project: Project, policy: str) -> None:
    response = await people[LISTER].post(project.secrets, {"name": "refused", "content": content()})

    problem = assert_problem(response, 403, "FORBIDDEN")
    assert policy not in str(problem)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 429, 500, 503, 504])
async def test_a_webhook_that_refuses_is_told_by_its_name_whatever_status_it_chose(
    operator: Person, admin: Admin, make_project: MakeProject, status: int
) -> None:
    project, name = await make_project(), f"refuses-{token_hex(4)}.tests.secretspace.io"
    async with refusing_webhook(admin, name, project.name) as webhook:
        webhook.status = status
        async with asyncio.timeout(SECONDS):
            response = await try_to_create(operator, project)
            while not webhook.asked:
                response = await try_to_create(operator, project)

    problem = assert_problem(response, 422, "REFUSED_BY_ADMISSION")
    assert problem["detail"] == f"The admission policy or webhook {name} refused it."


async def try_to_create(person: Person, project: Project) -> httpx.Response:
    """Another Secret each time."""
    return await person.post(project.secrets, {"name": token_hex(4), "content": content()})
