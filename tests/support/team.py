"""A workspace with people in it, and projects that are made through the API, as people make them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from secrets import token_hex, token_urlsafe
from typing import Any, Final

from app.domain.account import NewAccount, PlatformRole
from app.domain.member import member_id
from app.domain.workspace import Subject, SubjectKind
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from app.k8s.account import Accounts
from app.k8s.transport import Transport
from tests.support.cluster import Admin, a_trace
from tests.support.people import (
    LISTER,
    NAMED,
    NAMESPACE,
    OPERATOR,
    PATCHER,
    PREFIX,
    READER,
    Person,
    Project,
    client_of,
    sign_in,
)
from tests.support.service import RunningService

WORKSPACES: Final = "/apis/tenancy.secretspace.io/v1/workspaces"
RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
GROUP: Final = "example:developers"
MEMBERS: Final = {READER: "self-provisioner", LISTER: "viewer", PATCHER: "regular", NAMED: "regular"}
"""Who has which role in the workspace; the operator manages it, a group is a regular member, others are strangers."""


@dataclass(frozen=True)
class Team:
    """A workspace of its own for one test."""

    name: str

    @property
    def path(self) -> str:
        """The workspace in our API."""
        return f"/api/v1/workspaces/{self.name}"

    @property
    def members(self) -> str:
        """Its members in our API."""
        return f"{self.path}/members"

    async def project(self, person: Person) -> Project:
        """A project that this person makes, and is the first project-admin of."""
        name = f"project-{token_hex(4)}"
        (await person.post(f"{self.path}/projects", {"name": name})).raise_for_status()
        return Project(name, self.name)


async def new_team(admin: Admin, *, manager: str | None = OPERATOR, **roles: str) -> Team:
    """A workspace with its manager and members; `roles` are those of more people, by their names."""
    members = [in_kube("User", PREFIX + name, role) for name, role in {**MEMBERS, **roles}.items()]
    spec = {"members": [*members, in_kube("Group", GROUP, "regular")]}
    body = {
        "apiVersion": "tenancy.secretspace.io/v1",
        "kind": "Workspace",
        "metadata": {"name": f"team-{token_hex(4)}"},
    }
    made = await admin.post(WORKSPACES, body | {"spec": spec | ({"manager": PREFIX + manager} if manager else {})})
    return Team(made["metadata"]["name"])


def in_kube(kind: str, name: str, role: str) -> dict[str, Any]:
    """A member as the resource has it."""
    return {"subject": {"kind": kind, "name": name}, "role": role}


def invitation(name: str, role: str, kind: str = "user") -> dict[str, Any]:
    """A member as it is sent."""
    return {"subject": {"kind": kind, "name": name}, "role": role}


def user_id(name: str) -> str:
    """The id of a local account's owner."""
    return member_id(Subject(SubjectKind.USER, PREFIX + name))


async def bindings(admin: Admin, project: Project) -> list[dict[str, Any]]:
    """The role bindings of a project that the service keeps for single members."""
    found = (await admin.get(f"{RBAC}/namespaces/{project.name}/rolebindings"))["items"]
    return [each for each in found if is_direct(each["metadata"].get("labels", {}), each["roleRef"]["name"])]


def is_direct(labels: dict[str, str], role: str) -> bool:
    """Whether a binding of these labels is the role of one member."""
    of_service = labels.get("app.kubernetes.io/managed-by") == "secretspace"
    return of_service and "secretspace.io/inherited" not in labels and role != "secretspace:metadata"


async def roles_of(admin: Admin, project: Project, name: str) -> list[str]:
    """The names of the roles that a local account's owner has of their own in a project."""
    return [
        each["roleRef"]["name"].removeprefix("secretspace:")
        for each in await bindings(admin, project)
        if each["subjects"][0]["name"] == PREFIX + name
    ]


async def bind_by_hand(
    admin: Admin, project: Project, name: str, role: str, labels: dict[str, str] | None = None
) -> str:
    """A role binding as kubectl makes it, and its name."""
    body = {
        "metadata": {"generateName": "by-hand-", "labels": labels or {}},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": PREFIX + name}],
    }
    made = await admin.post(f"{RBAC}/namespaces/{project.name}/rolebindings", body)
    return str(made["metadata"]["name"])


@asynccontextmanager
async def newcomer(
    own_transport: Transport, service: RunningService, *platform_roles: PlatformRole
) -> AsyncIterator[Person]:
    """Somebody with an account that nobody else knows."""
    name, password, passwords = f"newcomer-{token_hex(4)}", token_urlsafe(), Passwords()
    account = NewAccount(name, password, platform_roles=frozenset(platform_roles))
    await create_account(account, Accounts(own_transport, NAMESPACE), passwords, a_trace())
    passwords.close()
    async with client_of(service, await sign_in(service, name, password)) as client:
        yield Person(name, client)


async def invited(person: Person, project: Project, name: str, role: str) -> dict[str, Any]:
    """The answer to an invitation of a local account's owner."""
    answer = await person.post(f"{project.path}/members", invitation(name, role))
    return dict(answer.raise_for_status().json())
