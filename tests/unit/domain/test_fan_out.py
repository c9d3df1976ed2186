from dataclasses import replace
from typing import Any

import pytest

from app.domain.fan_out import ADMINS, METADATA, VIEWERS, Grant, Held, Plan, Step, grants, plan, sync_state
from app.domain.secret import Metadata
from app.domain.sync_state import SyncReason
from app.domain.workspace import (
    MANAGED_BY,
    SERVICE,
    WORKSPACE_LABEL,
    WORKSPACE_UID,
    Subject,
    SubjectKind,
    Workspace,
    WorkspaceMember,
    WorkspaceRole,
)
from tests.unit.sample import OTHER_UID, UID, metadata, version

RESERVED = frozenset({Subject(SubjectKind.USER, "secretspace-system:metadata")})


def user(name: str) -> Subject:
    return Subject(SubjectKind.USER, name)


def users(*names: str) -> frozenset[Subject]:
    return frozenset(user(name) for name in names)


def workspace(manager: str = "", **roles: WorkspaceRole) -> Workspace:
    members = tuple(WorkspaceMember(user(name), role) for name, role in roles.items())
    return Workspace("w", manager=manager, members=members, metadata=metadata("w", generation=3), managed=True)


def project(name: str = "p", **fields: Any) -> Metadata:
    labels = {WORKSPACE_LABEL: "w", MANAGED_BY: SERVICE}
    return metadata(name, labels=labels, **{"annotations": {WORKSPACE_UID: UID}, **fields})


def held(grant: Grant, project: str = "p", **fields: Any) -> Held:
    there = Held(project, grant.name, version(), grant.role, grant.subjects, ours=True, inherited=grant.inherited)
    return replace(there, **fields)


def planned(of: Workspace, *there: Held, **fields: Any) -> Plan:
    return plan(of, [project(**fields)], {(each.project, each.name): each for each in there})


def settled(of: Workspace) -> list[Held]:
    return [held(grant) for grant in grants(of) if grant.subjects]


def test_admins_and_the_manager_are_project_admins_and_viewers_are_project_viewers() -> None:
    of = workspace("boss", anna=WorkspaceRole.ADMIN, vera=WorkspaceRole.VIEWER)

    assert grants(of) == (
        Grant(ADMINS, "secretspace:project-admin", users("boss", "anna")),
        Grant(VIEWERS, "secretspace:project-viewer", users("vera")),
        Grant(METADATA, "secretspace:metadata", RESERVED, inherited=False),
    )


@pytest.mark.parametrize("role", [WorkspaceRole.REGULAR, WorkspaceRole.SELF_PROVISIONER])
def test_other_roles_in_a_workspace_mean_nothing_in_its_projects(role: WorkspaceRole) -> None:
    assert [grant.subjects for grant in grants(workspace(rita=role))] == [frozenset(), frozenset(), RESERVED]


def test_who_is_an_admin_is_no_viewer_as_well() -> None:
    assert grants(workspace("vera", vera=WorkspaceRole.VIEWER))[1].subjects == frozenset()


@pytest.mark.parametrize("name", ["system:masters", "system:authenticated", "secretspace-system:accounts"])
def test_names_of_the_system_are_never_bound(name: str) -> None:
    members = (WorkspaceMember(Subject(SubjectKind.GROUP, name), WorkspaceRole.ADMIN),)

    assert grants(Workspace("w", manager=name, members=members))[0].subjects == frozenset()


def test_what_is_missing_is_made_and_what_would_be_empty_is_not() -> None:
    of = workspace("boss")

    assert planned(of).steps == (
        Step("p", grants(of)[0], None, removes=False),
        Step("p", grants(of)[2], None, removes=False),
    )


def test_what_is_as_it_has_to_be_is_not_written() -> None:
    of = workspace("boss", vera=WorkspaceRole.VIEWER)

    assert planned(of, *settled(of)) == Plan(())


def test_somebody_new_is_added() -> None:
    before, after = workspace("boss"), workspace("boss", anna=WorkspaceRole.ADMIN)

    assert planned(after, *settled(before)).steps == (
        Step("p", grants(after)[0], held(grants(before)[0]), removes=False),
    )


def test_who_is_no_longer_a_member_is_taken_out_before_anybody_is_added() -> None:
    before = workspace("boss", anna=WorkspaceRole.ADMIN)
    after = workspace("boss", otto=WorkspaceRole.ADMIN)

    (step,) = planned(after, *settled(before)).steps

    assert (step.grant.subjects, step.removes) == (users("boss"), True)


def test_a_binding_that_nobody_is_left_in_is_deleted() -> None:
    before, after = workspace("boss", vera=WorkspaceRole.VIEWER), workspace("boss")

    (step,) = planned(after, *settled(before)).steps

    assert (step.grant.name, step.grant.subjects, step.removes) == (VIEWERS, frozenset(), True)


@pytest.mark.parametrize("change", [{"strangers": True}, {"inherited": False}])
def test_what_others_have_changed_of_a_binding_of_ours_is_put_right(change: dict[str, Any]) -> None:
    of = workspace("boss")
    there = held(grants(of)[0], **change)

    (step,) = planned(of, there, held(grants(of)[2])).steps

    assert (step.held, step.grant) == (there, grants(of)[0])


def test_an_empty_binding_of_ours_is_deleted() -> None:
    of = workspace("boss")

    (step,) = planned(of, *settled(of), held(grants(of)[1])).steps

    assert (step.grant.subjects, step.removes) == (frozenset(), True)


@pytest.mark.parametrize("change", [{"ours": False}, {"role": "secretspace:project-reader"}, {"role": ""}])
def test_a_binding_of_our_name_that_is_not_ours_is_left_alone_and_said(change: dict[str, Any]) -> None:
    of = workspace("boss")
    foreign = held(grants(of)[0], subjects=users("eve"), **change)

    assert planned(of, foreign, held(grants(of)[2])) == Plan((), ("p",))


def test_a_binding_of_our_name_where_we_need_none_is_nobodys_concern() -> None:
    of = workspace("boss")
    foreign = held(grants(of)[1], subjects=users("eve"), ours=False)

    assert planned(of, *settled(of), foreign) == Plan(())


@pytest.mark.parametrize(
    "fields",
    [
        {"annotations": {WORKSPACE_UID: OTHER_UID}},
        {"annotations": {}},
        {"labels": {WORKSPACE_LABEL: "w"}},
        {"labels": {WORKSPACE_LABEL: "w", MANAGED_BY: "helm"}},
    ],
)
def test_a_namespace_that_was_not_made_for_the_workspace_is_not_touched(fields: dict[str, Any]) -> None:
    assert plan(workspace("boss"), [replace(project(), **fields)], {}) == Plan(())


def test_in_a_project_that_is_being_deleted_rights_are_taken_and_none_given() -> None:
    before, after = workspace("boss", vera=WorkspaceRole.VIEWER), workspace("otto")

    steps = planned(after, held(grants(before)[1]), deletion_pending=True).steps

    assert [(step.grant.name, step.removes) for step in steps] == [(VIEWERS, True)]


def test_a_workspace_with_nothing_left_to_do_is_synced_as_of_what_was_looked_at() -> None:
    state = sync_state(workspace("boss"), Plan(()))

    assert (state.reason, state.synced, state.generation) == (SyncReason.SYNCED, True, 3)


def test_what_is_in_the_way_is_said_with_the_projects_and_without_people() -> None:
    of = workspace("boss")
    steps = tuple(Step(f"p{number:02}", grants(of)[0], None, removes=False) for number in range(12))

    taken = sync_state(of, Plan(steps, ("p1", "p2")))
    failed = sync_state(of, Plan(steps))

    assert (taken.reason, failed.reason) == (SyncReason.NAME_TAKEN, SyncReason.WRITE_FAILED)
    assert taken.message.endswith("in: p1, p2.")
    assert failed.message.endswith("p08, p09 and 2 more.")
    assert "boss" not in taken.message + failed.message


def test_members_that_are_never_bound_are_counted_and_not_named() -> None:
    state = sync_state(workspace("system:node:a"), Plan(()))

    assert (state.reason, state.synced) == (SyncReason.SUBJECT_REFUSED, False)
    assert state.message.startswith("1 of its members")
    assert "node" not in state.message
