import json
from typing import Any

import pytest

from app.dev.apply import apply_request, is_established
from app.dev.tutorial import project, workspace
from app.k8s.object_path import object_path
from app.manifests import Profile, manifest_objects


def _manifest(kind: str, api_version: str = "v1", namespace: str | None = None, name: str = "a:b") -> dict[str, Any]:
    scope = {"namespace": namespace} if namespace else {}
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, **scope}}


@pytest.mark.parametrize(
    ("manifest", "path"),
    [
        (_manifest("Namespace", name="n"), "/api/v1/namespaces/n"),
        (_manifest("ServiceAccount", namespace="n"), "/api/v1/namespaces/n/serviceaccounts/a%3Ab"),
        (
            _manifest("ClusterRole", "rbac.authorization.k8s.io/v1"),
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/a%3Ab",
        ),
        (
            _manifest("RoleBinding", "rbac.authorization.k8s.io/v1", "n"),
            "/apis/rbac.authorization.k8s.io/v1/namespaces/n/rolebindings/a%3Ab",
        ),
    ],
)
def test_an_object_is_kept_where_its_group_kind_and_namespace_say(manifest: dict[str, Any], path: str) -> None:
    assert object_path(manifest) == path


def test_applying_is_a_forced_server_side_apply_of_the_whole_manifest() -> None:
    manifest = _manifest("Namespace")

    request = apply_request(manifest)

    assert (request.method, request.content_type) == ("PATCH", "application/apply-patch+yaml")
    assert request.query == {"fieldManager": "secretspace", "fieldValidation": "Strict", "force": "true"}
    assert json.loads(request.body or b"") == manifest


def test_every_object_of_ours_has_a_place() -> None:
    ours = [*manifest_objects(Profile.CONSTRAINED), *manifest_objects(Profile.CLASSIC)]
    ours += [workspace("secretspace:"), *project("secretspace:", "uid")]

    assert all(object_path(manifest).startswith(("/api/v1/", "/apis/")) for manifest in ours)


@pytest.mark.parametrize(
    ("status", "established"),
    [
        ({}, False),
        ({"conditions": None}, False),
        ({"conditions": [{"type": "NamesAccepted", "status": "True"}]}, False),
        ({"conditions": [{"type": "Established", "status": "False"}]}, False),
        (
            {"conditions": [{"type": "NamesAccepted", "status": "True"}, {"type": "Established", "status": "True"}]},
            True,
        ),
    ],
    ids=["no status yet", "null", "only its names", "not yet", "established"],
)
def test_a_kind_is_taken_up_when_its_definition_says_so(status: dict[str, Any], established: bool) -> None:
    assert is_established(json.dumps({"status": status}).encode()) is established
