"""Role bindings on the wire: what the adapters of members and of the fan-out share.

Source: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/role-binding-v1/
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.domain.access import RBAC_GROUP
from app.domain.workspace import Subject, SubjectKind
from app.k8s.request import group_path
from app.k8s.wire import ListMeta, ObjectMeta, Wire

EVERYWHERE: Final = group_path(RBAC_GROUP, "v1", "rolebindings")
"""Where the bindings of all namespaces are listed."""
INHERITED: Final = "secretspace.io/inherited"
"""The label of a binding that stands for a role in the workspace."""
KINDS: Final = {"User": SubjectKind.USER, "Group": SubjectKind.GROUP}
"""The kinds of subjects that can be members, by Kubernetes' names."""
_KIND_NAMES: Final = {kind: name for name, kind in KINDS.items()}


class Named(Wire, frozen=True):
    """A role that is referred to, or a subject."""

    kind: str = ""
    name: str = ""


class RoleBinding(Wire, frozen=True):
    """A binding, whoever made it."""

    metadata: ObjectMeta
    role_ref: Named
    subjects: list[Named] | None = None

    @property
    def cluster_role(self) -> str:
        """The name of the ClusterRole that it gives, empty where it gives a Role."""
        return self.role_ref.name if self.role_ref.kind == "ClusterRole" else ""

    @property
    def people(self) -> tuple[Subject, ...]:
        """Its subjects, but for service accounts."""
        return tuple(Subject(KINDS[each.kind], each.name) for each in self.subjects or () if each.kind in KINDS)


class RoleBindingList(Wire, frozen=True):
    """A list of bindings, or a page of one."""

    items: list[RoleBinding]
    metadata: ListMeta = ListMeta()


def path(project: str, name: str | None = None) -> str:
    """Where the bindings of a project are kept, or one of them."""
    return group_path(RBAC_GROUP, "v1", "rolebindings", name, project)


def role_binding(metadata: Mapping[str, Any], cluster_role: str, subjects: Iterable[Subject]) -> dict[str, Any]:
    """A whole binding; subjects in one order, so that two who write the same write the same bytes."""
    ordered = sorted(subjects, key=lambda subject: (subject.kind, subject.name))
    return {
        "apiVersion": f"{RBAC_GROUP}/v1",
        "kind": "RoleBinding",
        "metadata": dict(metadata),
        "roleRef": {"apiGroup": RBAC_GROUP, "kind": "ClusterRole", "name": cluster_role},
        "subjects": [{"apiGroup": RBAC_GROUP, "kind": _KIND_NAMES[each.kind], "name": each.name} for each in ordered],
    }
