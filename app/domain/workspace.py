"""Workspaces and projects, and who has a role in a workspace."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.identity import Identity
from app.domain.secret import Metadata
from app.domain.sync_state import SyncState
from app.domain.version import Version

TENANCY_GROUP: Final = "tenancy.secretspace.io"
"""The API group of workspaces."""
WORKSPACE_LABEL: Final = "kubesphere.io/workspace"
"""The label of a namespace that says which workspace it belongs to."""
WORKSPACE_UID: Final = "secretspace.io/workspace-uid"
ACTOR: Final = "secretspace.io/actor"
"""The annotation that says for whom the service account last wrote an object."""
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
SERVICE: Final = "secretspace"


class WorkspaceRole(StrEnum):
    """Roles in a workspace, decided by the service from the resource."""

    ADMIN = "admin"
    SELF_PROVISIONER = "self-provisioner"
    VIEWER = "viewer"
    REGULAR = "regular"


class ProjectRole(StrEnum):
    """Roles in a project: ClusterRoles of the service, given by native role bindings."""

    ADMIN = "project-admin"
    OPERATOR = "project-operator"
    READER = "project-reader"
    VIEWER = "project-viewer"

    @property
    def cluster_role(self) -> str:
        """The name of its ClusterRole."""
        return f"secretspace:{self}"


class SubjectKind(StrEnum):
    """Whom a role is given to."""

    USER = "user"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Subject:
    """A user or a group, by the name that Kubernetes sees."""

    kind: SubjectKind
    name: str

    def is_of(self, identity: Identity) -> bool:
        """Whether the caller is this user, or in this group."""
        return self.name == identity.username if self.kind is SubjectKind.USER else self.name in identity.groups


@dataclass(frozen=True, slots=True)
class WorkspaceMember:
    """A subject and its role."""

    subject: Subject
    role: WorkspaceRole


@dataclass(frozen=True, slots=True)
class Workspace:
    """A group of projects; `managed` tells one of ours from one that is known by a label alone."""

    name: str
    alias: str = ""
    description: str = ""
    manager: str = ""
    members: tuple[WorkspaceMember, ...] = ()
    metadata: Metadata | None = None
    managed: bool = False
    said: SyncState | None = None
    """What its status says of how far its roles have come."""

    @property
    def version(self) -> Version | None:
        """What its ETag says: its version as people change it; None where it is known by a label alone.

        The generation, which only a change of the spec raises: the status that the service writes makes no tag stale.
        So it goes into tags and nowhere else; a write is guarded by `metadata.version`.
        """
        return None if self.metadata is None else Version(self.metadata.version.uid, str(self.metadata.generation))

    @property
    def synced(self) -> bool | None:
        """Whether its admins and viewers have their roles in each of its projects.

        None until that has been looked at since the last change, and where it is known by a label alone.
        """
        if self.metadata is None or self.said is None or self.said.generation != self.metadata.generation:
            return None
        return self.said.synced

    def owns(self, namespace: Metadata) -> bool:
        """Whether the namespace was made for this very workspace: it bears its uid, not just its name.

        Else who makes a workspace of a name that namespaces bear already would come to see them.
        """
        return self.metadata is not None and namespace.annotations.get(WORKSPACE_UID) == self.metadata.version.uid

    def role_of(self, identity: Identity) -> WorkspaceRole | None:
        """The caller's role, None where there is none; the manager is an admin in every respect."""
        if self.manager and self.manager == identity.username:
            return WorkspaceRole.ADMIN
        roles = {member.role for member in self.members if member.subject.is_of(identity)}
        return next((role for role in WorkspaceRole if role in roles), None)


def is_project_of_ours(namespace: Metadata) -> bool:
    """Whether the service made the namespace as a project; in others the cluster lets it write nothing."""
    return bool(namespace.annotations.get(WORKSPACE_UID)) and namespace.labels.get(MANAGED_BY) == SERVICE


@dataclass(frozen=True, slots=True)
class Project:
    """A namespace as a project of a workspace."""

    workspace: str
    metadata: Metadata
