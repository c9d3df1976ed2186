"""Workspaces, kept as our own custom resource; read and written as the service account, which says for whom.

Who may do it is decided before: what could make somebody more powerful is never done by impersonation (design D3).
"""

from collections.abc import Sequence

from app.domain.absent import Absent
from app.domain.call import Trace
from app.domain.errors import NotFoundError
from app.domain.name import CREATOR
from app.domain.tenancy_draft import WorkspaceDraft, WorkspaceEdit
from app.domain.version import Version
from app.domain.workspace import ACTOR, Subject, SubjectKind, Workspace, WorkspaceMember, WorkspaceRole
from app.k8s.impersonation import AsService
from app.k8s.metadata import to_metadata
from app.k8s.precondition import guarded, precondition_failed
from app.k8s.request import JSON, MERGE_PATCH, KubeRequest, encode, group_path, write_query
from app.k8s.transport import Transport
from app.k8s.wire import ObjectMeta, Wire, decode

GROUP = "tenancy.secretspace.io"
_PATH = group_path(GROUP, "v1", "workspaces")
_SUBJECT_KINDS = {"User": SubjectKind.USER, "Group": SubjectKind.GROUP}


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


class _Workspace(Wire, frozen=True):
    metadata: ObjectMeta
    spec: _Spec = _Spec()


class _WorkspaceList(Wire, frozen=True):
    items: list[_Workspace]


def list_workspaces() -> KubeRequest:
    """All workspaces; there are few."""
    return KubeRequest("GET", group_path(GROUP, "v1", "workspaces"))


def get_workspace(name: str) -> KubeRequest:
    """One workspace."""
    return KubeRequest("GET", group_path(GROUP, "v1", "workspaces", name))


def create_workspace(draft: WorkspaceDraft, actor: str) -> KubeRequest:
    """Make a workspace, in the actor's name."""
    spec = {"manager": draft.manager, **_texts(draft.alias, draft.description)}
    body = {
        "apiVersion": f"{GROUP}/v1",
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
    path = group_path(GROUP, "v1", "workspaces", name)
    return KubeRequest("PATCH", path, write_query(), content_type=MERGE_PATCH, body=encode(body))


def delete_workspace(name: str, expected: Version) -> KubeRequest:
    """Delete a workspace, at the expected version only."""
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": guarded(expected)}
    path = group_path(GROUP, "v1", "workspaces", name)
    return KubeRequest("DELETE", path, content_type=JSON, body=encode(body))


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

    async def delete(self, name: str, expected: Version, trace: Trace) -> None:
        """Delete a workspace."""
        with precondition_failed():
            await self._transport.send(delete_workspace(name, expected), AsService(trace))


def _texts(alias: str, description: str) -> dict[str, str]:
    return {field: text for field, text in (("alias", alias), ("description", description)) if text}


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
    )
