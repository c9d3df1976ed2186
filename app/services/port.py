"""What the use cases need of the world; adapters satisfy these without knowing them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from app.domain.access import Rules
from app.domain.call import Caller, Trace
from app.domain.edit import Step
from app.domain.fan_out import Grant, Held
from app.domain.member import Binding
from app.domain.secret import Metadata, NewSecret, ProjectRef, SecretRef, SecretRow, StoredSecret
from app.domain.sync_state import SyncState
from app.domain.tenancy_draft import ProjectDraft, ProjectEdit, WorkspaceDraft, WorkspaceEdit
from app.domain.version import Version
from app.domain.workspace import ProjectRole, Subject, Workspace, WorkspaceMember


class SecretLister(Protocol):
    """Lists without values."""

    async def list_rows(self, caller: Caller, project: ProjectRef, label_selector: str | None) -> list[SecretRow]:
        """Every Secret of the project that the selector matches."""

    async def list_for_viewer(self, project: ProjectRef, label_selector: str | None, trace: Trace) -> list[SecretRow]:
        """The same for who may see Secrets and not read them; that they may is known by then."""

    async def look_for_viewer(self, secret: SecretRef, trace: Trace) -> SecretRow:
        """One Secret for who may see it and not read it; that they may is known by then."""


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

    async def allows(
        self, caller: Caller, verb: str, group: str, resource: str, name: str = "", namespace: str = ""
    ) -> bool:
        """Whether a verb is allowed; without a namespace, on a cluster-scoped resource."""


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


class WorkspaceMemberStore(Protocol):
    """Writes who the members of a workspace are, by the service's own right, in the name of who asked."""

    async def set_members(
        self, name: str, members: Sequence[WorkspaceMember], expected: Version, actor: str, trace: Trace
    ) -> Workspace:
        """Write all of them, at the expected version only."""


class ProjectStore(Protocol):
    """Writes projects by the service's own right, in the name of who asked."""

    async def create(self, draft: ProjectDraft, workspace: Workspace, actor: str, trace: Trace) -> Metadata:
        """Make a project; never takes over a namespace that is there."""

    async def update(self, name: str, edit: ProjectEdit, expected: Version, actor: str, trace: Trace) -> Metadata:
        """Change a project, at the expected version only."""

    async def delete(self, name: str, expected: Version, trace: Trace) -> None:
        """Delete a project, at the expected version only."""


class ProjectNotes(Protocol):
    """Notes of the service's own on projects."""

    async def annotate(
        self, name: str, annotations: Mapping[str, str | None], expected: Version | None, trace: Trace
    ) -> None:
        """Write annotations, None removes one; at the expected version only, where there is one."""


class MemberStore(Protocol):
    """Role bindings in a project, written by the service's own right, in the name of who asked."""

    async def bindings(self, project: str, trace: Trace) -> Sequence[Binding]:
        """All bindings of a project, whoever made them."""

    async def everywhere(self, trace: Trace) -> Sequence[Binding]:
        """All bindings that the service keeps, in all namespaces."""

    async def bind(self, project: str, subject: Subject, role: ProjectRole, actor: str, trace: Trace) -> Binding:
        """Give a role; never twice."""

    async def unbind(self, binding: Binding, trace: Trace) -> bool:
        """Take a role away, if the binding is still the one that was looked at; whether it was."""


class WorkspaceProjects(Protocol):
    """Which namespaces say that they are projects of which workspace."""

    async def of_workspaces(self, workspaces: Collection[str] | None, trace: Trace) -> Sequence[Metadata]:
        """Those of these workspaces, or of any, asked of the cluster itself."""


class WorkspaceStatus(Protocol):
    """What is said of a workspace by the service."""

    async def say(self, name: str, state: SyncState, trace: Trace) -> bool:
        """Say it, unless it is said already; whether that was a write."""


class InheritedStore(Protocol):
    """The bindings that stand for roles in the workspace, written by the service's own right."""

    async def held(self, trace: Trace) -> Sequence[Held]:
        """Those that there are, in all namespaces, whoever made them."""

    async def create(self, project: str, grant: Grant, actor: str, trace: Trace) -> None:
        """Make one; never overwrites one."""

    async def replace(self, held: Held, grant: Grant, actor: str, trace: Trace) -> None:
        """Change the subjects of one, if it is still the one that was looked at."""

    async def delete(self, held: Held, trace: Trace) -> None:
        """Delete one, if it is still the one that was looked at."""


class FanOut(Protocol):
    """Gives those who have a role in a workspace what it means in each of its projects, in the background."""

    def wake(self, workspace: str) -> None:
        """Something of this workspace has changed: look at it now. Returns at once."""

    async def reach(self, workspace: Workspace, project: Metadata, actor: str, trace: Trace) -> None:
        """Bind in a project that has just been made; what fails is left to the background."""


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
