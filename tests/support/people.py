"""People with local accounts, and projects in which they have something to do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from secrets import token_hex, token_urlsafe
from typing import Any

import httpx
import pytest_asyncio

from app.domain.account import NewAccount
from app.domain.call import RESERVED_USER_METADATA
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from app.k8s.account import Accounts
from app.k8s.transport import Transport
from tests.support.canary import leaks
from tests.support.cluster import Admin, a_trace
from tests.support.service import RunningService

PREFIX = "secretspace:"
NAMESPACE = "secretspace-system"
WORKSPACE = "tests"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"

OPERATOR, PROJECT_ADMIN, READER = "operator", "project-admin", "reader"
VIEWER, LISTER, PATCHER, NAMED, NOBODY = "viewer", "lister", "patcher", "named", "nobody"

ROLES = {
    OPERATOR: "secretspace:project-operator",
    PROJECT_ADMIN: "secretspace:project-admin",
    READER: "secretspace:project-reader",
    VIEWER: "secretspace:project-viewer",
}
"""Who is bound to a role of the service."""
RULES: dict[str, dict[str, object]] = {
    LISTER: {"verbs": ["list"]},
    PATCHER: {"verbs": ["patch"]},
    NAMED: {"verbs": ["get", "patch", "delete"], "resourceNames": ["mine"]},
}
"""Who has just these verbs on Secrets."""
EVERYBODY = (*ROLES, *RULES, NOBODY)


class Person:
    """Somebody who is signed in; no answer to them holds a value, but those of the reveals."""

    def __init__(self, name: str, client: httpx.AsyncClient) -> None:
        self.name = name
        self.username = PREFIX + name
        self.client = client

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """GET a path."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, body: object, **options: Any) -> httpx.Response:
        """POST a JSON body."""
        return await self.request("POST", path, json=body, **options)

    async def put(self, path: str, body: object, if_match: str | None = "*", **options: Any) -> httpx.Response:
        """PUT a JSON body."""
        return await self.request("PUT", path, json=body, headers=_if_match(if_match), **options)

    async def patch(self, path: str, body: object, if_match: str | None = "*", **options: Any) -> httpx.Response:
        """PATCH with a JSON body."""
        return await self.request("PATCH", path, json=body, headers=_if_match(if_match), **options)

    async def delete(self, path: str, if_match: str | None = "*", **options: Any) -> httpx.Response:
        """DELETE a path."""
        return await self.request("DELETE", path, headers=_if_match(if_match), **options)

    async def put_yaml(self, path: str, text: str | bytes, if_match: str | None = "*") -> httpx.Response:
        """PUT a YAML body."""
        headers = {"Content-Type": "application/yaml", **_if_match(if_match)}
        return await self.request("PUT", path, content=text, headers=headers)

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send any request."""
        response = await self.client.request(method, path, **options)
        if not _reveals(response.request):
            assert leaks(response.content) == [], f"{method} {response.request.url.path}"
        return response


@dataclass(frozen=True)
class Project:
    """A project of its own for one test, with everybody in it but `nobody`."""

    name: str
    workspace: str = WORKSPACE

    @property
    def path(self) -> str:
        """The project in our API."""
        return f"/api/v1/workspaces/{self.workspace}/projects/{self.name}"

    @property
    def secrets(self) -> str:
        """Its Secrets in our API."""
        return f"{self.path}/secrets"

    @property
    def kube_secrets(self) -> str:
        """Its Secrets at the API server."""
        return f"/api/v1/namespaces/{self.name}/secrets"


People = dict[str, Person]
MakeProject = Callable[[], Awaitable[Project]]


@asynccontextmanager
async def signed_in(own_transport: Transport, service: RunningService) -> AsyncIterator[People]:
    """Everybody, with an account and signed in."""
    passwords = Passwords()
    accounts = Accounts(own_transport, NAMESPACE)
    async with AsyncExitStack() as stack:
        people: People = {}
        for name in EVERYBODY:
            password = token_urlsafe()
            await create_account(NewAccount(name, password), accounts, passwords, a_trace())
            client = await stack.enter_async_context(client_of(service, await sign_in(service, name, password)))
            people[name] = Person(name, client)
        yield people
    passwords.close()


@pytest_asyncio.fixture(scope="session")
async def people(own_transport: Transport, service: RunningService) -> AsyncIterator[People]:
    """Everybody on the run's control plane."""
    async with signed_in(own_transport, service) as people:
        yield people


@pytest_asyncio.fixture
async def operator(people: People) -> Person:
    """Somebody who may do everything with Secrets."""
    return people[OPERATOR]


@pytest_asyncio.fixture
async def make_project(admin: Admin) -> MakeProject:
    """Makes projects."""
    return lambda: new_project(admin)


@pytest_asyncio.fixture
async def project(make_project: MakeProject) -> Project:
    """A project for one test."""
    return await make_project()


async def new_project(admin: Admin, called: str | None = None) -> Project:
    """A project with everybody in it but `nobody`."""
    project = Project(called or f"project-{token_hex(4)}")
    labels = {"kubesphere.io/workspace": project.workspace}
    await admin.post("/api/v1/namespaces", {"metadata": {"name": project.name, "labels": labels}})
    for name, role in ROLES.items():
        await bind(admin, project.name, name, {"kind": "ClusterRole", "name": role})
    await bind_metadata_user(admin, project.name)
    for name, rule in RULES.items():
        await grant(admin, project.name, name, rule)
    return project


async def grant(admin: Admin, namespace: str, name: str, *given: Mapping[str, object]) -> None:
    """Give somebody rules, on Secrets where they do not say else."""
    rules: list[dict[str, Any]] = [{"apiGroups": [""], "resources": ["secrets"], **rule} for rule in given]
    await admin.post(f"{_RBAC}/namespaces/{namespace}/roles", {"metadata": {"name": name}, "rules": rules})
    await bind(admin, namespace, name, {"kind": "Role", "name": name})
    await effective(admin, namespace, PREFIX + name, rules[-1])


async def bind(admin: Admin, namespace: str, name: str, role: dict[str, str]) -> None:
    """Give somebody a role."""
    await _bind_user(admin, namespace, PREFIX + name, f"{name}-", role)


async def bind_metadata_user(admin: Admin, namespace: str) -> None:
    """Let the service list Secrets for viewers, as it does in the projects that it makes itself."""
    role = {"kind": "ClusterRole", "name": "secretspace:metadata"}
    await _bind_user(admin, namespace, RESERVED_USER_METADATA, "metadata-", role)
    await effective(admin, namespace, RESERVED_USER_METADATA, {"verbs": ["list"], "resources": ["secrets"]})


async def effective(admin: Admin, namespace: str, username: str, rule: Mapping[str, Any]) -> None:
    """Wait until the API server heeds a rule that was given, and so what was given before: it learns of it by a watch.

    A service that asked earlier would remember for ten seconds that there is no such right.
    """
    resource, _, subresource = rule["resources"][0].partition("/")
    attributes = {
        "namespace": namespace,
        "verb": rule["verbs"][0],
        "group": rule.get("apiGroups", [""])[0],
        "resource": resource,
        "subresource": subresource,
        "name": rule.get("resourceNames", [""])[0],
    }
    review = {"spec": {"user": username, "resourceAttributes": attributes}}
    async with asyncio.timeout(10):
        while not (await admin.post(_REVIEWS, review))["status"]["allowed"]:
            await asyncio.sleep(0.02)


async def _bind_user(admin: Admin, namespace: str, username: str, prefix: str, role: dict[str, str]) -> None:
    subject = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": username}
    role_ref = {"apiGroup": "rbac.authorization.k8s.io", **role}
    body = {"metadata": {"generateName": prefix}, "roleRef": role_ref, "subjects": [subject]}
    await admin.post(f"{_RBAC}/namespaces/{namespace}/rolebindings", body)


async def sign_in(service: RunningService, username: str, password: str) -> str:
    """A token, as anybody gets one."""
    form = {"grant_type": "password", "username": username, "password": password}
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client:
        response = await client.post("/oauth/token", data=form)
    return str(response.raise_for_status().json()["access_token"])


def client_of(service: RunningService, token: str) -> httpx.AsyncClient:
    """A client that sends a token."""
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=service.url, headers=headers, trust_env=False, timeout=35)


def _if_match(etag: str | None) -> dict[str, str]:
    return {} if etag is None else {"If-Match": etag}


def _reveals(request: httpx.Request) -> bool:
    path = request.url.path
    plain_yaml = path.endswith("/yaml") and request.url.params.get("values") == "plain"
    return request.method == "GET" and (plain_yaml or path.endswith(("/data", "/export")) or "/data/" in path)
