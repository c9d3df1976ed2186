"""Roles and bindings as values, and what they give to whom.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from typing_extensions import override

from app.domain.access import Rule

URL_GROUP: Final = "nonResourceURLs"
"""Stands for the API group in a rule about URLs; no group can have this name, for it has capitals."""
_OF_KUBERNETES: Final = ("kubernetes.io/bootstrapping", "rbac-defaults")
_POWERFUL_ANYWAY: Final = frozenset({"system:masters", "system:nodes"})


@dataclass(frozen=True, slots=True, order=True)
class RbacSubject:
    """Whom a binding names."""

    kind: str
    name: str
    namespace: str = ""

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class RoleRef:
    """A Role, whose namespace is that of the binding, or a ClusterRole, which has none."""

    kind: str
    name: str
    namespace: str = ""

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Role:
    """A role and its rules, those of its aggregation included."""

    ref: RoleRef
    rules: tuple[Rule, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Binding:
    """A RoleBinding, or a ClusterRoleBinding, which has no namespace."""

    name: str
    role: RoleRef
    subjects: tuple[RbacSubject, ...]
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    @override
    def __str__(self) -> str:
        return f"RoleBinding {self.namespace}/{self.name}" if self.namespace else f"ClusterRoleBinding {self.name}"

    @property
    def is_of_kubernetes(self) -> bool:
        """Whether the API server itself made it, as in every cluster."""
        label, value = _OF_KUBERNETES
        return self.labels.get(label) == value and not self.namespace

    def names_a_part_of_kubernetes(self, subject: RbacSubject) -> bool:
        """Whether a subject stands here as in every cluster, and was not put in afterwards."""
        match subject.kind:
            case "ServiceAccount":
                own = subject.namespace == "kube-system"
            case "User":
                own = subject.name.startswith("system:kube-")
            case _:
                own = subject.name in _POWERFUL_ANYWAY
        return own and self.is_of_kubernetes


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One verb on one resource; no `name` means all objects of it."""

    verb: str
    group: str
    resource: str
    name: str | None = None

    @override
    def __str__(self) -> str:
        what = f"{self.resource}.{self.group}" if self.group not in {"", URL_GROUP} else self.resource
        return f"{self.verb} {what}" if self.name is None else f"{self.verb} {what} {self.name}"


def rights_of(rules: Iterable[Rule]) -> Iterator[Right]:
    """Every right that rules spell out; a wildcard stays one."""
    for rule in rules:
        for verb in rule.verbs:
            for group in rule.groups:
                for resource in rule.resources:
                    for name in rule.names or (None,):
                        yield Right(verb, group, resource, name)


def not_covered(rights: Iterable[Right], rules: Iterable[Rule]) -> list[Right]:
    """The rights that no rule gives."""
    given = tuple(rules)
    return [
        right
        for right in rights
        if not any(rule.allows(right.verb, right.resource, right.name, right.group) for rule in given)
    ]


def role_of(found: Mapping[str, Any]) -> Role:
    """A Role or ClusterRole, as it stands in a manifest or in the cluster."""
    rules = tuple(_rule_of(rule) for rule in found.get("rules") or ())
    metadata = found["metadata"]
    ref = RoleRef(found["kind"], metadata["name"], metadata.get("namespace", ""))
    return Role(ref, rules, metadata.get("labels") or {})


def binding_of(found: Mapping[str, Any]) -> Binding:
    """A RoleBinding or ClusterRoleBinding, as it stands in a manifest or in the cluster."""
    metadata, ref = found["metadata"], found["roleRef"]
    namespace = metadata.get("namespace", "")
    role = RoleRef(ref["kind"], ref["name"], namespace if ref["kind"] == "Role" else "")
    subjects = tuple(_subject_of(subject) for subject in found.get("subjects") or ())
    return Binding(metadata["name"], role, subjects, namespace, metadata.get("labels") or {})


def _subject_of(found: Mapping[str, Any]) -> RbacSubject:
    return RbacSubject(found["kind"], found["name"], found.get("namespace", ""))


def _rule_of(found: Mapping[str, Any]) -> Rule:
    verbs = frozenset(found["verbs"])
    if urls := found.get("nonResourceURLs"):
        return Rule(verbs, frozenset({URL_GROUP}), frozenset(urls))
    names = frozenset(found.get("resourceNames") or ())
    return Rule(verbs, frozenset(found.get("apiGroups") or ()), frozenset(found.get("resources") or ()), names)
