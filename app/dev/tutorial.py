"""The tutorial's people, workspace and project, as data."""

from dataclasses import dataclass
from typing import Any, Final

from app.domain.account import PlatformRole
from app.domain.name import ALIAS, DESCRIPTION
from app.domain.workspace import MANAGED_BY, SERVICE, WORKSPACE_LABEL, WORKSPACE_UID

WORKSPACE: Final = "demo-workspace"
PROJECT: Final = "demo-project"

_RBAC: Final = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Person:
    """A local account of the tutorial, and what for."""

    account: str
    part: str
    platform_roles: frozenset[PlatformRole] = frozenset()


PEOPLE: Final = (
    Person("admin", "platform admin", frozenset({PlatformRole.PLATFORM_ADMIN})),
    Person("ws-manager", "may create workspaces", frozenset({PlatformRole.WORKSPACE_CREATOR})),
    Person("ws-admin", f"manager of {WORKSPACE}"),
    Person("project-admin", f"project-admin in {PROJECT}"),
    Person("project-regular", f"project-operator in {PROJECT}: the tutorial's person"),
)

_WORKSPACE_ROLES: Final = {"project-admin": "self-provisioner", "project-regular": "viewer"}
_PROJECT_ROLES: Final = {"project-admin": "project-admin", "project-regular": "project-operator"}


def workspace(prefix: str) -> dict[str, Any]:
    """The workspace; `prefix` stands before the names of local accounts."""
    members = [
        {"subject": {"kind": "User", "name": prefix + account}, "role": role}
        for account, role in _WORKSPACE_ROLES.items()
    ]
    return {
        "apiVersion": "tenancy.secretspace.io/v1",
        "kind": "Workspace",
        "metadata": {"name": WORKSPACE},
        "spec": {
            "alias": "Demo workspace",
            "description": "The workspace of the tutorial.",
            "manager": f"{prefix}ws-admin",
            "members": members,
        },
    }


def project(prefix: str, workspace_uid: str) -> list[dict[str, Any]]:
    """The project and who may do what in it."""
    namespace = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": PROJECT,
            "labels": {MANAGED_BY: SERVICE, WORKSPACE_LABEL: WORKSPACE},
            "annotations": {
                WORKSPACE_UID: workspace_uid,
                ALIAS: "Demo project",
                DESCRIPTION: "The project of the tutorial.",
            },
        },
    }
    return [namespace, *(_binding(prefix + account, account, role) for account, role in _PROJECT_ROLES.items())]


def _binding(user: str, account: str, role: str) -> dict[str, Any]:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": f"secretspace:{role}:{account}", "namespace": PROJECT, "labels": {MANAGED_BY: SERVICE}},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": f"secretspace:{role}"},
        "subjects": [{"apiGroup": _RBAC, "kind": "User", "name": user}],
    }
