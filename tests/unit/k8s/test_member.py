import json
from typing import Any

import pytest

from app.domain.errors import UpstreamAnswerError
from app.domain.member import Binding
from app.domain.version import Version
from app.domain.workspace import ProjectRole, Subject, SubjectKind, WorkspaceMember, WorkspaceRole
from app.k8s.member import (
    _to_binding,
    binding_name,
    create_binding,
    delete_binding,
    list_bindings,
    list_everywhere,
)
from app.k8s.project import annotate_project
from app.k8s.request import METADATA_ONLY, KubeRequest
from app.k8s.role_binding import RoleBinding
from app.k8s.wire import decode
from app.k8s.workspace import patch_members
from tests.unit.sample import NOW

PATH = "/apis/rbac.authorization.k8s.io/v1"
ANNA = Subject(SubjectKind.USER, "anna")
TEAM = Subject(SubjectKind.GROUP, "a/../b ☃")
OURS = {"app.kubernetes.io/managed-by": "secretspace"}
INHERITED = OURS | {"secretspace.io/inherited": "true"}


def body_of(request: KubeRequest) -> Any:
    assert request.body is not None
    return json.loads(request.body)


def read(
    role: str = "secretspace:project-reader",
    *subjects: tuple[str, str],
    labels: dict[str, str] | None = None,
    kind: str = "ClusterRole",
    created: str | None = "2026-11-24T12:00:00Z",
) -> Binding:
    meta = {"name": "b", "namespace": "p", "uid": "u", "resourceVersion": "7", "labels": labels}
    document = {
        "metadata": meta | ({"creationTimestamp": created} if created else {}),
        "roleRef": {"kind": kind, "name": role},
        "subjects": [{"kind": each, "name": name} for each, name in subjects] or None,
    }
    return _to_binding(decode(json.dumps(document).encode(), RoleBinding))


def test_bindings_of_a_project_and_of_all_are_listed() -> None:
    query = {"labelSelector": "app.kubernetes.io/managed-by=secretspace", "limit": "500"}
    assert list_bindings("p") == KubeRequest("GET", f"{PATH}/namespaces/p/rolebindings")
    assert list_everywhere("") == KubeRequest("GET", f"{PATH}/rolebindings", query)
    assert list_everywhere("more") == KubeRequest("GET", f"{PATH}/rolebindings", query | {"continue": "more"})


def test_a_role_is_given_to_one_subject_in_the_name_of_who_asked() -> None:
    request = create_binding("p", TEAM, ProjectRole.READER, "ben")
    assert (request.method, request.path, request.accept) == (
        "POST",
        f"{PATH}/namespaces/p/rolebindings",
        METADATA_ONLY,
    )
    assert body_of(request) == {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {
            "name": binding_name(TEAM, ProjectRole.READER),
            "labels": OURS,
            "annotations": {"secretspace.io/actor": "ben"},
        },
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "secretspace:project-reader",
        },
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": TEAM.name}],
    }


def test_a_binding_has_a_name_for_each_subject_and_role() -> None:
    names = {binding_name(subject, role) for subject in (ANNA, TEAM) for role in ProjectRole}
    assert len(names) == 2 * len(ProjectRole)
    assert binding_name(ANNA, ProjectRole.ADMIN).startswith("project-admin-")


def test_a_role_is_taken_away_as_it_was_looked_at() -> None:
    request = delete_binding(read("view", ("User", "anna")))
    assert (request.method, request.path) == ("DELETE", f"{PATH}/namespaces/p/rolebindings/b")
    assert body_of(request)["preconditions"] == {"uid": "u", "resourceVersion": "7"}


def test_a_binding_of_ours_is_known_by_its_label_its_role_and_its_one_subject() -> None:
    assert read("secretspace:project-admin", ("Group", "team"), labels=OURS) == Binding(
        project="p",
        name="b",
        version=Version("u", "7"),
        role=ProjectRole.ADMIN,
        subjects=(Subject(SubjectKind.GROUP, "team"),),
        created_at=NOW,
        ours=True,
    )


@pytest.mark.parametrize(
    "found",
    [
        read("secretspace:project-reader", ("User", "anna")),
        read("secretspace:project-reader", ("User", "anna"), labels={"app.kubernetes.io/managed-by": "helm"}),
        read("secretspace:project-reader", ("User", "anna"), labels={"secretspace.io/inherited": "true"}),
        read("secretspace:project-reader", ("User", "anna"), ("User", "ben"), labels=OURS),
        read("secretspace:project-reader", ("User", "anna"), ("ServiceAccount", "default"), labels=OURS),
        read("secretspace:project-reader", ("User", "anna"), kind="Role", labels=OURS),
        read("cluster-admin", ("User", "anna"), labels=OURS),
    ],
)
def test_any_other_binding_is_somebody_elses_and_shows_the_name_of_its_role(found: Binding) -> None:
    assert (found.ours, found.inherited, found.direct) == (False, False, False)
    assert found.role in {"secretspace:project-reader", "cluster-admin"}
    assert ANNA in found.subjects


def test_a_binding_for_roles_in_the_workspace_has_many_subjects() -> None:
    found = read("secretspace:project-viewer", ("User", "anna"), ("Group", "team"), labels=INHERITED)
    assert (found.ours, found.inherited, found.direct, len(found.subjects)) == (True, True, False, 2)


def test_service_accounts_are_passed_over() -> None:
    assert read("view", ("ServiceAccount", "default")).subjects == ()
    assert read("view").subjects == ()


def test_a_binding_without_a_creation_time_is_no_answer() -> None:
    with pytest.raises(UpstreamAnswerError):
        read("view", created=None)


def test_the_members_of_a_workspace_are_written_as_a_whole_at_their_version() -> None:
    members = [WorkspaceMember(ANNA, WorkspaceRole.ADMIN), WorkspaceMember(TEAM, WorkspaceRole.REGULAR)]
    request = patch_members("w", members, Version("u", "7"), "ben")
    assert (request.method, request.path) == ("PATCH", "/apis/tenancy.secretspace.io/v1/workspaces/w")
    assert body_of(request) == {
        "metadata": {"uid": "u", "resourceVersion": "7", "annotations": {"secretspace.io/actor": "ben"}},
        "spec": {
            "members": [
                {"subject": {"kind": "User", "name": "anna"}, "role": "admin"},
                {"subject": {"kind": "Group", "name": TEAM.name}, "role": "regular"},
            ]
        },
    }


@pytest.mark.parametrize(("expected", "guard"), [(Version("u", "7"), {"uid": "u", "resourceVersion": "7"}), (None, {})])
def test_a_note_on_a_project_is_written_and_removed(expected: Version | None, guard: dict[str, str]) -> None:
    request = annotate_project("p", {"a": "1", "b": None}, expected)
    assert (request.method, request.path) == ("PATCH", "/api/v1/namespaces/p")
    assert body_of(request) == {"metadata": {**guard, "annotations": {"a": "1", "b": None}}}
