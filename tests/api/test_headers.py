"""Headers by which somebody might try to be somebody else: refused, and nothing is asked of the cluster for them."""

from typing import Final

import httpx
import pytest
import pytest_asyncio

from devcluster import ControlPlane
from tests.api.operation import KEY
from tests.support.audit_log import AuditLog, on_secrets
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import LISTER, People, Person, Project
from tests.support.problem import assert_problem
from tests.support.raw_http import request, send
from tests.support.service import RunningService

NAMES: Final = [
    "Impersonate-User",
    "impersonate-user",
    "IMPERSONATE-USER",
    "Impersonate-Group",
    "Impersonate-Uid",
    "Impersonate-Extra-Scopes",
    "Impersonate-Extra-Secretspace.io%2Fscopes",
    "Impersonate_User",
    "impersonate_Group",
    "X-Remote-User",
    "x-remote-group",
    "X_Remote_User",
    "X-Remote_Extra-Scopes",
]
SCHEMES: Final = ["Basic YTpi", "Bearer", "Bearer  ", "Token abc", "Negotiate abc", ""]
"""What says nothing of who calls."""


@pytest_asyncio.fixture
async def audit(plane: ControlPlane, admin: Admin) -> AuditLog:
    return AuditLog(plane.audit_log, admin)


@pytest_asyncio.fixture
async def secret(admin: Admin, project: Project) -> str:
    """The path of a Secret's values."""
    await admin.post(project.kube_secrets, {"metadata": {"name": "mine"}, "stringData": {KEY: canary()}})
    return f"{project.secrets}/mine/data"


def authorization(person: Person) -> str:
    """The header by which somebody says who they are."""
    return f"Authorization: {person.client.headers['Authorization']}"


async def ask(service: RunningService, path: str, *headers: str | bytes) -> list[httpx.Response]:
    """The answers to a reveal and to a change with these headers."""
    body = b'{"remove": ["no-such-key"]}'
    of_body = ("Content-Type: application/json", f"Content-Length: {len(body)}", "If-Match: *")
    return [
        await send(service, request("GET", path, *headers)),
        await send(service, request("PATCH", path, *headers, *of_body, body=body)),
    ]


@pytest.mark.parametrize("name", NAMES)
async def test_headers_of_impersonation_are_refused_in_every_spelling(
    service: RunningService, operator: Person, audit: AuditLog, secret: str, name: str
) -> None:
    answers = await ask(service, secret, authorization(operator), f"{name}: system:admin")

    problems = [assert_problem(answer, 400, "FORBIDDEN_HEADER") for answer in answers]
    assert "system:admin" not in str(problems)
    assert await audit.of(*answers) == []


async def test_they_are_refused_before_it_is_asked_who_calls(service: RunningService, secret: str) -> None:
    answers = await ask(service, secret, "Impersonate-User: system:admin")

    assert [answer.json()["code"] for answer in answers] == ["FORBIDDEN_HEADER"] * 2


@pytest.mark.parametrize(
    "header", ["Impersonate-User : x", " Impersonate-User: x", "Impersonate-User\x0b: x", "Im\x00: x"]
)
async def test_headers_that_are_no_headers_are_refused_by_the_server(
    service: RunningService, operator: Person, audit: AuditLog, project: Project, secret: str, header: str
) -> None:
    answers = await ask(service, secret, authorization(operator), header)

    assert [answer.status_code for answer in answers] == [400, 400]
    assert on_secrets(await audit.settled(), project.name) == []


async def test_a_connection_header_that_names_others_changes_nothing_of_who_calls(
    service: RunningService, people: People, audit: AuditLog, project: Project, secret: str
) -> None:
    lister = people[LISTER]

    answers = await ask(
        service, secret, authorization(lister), "Connection: Impersonate-User, Authorization, Impersonate-Group"
    )

    assert [answer.status_code for answer in answers] == [403, 403]
    users = {event["impersonatedUser"]["username"] for event in on_secrets(await audit.of(*answers), project.name)}
    assert users == {lister.username}


async def test_two_authorization_headers_are_refused_whichever_is_good(
    service: RunningService, people: People, operator: Person, audit: AuditLog, secret: str
) -> None:
    mine, theirs = authorization(operator), authorization(people[LISTER])
    pairs = [
        (mine, theirs),
        (theirs, mine),
        (mine, mine),
        (mine, "authorization: Basic YTpi"),
        ("Authorization:", mine),
    ]

    answers = [answer for pair in pairs for answer in await ask(service, secret, *pair)]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "MALFORMED_REQUEST")}
    assert await audit.of(*answers) == []


@pytest.mark.parametrize("garbage", [" garbage", ", Bearer other", ",x", ";x", "\tx", "==x", "%00", "é", '"', "\\"])
async def test_a_token_with_anything_behind_it_is_refused(
    service: RunningService, operator: Person, audit: AuditLog, secret: str, garbage: str
) -> None:
    answers = await ask(service, secret, authorization(operator) + garbage)

    for answer in answers:
        assert_problem(answer, 401, "INVALID_TOKEN")
    assert answers[0].headers["WWW-Authenticate"] == 'Bearer realm="secretspace", error="invalid_token"'
    assert await audit.of(*answers) == []


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_credential_of_another_scheme_is_none(
    service: RunningService, audit: AuditLog, secret: str, scheme: str
) -> None:
    answers = await ask(service, secret, f"Authorization: {scheme}")

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["WWW-Authenticate"].split(",")[0] for answer in answers} == {'Bearer realm="secretspace"'}
    assert await audit.of(*answers) == []


async def test_the_scheme_is_read_in_any_case(service: RunningService, operator: Person, secret: str) -> None:
    token = operator.client.headers["Authorization"].removeprefix("Bearer ")

    answers = [await send(service, request("GET", secret, f"aUTHORIZATION: bEARER  {token} "))]

    assert [answer.status_code for answer in answers] == [200]


async def test_a_token_counts_in_the_header_alone(
    service: RunningService, operator: Person, audit: AuditLog, secret: str
) -> None:
    token = operator.client.headers["Authorization"].removeprefix("Bearer ")

    answers = [
        await send(service, request("GET", f"{secret}?access_token={token}")),
        await send(service, request("GET", secret, f"Cookie: access_token={token}; Authorization=Bearer {token}")),
        await send(service, request("GET", secret, f"X-Forwarded-Access-Token: {token}")),
        await send(service, request("GET", secret, f"Proxy-Authorization: Bearer {token}")),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(401, "UNAUTHENTICATED")}
    assert await audit.of(*answers) == []


async def test_a_request_id_or_audit_id_of_the_caller_is_not_taken_over(
    service: RunningService, operator: Person, audit: AuditLog, secret: str
) -> None:
    headers = ("X-Request-Id: chosen-by-me", "Audit-ID: chosen-by-me", "traceparent: 00-chosen-by-me-01")

    (answer, _) = await ask(service, secret, authorization(operator), *headers)

    assert answer.headers.get_list("X-Request-Id") != ["chosen-by-me"]
    assert "chosen-by-me" not in str(await audit.settled())


async def test_no_credential_is_in_the_log(service: RunningService, people: People, secret: str) -> None:
    tokens = [person.client.headers["Authorization"].removeprefix("Bearer ") for person in people.values()]
    for token in tokens:
        await ask(service, secret, f"Authorization: Bearer {token}")
        await ask(service, secret, f"Authorization: Bearer {token} garbage")
        await ask(service, f"{secret}?access_token={token}", "Authorization: Bearer other")

    log = service.log.read_text()

    assert "identity.token_refused" in log
    assert [token for token in tokens if token[-40:] in log] == []
