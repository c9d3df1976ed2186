"""Workspaces are made, changed and deleted by who may, and by nobody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex, token_urlsafe

import httpx
import pytest_asyncio

from app.domain.account import NewAccount, PlatformRole
from app.domain.errors import WorkspaceInUseError
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from app.k8s.account import Accounts
from app.k8s.transport import Transport
from tests.support.cluster import Admin, a_trace
from tests.support.people import NAMESPACE, OPERATOR, PREFIX, READER, People, Person, Project, client_of, sign_in
from tests.support.problem import provokes
from tests.support.service import RunningService

WORKSPACES = "/api/v1/workspaces"
KUBE = "/apis/tenancy.secretspace.io/v1/workspaces"


@pytest_asyncio.fixture(scope="module")
async def creator(own_transport: Transport, service: RunningService) -> AsyncIterator[Person]:
    """Somebody who may make workspaces."""
    async with holder(PlatformRole.WORKSPACE_CREATOR, own_transport, service) as person:
        yield person


@pytest_asyncio.fixture(scope="module")
async def platform_admin(own_transport: Transport, service: RunningService) -> AsyncIterator[Person]:
    """Somebody who may change and delete them all."""
    async with holder(PlatformRole.PLATFORM_ADMIN, own_transport, service) as person:
        yield person


@asynccontextmanager
async def holder(role: PlatformRole, own_transport: Transport, service: RunningService) -> AsyncIterator[Person]:
    """Somebody new with a platform role."""
    name, password, passwords = f"{role}-{token_hex(3)}", token_urlsafe(), Passwords()
    account = NewAccount(name, password, platform_roles=frozenset({role}))
    await create_account(account, Accounts(own_transport, NAMESPACE), passwords, a_trace())
    passwords.close()
    async with client_of(service, await sign_in(service, name, password)) as client:
        yield Person(name, client)


def a_name() -> str:
    return f"team-{token_hex(4)}"


async def made(creator: Person, **fields: str) -> dict[str, str]:
    body = {"name": a_name(), "manager": OPERATOR, **fields}
    return dict((await creator.post(WORKSPACES, body)).raise_for_status().json())


async def test_a_workspace_is_made_for_its_manager_in_the_name_of_who_asked(
    creator: Person, people: People, admin: Admin
) -> None:
    name, manager = a_name(), people[OPERATOR].name
    answer = await creator.post(WORKSPACES, {"name": name, "alias": "Team", "description": "d", "manager": manager})
    stored = await admin.get(f"{KUBE}/{name}")
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{WORKSPACES}/{name}")
    assert answer.headers["ETag"] == answer.json()["etag"]
    assert stored["spec"] == {"alias": "Team", "description": "d", "manager": PREFIX + OPERATOR}
    assert stored["metadata"]["annotations"]["secretspace.io/actor"] == creator.username


async def test_who_makes_a_workspace_manages_it_unless_somebody_else_is_named(creator: Person) -> None:
    answer = await creator.post(WORKSPACES, {"name": a_name()})
    assert answer.json()["manager"] == creator.username


async def test_nobody_else_may_make_a_workspace(people: People, admin: Admin) -> None:
    name = a_name()
    answer = await people[OPERATOR].post(WORKSPACES, {"name": name})
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert not await admin.exists(f"{KUBE}/{name}")


async def test_a_name_that_is_taken_or_reserved_is_refused(creator: Person, admin: Admin) -> None:
    taken, labelled = (await made(creator))["name"], a_name()
    labels = {"kubesphere.io/workspace": labelled}
    await admin.post("/api/v1/namespaces", {"metadata": {"name": f"ns-{token_hex(4)}", "labels": labels}})
    codes = [
        (await creator.post(WORKSPACES, {"name": name})).json()["code"]
        for name in (taken, labelled, "cluster", "system-workspace")
    ]
    assert codes == ["ALREADY_EXISTS", "NAME_RESERVED", "NAME_RESERVED", "NAME_RESERVED"]


async def test_a_name_that_no_label_can_hold_is_refused_with_its_place(creator: Person) -> None:
    answer = await creator.post(WORKSPACES, {"name": "Team.A"})
    assert [(item["pointer"], item["code"]) for item in answer.json()["errors"]] == [("/name", "LABEL_NAME_INVALID")]


async def test_its_manager_changes_a_workspace_and_what_is_left_out_stays(creator: Person, people: People) -> None:
    workspace = await made(creator, alias="Team", description="d")
    path = f"{WORKSPACES}/{workspace['name']}"
    changed = await people[OPERATOR].patch(path, {"alias": None, "manager": READER}, workspace["etag"])
    assert changed.status_code == 200
    assert (changed.json()["alias"], changed.json()["description"]) == ("", "d")
    assert changed.json()["manager"] == PREFIX + READER


async def test_a_stale_or_missing_etag_changes_nothing(creator: Person, people: People) -> None:
    workspace = await made(creator, alias="Team")
    path = f"{WORKSPACES}/{workspace['name']}"
    await people[OPERATOR].patch(path, {"alias": "A"}, workspace["etag"])
    stale = await people[OPERATOR].patch(path, {"alias": "B"}, workspace["etag"])
    missing = await people[OPERATOR].patch(path, {"alias": "B"}, None)
    now = await people[OPERATOR].get(path)
    assert (stale.json()["code"], missing.json()["code"]) == ("PRECONDITION_FAILED", "PRECONDITION_REQUIRED")
    assert now.json()["alias"] == "A"


async def test_who_has_no_role_in_a_workspace_does_not_find_it(creator: Person, people: People) -> None:
    path = f"{WORKSPACES}/{(await made(creator))['name']}"
    answers = [await people["nobody"].patch(path, {"alias": "x"}), await people["nobody"].delete(path)]
    assert [answer.json()["code"] for answer in answers] == ["WORKSPACE_NOT_FOUND"] * 2


async def test_a_workspace_known_by_a_label_alone_is_changed_by_nobody(
    platform_admin: Person, people: People, project: Project
) -> None:
    path = f"{WORKSPACES}/{project.workspace}"
    answers = [
        await people[OPERATOR].patch(path, {"alias": "x"}),
        await platform_admin.patch(path, {"alias": "x"}),
        await platform_admin.delete(path),
    ]
    assert [answer.json()["code"] for answer in answers] == ["FORBIDDEN", "NOT_MANAGED", "NOT_MANAGED"]


@provokes(WorkspaceInUseError, 409)
async def test_a_workspace_is_deleted_by_its_manager_once_it_is_empty(
    creator: Person, people: People, admin: Admin
) -> httpx.Response:
    workspace = await made(creator)
    path = f"{WORKSPACES}/{workspace['name']}"
    labels = {"kubesphere.io/workspace": workspace["name"]}
    namespace = f"ns-{token_hex(4)}"
    await admin.post("/api/v1/namespaces", {"metadata": {"name": namespace, "labels": labels}})
    refused = await people[OPERATOR].delete(path)
    await admin.merge(f"/api/v1/namespaces/{namespace}", {"metadata": {"labels": {"kubesphere.io/workspace": None}}})
    deleted = await people[OPERATOR].delete(path)
    assert deleted.status_code == 204
    assert not await admin.exists(f"{KUBE}/{workspace['name']}")
    return refused
