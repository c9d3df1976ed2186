import json
from typing import Any

import pytest

from app.domain.errors import UpstreamAnswerError
from app.domain.workspace import Subject, SubjectKind, WorkspaceMember, WorkspaceRole
from app.domain.workspace import Workspace as DomainWorkspace
from app.k8s.request import KubeRequest
from app.k8s.wire import decode
from app.k8s.workspace import _to_workspace, _Workspace, get_workspace, list_workspaces

PATH = "/apis/tenancy.secretspace.io/v1/workspaces"


def read(spec: Any) -> DomainWorkspace:
    meta = {"name": "w", "uid": "u", "resourceVersion": "7", "creationTimestamp": "2026-11-24T12:00:00Z"}
    return _to_workspace(decode(json.dumps({"metadata": meta, "spec": spec}).encode(), _Workspace))


def member(kind: str, name: str, role: str) -> dict[str, Any]:
    return {"subject": {"kind": kind, "name": name}, "role": role}


def test_workspaces_are_read_from_our_own_resource() -> None:
    assert list_workspaces() == KubeRequest("GET", PATH)
    assert get_workspace("w") == KubeRequest("GET", f"{PATH}/w")
    assert get_workspace("a/../b") == KubeRequest("GET", f"{PATH}/a%2F..%2Fb")


def test_a_workspace_is_read_with_its_members() -> None:
    members = [member("User", "secretspace:alice", "viewer"), member("Group", "team", "self-provisioner")]

    found = read({"alias": "Demo", "description": "first", "manager": "secretspace:bob", "members": members})

    assert (found.name, found.alias, found.description, found.manager) == ("w", "Demo", "first", "secretspace:bob")
    assert found.members == (
        WorkspaceMember(Subject(SubjectKind.USER, "secretspace:alice"), WorkspaceRole.VIEWER),
        WorkspaceMember(Subject(SubjectKind.GROUP, "team"), WorkspaceRole.SELF_PROVISIONER),
    )
    assert found.managed
    assert found.metadata is not None
    assert found.metadata.version.uid == "u"


@pytest.mark.parametrize(
    "unknown",
    [
        member("ServiceAccount", "a", "admin"),
        member("user", "a", "admin"),
        member("User", "a", "owner"),
        member("User", "a", "ADMIN"),
        {"subject": {}},
    ],
)
def test_a_member_that_is_not_understood_gains_nothing(unknown: dict[str, Any]) -> None:
    known = member("User", "b", "regular")

    assert [each.subject.name for each in read({"members": [unknown, known]}).members] == ["b"]


def test_an_empty_workspace_has_no_members_and_no_manager() -> None:
    assert (read({}).members, read({}).manager) == ((), "")


def test_a_workspace_of_another_shape_is_refused() -> None:
    with pytest.raises(UpstreamAnswerError):
        read({"members": "all"})
