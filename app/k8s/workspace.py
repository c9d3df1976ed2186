"""Workspaces, kept as our own custom resource; read and written as the service account, which says for whom.

Who may do it is decided before: what could make somebody more powerful is never done by impersonation (design D3).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from app.domain.absent import Absent
from app.domain.call import Trace
from app.domain.errors import NotFoundError
from app.domain.name import CREATOR
from app.domain.sync_state import SyncReason, SyncState
from app.domain.tenancy_draft import WorkspaceDraft, WorkspaceEdit
from app.domain.version import Version
from app.domain.workspace import (
    ACTOR,
    TENANCY_GROUP,
    Subject,
    SubjectKind,
    Workspace,
    WorkspaceMember,
    WorkspaceRole,
)
from app.k8s.impersonation import AsService
from app.k8s.metadata import to_metadata, to_version
from app.k8s.precondition import guarded, precondition_failed
from app.k8s.request import JSON, MERGE_PATCH, KubeRequest, encode, group_path, write_query
from app.k8s.transport import Transport
from app.k8s.wire import ObjectMeta, Wire, decode

_PATH = group_path(TENANCY_GROUP, "v1", "workspaces")
_SYNCED: Final = "Synced"
"""The condition that says whether the roles have come to be in each project."""
_SUBJECT_KINDS = {"User": SubjectKind.USER, "Group": SubjectKind.GROUP}
_KIND_NAMES = {kind: name for name, kind in _SUBJECT_KINDS.items()}


class _Subject(Wire, frozen=True):
    kind: str = ""
    name: str = ""


class _Member(Wire, frozen=True):
    subject: _Subject
    role: str = ""


class _Spec(Wire, frozen=True):
    alias: str = ""
    description: str = ""
    manager: str = ""
    members: list[_Member] = []


class _Condition(Wire, frozen=True):
    """Source: https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#Condition."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    observed_generation: int = 0
    last_transition_time: str = ""


class _Status(Wire, frozen=True):
    conditions: list[_Condition] = []


class _Workspace(Wire, frozen=True):
    metadata: ObjectMeta
    spec: _Spec = _Spec()
    status: _Status = _Status()


class _WorkspaceList(Wire, frozen=True):
    items: list[_Workspace]


def list_workspaces() -> KubeRequest:
    """All workspaces; there are few."""
    return KubeRequest("GET", group_path(TENANCY_GROUP, "v1", "workspaces"))


def get_workspace(name: str) -> KubeRequest:
    """One workspace."""
    return KubeRequest("GET", group_path(TENANCY_GROUP, "v1", "workspaces", name))


def create_workspace(draft: WorkspaceDraft, actor: str) -> KubeRequest:
    """Make a workspace, in the actor's name."""
    spec = {"manager": draft.manager, **_texts(draft.alias, draft.description)}
    body = {
        "apiVersion": f"{TENANCY_GROUP}/v1",
        "kind": "Workspace",
        "metadata": {"name": draft.name, "annotations": {CREATOR: actor, ACTOR: actor}},
        "spec": spec,
    }
    return KubeRequest("POST", _PATH, write_query(), content_type=JSON, body=encode(body))


def patch_workspace(name: str, edit: WorkspaceEdit, expected: Version, actor: str) -> KubeRequest:
    """Change what people decide about a workspace, at the expected version only."""
    fields = {"alias": edit.alias, "description": edit.description, "manager": edit.manager}
    spec = {field: value or None for field, value in fields.items() if not isinstance(value, Absent)}
    body = {"metadata": guarded(expected) | {"annotations": {ACTOR: actor}}, "spec": spec}
    path = group_path(TENANCY_GROUP, "v1", "workspaces", name)
    return KubeRequest("PATCH", path, write_query(), content_type=MERGE_PATCH, body=encode(body))


def patch_members(name: str, members: Sequence[WorkspaceMember], expected: Version, actor: str) -> KubeRequest:
    """Replace the members, at the expected version only; a merge patch knows lists as a whole (RFC 7396)."""
    listed = [
        {"subject": {"kind": _KIND_NAMES[each.subject.kind], "name": each.subject.name}, "role": each.role}
        for each in members
    ]
    body = {"metadata": guarded(expected) | {"annotations": {ACTOR: actor}}, "spec": {"members": listed}}
    path = group_path(TENANCY_GROUP, "v1", "workspaces", name)
    return KubeRequest("PATCH", path, write_query(), content_type=MERGE_PATCH, body=encode(body))


def delete_workspace(name: str, expected: Version) -> KubeRequest:
    """Delete a workspace, at the expected version only."""
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": guarded(expected)}
    path = group_path(TENANCY_GROUP, "v1", "workspaces", name)
    return KubeRequest("DELETE", path, content_type=JSON, body=encode(body))


def patch_status(name: str, expected: Version, conditions: Sequence[_Condition]) -> KubeRequest:
    """Replace the conditions, at the expected version only; a merge patch knows lists as a whole (RFC 7396)."""
    body = {"metadata": guarded(expected), "status": {"conditions": msgspec.to_builtins(conditions)}}
    path = group_path(TENANCY_GROUP, "v1", "workspaces", name) + "/status"
    return KubeRequest("PATCH", path, write_query(), content_type=MERGE_PATCH, body=encode(body))


class KubeWorkspaces:
    """Reads and writes workspaces.

    The writes raise `PreconditionFailedError` where the workspace is no longer at the expected version.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def all(self, trace: Trace) -> Sequence[Workspace]:
        """All workspaces that are kept as resources."""
        answer = await self._transport.send(list_workspaces(), AsService(trace))
        return [_to_workspace(item) for item in decode(answer.body, _WorkspaceList).items]

    async def get(self, name: str, trace: Trace) -> Workspace | None:
        """The workspace of this name, None where there is no such resource."""
        try:
            answer = await self._transport.send(get_workspace(name), AsService(trace))
        except NotFoundError:
            return None
        return _to_workspace(decode(answer.body, _Workspace))

    async def create(self, draft: WorkspaceDraft, actor: str, trace: Trace) -> Workspace:
        """Make a workspace.

        Raises:
            AlreadyExistsError: the name is taken.
        """
        answer = await self._transport.send(create_workspace(draft, actor), AsService(trace))
        return _to_workspace(decode(answer.body, _Workspace))

    async def update(self, name: str, edit: WorkspaceEdit, expected: Version, actor: str, trace: Trace) -> Workspace:
        """Change a workspace."""
        with precondition_failed():
            answer = await self._transport.send(patch_workspace(name, edit, expected, actor), AsService(trace))
        return _to_workspace(decode(answer.body, _Workspace))

    async def set_members(
        self, name: str, members: Sequence[WorkspaceMember], expected: Version, actor: str, trace: Trace
    ) -> Workspace:
        """Write who its members are."""
        with precondition_failed():
            answer = await self._transport.send(patch_members(name, members, expected, actor), AsService(trace))
        return _to_workspace(decode(answer.body, _Workspace))

    async def say(self, name: str, state: SyncState, trace: Trace) -> bool:
        """Put the state into the status, unless it says so already; whether it was written.

        Of a workspace that has changed since nothing is said: that is to be looked at again.

        Raises:
            ConflictError: somebody else wrote at the same moment.
            NotFoundError: it is gone.
        """
        answer = await self._transport.send(get_workspace(name), AsService(trace))
        found = decode(answer.body, _Workspace)
        conditions = _conditions(found.status.conditions, state)
        if found.metadata.generation != state.generation or conditions == found.status.conditions:
            return False
        await self._transport.send(patch_status(name, to_version(found.metadata), conditions), AsService(trace))
        return True

    async def delete(self, name: str, expected: Version, trace: Trace) -> None:
        """Delete a workspace."""
        with precondition_failed():
            await self._transport.send(delete_workspace(name, expected), AsService(trace))


def _texts(alias: str, description: str) -> dict[str, str]:
    return {field: text for field, text in (("alias", alias), ("description", description)) if text}


def _conditions(there: Sequence[_Condition], state: SyncState) -> list[_Condition]:
    """The conditions with ours as it has to be, in its place; the time changes only when the status does."""
    before = next((each for each in there if each.type == _SYNCED), None)
    status = "True" if state.synced else "False"
    since = before.last_transition_time if before and before.status == status else _now()
    ours = _Condition(_SYNCED, status, state.reason, state.message, state.generation, since)
    return [ours if each is before else each for each in there] if before else [*there, ours]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _said(found: _Workspace) -> SyncState | None:
    """What the status says; None where it says nothing, or nothing that we would say."""
    ours = next((each for each in found.status.conditions if each.type == _SYNCED), None)
    if ours is None or ours.reason not in set(SyncReason):
        return None
    state = SyncState(SyncReason(ours.reason), ours.message, ours.observed_generation)
    return state if state.synced == (ours.status == "True") else None


def _to_workspace(found: _Workspace) -> Workspace:
    """A workspace; members of a kind or role that is not known here are passed over, so they gain nothing."""
    members = (
        WorkspaceMember(Subject(_SUBJECT_KINDS[member.subject.kind], member.subject.name), WorkspaceRole(member.role))
        for member in found.spec.members
        if member.subject.kind in _SUBJECT_KINDS and member.role in set(WorkspaceRole)
    )
    return Workspace(
        name=found.metadata.name,
        alias=found.spec.alias,
        description=found.spec.description,
        manager=found.spec.manager,
        members=tuple(members),
        metadata=to_metadata(found.metadata, ()),
        managed=True,
        said=_said(found),
    )
