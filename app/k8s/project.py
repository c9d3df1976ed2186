"""Projects, that is, namespaces; written as the service account, which says for whom."""

from collections.abc import Mapping

from app.domain.absent import Absent
from app.domain.call import Trace
from app.domain.name import ALIAS, CREATOR, DESCRIPTION
from app.domain.secret import Metadata
from app.domain.tenancy_draft import ProjectDraft, ProjectEdit
from app.domain.version import Version
from app.domain.workspace import ACTOR, MANAGED_BY, SERVICE, WORKSPACE_LABEL, WORKSPACE_UID, Workspace
from app.k8s.impersonation import AsService
from app.k8s.metadata import to_metadata
from app.k8s.precondition import guarded, precondition_failed
from app.k8s.request import JSON, MERGE_PATCH, METADATA_ONLY, KubeRequest, encode, write_query
from app.k8s.transport import Transport
from app.k8s.wire import MetadataOnly, decode

_PATH = "/api/v1/namespaces"


def create_project(draft: ProjectDraft, workspace: str, workspace_uid: str, actor: str) -> KubeRequest:
    """Make a namespace of a workspace, in the actor's name; one that is there is never taken over."""
    texts = {ALIAS: draft.alias, DESCRIPTION: draft.description}
    metadata = {
        "name": draft.name,
        "labels": {WORKSPACE_LABEL: workspace, MANAGED_BY: SERVICE},
        "annotations": {
            WORKSPACE_UID: workspace_uid,
            CREATOR: actor,
            ACTOR: actor,
            **{key: text for key, text in texts.items() if text},
        },
    }
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
    return KubeRequest("POST", _PATH, write_query(), METADATA_ONLY, JSON, encode(body))


def patch_project(name: str, edit: ProjectEdit, expected: Version, actor: str) -> KubeRequest:
    """Change alias and description, at the expected version only."""
    texts = {ALIAS: edit.alias, DESCRIPTION: edit.description}
    annotations = {key: text or None for key, text in texts.items() if not isinstance(text, Absent)}
    body = {"metadata": guarded(expected) | {"annotations": {**annotations, ACTOR: actor}}}
    return KubeRequest("PATCH", f"{_PATH}/{name}", write_query(), METADATA_ONLY, MERGE_PATCH, encode(body))


def annotate_project(name: str, annotations: Mapping[str, str | None], expected: Version | None) -> KubeRequest:
    """Write annotations, None removes one; at the expected version, where there is one."""
    body = {"metadata": (guarded(expected) if expected else {}) | {"annotations": annotations}}
    return KubeRequest("PATCH", f"{_PATH}/{name}", write_query(), METADATA_ONLY, MERGE_PATCH, encode(body))


def delete_project(name: str, expected: Version) -> KubeRequest:
    """Delete the namespace and all that is in it, at the expected version only."""
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": guarded(expected)}
    return KubeRequest("DELETE", f"{_PATH}/{name}", {}, METADATA_ONLY, JSON, encode(body))


class KubeProjects:
    """Writes projects; that they may be written has been decided before."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create(self, draft: ProjectDraft, workspace: Workspace, actor: str, trace: Trace) -> Metadata:
        """Make a project.

        Raises:
            AlreadyExistsError: there is a namespace of this name, whoever made it.
        """
        uid = workspace.metadata.version.uid if workspace.metadata else ""
        answer = await self._transport.send(create_project(draft, workspace.name, uid, actor), AsService(trace))
        return to_metadata(decode(answer.body, MetadataOnly).metadata, ())

    async def update(self, name: str, edit: ProjectEdit, expected: Version, actor: str, trace: Trace) -> Metadata:
        """Change a project."""
        with precondition_failed():
            answer = await self._transport.send(patch_project(name, edit, expected, actor), AsService(trace))
        return to_metadata(decode(answer.body, MetadataOnly).metadata, ())

    async def annotate(
        self, name: str, annotations: Mapping[str, str | None], expected: Version | None, trace: Trace
    ) -> None:
        """Write notes of the service's own."""
        with precondition_failed():
            await self._transport.send(annotate_project(name, annotations, expected), AsService(trace))

    async def delete(self, name: str, expected: Version, trace: Trace) -> None:
        """Delete a project; it is gone once all that is in it is."""
        with precondition_failed():
            await self._transport.send(delete_project(name, expected), AsService(trace))
