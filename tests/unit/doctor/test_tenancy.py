from datetime import UTC, datetime

import pytest

from app.doctor.installation import Installation, ServiceAccount, WorkspaceState
from app.doctor.tenancy import check_projects, check_workspaces
from app.domain.secret import Metadata
from app.domain.version import Version
from tests.unit.doctor.installed import troubles

TEAM = WorkspaceState("team", "uid-1", synced=True)


def _project(
    name: str, workspace: str = "team", uid: str | None = "uid-1", managed_by: str = "secretspace"
) -> Metadata:
    annotations = {"secretspace.io/workspace-uid": uid} if uid else {}
    labels = {"kubesphere.io/workspace": workspace, "app.kubernetes.io/managed-by": managed_by}
    return Metadata(name, "", Version("u", "1"), datetime.now(UTC), labels, annotations)


def _found(*projects: Metadata, workspaces: tuple[WorkspaceState, ...] = (TEAM,)) -> Installation:
    return Installation(ServiceAccount(), "v1.37.2", namespaces=projects, workspaces=workspaces)


def test_a_project_that_was_made_for_its_workspace_is_fine() -> None:
    assert troubles(list(check_projects(_found(_project("one"))))) == []


@pytest.mark.parametrize(
    "project", [_project("one", uid="uid-0"), _project("one", uid=None), _project("one", managed_by="helm")]
)
def test_a_project_that_the_service_did_not_make_for_the_workspace_it_names_is_a_warning(project: Metadata) -> None:
    ((severity, subject, message),) = troubles(list(check_projects(_found(project, _project("two")))))

    assert (severity, subject) == ("warning", "Namespace one")
    assert message.startswith("It names the workspace team by a label")


def test_namespaces_of_a_workspace_that_only_labels_know_are_fine_and_its_name_is_told() -> None:
    found = _found(_project("one", "theirs", uid=None))

    said = [finding.message for finding in check_workspaces(found)]

    assert troubles([*check_projects(found), *check_workspaces(found)]) == []
    assert said[-1].endswith("nobody can take these names: theirs.")


def test_a_workspace_is_a_warning_once_it_says_that_its_roles_have_not_come_through() -> None:
    states = [WorkspaceState(f"w{synced}", "uid", synced) for synced in (True, False, None)]

    said = troubles(list(check_workspaces(_found(workspaces=tuple(states)))))

    assert [(severity, subject) for severity, subject, _ in said] == [("warning", "Workspace wFalse")]
