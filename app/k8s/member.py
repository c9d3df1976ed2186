"""Role bindings in projects, read and written as the service account, which says for whom.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.domain.call import Trace
from app.domain.errors import ConflictError, NotFoundError, UpstreamAnswerError
from app.domain.member import PROJECT_ROLES, Binding, short_id
from app.domain.workspace import ACTOR, MANAGED_BY, SERVICE, ProjectRole, Subject
from app.k8s.impersonation import AsService
from app.k8s.metadata import to_version
from app.k8s.precondition import guarded
from app.k8s.request import JSON, METADATA_ONLY, KubeRequest, encode, write_query
from app.k8s.role_binding import EVERYWHERE, INHERITED, RoleBinding, RoleBindingList, path, role_binding
from app.k8s.transport import Transport
from app.k8s.wire import MetadataOnly, ObjectMeta, decode

_CHUNK: Final = 500
"""Bindings that are read at once, where all are."""


def list_bindings(project: str) -> KubeRequest:
    """All role bindings of a project."""
    return KubeRequest("GET", path(project))


def list_everywhere(continued: str) -> KubeRequest:
    """The role bindings of all namespaces that the service keeps, or those that come after a first chunk."""
    query = {"labelSelector": f"{MANAGED_BY}={SERVICE}", "limit": str(_CHUNK)}
    return KubeRequest("GET", EVERYWHERE, query | ({"continue": continued} if continued else {}))


def create_binding(project: str, subject: Subject, role: ProjectRole, actor: str) -> KubeRequest:
    """Give a role to one subject, under a name that two who do it at once agree on."""
    metadata = {
        "name": binding_name(subject, role),
        "labels": {MANAGED_BY: SERVICE},
        "annotations": {ACTOR: actor},
    }
    body = role_binding(metadata, role.cluster_role, (subject,))
    return KubeRequest("POST", path(project), write_query(), METADATA_ONLY, JSON, encode(body))


def delete_binding(binding: Binding) -> KubeRequest:
    """Take a role away, if the binding is still the one that was looked at."""
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": guarded(binding.version)}
    return KubeRequest("DELETE", path(binding.project, binding.name), {}, METADATA_ONLY, JSON, encode(body))


def binding_name(subject: Subject, role: ProjectRole) -> str:
    """The name of the binding that gives a role to a subject; subjects may hold what a name may not."""
    return f"{role}-{short_id(subject)}"


class KubeMembers:
    """Role bindings of projects; that they may be written has been decided before."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def bindings(self, project: str, trace: Trace) -> Sequence[Binding]:
        """All bindings of a project, whoever made them."""
        answer = await self._transport.send(list_bindings(project), AsService(trace))
        return [_to_binding(item) for item in decode(answer.body, RoleBindingList).items]

    async def everywhere(self, trace: Trace) -> Sequence[Binding]:
        """All bindings that the service keeps, in all namespaces."""
        found: list[Binding] = []
        more: str | None = ""
        while more is not None:
            answer = await self._transport.send(list_everywhere(more), AsService(trace))
            chunk = decode(answer.body, RoleBindingList)
            found.extend(_to_binding(item) for item in chunk.items)
            more = chunk.metadata.continue_ or None
        return found

    async def bind(self, project: str, subject: Subject, role: ProjectRole, actor: str, trace: Trace) -> Binding:
        """Give a role.

        Raises:
            AlreadyExistsError: the subject has this very role.
            ProjectTerminatingError: the project is being deleted.
        """
        answer = await self._transport.send(create_binding(project, subject, role, actor), AsService(trace))
        metadata = decode(answer.body, MetadataOnly).metadata
        return Binding(project, metadata.name, to_version(metadata), role, (subject,), _creation(metadata), ours=True)

    async def unbind(self, binding: Binding, trace: Trace) -> bool:
        """Take a role away; whether it was there as it was looked at."""
        try:
            await self._transport.send(delete_binding(binding), AsService(trace))
        except (ConflictError, NotFoundError):
            return False
        return True


def _to_binding(found: RoleBinding) -> Binding:
    """A binding; service accounts are no members here, and are passed over.

    One of ours has one subject, or stands for roles in the workspace; others that bear our label are not ours.
    """
    labels = found.metadata.labels or {}
    known, subjects = PROJECT_ROLES.get(found.cluster_role), found.people
    inherited = INHERITED in labels
    whole = inherited or len(found.subjects or ()) == len(subjects) == 1
    ours = known is not None and labels.get(MANAGED_BY) == SERVICE and whole
    return Binding(
        project=found.metadata.namespace,
        name=found.metadata.name,
        version=to_version(found.metadata),
        role=known if ours and known else found.role_ref.name,
        subjects=subjects,
        created_at=_creation(found.metadata),
        ours=ours,
        inherited=ours and inherited,
    )


def _creation(metadata: ObjectMeta) -> datetime:
    if metadata.creation_timestamp is None:
        raise UpstreamAnswerError(200, "NoCreationTimestamp")
    return metadata.creation_timestamp
