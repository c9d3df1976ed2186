"""The role bindings that stand for roles in the workspace, of all projects; read and written as the service account.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from collections.abc import Sequence
from typing import Final

from app.domain.call import Trace
from app.domain.fan_out import NAMES, Grant, Held
from app.domain.workspace import ACTOR, MANAGED_BY, SERVICE
from app.k8s.impersonation import AsService
from app.k8s.metadata import to_version
from app.k8s.precondition import guarded
from app.k8s.request import JSON, METADATA_ONLY, KubeRequest, encode, write_query
from app.k8s.role_binding import EVERYWHERE, INHERITED, RoleBinding, RoleBindingList, path, role_binding
from app.k8s.transport import Transport
from app.k8s.wire import decode

_PAGE: Final = 500
"""Bindings on one page of a list; each may have hundreds of subjects."""


def list_named(name: str, continued: str = "") -> KubeRequest:
    """The bindings of one name in all namespaces, whoever made them; a page of them."""
    query = {"fieldSelector": f"metadata.name={name}", "limit": str(_PAGE)}
    return KubeRequest("GET", EVERYWHERE, query | ({"continue": continued} if continued else {}))


def create_grant(project: str, grant: Grant, actor: str) -> KubeRequest:
    """Make a binding."""
    body = _binding(grant, actor, {"name": grant.name})
    return KubeRequest("POST", path(project), write_query(), METADATA_ONLY, JSON, encode(body))


def replace_grant(held: Held, grant: Grant, actor: str) -> KubeRequest:
    """Make the grant of a binding, if it is still the one that was looked at."""
    body = _binding(grant, actor, {"name": held.name, **guarded(held.version)})
    return KubeRequest("PUT", path(held.project, held.name), write_query(), METADATA_ONLY, JSON, encode(body))


def delete_held(held: Held) -> KubeRequest:
    """Delete a binding, if it is still the one that was looked at."""
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": guarded(held.version)}
    return KubeRequest("DELETE", path(held.project, held.name), {}, METADATA_ONLY, JSON, encode(body))


class KubeInherited:
    """Reads and writes the bindings of our names; a lost race is the error that it is upstream."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def held(self, trace: Trace) -> Sequence[Held]:
        """Those that there are, in all namespaces."""
        return [each for name in NAMES for each in await self._named(name, trace)]

    async def create(self, project: str, grant: Grant, actor: str, trace: Trace) -> None:
        """Make one."""
        await self._transport.send(create_grant(project, grant, actor), AsService(trace))

    async def replace(self, held: Held, grant: Grant, actor: str, trace: Trace) -> None:
        """Change the subjects of one."""
        await self._transport.send(replace_grant(held, grant, actor), AsService(trace))

    async def delete(self, held: Held, trace: Trace) -> None:
        """Delete one."""
        await self._transport.send(delete_held(held), AsService(trace))

    async def _named(self, name: str, trace: Trace) -> list[Held]:
        found: list[Held] = []
        continued = ""
        while True:
            answer = await self._transport.send(list_named(name, continued), AsService(trace))
            page = decode(answer.body, RoleBindingList)
            found.extend(_to_held(item) for item in page.items)
            continued = page.metadata.continue_
            if not continued:
                return found


def _binding(grant: Grant, actor: str, metadata: dict[str, str]) -> dict[str, object]:
    labels = {MANAGED_BY: SERVICE} | ({INHERITED: "true"} if grant.inherited else {})
    return role_binding({**metadata, "labels": labels, "annotations": {ACTOR: actor}}, grant.role, grant.subjects)


def _to_held(found: RoleBinding) -> Held:
    labels = found.metadata.labels or {}
    return Held(
        project=found.metadata.namespace,
        name=found.metadata.name,
        version=to_version(found.metadata),
        role=found.cluster_role,
        subjects=frozenset(found.people),
        ours=labels.get(MANAGED_BY) == SERVICE,
        inherited=INHERITED in labels,
        strangers=len(found.people) < len(found.subjects or ()),
    )
