"""What callers see of a kube-apiserver that is down, slow, or out of its mind, and that all is well again after."""

import asyncio
import resource
from collections.abc import AsyncIterator
from secrets import token_hex
from time import monotonic
from typing import Final

import httpx
import pytest
import pytest_asyncio

from app.dev.home import DevHome
from app.dev.service_account import write_kubeconfig
from app.domain.errors import (
    AuditUnavailableError,
    BodyTimeoutError,
    ConflictError,
    OwnAccessError,
    TooManyRequestsError,
    UpstreamAnswerError,
    UpstreamExpiredError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from app.k8s.request import encode
from tests.api.operation import KEY, content
from tests.support.canary import canary
from tests.support.cluster import Admin, Cluster
from tests.support.kube_relay import Head, KubeRelay, Rule, always, answer, late, relayed_service
from tests.support.log_line import finished, written
from tests.support.people import OPERATOR, READER, People, Person, Project, client_of, new_project
from tests.support.problem import assert_problem, provokes
from tests.support.raw_http import request, send
from tests.support.service import RunningService, running_service

SETTINGS: Final = {
    "SECRETSPACE_KUBERNETES__CONNECT_TIMEOUT": "PT1S",
    "SECRETSPACE_KUBERNETES__READ_TIMEOUT": "PT1S",
    "SECRETSPACE_LIMITS__REQUEST": "PT3S",
    "SECRETSPACE_LIMITS__BODY_READ": "PT1S",
    "SECRETSPACE_LIMITS__REVEALS_PER_USER": "1",
    "SECRETSPACE_LIMITS__REVEAL_WAIT": "PT0.2S",
}


@pytest_asyncio.fixture(scope="module")
async def project(admin: Admin) -> Project:
    """One for all of this."""
    return await new_project(admin)


@pytest_asyncio.fixture(scope="module")
async def behind_relay(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[KubeRelay, RunningService]]:
    async with relayed_service(cluster, tmp_path_factory.mktemp("relayed"), SETTINGS) as opened:
        yield opened


@pytest.fixture
def relay(behind_relay: tuple[KubeRelay, RunningService]) -> KubeRelay:
    return behind_relay[0]


@pytest.fixture
def impatient(behind_relay: tuple[KubeRelay, RunningService]) -> RunningService:
    """A service with short limits, which reaches the cluster through the relay."""
    return behind_relay[1]


@pytest_asyncio.fixture
async def operator(people: People, impatient: RunningService) -> AsyncIterator[Person]:
    """The operator at that service; they are known to it when a test begins."""
    async with client_of(impatient, token_of(people[OPERATOR])) as client:
        person = Person(OPERATOR, client)
        await person.get("/api/v1/me")
        yield person


@pytest_asyncio.fixture
async def secret(admin: Admin, project: Project) -> str:
    """The path of a Secret."""
    path = f"{project.kube_secrets}/one"
    if not await admin.exists(path):
        await admin.post(project.kube_secrets, {"metadata": {"name": "one"}, "stringData": {KEY: canary()}})
    return f"{project.secrets}/one"


def token_of(person: Person) -> str:
    """The token that they have got."""
    return str(person.client.headers["Authorization"]).removeprefix("Bearer ")


def about_secrets(project: Project, rule: Rule) -> Rule:
    """A rule for the Secrets of a project alone."""

    async def narrowed(head: Head) -> bytes | None:
        return await rule(head) if head.target.startswith(project.kube_secrets) else None

    return narrowed


@provokes(UpstreamUnavailableError, 503)
async def test_a_server_that_is_down(operator: Person, relay: KubeRelay, secret: str) -> httpx.Response:
    async with relay.closed():
        response = await operator.get(secret)

    assert response.headers["Retry-After"] == "2"
    return response


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
@provokes(UpstreamUnavailableError, 503)
async def test_a_write_while_the_server_is_down(
    operator: Person, relay: KubeRelay, project: Project, secret: str, method: str
) -> httpx.Response:
    path, body = BODIES[method]
    async with relay.closed():
        return await operator.request(method, project.secrets + path, json=body, headers={"If-Match": "*"})


BODIES: Final = {
    "POST": ("", {"name": "two", "content": content()}),
    "PATCH": ("/one/data", {"set": {KEY: canary()}}),
    "PUT": ("/one/data", {"content": content()}),
    "DELETE": ("/one", None),
}


@provokes(UpstreamUnavailableError, 503)
async def test_somebody_who_is_not_yet_known_while_the_server_is_down(
    people: People, relay: KubeRelay, impatient: RunningService
) -> httpx.Response:
    async with client_of(impatient, token_of(people[READER])) as client, relay.closed():
        return await client.get("/api/v1/me")


@provokes(UpstreamUnavailableError, 503)
async def test_signing_in_while_the_server_is_down(relay: KubeRelay, impatient: RunningService) -> httpx.Response:
    form = {"grant_type": "password", "username": "anna", "password": canary("password")}
    async with httpx.AsyncClient(base_url=impatient.url, trust_env=False) as client, relay.closed():
        return await client.post("/oauth/token", data=form)


async def test_readiness_tells_of_the_server_and_liveness_does_not(operator: Person, relay: KubeRelay) -> None:
    async with relay.closed():
        await asyncio.sleep(1.1)  # the last answer is remembered for a second
        ready, live = await operator.get("/readyz"), await operator.get("/livez")

    assert_problem(ready, 503, "UPSTREAM_UNAVAILABLE")
    assert live.status_code == 200


async def test_all_is_well_again_without_a_restart(operator: Person, relay: KubeRelay, secret: str) -> None:
    async with relay.closed():
        await operator.get(secret)

    answers = [await operator.get(secret), await operator.get(f"{secret}/data")]

    assert [response.status_code for response in answers] == [200, 200]


async def test_a_project_that_was_made_meanwhile_is_found(admin: Admin, operator: Person, relay: KubeRelay) -> None:
    async with relay.closed():
        made = await new_project(admin)

    response = await operator.get(made.secrets)

    assert response.status_code == 200


@provokes(UpstreamTimeoutError, 504)
async def test_a_server_that_does_not_answer(
    operator: Person, relay: KubeRelay, project: Project, secret: str
) -> httpx.Response:
    began = monotonic()
    async with relay.ruled_by(about_secrets(project, late(30))):
        response = await operator.get(secret)

    assert monotonic() - began < 4
    assert "may have taken place" in response.json()["detail"]
    return response


@provokes(UpstreamTimeoutError, 504)
async def test_a_write_that_is_not_answered_is_made_once(
    operator: Person, relay: KubeRelay, project: Project
) -> httpx.Response:
    before = len(relay.heads)
    async with relay.ruled_by(about_secrets(project, late(30))):
        response = await operator.post(project.secrets, {"name": "unanswered", "content": content()})

    assert [head.method for head in relay.heads[before:] if "/secrets" in head.target] == ["POST"]
    return response


@provokes(UpstreamTimeoutError, 504)
async def test_a_request_has_a_limit_however_many_calls_it_makes(
    admin: Admin, operator: Person, relay: KubeRelay, project: Project, secret: str
) -> httpx.Response:
    began = monotonic()
    async with relay.ruled_by(about_secrets(project, overtaken(admin, project, seconds=0.9))):
        response = await operator.patch(f"{secret}/data", {"set": {KEY: canary()}})

    assert 2.9 < monotonic() - began < 6
    return response


def overtaken(admin: Admin, project: Project, seconds: float = 0) -> Rule:
    """Somebody else is faster, whenever the Secret is to be changed; and everything takes so long."""

    async def rule(head: Head) -> None:
        if head.method == "PATCH":
            labels = {"overtaken": token_hex(4)}
            await admin.merge(f"{project.kube_secrets}/one", {"metadata": {"labels": labels}})
        await asyncio.sleep(seconds)

    return rule


@pytest.mark.parametrize(
    "content",
    [
        answer("200 OK", b"<html>canary-is-not-json</html>"),
        answer("200 OK", b"[]"),
        answer("200 OK", b'{"metadata": {}, "data": {"password": "!"}}'),
        answer("200 OK", b'{"metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"}, "data": {"password": "YQ"}}'),
        answer("500 Internal Server Error", encode({"kind": "Status", "message": "canary-message"})),
        answer("418 I'm a teapot"),
        answer("302 Found", b"", "Location: https://127.0.0.1:9/"),
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
    ],
)
@provokes(UpstreamAnswerError, 502)
async def test_an_answer_that_makes_no_sense(
    operator: Person, relay: KubeRelay, project: Project, secret: str, content: bytes
) -> httpx.Response:
    async with relay.ruled_by(about_secrets(project, always(content))):
        return await operator.get(secret)


@provokes(UpstreamExpiredError, 503)
async def test_a_list_whose_version_is_forgotten_again_and_again(
    operator: Person, relay: KubeRelay, project: Project
) -> httpx.Response:
    expired = answer("410 Gone", encode({"kind": "Status", "reason": "Expired", "code": 410}))
    before = len(relay.heads)
    async with relay.ruled_by(about_secrets(project, always(expired))):
        response = await operator.get(project.secrets)

    assert len([head for head in relay.heads[before:] if head.target.startswith(project.kube_secrets)]) == 2
    return response


@provokes(UpstreamUnavailableError, 503)
async def test_a_server_that_is_overloaded_says_when_to_come_again(
    operator: Person, relay: KubeRelay, project: Project, secret: str
) -> httpx.Response:
    async with relay.ruled_by(about_secrets(project, always(answer("429 Too Many Requests", b"{}", "Retry-After: 9")))):
        response = await operator.get(secret)

    assert response.headers["Retry-After"] == "9"
    return response


@provokes(ConflictError, 409)
async def test_others_who_are_always_faster(
    admin: Admin, operator: Person, relay: KubeRelay, project: Project, secret: str
) -> httpx.Response:
    before = len(relay.heads)
    async with relay.ruled_by(about_secrets(project, overtaken(admin, project))):
        response = await operator.patch(f"{secret}/data", {"set": {KEY: canary()}}, if_match="*")

    assert [head.method for head in relay.heads[before:]].count("PATCH") == 4
    return response


@provokes(TooManyRequestsError, 429)
async def test_more_reveals_at_once_than_one_person_may_have(
    operator: Person, relay: KubeRelay, project: Project, secret: str
) -> httpx.Response:
    async with relay.ruled_by(about_secrets(project, late(0.9))):
        answers = await asyncio.gather(*(operator.get(f"{secret}/data") for _ in range(2)))

    first, second = sorted(answers, key=lambda response: response.status_code)
    assert first.status_code == 200
    assert second.headers["Retry-After"] == "1"
    return second


@provokes(BodyTimeoutError, 408)
async def test_a_body_that_does_not_come(
    operator: Person, impatient: RunningService, project: Project
) -> httpx.Response:
    headers = (f"Authorization: {operator.client.headers['Authorization']}", "Content-Type: application/json")
    began = monotonic()

    response = await send(impatient, request("POST", project.secrets, *headers, "Content-Length: 9", body=b"{"))

    assert monotonic() - began < 4
    assert response.headers["Connection"] == "close"
    return response


@provokes(AuditUnavailableError, 503)
async def test_a_reveal_that_cannot_be_recorded(
    operator: Person, impatient: RunningService, secret: str
) -> httpx.Response:
    limits = resource.prlimit(impatient.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(impatient.process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))  # its log is full
    try:
        answers = [
            await operator.get(f"{secret}{path}") for path in ("/data", f"/data/{KEY}", "/yaml?values=plain", "")
        ]
    finally:
        resource.prlimit(impatient.process.pid, resource.RLIMIT_FSIZE, limits)

    assert [response.status_code for response in answers] == [503, 503, 503, 200]
    for response in answers[:-1]:
        assert_problem(response, 503, "AUDIT_UNAVAILABLE")
        assert response.headers["Retry-After"] == "5"
    return answers[0]


@pytest_asyncio.fixture(scope="module")
async def powerless(
    cluster: Cluster, admin: Admin, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningService]:
    """A service whose account was never given a right."""
    home = DevHome(tmp_path_factory.mktemp("powerless"))
    issued = await admin.post("/api/v1/namespaces/default/serviceaccounts/default/token", {"spec": {}})
    home.service_token.write_text(issued["status"]["token"])
    write_kubeconfig(home, cluster.plane.url, cluster.plane.ca_file)
    with running_service(home.service_kubeconfig, home.root) as service:
        yield service


@provokes(OwnAccessError, 500)
async def test_a_service_that_may_not_impersonate(people: People, powerless: RunningService) -> httpx.Response:
    async with client_of(powerless, token_of(people[OPERATOR])) as client:
        response = await client.get("/api/v1/me")
        await finished(powerless, response)

    refused = [line for line in written(powerless) if line["event"] == "kubernetes.own_access_refused"]
    assert refused[-1]["request_id"] == response.headers["X-Request-Id"]
    assert (refused[-1]["status"], refused[-1]["verb"], refused[-1]["resource"]) == (403, "get", "secrets")
    return response
