"""Who is a platform admin in effect, for they can get at the Secrets of the service's namespace.

These hold the accounts and the keys that sign their tokens. Besides reading them there are ways round: a Pod mounts
what its namespace has, a token of the service's account acts as anyone.
Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.doctor.finding import CheckId, Finding, Severity, some_of
from app.doctor.installation import Installation, Unread
from app.doctor.rbac import Binding, RbacSubject, Role, RoleRef
from app.domain.access import RBAC_GROUP, Rule
from app.domain.call import RESERVED_USER_ACCOUNTS


@dataclass(frozen=True, slots=True)
class Way:
    """Some verbs on some resources, and what they lead to."""

    title: str
    verbs: frozenset[str]
    group: str
    resources: frozenset[str]

    def is_open_by(self, rule: Rule) -> bool:
        """Whether a rule gives any of it; names of objects narrow it, and leave it open."""
        speaks_of = any(rule.covers(resource, self.group) for resource in self.resources)
        return speaks_of and bool(rule.verbs & {*self.verbs, "*"})


def _way(title: str, verbs: str, resources: str, group: str = "") -> Way:
    return Way(title, frozenset(verbs.split()), group, frozenset(resources.split()))


WAYS: Final = (
    _way("read Secrets", "get list watch", "secrets"),
    _way("start Pods", "create", "pods"),
    _way("start Pods", "create update patch", "replicationcontrollers"),
    _way("start Pods", "create update patch", "deployments daemonsets statefulsets replicasets", "apps"),
    _way("start Pods", "create update patch", "jobs cronjobs", "batch"),
    _way("enter Pods", "create get", "pods/exec pods/attach */exec */attach"),
    _way("enter Pods", "update patch", "pods/ephemeralcontainers */ephemeralcontainers"),
    _way("take tokens of service accounts", "create", "serviceaccounts/token */token"),
    _way("act as others", "impersonate", "users groups serviceaccounts"),
    _way("hand out any right", "bind escalate", "roles clusterroles", RBAC_GROUP),
)


def check_platform_admins(found: Installation) -> Iterator[Finding]:
    """Everybody for whom one of the ways is open, but the service itself and what every cluster has."""
    place = f"namespace {found.account.namespace}"
    unread = [part.needs for part in (found.bindings, found.cluster_roles, found.roles) if isinstance(part, Unread)]
    if unread or isinstance(found.bindings, Unread):
        message = f"Who can read its Secrets: you may not {some_of(unread)}."
        yield Finding(CheckId.PLATFORM_ADMINS, Severity.UNKNOWN, place, message)
        return
    ways, bindings = _open_ways(found, found.bindings)
    for subject in sorted(ways):
        message = (
            f"Can {some_of(ways[subject])} in {found.account.namespace}, by {some_of(bindings[subject])}: "
            "is a platform admin in effect. See that this is meant."
        )
        yield Finding(CheckId.PLATFORM_ADMINS, Severity.WARNING, str(subject), message)
    also = "the group system:masters and Kubernetes itself, as in every cluster"
    message = f"Its Secrets can be read by those named here and by {also}." if ways else f"Nobody, but {also}."
    yield Finding(CheckId.PLATFORM_ADMINS, Severity.OK, place, message)


def _open_ways(
    found: Installation, bindings: tuple[Binding, ...]
) -> tuple[dict[RbacSubject, set[str]], dict[RbacSubject, set[str]]]:
    """By subject: what it can do, and the bindings that let it."""
    roles = _roles(found)
    ways: dict[RbacSubject, set[str]] = defaultdict(set)
    by: dict[RbacSubject, set[str]] = defaultdict(set)
    for binding in bindings:
        if binding.namespace not in {"", found.account.namespace} or binding.role not in roles:
            continue
        given = {text for rule in roles[binding.role].rules for text in _texts(rule)}
        for subject in binding.subjects if given else ():
            if not _is_meant(subject, binding, found):
                ways[subject] |= given
                by[subject].add(str(binding))
    return ways, by


def _roles(found: Installation) -> dict[RoleRef, Role]:
    parts = (part for part in (found.cluster_roles, found.roles) if not isinstance(part, Unread))
    return {role.ref: role for part in parts for role in part}


def _texts(rule: Rule) -> Iterator[str]:
    named = f" (named {some_of(rule.names)})" if rule.names else ""
    return (way.title + named for way in WAYS if way.is_open_by(rule))


def _is_meant(subject: RbacSubject, binding: Binding, found: Installation) -> bool:
    """Whether it is the service itself, of which other checks speak, or a part of Kubernetes."""
    own = {found.account.subject, RbacSubject("User", RESERVED_USER_ACCOUNTS)}
    return subject in own or binding.names_a_part_of_kubernetes(subject)
