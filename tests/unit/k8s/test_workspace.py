import json
from typing import Any

import pytest

from app.domain.errors import UpstreamAnswerError
from app.domain.sync_state import SyncReason, SyncState
from app.domain.version import Version
from app.domain.workspace import Subject, SubjectKind, WorkspaceMember, WorkspaceRole
from app.domain.workspace import Workspace as DomainWorkspace
from app.k8s.request import KubeRequest
from app.k8s.wire import decode
from app.k8s.workspace import (
    _Condition,
    _conditions,
    _to_workspace,
    _Workspace,
    get_workspace,
    list_workspaces,
    patch_status,
)

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


def said(*conditions: dict[str, Any], generation: int = 3) -> DomainWorkspace:
    meta = {"name": "w", "uid": "u", "resourceVersion": "7", "creationTimestamp": "2026-11-24T12:00:00Z"}
    body = {"metadata": meta | {"generation": generation}, "status": {"conditions": conditions}}
    return _to_workspace(decode(json.dumps(body).encode(), _Workspace))


def synced(status: str = "True", reason: str = "Synced", generation: int = 3) -> dict[str, Any]:
    return {"type": "Synced", "status": status, "reason": reason, "message": "m", "observedGeneration": generation}


def test_the_status_says_whether_the_workspace_is_synced_as_it_is_now() -> None:
    assert said(synced()).said == SyncState(SyncReason.SYNCED, "m", 3)
    assert [
        said(synced()).synced,
        said(synced("False", "NameTaken")).synced,
        said(synced(generation=2)).synced,
        said().synced,
    ] == [True, False, None, None]


@pytest.mark.parametrize("condition", [synced("False"), synced("True", "NameTaken"), synced(reason="Fine")])
def test_a_status_that_we_would_not_write_says_nothing(condition: dict[str, Any]) -> None:
    assert said(condition).said is None


def test_the_tag_of_a_workspace_is_that_of_its_spec() -> None:
    assert said().version == Version("u", "3")
    assert said().version == said(synced()).version
    assert said().version != said(generation=4).version


def test_a_condition_replaces_its_like_and_leaves_the_others() -> None:
    other = _Condition("Other", "True", "Fine", "", 1, "2026-11-24T12:00:00Z")
    before = _Condition("Synced", "True", "Synced", "m", 2, "2026-11-24T12:00:00Z")

    after = _conditions([before, other], SyncState(SyncReason.SYNCED, "m", 3))

    assert after == [_Condition("Synced", "True", "Synced", "m", 3, "2026-11-24T12:00:00Z"), other]


def test_the_time_of_a_condition_changes_with_its_status() -> None:
    before = _Condition("Synced", "True", "Synced", "m", 3, "2026-11-24T12:00:00Z")

    (after,) = _conditions([before], SyncState(SyncReason.NAME_TAKEN, "m", 3))

    assert (after.status, after.reason) == ("False", "NameTaken")
    assert after.last_transition_time != before.last_transition_time


def test_the_status_is_written_at_the_version_that_was_read() -> None:
    request = patch_status("w", Version("u", "7"), [_Condition("Synced", "True", "Synced", "m", 3, "t")])
    condition = synced() | {"lastTransitionTime": "t"}

    assert (request.method, request.path) == ("PATCH", f"{PATH}/w/status")
    assert json.loads(request.body or b"") == {
        "metadata": {"uid": "u", "resourceVersion": "7"},
        "status": {"conditions": [condition]},
    }
