"""How an object in the cluster differs from the one that was shipped, each by what matters in its kind."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from app.doctor.finding import Severity, some_of
from app.doctor.rbac import Right, binding_of, not_covered, rights_of, role_of
from app.domain.access import Rule
from app.domain.call import RESERVED_USER_ACCOUNTS, RESERVED_USER_METADATA

_POD_SECURITY: Final = "pod-security.kubernetes.io/enforce"
_ACTING: Final = frozenset({"impersonate", "impersonate:user-info"})
_POLICY_DEFAULTS: Final[Mapping[str, object]] = {
    "scope": "*",
    "matchPolicy": "Equivalent",
    "namespaceSelector": {},
    "objectSelector": {},
}
"""What the API server fills in; source: k8s.io/api admissionregistration/v1."""


class Difference(NamedTuple):
    """One of them."""

    severity: Severity
    message: str


def differences(shipped: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    """All of them; none where the object is as it was shipped."""
    match shipped["kind"]:
        case "ClusterRole" if "aggregationRule" in shipped:
            yield from _of_aggregation(shipped, found)
        case "ClusterRole" | "Role":
            yield from _of_rules(role_of(shipped).rules, role_of(found).rules)
        case "ClusterRoleBinding" | "RoleBinding":
            yield from _of_binding(shipped, found)
        case "ValidatingAdmissionPolicy":
            yield from _of_policy(shipped["spec"], found["spec"])
        case "ValidatingAdmissionPolicyBinding":
            yield from _of_policy_binding(shipped["spec"], found["spec"])
        case "CustomResourceDefinition":
            yield from _of_definition(shipped, found)
        case "Namespace":
            yield from _of_namespace(shipped, found)
        case _:
            return


def _of_aggregation(shipped: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    if found.get("aggregationRule") != shipped["aggregationRule"]:
        yield Difference(Severity.ERROR, "It is put together from other roles than those that are shipped.")


def _of_rules(shipped: tuple[Rule, ...], found: tuple[Rule, ...]) -> Iterator[Difference]:
    if missing := not_covered(_needed(rights_of(shipped), found), found):
        yield Difference(Severity.ERROR, f"It lacks: {some_of(map(str, missing))}.")
    if beyond := not_covered(rights_of(found), shipped):
        yield Difference(Severity.WARNING, f"It is too wide: {some_of(map(str, beyond))}.")


def _needed(shipped: Iterable[Right], found: tuple[Rule, ...]) -> Iterator[Right]:
    """The shipped rights; whom the service acts as, an operator may list, as long as its own users are among them."""
    unnamed = {Right(right.verb, right.group, right.resource) for right in rights_of(found)}
    for right in shipped:
        if right.verb not in _ACTING or right not in unnamed:
            yield right
        elif right.resource == "users":
            for name in (RESERVED_USER_ACCOUNTS, RESERVED_USER_METADATA):
                yield Right(right.verb, right.group, right.resource, name)


def _of_binding(shipped: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    ours, theirs = binding_of(shipped), binding_of(found)
    if theirs.role != ours.role:
        yield Difference(Severity.ERROR, f"It binds {theirs.role} instead of {ours.role}.")
    missing, others = set(ours.subjects) - set(theirs.subjects), set(theirs.subjects) - set(ours.subjects)
    if missing and others and all(subject.kind == "Group" for subject in missing):
        message = (
            f"It names {some_of(map(str, others))} instead of {some_of(map(str, missing))}: right only where "
            "SECRETSPACE_IDENTITY__LOCAL__PREFIX is set to match."
        )
        yield Difference(Severity.WARNING, message)
    elif missing:
        yield Difference(Severity.ERROR, f"It does not name {some_of(map(str, missing))}.")
    elif others:
        yield Difference(Severity.WARNING, f"It also names {some_of(map(str, others))}.")


def _of_policy(shipped: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    ours, theirs = _without_defaults(shipped), _without_defaults(found)
    if changed := [part for part in ours.keys() | theirs.keys() if ours.get(part) != theirs.get(part)]:
        yield Difference(
            Severity.ERROR, f"It does not hold the service as it should: {some_of(changed)} is not as shipped."
        )


def _of_policy_binding(shipped: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    if "Deny" not in found.get("validationActions", ()):
        yield Difference(Severity.ERROR, "The policy refuses nothing: validationActions lacks Deny.")
    rest = {part: value for part, value in _without_defaults(found).items() if part != "validationActions"}
    if changed := [part for part in rest if rest[part] != shipped.get(part)]:
        yield Difference(Severity.ERROR, f"The policy does not hold everywhere: {some_of(changed)} is not as shipped.")


def _without_defaults(value: Any) -> Any:
    match value:
        case dict():
            parts = ((key, _without_defaults(part)) for key, part in value.items())
            return {key: part for key, part in parts if _POLICY_DEFAULTS.get(key, ...) != part}
        case list():
            return [_without_defaults(part) for part in value]
        case _:
            return value


def _of_definition(shipped: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    conditions = (found.get("status") or {}).get("conditions") or ()
    if not any(each["type"] == "Established" and each["status"] == "True" for each in conditions):
        yield Difference(Severity.ERROR, "The API server does not serve it: its conditions say why.")
    if not _holds(found["spec"], shipped["spec"]):
        yield Difference(Severity.WARNING, "It is not that of this version.")


def _holds(found: Any, shipped: Any) -> bool:
    """Whether all that is shipped is there; the API server adds to it."""
    match shipped:
        case dict():
            return isinstance(found, dict) and all(
                key in found and _holds(found[key], part) for key, part in shipped.items()
            )
        case list():
            return isinstance(found, list) and len(found) == len(shipped) and all(map(_holds, found, shipped))
        case _:
            return bool(found == shipped)


def _of_namespace(shipped: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    wanted = shipped["metadata"]["labels"][_POD_SECURITY]
    if (found["metadata"].get("labels") or {}).get(_POD_SECURITY) != wanted:
        yield Difference(Severity.WARNING, f"It lets Pods have privileges: set the label {_POD_SECURITY} to {wanted}.")
