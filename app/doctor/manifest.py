"""Whether everything that was shipped is there, and as wide as it was shipped."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.doctor.comparison import differences
from app.doctor.finding import CheckId, Finding, Severity, some_of
from app.doctor.installation import Installation, Unread
from app.doctor.profile import intended
from app.doctor.rbac import Role, not_covered, rights_of
from app.doctor.shipped import shipped_objects, shipped_roles
from app.k8s.object_path import object_path


def check_manifests(found: Installation) -> Iterator[Finding]:
    """Each object of the profile that is in force."""
    profile = intended(found)
    objects = list(shipped_objects(profile, found.account))
    findings = [finding for shipped in objects for finding in _of_object(shipped, found)]
    apply = f" Apply what `secretspace manifests --profile {profile}` prints."
    for finding in findings:
        remedy = "" if finding.severity is Severity.UNKNOWN else apply
        yield Finding(finding.check, finding.severity, finding.subject, finding.message + remedy)
    if not findings:
        message = f"All {len(objects)} are there, as they were shipped."
        yield Finding(CheckId.MANIFESTS, Severity.OK, f"manifests of profile {profile}", message)


def _of_object(shipped: Mapping[str, Any], found: Installation) -> Iterator[Finding]:
    subject = _title(shipped)
    match found.objects.get(object_path(shipped)):
        case None:
            yield Finding(CheckId.MANIFESTS, Severity.ERROR, subject, "It is missing.")
        case Unread(needs=needs):
            yield Finding(CheckId.MANIFESTS, Severity.UNKNOWN, subject, f"You may not {needs}.")
        case there:
            for severity, message in differences(shipped, there):
                yield Finding(CheckId.MANIFESTS, severity, subject, message)


def _title(shipped: Mapping[str, Any]) -> str:
    metadata = shipped["metadata"]
    place = f"{metadata['namespace']}/" if "namespace" in metadata else ""
    return f"{shipped['kind']} {place}{metadata['name']}"


def check_project_roles(found: Installation) -> Iterator[Finding]:
    """The roles that are put together by labels: whether all their parts are there, and what others added."""
    if isinstance(found.cluster_roles, Unread):
        message = f"What was added to them: you may not {found.cluster_roles.needs}."
        yield Finding(CheckId.PROJECT_ROLES, Severity.UNKNOWN, "project roles", message)
        return
    findings = [
        finding
        for shipped in shipped_objects(intended(found), found.account)
        if "aggregationRule" in shipped
        for finding in _of_project_role(shipped, found, found.cluster_roles)
    ]
    yield from findings
    if not findings:
        message = "They hold what was shipped, and nothing was added."
        yield Finding(CheckId.PROJECT_ROLES, Severity.OK, "project roles", message)


def _of_project_role(
    shipped: Mapping[str, Any], found: Installation, cluster_roles: tuple[Role, ...]
) -> Iterator[Finding]:
    name = shipped["metadata"]["name"]
    role = next((each for each in cluster_roles if each.ref.name == name), None)
    if role is None:
        return  # check_manifests says so
    ours = [each for each in shipped_roles(intended(found), found.account) if _is_part(each, shipped)]
    wanted = tuple(rule for part in ours for rule in part.rules)
    if missing := not_covered(rights_of(wanted), role.rules):
        message = f"It lacks: {some_of(map(str, missing))}. A part of it is missing, narrowed, or without its label."
        yield Finding(CheckId.PROJECT_ROLES, Severity.ERROR, f"ClusterRole {name}", message)
    if beyond := not_covered(rights_of(role.rules), wanted):
        parts = {part.ref.name for part in cluster_roles if _is_part(part, shipped)} - {part.ref.name for part in ours}
        by = f", by {some_of(parts)}" if parts else ""
        message = (
            f"More was added than is shipped: {some_of(map(str, beyond))}{by}. "
            "Whoever may hand out this role hands that out, too."
        )
        yield Finding(CheckId.PROJECT_ROLES, Severity.WARNING, f"ClusterRole {name}", message)


def _is_part(role: Role, aggregated: Mapping[str, Any]) -> bool:
    selectors = aggregated["aggregationRule"]["clusterRoleSelectors"]
    return any(selector["matchLabels"].items() <= dict(role.labels).items() for selector in selectors)
