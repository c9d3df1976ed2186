"""Somebody with the service's token and nothing else, and what comes of what they try."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any, Final

import httpx

from app.domain.workspace import MANAGED_BY, SERVICE, WORKSPACE_LABEL, WORKSPACE_UID
from app.k8s.request import group_path
from tests.contract.profile.world import World
from tests.support.cluster import MERGE_PATCH

RBAC: Final = "rbac.authorization.k8s.io"
NAMESPACES: Final = "/api/v1/namespaces"
ALL_SECRETS: Final = "/api/v1/secrets"
_SECONDS: Final = 30.0
_PAUSE: Final = 0.1
_LIFECYCLE: Final = "this namespace may not be deleted"
_POLICY: Final = re.compile(r"ValidatingAdmissionPolicy '([\w-]+)'")
_IMPERSONATION: Final = re.compile(r"cannot impersonate|impersonating the system:masters group is not allowed")


PROJECT_ROLES: Final = [f"secretspace:project-{role}" for role in ("admin", "operator", "reader", "viewer")]
METADATA_ROLE: Final = "secretspace:metadata"
OURS: Final = {MANAGED_BY: SERVICE}
"""The label of what the service made."""
UID: Final = {WORKSPACE_UID: "0c5e7a5e-2f7a-4d5e-9a52-6d6f4f1f6a11"}
"""The annotation of a project's namespace."""
IN_WORKSPACE: Final = {WORKSPACE_LABEL: "a-workspace"}


class Outcome(StrEnum):
    """What comes of a request."""

    DONE = "done"
    RBAC = "the account has no such right"
    IMPERSONATION = "the account may not do that as somebody else"
    NAMESPACE_POLICY = "secretspace-namespaces"
    BINDING_POLICY = "secretspace-role-bindings"
    LIFECYCLE = "the API server lets nobody delete this namespace"


class Thief:
    """A client of kube-apiserver with the service's token."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def tries(self, method: str, path: str, body: object = None, as_user: str = "", group: str = "") -> Outcome:
        """What would come of a request: a write is a dry run, so that nothing is lost where it is let through."""
        return outcome(await self.sends(method, path, body, as_user, group, dry_run=True))

    async def does(self, method: str, path: str, body: object = None, as_user: str = "") -> Any:
        """What the cluster made of a request that it let through."""
        return (await self.sends(method, path, body, as_user)).raise_for_status().json()

    async def is_held(self) -> bool:
        """Whether both policies refuse what they are there to refuse."""
        tried = [
            await self.tries("POST", NAMESPACES, {"metadata": {"name": "held"}}),
            await self.tries("POST", bindings("default"), binding("held", PROJECT_ROLES[0], person("anna"))),
        ]
        return tried == [Outcome.NAMESPACE_POLICY, Outcome.BINDING_POLICY]

    async def sends(
        self, method: str, path: str, body: object = None, as_user: str = "", group: str = "", *, dry_run: bool = False
    ) -> httpx.Response:
        """The answer to a request."""
        headers = MERGE_PATCH if method == "PATCH" else {}
        acting = {"Impersonate-User": as_user, "Impersonate-Group": group}
        acting = {name: value for name, value in acting.items() if value}
        params = {"dryRun": "All"} if dry_run and method != "GET" else {}
        return await self.client.request(method, path, json=body, params=params, headers={**headers, **acting})


def outcome(answer: httpx.Response) -> Outcome:
    """What came of a request; a refusal has to be one of those that are expected of somebody."""
    if answer.is_success:
        return Outcome.DONE
    message = answer.json()["message"]
    assert answer.status_code == httpx.codes.FORBIDDEN, message
    if policy := _POLICY.search(message):
        return Outcome(policy[1])
    if _LIFECYCLE in message:
        return Outcome.LIFECYCLE
    return Outcome.IMPERSONATION if _IMPERSONATION.search(message) else Outcome.RBAC


@asynccontextmanager
async def thief_of(world: World) -> AsyncIterator[Thief]:
    """A thief on this cluster, once its policies are in force, which they are a moment after they were applied."""
    plane = world.cluster.plane
    token = world.cluster.home.service_token.read_text()
    tls = ssl.create_default_context(cafile=str(plane.ca_file))
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=plane.url, headers=headers, verify=tls, trust_env=False) as client:
        thief = Thief(client)
        await until(thief.is_held)
        yield thief


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what the cluster does a moment later."""
    async with asyncio.timeout(_SECONDS):
        while not await holds():
            await asyncio.sleep(_PAUSE)


def bindings(namespace: str, name: str | None = None) -> str:
    """Where role bindings are kept."""
    return group_path(RBAC, "v1", "rolebindings", name, namespace)


def binding(
    name: str, role: str, *subjects: Mapping[str, str], kind: str = "ClusterRole", labels: Mapping[str, str] = OURS
) -> dict[str, Any]:
    """A role binding as the service makes them, unless told otherwise."""
    role_ref = {"apiGroup": RBAC, "kind": kind, "name": role}
    return {"metadata": {"name": name, "labels": labels}, "roleRef": role_ref, "subjects": subjects}


def person(name: str) -> dict[str, str]:
    """A user as the subject of a binding."""
    return {"apiGroup": RBAC, "kind": "User", "name": name}


def group(name: str) -> dict[str, str]:
    """A group as the subject of a binding."""
    return {"apiGroup": RBAC, "kind": "Group", "name": name}


def service_account(name: str, namespace: str) -> dict[str, str]:
    """A service account as the subject of a binding."""
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def namespace(
    name: str, labels: Mapping[str, str] = OURS | IN_WORKSPACE, annotations: Mapping[str, str] = UID
) -> dict[str, Any]:
    """A project's namespace as the service makes them, unless told otherwise."""
    return {"metadata": {"name": name, "labels": labels, "annotations": annotations}}
