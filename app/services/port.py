"""What the use cases need of the world; adapters satisfy these without knowing them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.domain.access import Rules
from app.domain.call import Caller, Trace
from app.domain.edit import Step
from app.domain.secret import Metadata, NewSecret, ProjectRef, SecretRef, SecretRow, StoredSecret
from app.domain.tenancy_draft import ProjectDraft, ProjectEdit, WorkspaceDraft, WorkspaceEdit
from app.domain.version import Version
from app.domain.workspace import ProjectRole, Subject, Workspace


class SecretLister(Protocol):
    """Lists without values."""

    async def list_rows(self, caller: Caller, project: ProjectRef, label_selector: str | None) -> list[SecretRow]:
        """Every Secret of the project that the selector matches."""


class SecretStore(Protocol):
    """Secrets as the caller may see and change them."""

    async def get(self, caller: Caller, secret: SecretRef) -> StoredSecret:
        """The whole Secret."""

    async def get_at(
        self, caller: Caller, secret: SecretRef, version: Version, *, whole: bool = False
    ) -> StoredSecret | None:
        """The Secret as it was at a version; None where it never was at it.

        If `whole`, then with the annotations that are never answered.

        Raises:
            UpstreamExpiredError: that is too long ago.
        """

    async def look(self, caller: Caller, secret: SecretRef) -> SecretRow | None:
        """The Secret without its values; None where the caller may not even see that."""

    async def create(self, caller: Caller, secret: NewSecret, *, dry_run: bool = False) -> Metadata:
        """Make a new Secret; never overwrites one."""

    async def change(
        self, caller: Caller, secret: SecretRef, step: Step, expected: Version | None, *, dry_run: bool = False
    ) -> Version:
        """Apply a change as one step, at the expected version only."""

    async def delete(
        self, caller: Caller, secret: SecretRef, expected: Version | None, *, dry_run: bool = False
    ) -> bool:
        """Delete; whether the Secret is still there, held by a finalizer."""


class Reviewer(Protocol):
    """What a caller may do, as the cluster says."""

    async def rules(self, caller: Caller, namespace: str) -> Rules:
        """All rules that hold in the namespace."""

    async def allows(self, caller: Caller, verb: str, group: str, resource: str, name: str = "") -> bool:
        """Whether a verb is allowed on a cluster-scoped resource."""


class Namespaces(Protocol):
    """Which namespaces there are; not who may see them."""

    @property
    def namespaces(self) -> Mapping[str, Metadata]:
        """All that are known now."""

    async def find(self, name: str, trace: Trace) -> Metadata | None:
        """The namespace of this name."""

    async def read(self, name: str, trace: Trace) -> Metadata | None:
        """The namespace of this name, asked of the cluster itself."""

    async def any_of(self, workspace: str, trace: Trace) -> bool:
        """Whether any namespace bears the label of this workspace, asked of the cluster itself."""


class Workspaces(Protocol):
    """Workspaces that are kept as resources; not who may see them."""

    async def all(self, trace: Trace) -> Sequence[Workspace]:
        """All of them."""

    async def get(self, name: str, trace: Trace) -> Workspace | None:
        """The one of this name."""


class WorkspaceStore(Protocol):
    """Writes workspaces by the service's own right, in the name of who asked."""

    async def create(self, draft: WorkspaceDraft, actor: str, trace: Trace) -> Workspace:
        """Make a workspace; never overwrites one."""

    async def update(self, name: str, edit: WorkspaceEdit, expected: Version, actor: str, trace: Trace) -> Workspace:
        """Change a workspace, at the expected version only."""

    async def delete(self, name: str, expected: Version, trace: Trace) -> None:
        """Delete a workspace, at the expected version only."""


class ProjectStore(Protocol):
    """Writes projects by the service's own right, in the name of who asked."""

    async def create(self, draft: ProjectDraft, workspace: Workspace, actor: str, trace: Trace) -> Metadata:
        """Make a project; never takes over a namespace that is there."""

    async def update(self, name: str, edit: ProjectEdit, expected: Version, actor: str, trace: Trace) -> Metadata:
        """Change a project, at the expected version only."""

    async def delete(self, name: str, expected: Version, trace: Trace) -> None:
        """Delete a project, at the expected version only."""


class MemberStore(Protocol):
    """Role bindings in a project, written by the service's own right, in the name of who asked."""

    async def bind(self, project: str, subject: Subject, role: ProjectRole, actor: str, trace: Trace) -> None:
        """Give a role; having it already is no fault."""


class RevealRecorder(Protocol):
    """Keeps the line that a reveal, or a copy, leaves behind."""

    async def record(
        self, *, user: str, workspace: str, project: str, secret: str, keys: Sequence[str], request_id: str
    ) -> None:
        """Write the line, before any value leaves.

        Raises:
            AuditUnavailableError: it could not be written.
        """

    async def record_copy(
        self,
        *,
        user: str,
        workspace: str,
        project: str,
        secret: str,
        copied_to: str,
        keys: Sequence[str],
        request_id: str,
    ) -> None:
        """Write the line, before any value is stored elsewhere; `copied_to` is `workspace/project/name`.

        Raises:
            AuditUnavailableError: it could not be written.
        """
