"""Workspaces, read as the service account from our own custom resource."""

from collections.abc import Sequence

from app.domain.call import Trace
from app.domain.errors import NotFoundError
from app.domain.workspace import Subject, SubjectKind, Workspace, WorkspaceMember, WorkspaceRole
from app.k8s.impersonation import AsService
from app.k8s.metadata import to_metadata
from app.k8s.request import KubeRequest, group_path
from app.k8s.transport import Transport
from app.k8s.wire import ObjectMeta, Wire, decode

GROUP = "tenancy.secretspace.io"
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


class KubeWorkspaces:
    """Reads workspaces."""

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
