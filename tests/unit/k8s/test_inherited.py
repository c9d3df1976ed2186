import json
from typing import Any

from app.domain.fan_out import ADMINS, Grant, Held
from app.domain.workspace import Subject, SubjectKind
from app.k8s.inherited import _to_held, create_grant, delete_held, list_named, replace_grant
from app.k8s.role_binding import RoleBinding
from app.k8s.wire import decode
from tests.unit.sample import UID, version

PATH = "/apis/rbac.authorization.k8s.io/v1"
ROLE = "secretspace:project-admin"
SUBJECTS = frozenset(
    {Subject(SubjectKind.USER, "vera"), Subject(SubjectKind.GROUP, "team"), Subject(SubjectKind.USER, "anna")}
)
GRANT = Grant(ADMINS, ROLE, SUBJECTS)
HELD = Held("p", ADMINS, version(), ROLE, frozenset(), ours=True, inherited=True)
LABELS = {"app.kubernetes.io/managed-by": "secretspace", "secretspace.io/inherited": "true"}


def read(**fields: Any) -> Held:
    meta = {"name": ADMINS, "namespace": "p", "uid": UID, "resourceVersion": "7", "labels": LABELS}
    body = {"metadata": meta, "roleRef": {"kind": "ClusterRole", "name": ROLE}, "subjects": [], **fields}
    return _to_held(decode(json.dumps(body).encode(), RoleBinding))


def test_bindings_are_found_by_their_name_whoever_made_them() -> None:
    request = list_named(ADMINS, "token")

    assert (request.method, request.path) == ("GET", f"{PATH}/rolebindings")
    assert request.query == {"fieldSelector": f"metadata.name={ADMINS}", "limit": "500", "continue": "token"}
    assert "continue" not in list_named(ADMINS).query


def test_a_binding_is_made_of_subjects_in_one_order_and_says_for_whom_and_what_it_is() -> None:
    request = create_grant("p", GRANT, "boss")
    body = json.loads(request.body or b"")

    assert (request.method, request.path) == ("POST", f"{PATH}/namespaces/p/rolebindings")
    assert body["metadata"] == {"name": ADMINS, "labels": LABELS, "annotations": {"secretspace.io/actor": "boss"}}
    assert body["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": ROLE}
    assert [(each["kind"], each["name"]) for each in body["subjects"]] == [
        ("Group", "team"),
        ("User", "anna"),
        ("User", "vera"),
    ]


def test_what_is_no_role_in_the_workspace_is_not_marked_as_one() -> None:
    body = json.loads(create_grant("p", Grant(ADMINS, ROLE, SUBJECTS, inherited=False), "boss").body or b"")

    assert "secretspace.io/inherited" not in body["metadata"]["labels"]


def test_a_binding_is_replaced_only_if_it_is_still_what_was_looked_at() -> None:
    request = replace_grant(HELD, GRANT, "boss")
    metadata = json.loads(request.body or b"")["metadata"]

    assert (request.method, request.path) == (
        "PUT",
        f"{PATH}/namespaces/p/rolebindings/secretspace:workspace-admins".replace(":", "%3A"),
    )
    assert (metadata["uid"], metadata["resourceVersion"]) == (UID, "7")


def test_a_binding_is_deleted_only_if_it_is_still_what_was_looked_at() -> None:
    request = delete_held(HELD)

    assert request.method == "DELETE"
    assert json.loads(request.body or b"")["preconditions"] == {"uid": UID, "resourceVersion": "7"}


def test_a_binding_of_ours_is_known_by_its_label() -> None:
    foreign = {"name": ADMINS, "namespace": "p", "uid": UID, "resourceVersion": "7"}

    assert read() == HELD
    assert (read(metadata=foreign).ours, read(metadata=foreign).inherited) == (False, False)


def test_subjects_that_are_no_people_are_noticed() -> None:
    found = read(subjects=[{"kind": "User", "name": "anna"}, {"kind": "ServiceAccount", "name": "robot"}])

    assert (found.subjects, found.strangers) == (frozenset({Subject(SubjectKind.USER, "anna")}), True)
    assert not read(subjects=None).strangers


def test_a_role_of_the_namespace_is_none_of_ours_whatever_its_name() -> None:
    assert read(roleRef={"kind": "Role", "name": ROLE}).role == ""
