"""How the service can act as its callers, as the API server itself answers it."""

from collections.abc import Iterator
from typing import Final

from app.doctor.finding import CheckId, Finding, InForce, Severity
from app.doctor.installation import ACTS_CLASSIC, ACTS_CONSTRAINED, Installation, Unread
from app.manifests import Profile, profile_for

_SUBJECT: Final = "impersonation"
_APPLY: Final = "apply what `secretspace manifests --profile {}` prints"


def in_force(found: Installation) -> InForce:
    """The form of impersonation that the API server accepts of the service."""
    if isinstance(found.allowed, Unread):
        return InForce.UNKNOWN
    constrained = found.allowed[ACTS_CONSTRAINED] and narrowest(found) is Profile.CONSTRAINED
    classic = found.allowed[ACTS_CLASSIC]
    if constrained and classic:
        return InForce.BOTH
    return InForce.CONSTRAINED if constrained else InForce.CLASSIC if classic else InForce.NONE


def intended(found: Installation) -> Profile:
    """The profile by which the installation is measured: the one in force, else the narrowest that is possible."""
    return Profile.CLASSIC if in_force(found) is InForce.CLASSIC else narrowest(found)


def narrowest(found: Installation) -> Profile:
    """The narrowest profile that this Kubernetes knows."""
    if isinstance(found.kubernetes, Unread):
        return Profile.CONSTRAINED
    return profile_for(found.kubernetes.removeprefix("v"))


def check_kubernetes(found: Installation) -> Iterator[Finding]:
    """Which version it is, and what it can do."""
    match found.kubernetes:
        case Unread(needs=needs):
            yield Finding(CheckId.KUBERNETES, Severity.UNKNOWN, "Kubernetes", f"Its version: you may not {needs}.")
        case version if narrowest(found) is Profile.CONSTRAINED:
            message = "It knows constrained impersonation."
            yield Finding(CheckId.KUBERNETES, Severity.OK, f"Kubernetes {version}", message)
        case version:
            message = "It knows classic impersonation alone, which amounts to cluster-admin: go to 1.36 or newer."
            yield Finding(CheckId.KUBERNETES, Severity.WARNING, f"Kubernetes {version}", message)


def check_profile(found: Installation) -> Iterator[Finding]:
    """Which profile is in force."""
    severity, message = _verdict(found)
    yield Finding(CheckId.PROFILE, severity, _SUBJECT, message)


def _verdict(found: Installation) -> tuple[Severity, str]:
    wanted = narrowest(found)
    match in_force(found):
        case InForce.CONSTRAINED:
            return Severity.OK, "Constrained: the service acts as its callers in the requests that it needs, no others."
        case InForce.CLASSIC if wanted is Profile.CLASSIC:
            return Severity.WARNING, "Classic: whoever has the service's token is a cluster admin in effect."
        case InForce.CLASSIC:
            return Severity.WARNING, (
                "Classic: whoever has the service's token is a cluster admin in effect. This Kubernetes can do better: "
                f"{_APPLY.format(wanted)}, and delete the ClusterRoleBinding secretspace:impersonation-classic."
            )
        case InForce.BOTH:
            return Severity.ERROR, (
                "Both: the API server tries every form, so the wider one wins. Delete the ClusterRoleBinding "
                f"secretspace:impersonation-classic, or what `{CheckId.ACCOUNT_BINDINGS}` names."
            )
        case InForce.NONE:
            return (
                Severity.ERROR,
                f"None: the service cannot act as anybody, so nothing works: {_APPLY.format(wanted)}.",
            )
        case InForce.UNKNOWN:
            needs = found.allowed.needs if isinstance(found.allowed, Unread) else ""
            return Severity.UNKNOWN, f"It was not asked what the service may do: you may not {needs}."
