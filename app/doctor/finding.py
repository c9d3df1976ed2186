"""What the doctor says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

_MOST: Final = 6


class Severity(StrEnum):
    """How bad it is, the worst first."""

    ERROR = "error"
    """Something does not work, or a promise of the service does not hold."""
    UNKNOWN = "unknown"
    """The operator may not look; it can be anything."""
    WARNING = "warning"
    """It works, and is wider than it was shipped, or not what it seems."""
    OK = "ok"


class CheckId(StrEnum):
    """What is looked at; the words are stable, and part of the output."""

    KUBERNETES = "kubernetes"
    PROFILE = "profile"
    MANIFESTS = "manifests"
    PROJECT_ROLES = "project-roles"
    ACCOUNT_BINDINGS = "account-bindings"
    ACCOUNT_SECRETS = "account-secrets"
    PLATFORM_ADMINS = "platform-admins"
    RESERVED_USERS = "reserved-users"
    PROJECTS = "projects"
    WORKSPACES = "workspaces"


class InForce(StrEnum):
    """How the service can act as its callers."""

    CONSTRAINED = "constrained"
    CLASSIC = "classic"
    BOTH = "both"
    """The API server tries every form, so the wider one wins."""
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact, and what to do about it; names of objects, never what a Secret holds."""

    check: CheckId
    severity: Severity
    subject: str
    message: str


class ExitCode(IntEnum):
    """How the command ends when it could look; 1 and 2 it has in common with all others."""

    FINE = 0
    ERROR = 1
    UNKNOWN = 3
    WARNING = 4


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, the worst first."""

    profile: InForce
    kubernetes: str
    findings: tuple[Finding, ...]

    def exit_code(self, *, strict: bool) -> ExitCode:
        """By the worst finding; warnings count only if `strict`."""
        worst = {finding.severity for finding in self.findings}
        if Severity.ERROR in worst:
            return ExitCode.ERROR
        if Severity.UNKNOWN in worst:
            return ExitCode.UNKNOWN
        return ExitCode.WARNING if strict and Severity.WARNING in worst else ExitCode.FINE


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sorted by severity; within one, in the order in which they were found."""
    order = list(Severity)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))


def some_of(names: Iterable[str]) -> str:
    """The first few names of a list, and how many more there are."""
    every: Sequence[str] = sorted(set(names))
    more = f" and {len(every) - _MOST} more" if len(every) > _MOST else ""
    return ", ".join(every[:_MOST]) + more
