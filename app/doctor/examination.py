"""All checks, in the order in which they are told."""

from typing import Final

from app.doctor.account import check_account_bindings, check_account_secrets
from app.doctor.finding import Report, worst_first
from app.doctor.installation import Installation, Unread
from app.doctor.manifest import check_manifests, check_project_roles
from app.doctor.platform_admin import check_platform_admins
from app.doctor.profile import check_kubernetes, check_profile, in_force
from app.doctor.reserved_user import check_reserved_users
from app.doctor.tenancy import check_projects, check_workspaces

CHECKS: Final = (
    check_kubernetes,
    check_profile,
    check_manifests,
    check_project_roles,
    check_account_bindings,
    check_account_secrets,
    check_platform_admins,
    check_reserved_users,
    check_projects,
    check_workspaces,
)


def examine(found: Installation) -> Report:
    """What there is to say of an installation."""
    version = "" if isinstance(found.kubernetes, Unread) else found.kubernetes
    findings = (finding for check in CHECKS for finding in check(found))
    return Report(in_force(found), version, worst_first(findings))
