import pytest

from app.domain.identity import Identity
from app.domain.workspace import (
    WORKSPACE_LABEL,
    WORKSPACE_UID,
    Subject,
    SubjectKind,
    Workspace,
    WorkspaceMember,
    WorkspaceRole,
)
from tests.unit.sample import OTHER_UID, UID, metadata

ALICE = Identity("secretspace:alice", ("secretspace:team", "secretspace:other"))


def member(kind: SubjectKind, name: str, role: WorkspaceRole) -> WorkspaceMember:
    return WorkspaceMember(Subject(kind, name), role)


@pytest.mark.parametrize(
    ("kind", "name", "is_alice"),
    [
        (SubjectKind.USER, "secretspace:alice", True),
        (SubjectKind.GROUP, "secretspace:team", True),
        (SubjectKind.USER, "alice", False),
        (SubjectKind.USER, "secretspace:team", False),
        (SubjectKind.GROUP, "secretspace:alice", False),
        (SubjectKind.GROUP, "", False),
    ],
)
def test_a_subject_is_a_user_by_name_or_a_group_of_theirs(kind: SubjectKind, name: str, is_alice: bool) -> None:
    assert Subject(kind, name).is_of(ALICE) is is_alice


def test_who_is_no_member_has_no_role() -> None:
    workspace = Workspace("w", manager="bob", members=(member(SubjectKind.USER, "carol", WorkspaceRole.ADMIN),))

    assert workspace.role_of(ALICE) is None


@pytest.mark.parametrize("role", WorkspaceRole)
def test_a_member_has_the_role_that_was_given(role: WorkspaceRole) -> None:
    workspace = Workspace("w", members=(member(SubjectKind.USER, "secretspace:alice", role),))

    assert workspace.role_of(ALICE) is role


def test_of_several_roles_the_strongest_counts() -> None:
    roles = (WorkspaceRole.REGULAR, WorkspaceRole.SELF_PROVISIONER, WorkspaceRole.VIEWER)
    workspace = Workspace("w", members=tuple(member(SubjectKind.GROUP, "secretspace:team", role) for role in roles))

    assert workspace.role_of(ALICE) is WorkspaceRole.SELF_PROVISIONER


def test_the_manager_is_an_admin() -> None:
    members = (member(SubjectKind.USER, "secretspace:alice", WorkspaceRole.VIEWER),)

    assert Workspace("w", manager="secretspace:alice", members=members).role_of(ALICE) is WorkspaceRole.ADMIN


def test_a_workspace_without_a_manager_is_managed_by_nobody() -> None:
    assert Workspace("w").role_of(Identity("a")) is None


@pytest.mark.parametrize(
    ("annotations", "owned"),
    [({WORKSPACE_UID: UID}, True), ({WORKSPACE_UID: OTHER_UID}, False), ({WORKSPACE_UID: ""}, False), ({}, False)],
)
def test_a_workspace_owns_the_namespaces_that_bear_its_uid(annotations: dict[str, str], owned: bool) -> None:
    namespace = metadata("project", labels={WORKSPACE_LABEL: "w"}, annotations=annotations)

    assert Workspace("w", metadata=metadata("w")).owns(namespace) is owned
    assert not Workspace("w").owns(namespace)
