"""Who the cluster's own audit log names for what the service does."""

from collections.abc import AsyncIterator
from secrets import token_hex, token_urlsafe
from typing import Any, Final

import httpx
import pytest_asyncio

from app.domain.account import NewAccount, PlatformRole
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from app.k8s.account import Accounts
from app.k8s.transport import Transport
from devcluster import ControlPlane
from tests.api.operation import KEY, content, manifest
from tests.support.audit_log import SERVICE_ACCOUNT, AuditLog, Event, on_secrets
from tests.support.canary import canary, leaks
from tests.support.cluster import Admin, a_trace
from tests.support.log_line import finished
from tests.support.people import NAMESPACE, PREFIX, Person, Project, bind, client_of, new_project, sign_in
from tests.support.service import RunningService

OPERATOR_ROLE: Final = {"kind": "ClusterRole", "name": "secretspace:project-operator"}


@pytest_asyncio.fixture(scope="module")
async def project(admin: Admin) -> Project:
    """One project, since nothing but the scenario is done in it."""
    return await new_project(admin)


@pytest_asyncio.fixture(scope="module")
async def audit(plane: ControlPlane, admin: Admin) -> AuditLog:
    return AuditLog(plane.audit_log, admin)


@pytest_asyncio.fixture(scope="module")
async def creator(
    admin: Admin, own_transport: Transport, service: RunningService, project: Project
) -> AsyncIterator[Person]:
    """Somebody who is in a group, and an operator of the project."""
    name, password = f"creator-{token_hex(4)}", token_urlsafe()
    passwords = Passwords()
    new = NewAccount(name, password, platform_roles=frozenset({PlatformRole.WORKSPACE_CREATOR}))
    await create_account(new, Accounts(own_transport, NAMESPACE), passwords, a_trace())
    passwords.close()
    await bind(admin, project.name, name, OPERATOR_ROLE)
    async with client_of(service, await sign_in(service, name, password)) as client:
        yield Person(name, client)


@pytest_asyncio.fixture(scope="module")
async def scenario(audit: AuditLog, creator: Person, project: Project) -> list[httpx.Response]:
    """The answers to all that can be done with a Secret, some of it refused."""
    one = f"{project.secrets}/one"
    return [
        await creator.post(f"{project.path}/secret-actions/validate", {"name": "one", "content": content()}),
        await creator.post(project.secrets, {"name": "one", "content": content()}),
        await creator.post(project.secrets, {"name": "one", "content": content()}),
        await creator.get(project.secrets),
        await creator.get(one),
        await creator.patch(one, {"alias": "One"}),
        await creator.get(f"{one}/data"),
        await creator.get(f"{one}/data/{KEY}"),
        await creator.put(f"{one}/data", {"content": content()}),
        await creator.patch(f"{one}/data", {"set": {KEY: canary()}, "setIfAbsent": {"other": canary()}}),
        await creator.patch(f"{one}/data", {"setIfAbsent": {"other": canary()}}),
        await creator.get(f"{one}/yaml"),
        await creator.get(f"{one}/yaml", params={"values": "plain"}),
        await creator.put_yaml(f"{one}/yaml", manifest("one")),
        await creator.put(one, {"content": content()}, if_match=None),
        await creator.get(f"{project.path}/permissions"),
        await creator.delete(one),
        await creator.get(one),
    ]


STATUSES: Final = [200, 201, 409, 200, 200, 200, 200, 200, 200, 200, 409, 200, 200, 200, 200, 200, 200, 404]


async def test_every_call_about_secrets_is_the_callers_own(
    audit: AuditLog, creator: Person, project: Project, scenario: list[httpx.Response]
) -> None:
    events = on_secrets(await audit.of(*scenario), project.name)

    assert [answer.status_code for answer in scenario] == STATUSES
    assert {event["verb"] for event in events} == {"get", "list", "create", "patch", "delete"}
    assert {event["user"]["username"] for event in events} == {SERVICE_ACCOUNT}
    assert {event["impersonatedUser"]["username"] for event in events} == {creator.username}
    assert {tuple(sorted(event["impersonatedUser"]["groups"])) for event in events} == {
        (f"{PREFIX}workspace-creators", "system:authenticated")
    }


async def test_the_service_account_itself_touches_no_secret_anywhere(
    audit: AuditLog, scenario: list[httpx.Response]
) -> None:
    events = await audit.settled()

    as_itself = [event for event in events if by_service(event) and "impersonatedUser" not in event]
    assert [event for event in as_itself if resource(event) == "secrets"] == []


async def test_the_reserved_user_stays_in_the_namespace_of_the_service(
    audit: AuditLog, scenario: list[httpx.Response]
) -> None:
    events = [event for event in await audit.settled() if impersonated(event).startswith("secretspace-system:")]

    places = {(impersonated(event), event["objectRef"]["namespace"], resource(event)) for event in events}
    assert places == {("secretspace-system:accounts", NAMESPACE, "secrets")}


async def test_the_request_id_leads_to_every_call_in_their_order(
    audit: AuditLog, service: RunningService, scenario: list[httpx.Response]
) -> None:
    counts = [(await finished(service, answer))["upstream_calls"] for answer in scenario]

    ids = [event["auditID"] for event in await audit.of(*scenario)]

    request_ids = [answer.headers["X-Request-Id"] for answer in scenario]
    expected = [f"{each}.{n}" for each, count in zip(request_ids, counts, strict=True) for n in range(1, count + 1)]
    assert sorted(ids) == sorted(expected)
    assert len(set(request_ids)) == len(scenario)


async def test_a_token_of_the_cluster_is_passed_on_and_nobody_is_impersonated(
    admin: Admin, audit: AuditLog, service: RunningService, project: Project
) -> None:
    accounts = f"/api/v1/namespaces/{project.name}/serviceaccounts"
    await admin.post(accounts, {"metadata": {"name": "script"}})
    issued = await admin.post(f"{accounts}/script/token", {"spec": {"expirationSeconds": 600}})

    async with client_of(service, issued["status"]["token"]) as client:
        answer = await Person("script", client).get(project.secrets)
        events = await audit.of(answer)

    (event,) = [event for event in events if resource(event) == "secrets"]
    assert answer.status_code == 404
    assert event["user"]["username"] == f"system:serviceaccount:{project.name}:script"
    assert "impersonatedUser" not in event


async def test_no_value_is_in_the_audit_log(audit: AuditLog, scenario: list[httpx.Response]) -> None:
    events = [event for event in await audit.settled() if by_service(event)]

    assert len(events) > len(scenario)
    assert leaks(str(events).encode()) == []


def by_service(event: Event) -> bool:
    """Whether the service's credential made the call."""
    return bool(event["user"].get("username") == SERVICE_ACCOUNT)  # a token that is refused names nobody


def impersonated(event: Event) -> str:
    """As whom the call was made, if as somebody else."""
    user: dict[str, Any] = event.get("impersonatedUser", {})
    return str(user.get("username", ""))


def resource(event: Event) -> str:
    """The plural of what the call was about."""
    return str(event.get("objectRef", {}).get("resource", ""))
