from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fault import Fault
from app.domain.member import (
    MAX_MEMBERS,
    PROJECT_ROLES,
    Binding,
    admins_of,
    is_manager,
    is_member,
    is_older,
    keeps_an_admin,
    member_id,
    members_of,
    short_id,
    shown_members,
    standing_of,
    subject_name_fault,
    subject_of,
)
from app.domain.role import ROLES, Scope
from app.domain.workspace import ProjectRole, Subject, SubjectKind, Workspace, WorkspaceMember, WorkspaceRole
from tests.unit.docs.page import ROOT
from tests.unit.sample import NOW, version

ANNA = Subject(SubjectKind.USER, "secretspace:anna")
BEN = Subject(SubjectKind.USER, "ben@example.com")
TEAM = Subject(SubjectKind.GROUP, "team")


def binding(subject: Subject = ANNA, role: str = ProjectRole.READER, at: int = 7, *, ours: bool = True) -> Binding:
    return Binding("p", f"{role}-{at}", version(at), role, (subject,), NOW, ours=ours)


def inherited(*subjects: Subject, role: ProjectRole = ProjectRole.VIEWER) -> Binding:
    return Binding("p", "secretspace:workspace-viewers", version(3), role, subjects, NOW, ours=True, inherited=True)


def workspace(manager: str = "", **roles: WorkspaceRole) -> Workspace:
    members = (WorkspaceMember(Subject(SubjectKind.USER, name), role) for name, role in roles.items())
    return Workspace("w", manager=manager, members=tuple(members))


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=253)


@given(st.builds(Subject, st.sampled_from(SubjectKind), NAMES))
def test_the_id_of_a_subject_leads_back_to_it_and_can_stand_in_a_path(subject: Subject) -> None:
    assert subject_of(member_id(subject)) == subject
    assert set(member_id(subject)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    "text",
    ["", "x", "dXNlcjo", "Og", "bm9ib2R5OmE", "dXNlcjphbm5h=", "dXNlcjphbm5h\n", "dXNlcjphbm5i+/", "dXNlcjqA", "ä"],
)
def test_what_is_no_id_is_nobodys(text: str) -> None:
    assert subject_of(text) is None


def test_another_spelling_of_the_same_bytes_is_no_id() -> None:
    user = member_id(Subject(SubjectKind.USER, "ab"))
    assert subject_of(user) is not None
    assert subject_of(user[:-1] + chr(ord(user[-1]) + 1)) is None


def test_subjects_of_one_name_are_told_apart() -> None:
    user, group = Subject(SubjectKind.USER, "team"), TEAM
    assert member_id(user) != member_id(group)
    assert short_id(user) != short_id(group)
    assert len(short_id(user)) == 16


def test_the_binding_that_was_there_first_is_the_one_that_counts() -> None:
    found = standing_of(ANNA, [binding(at=100), binding(role=ProjectRole.ADMIN, at=99), binding(BEN, at=1)])
    assert [each.version.resource_version for each in found.direct] == ["99", "100"]
    assert is_older(*found.direct)
    assert not is_older(found.direct[0], found.direct[0])


def test_a_standing_tells_each_way_in_which_somebody_has_a_role() -> None:
    nothing = standing_of(TEAM, [binding()])
    everything = standing_of(ANNA, [binding(), inherited(BEN, ANNA), binding(ours=False)])
    assert (nothing.direct, nothing.inherited, nothing.foreign) == ((), False, False)
    assert (len(everything.direct), everything.inherited, everything.foreign) == (1, True, True)


@pytest.mark.parametrize(("role", "expected"), [(ProjectRole.ADMIN, True), (ProjectRole.OPERATOR, False)])
def test_any_direct_binding_can_make_somebody_an_admin(role: ProjectRole, *, expected: bool) -> None:
    assert standing_of(ANNA, [binding(), binding(role=role, at=9)]).is_admin is expected
    assert not standing_of(ANNA, [binding(), inherited(ANNA, role=ProjectRole.ADMIN)]).is_admin


def test_members_are_listed_by_subject_with_the_strongest_of_their_own_roles() -> None:
    admin = binding(BEN, ProjectRole.ADMIN, at=20)
    found = members_of([admin, binding(BEN, at=4), inherited(ANNA, BEN), binding(TEAM, "view", ours=False)])
    assert [(each.subject, each.role, each.ours, each.inherited) for each in found] == [
        (TEAM, "view", False, False),
        (BEN, ProjectRole.ADMIN, True, False),
        (BEN, ProjectRole.VIEWER, True, True),
        (ANNA, ProjectRole.VIEWER, True, True),
    ]
    assert found[1].version == version(4)
    assert found[1].id == member_id(BEN)


def test_users_of_the_service_itself_are_no_members() -> None:
    reserved = Subject(SubjectKind.USER, "secretspace-system:metadata")
    assert members_of([binding(reserved, "secretspace:metadata", ours=False)]) == []


def test_admins_are_those_whose_own_role_that_counts_makes_them_one() -> None:
    pending = binding(TEAM, ProjectRole.ADMIN, at=9)
    bound = [
        binding(ANNA, ProjectRole.ADMIN),
        binding(BEN, ProjectRole.ADMIN, ours=False),
        inherited(BEN, role=ProjectRole.ADMIN),
        binding(TEAM),
        pending,
    ]
    assert admins_of(bound) == {ANNA}
    assert admins_of([pending]) == {TEAM}


def test_who_is_in_a_workspace_is_the_manager_or_stands_there_by_this_very_subject() -> None:
    found = workspace("anna", ben=WorkspaceRole.REGULAR)
    user, group = Subject(SubjectKind.USER, "anna"), Subject(SubjectKind.GROUP, "anna")
    assert (is_manager(found, user), is_manager(found, group)) == (True, False)
    assert (is_member(found, user), is_member(found, group)) == (True, False)
    assert is_member(found, Subject(SubjectKind.USER, "ben"))
    assert not is_member(found, Subject(SubjectKind.GROUP, "ben"))
    assert not is_manager(replace(found, manager=""), Subject(SubjectKind.USER, ""))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (workspace("anna"), True),
        (workspace(ben=WorkspaceRole.ADMIN), True),
        (workspace(ben=WorkspaceRole.SELF_PROVISIONER), False),
        (workspace(), False),
    ],
)
def test_a_manager_or_an_admin_keeps_a_workspace_running(found: Workspace, *, expected: bool) -> None:
    assert keeps_an_admin(found) is expected


def test_the_manager_is_shown_before_the_members() -> None:
    shown = shown_members(workspace("zoe", ben=WorkspaceRole.VIEWER, anna=WorkspaceRole.ADMIN))
    assert [(each.member.subject.name, each.member.role, each.manager) for each in shown] == [
        ("zoe", WorkspaceRole.ADMIN, True),
        ("anna", WorkspaceRole.ADMIN, False),
        ("ben", WorkspaceRole.VIEWER, False),
    ]
    assert shown_members(workspace()) == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("anna", None),
        ("anna@example.com", None),
        ("secretspace:anna", None),
        ("systematic", None),
        ("system:masters", Fault.SUBJECT_RESERVED),
        ("secretspace-system:accounts", Fault.SUBJECT_RESERVED),
        ("", Fault.SUBJECT_NAME_INVALID),
        ("a" * 253, None),
        ("a" * 254, Fault.SUBJECT_NAME_INVALID),
        ("a\tb", Fault.SUBJECT_NAME_INVALID),
    ],
)
def test_names_of_the_system_and_of_nobody_are_refused(name: str, fault: Fault | None) -> None:
    assert subject_name_fault(name) is fault


def test_the_bound_of_a_workspace_is_that_of_its_definition() -> None:
    definition = (ROOT / "deploy/manifests/workspace-crd.yaml").read_text()
    assert f"maxItems: {MAX_MEMBERS}\n" in definition


def test_every_role_is_described_once() -> None:
    of_workspaces = [(role, Scope.WORKSPACE) for role in WorkspaceRole]
    assert [(role.name, role.scope) for role in ROLES] == [*of_workspaces, *((r, Scope.PROJECT) for r in ProjectRole)]
    assert list(PROJECT_ROLES) == [f"secretspace:{role}" for role in ProjectRole]
