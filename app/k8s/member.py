"""Role bindings in projects, read and written as the service account, which says for whom.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Final

from app.domain.call import Trace
from app.domain.errors import AlreadyExistsError, NotFoundError
from app.domain.member import PROJECT_ROLES, Binding, member_id
from app.domain.workspace import ACTOR, MANAGED_BY, SERVICE, ProjectRole, Subject, SubjectKind
from app.k8s.impersonation import AsService
from app.k8s.metadata import to_version
from app.k8s.precondition import guarded
from app.k8s.request import JSON, METADATA_ONLY, KubeRequest, encode, group_path, write_query
from app.k8s.transport import Transport
from app.k8s.wire import ObjectMeta, Wire, decode

_GROUP: Final = "rbac.authorization.k8s.io"
INHERITED: Final = "secretspace.io/inherited"
"""The label of a binding that stands for a role in the workspace."""
_KINDS: Final = {"User": SubjectKind.USER, "Group": SubjectKind.GROUP}
_KIND_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


class _RoleRef(Wire, frozen=True):
    kind: str = ""
    name: str = ""


class _Subject(Wire, frozen=True):
    kind: str = ""
    name: str = ""


class _RoleBinding(Wire, frozen=True):
    metadata: ObjectMeta
    role_ref: _RoleRef
    subjects: list[_Subject] | None = None


class _RoleBindingList(Wire, frozen=True):
    items: list[_RoleBinding]


def list_bindings(project: str) -> KubeRequest:
    """All role bindings of a project."""
    return KubeRequest("GET", group_path(_GROUP, "v1", "rolebindings", namespace=project))


def create_binding(project: str, subject: Subject, role: ProjectRole, actor: str) -> KubeRequest:
    """Give a role to one subject, under a name that two who do it at once agree on."""
    body = {
        "apiVersion": f"{_GROUP}/v1",
        "kind": "RoleBinding",
        "metadata": {
            "name": binding_name(subject, role),
            "labels": {MANAGED_BY: SERVICE},
            "annotations": {ACTOR: actor},
        },
        "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": role.cluster_role},
        "subjects": [{"apiGroup": _GROUP, "kind": _KIND_NAMES[subject.kind], "name": subject.name}],
    }
    path = group_path(_GROUP, "v1", "rolebindings", namespace=project)
    return KubeRequest("POST", path, write_query(), METADATA_ONLY, JSON, encode(body))


def delete_binding(project: str, binding: Binding) -> KubeRequest:
    """Take a role away, if the binding is still the one that was looked at."""
    path = group_path(_GROUP, "v1", "rolebindings", binding.name, namespace=project)
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": guarded(binding.version)}
    return KubeRequest("DELETE", path, {}, METADATA_ONLY, JSON, encode(body))


def binding_name(subject: Subject, role: ProjectRole) -> str:
    """The name of the binding that gives a role to a subject; subjects may hold what a name may not."""
    return f"{role}-{sha256(member_id(subject).encode()).hexdigest()[:16]}"


class KubeMembers:
    """Role bindings of projects; that they may be written has been decided before."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def bindings(self, project: str, trace: Trace) -> Sequence[Binding]:
        """All bindings, whoever made them."""
        answer = await self._transport.send(list_bindings(project), AsService(trace))
        return [_to_binding(item) for item in decode(answer.body, _RoleBindingList).items]

    async def bind(self, project: str, subject: Subject, role: ProjectRole, actor: str, trace: Trace) -> None:
        """Give a role; having it already is no fault."""
        with suppress(AlreadyExistsError):
            await self._transport.send(create_binding(project, subject, role, actor), AsService(trace))

    async def unbind(self, project: str, binding: Binding, trace: Trace) -> None:
        """Take a role away; that it is gone already is no fault."""
        with suppress(NotFoundError):
            await self._transport.send(delete_binding(project, binding), AsService(trace))


def _to_binding(found: _RoleBinding) -> Binding:
    """A binding; service accounts are no members here, and are passed over."""
    labels = found.metadata.labels or {}
    known = PROJECT_ROLES.get(found.role_ref.name) if found.role_ref.kind == "ClusterRole" else None
    return Binding(
        name=found.metadata.name,
        version=to_version(found.metadata),
        role=known or found.role_ref.name,
        subjects=tuple(Subject(_KINDS[each.kind], each.name) for each in found.subjects or () if each.kind in _KINDS),
        ours=labels.get(MANAGED_BY) == SERVICE and known is not None,
        inherited=INHERITED in labels,
    )
