"""An installation as it is right after `kubectl apply`, made from the manifests alone."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from app.doctor.finding import Finding, Severity
from app.doctor.installation import (
    ACTS_CLASSIC,
    ACTS_CONSTRAINED,
    Installation,
    Question,
    ServiceAccount,
    secret_questions,
)
from app.doctor.rbac import Binding, RbacSubject, Role, RoleRef, binding_of, role_of
from app.doctor.shipped import shipped_objects
from app.domain.access import Rule
from app.k8s.object_path import object_path
from app.manifests import Profile

ESTABLISHED: Final = {"conditions": [{"type": "Established", "status": "True"}]}
BOOTSTRAP: Final = {"kubernetes.io/bootstrapping": "rbac-defaults"}


def installed(
    profile: Profile = Profile.CONSTRAINED, account: ServiceAccount | None = None, kubernetes: str = "v1.37.2"
) -> Installation:
    """A healthy one."""
    account = account or ServiceAccount()
    shipped = list(shipped_objects(profile, account))
    roles = [role_of(each) for each in shipped if each["kind"] in {"Role", "ClusterRole"}]
    bindings = [binding_of(each) for each in shipped if each["kind"] in {"RoleBinding", "ClusterRoleBinding"}]
    allowed: dict[Question, bool] = dict.fromkeys(secret_questions(account), False)
    allowed |= {ACTS_CONSTRAINED: profile is Profile.CONSTRAINED, ACTS_CLASSIC: profile is Profile.CLASSIC}
    return Installation(
        account=account,
        kubernetes=kubernetes,
        objects={object_path(each): {**deepcopy(each), "status": ESTABLISHED} for each in shipped},
        cluster_roles=tuple(_aggregated(each, shipped, roles) for each in roles if not each.ref.namespace),
        roles=tuple(each for each in roles if each.ref.namespace),
        bindings=tuple(bindings),
        allowed=allowed,
    )


def changed(found: Installation, kind: str, name: str, change: Callable[[dict[str, Any]], object]) -> Installation:
    """The installation with one of its objects changed in place."""
    objects = {path: deepcopy(each) for path, each in found.objects.items()}
    (one,) = [each for each in objects.values() if isinstance(each, Mapping) and _is(each, kind, name)]
    change(one)  # type: ignore[arg-type]
    return replace(found, objects=objects)


def bound(
    subject: RbacSubject, role: str, namespace: str = "", labels: Mapping[str, str] | None = None, name: str = "extra"
) -> Binding:
    """A binding of a ClusterRole."""
    return Binding(name, RoleRef("ClusterRole", role), (subject,), namespace, labels or {})


def rule(verbs: str, resources: str, group: str = "", names: str = "") -> Rule:
    """A rule, each of its parts as words."""
    return Rule(frozenset(verbs.split()), frozenset({group}), frozenset(resources.split()), frozenset(names.split()))


def troubles(findings: "list[Finding]") -> list[tuple[str, str, str]]:
    """Severity, subject and message of what is not ok."""
    return [(each.severity, each.subject, each.message) for each in findings if each.severity is not Severity.OK]


def _is(found: Mapping[str, Any], kind: str, name: str) -> bool:
    return (found["kind"], found["metadata"]["name"]) == (kind, name)


def _aggregated(role: Role, shipped: list[dict[str, Any]], roles: list[Role]) -> Role:
    """The role with the rules that the control plane puts into it."""
    (manifest,) = [each for each in shipped if _is(each, role.ref.kind, role.ref.name)]
    if "aggregationRule" not in manifest:
        return role
    (selector,) = manifest["aggregationRule"]["clusterRoleSelectors"]
    parts = [each for each in roles if selector["matchLabels"].items() <= each.labels.items()]
    return replace(role, rules=tuple(rule for part in parts for rule in part.rules))
