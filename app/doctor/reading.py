"""Looks at a cluster with the operator's own rights, and changes nothing in it.

No Secret is read: the transport refuses that to whoever calls as themselves.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from app.doctor.installation import (
    ACTS_CLASSIC,
    ACTS_CONSTRAINED,
    Installation,
    Question,
    ServiceAccount,
    Unread,
    WorkspaceState,
    secret_questions,
)
from app.doctor.rbac import Binding, binding_of, role_of
from app.doctor.shipped import shipped_objects
from app.domain.access import RBAC_GROUP
from app.domain.errors import NotFoundError, OwnAccessError, UpstreamAnswerError
from app.domain.secret import Metadata
from app.domain.workspace import TENANCY_GROUP
from app.k8s.impersonation import AsService
from app.k8s.metadata import to_metadata
from app.k8s.object_path import object_path
from app.k8s.request import JSON, METADATA_LIST, KubeRequest, encode, group_path
from app.k8s.transport import Transport
from app.k8s.wire import ListMeta, MetadataList, Wire, decode
from app.manifests import Profile

_AUTHORIZATION: Final = "authorization.k8s.io"
_PAGE: Final = "500"
_VERSION: Final = re.compile(r"v[0-9]+\.[0-9]+\.")
_KINDS: Final = {
    "clusterroles": "ClusterRole",
    "clusterrolebindings": "ClusterRoleBinding",
    "roles": "Role",
    "rolebindings": "RoleBinding",
}
"""The items of a list do not name their kind."""

T = TypeVar("T")


class _Version(Wire, frozen=True):
    git_version: str


class _Items(Wire, frozen=True):
    items: list[dict[str, Any]] | None = None
    metadata: ListMeta = ListMeta()


class _AccessStatus(Wire, frozen=True):
    allowed: bool = False


class _AccessReview(Wire, frozen=True):
    status: _AccessStatus = _AccessStatus()


async def read_installation(account: ServiceAccount, transport: Transport, acting: AsService) -> Installation:
    """Everything that the checks look at; what the operator may not look at is `Unread`.

    Raises:
        AppError: the API server cannot be reached, or gave no answer that makes sense.
    """
    reader = _Reader(transport, acting)
    return Installation(
        account=account,
        kubernetes=await reader.version(),
        objects=await reader.objects(account),
        cluster_roles=await reader.listed("clusterroles", role_of),
        roles=await reader.listed("roles", role_of, account.namespace),
        bindings=await reader.bindings(),
        allowed=await reader.answers([ACTS_CONSTRAINED, ACTS_CLASSIC, *secret_questions(account)], account),
        namespaces=await reader.namespaces(),
        workspaces=await reader.workspaces(),
    )


class _Reader:
    def __init__(self, transport: Transport, acting: AsService) -> None:
        self._transport = transport
        self._acting = acting

    async def version(self) -> str | Unread:
        try:
            answer = await self._transport.send(KubeRequest("GET", "/version"), self._acting)
        except OwnAccessError:
            return Unread("get /version")
        version = decode(answer.body, _Version).git_version
        if not _VERSION.match(version):
            raise UpstreamAnswerError(200, "NoVersion")
        return version

    async def objects(self, account: ServiceAccount) -> dict[str, Mapping[str, Any] | Unread]:
        """Those of both profiles: which one is to be there is known afterwards."""
        paths = dict.fromkeys(object_path(each) for profile in Profile for each in shipped_objects(profile, account))
        found = zip(paths, await asyncio.gather(*map(self._object, paths)), strict=True)
        return {path: each for path, each in found if each is not None}

    async def _object(self, path: str) -> Mapping[str, Any] | Unread | None:
        request = KubeRequest("GET", path)
        try:
            answer = await self._transport.send(request, self._acting)
        except NotFoundError:
            return None
        except OwnAccessError:
            return Unread(f"get {request.resource}")
        return decode(answer.body, dict[str, Any])

    async def listed(
        self, resource: str, kind: Callable[[Mapping[str, Any]], T], namespace: str | None = None
    ) -> tuple[T, ...] | Unread:
        """All roles or bindings of a resource."""
        try:
            items = await self._items(group_path(RBAC_GROUP, "v1", resource, namespace=namespace))
        except OwnAccessError:
            return Unread(f"list {resource}.{RBAC_GROUP}")
        return tuple(kind({"kind": _KINDS[resource], **item}) for item in items)

    async def bindings(self) -> tuple[Binding, ...] | Unread:
        everywhere = await self.listed("clusterrolebindings", binding_of)
        local = await self.listed("rolebindings", binding_of)
        if isinstance(everywhere, Unread):
            return everywhere
        return local if isinstance(local, Unread) else (*everywhere, *local)

    async def answers(self, questions: Iterable[Question], account: ServiceAccount) -> dict[Question, bool] | Unread:
        try:
            return {question: await self._allows(question, account) for question in questions}
        except OwnAccessError:
            return Unread(f"create subjectaccessreviews.{_AUTHORIZATION}")

    async def _allows(self, question: Question, account: ServiceAccount) -> bool:
        answer = await self._transport.send(access_review(question, account), self._acting)
        return decode(answer.body, _AccessReview).status.allowed

    async def namespaces(self) -> tuple[Metadata, ...] | Unread:
        try:
            answer = await self._transport.send(
                KubeRequest("GET", "/api/v1/namespaces", accept=METADATA_LIST), self._acting
            )
        except OwnAccessError:
            return Unread("list namespaces")
        return tuple(to_metadata(item.metadata, ()) for item in decode(answer.body, MetadataList).items or ())

    async def workspaces(self) -> tuple[WorkspaceState, ...] | Unread:
        """All workspaces; none where the cluster does not know the kind, which is told by the manifests."""
        try:
            items = await self._items(group_path(TENANCY_GROUP, "v1", "workspaces"))
        except NotFoundError:
            return ()
        except OwnAccessError:
            return Unread(f"list workspaces.{TENANCY_GROUP}")
        return tuple(map(_workspace_of, items))

    async def _items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        query = {"limit": _PAGE}
        while True:
            answer = decode((await self._transport.send(KubeRequest("GET", path, query), self._acting)).body, _Items)
            found += answer.items or ()
            if not answer.metadata.continue_:
                return found
            query = {"limit": _PAGE, "continue": answer.metadata.continue_}


def access_review(question: Question, account: ServiceAccount) -> KubeRequest:
    """Asks what the service's account may do; nothing is stored.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/
    """
    attributes = {
        "verb": question.verb,
        "group": question.group,
        "resource": question.resource,
        "name": question.name,
        "namespace": question.namespace,
    }
    spec = {"user": account.username, "groups": list(account.groups), "resourceAttributes": attributes}
    body = {"apiVersion": f"{_AUTHORIZATION}/v1", "kind": "SubjectAccessReview", "spec": spec}
    path = group_path(_AUTHORIZATION, "v1", "subjectaccessreviews")
    return KubeRequest("POST", path, content_type=JSON, body=encode(body))


def _workspace_of(found: Mapping[str, Any]) -> WorkspaceState:
    conditions = (found.get("status") or {}).get("conditions") or ()
    synced = next((each["status"] for each in conditions if each["type"] == "Synced"), "Unknown")
    metadata = found["metadata"]
    return WorkspaceState(metadata["name"], metadata["uid"], {"True": True, "False": False}.get(synced))
