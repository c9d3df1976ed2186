"""Whether projects and workspaces agree with each other."""

from collections.abc import Iterator

from app.doctor.finding import CheckId, Finding, Severity, some_of
from app.doctor.installation import Installation, Unread, WorkspaceState
from app.domain.secret import Metadata
from app.domain.workspace import MANAGED_BY, WORKSPACE_LABEL, WORKSPACE_UID, is_project_of_ours


def check_projects(found: Installation) -> Iterator[Finding]:
    """Namespaces that name a workspace which is not theirs."""
    unread = [part.needs for part in (found.namespaces, found.workspaces) if isinstance(part, Unread)]
    if isinstance(found.namespaces, Unread) or isinstance(found.workspaces, Unread):
        message = f"Whether they belong to their workspaces: you may not {some_of(unread)}."
        yield Finding(CheckId.PROJECTS, Severity.UNKNOWN, "projects", message)
        return
    projects = [each for each in found.namespaces if WORKSPACE_LABEL in each.labels]
    uids = {workspace.name: workspace.uid for workspace in found.workspaces}
    strays = [each for each in projects if _is_stray(each, uids)]
    for each in strays:
        workspace = each.labels[WORKSPACE_LABEL]
        message = (
            f"It names the workspace {workspace} by a label, and the service did not make it for that one: it is shown "
            f"there, and its members get no roles in it. {WORKSPACE_UID} and {MANAGED_BY} say for which it was made."
        )
        yield Finding(CheckId.PROJECTS, Severity.WARNING, f"Namespace {each.name}", message)
    if not strays:
        message = f"All {len(projects)} belong to the workspaces that they name."
        yield Finding(CheckId.PROJECTS, Severity.OK, "projects", message)


def _is_stray(project: Metadata, uids: dict[str, str]) -> bool:
    """Whether its workspace is there, and is not the one that the service made it for."""
    uid = uids.get(project.labels[WORKSPACE_LABEL])
    made_for_it = is_project_of_ours(project) and project.annotations[WORKSPACE_UID] == uid
    return uid is not None and not made_for_it


def check_workspaces(found: Installation) -> Iterator[Finding]:
    """Workspaces whose members do not have all their roles, and names that only labels know."""
    if isinstance(found.workspaces, Unread):
        message = f"Whether their members have their roles: you may not {found.workspaces.needs}."
        yield Finding(CheckId.WORKSPACES, Severity.UNKNOWN, "workspaces", message)
        return
    behind = [workspace for workspace in found.workspaces if workspace.synced is False]
    for workspace in behind:
        message = "Not all of its members have their roles in its projects: the condition Synced says why."
        yield Finding(CheckId.WORKSPACES, Severity.WARNING, f"Workspace {workspace.name}", message)
    if not behind:
        message = f"None of the {len(found.workspaces)} waits for roles."
        yield Finding(CheckId.WORKSPACES, Severity.OK, "workspaces", message)
    yield from _known_by_label(found, found.workspaces)


def _known_by_label(found: Installation, workspaces: tuple[WorkspaceState, ...]) -> Iterator[Finding]:
    labelled = () if isinstance(found.namespaces, Unread) else found.namespaces
    named = {each.labels[WORKSPACE_LABEL] for each in labelled if each.labels.get(WORKSPACE_LABEL)}
    if others := named - {workspace.name for workspace in workspaces}:
        message = f"Known by labels alone, shown and not changed; nobody can take these names: {some_of(others)}."
        yield Finding(CheckId.WORKSPACES, Severity.OK, "workspaces", message)
