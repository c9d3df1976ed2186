"""What a request is called, in refusals and in metrics: by the verb and the resource that RBAC knows."""

import pytest

from app.k8s.request import KubeRequest, Method, core_path, group_path

SECRETS = core_path("demo", "secrets")


@pytest.mark.parametrize(
    ("method", "path", "called"),
    [
        ("GET", SECRETS, "list secrets"),
        ("GET", core_path("demo", "secrets", "a"), "get secrets"),
        ("GET", "/api/v1/namespaces", "list namespaces"),
        ("GET", "/api/v1/namespaces/demo", "get namespaces"),
        ("GET", group_path("tenancy.secretspace.io", "v1", "workspaces"), "list workspaces"),
        ("GET", group_path("tenancy.secretspace.io", "v1", "workspaces", "demo"), "get workspaces"),
        ("GET", group_path("apps", "v1", "deployments", None, "demo"), "list deployments"),
        ("GET", "/readyz", "get "),
        ("POST", SECRETS, "create secrets"),
        ("PUT", core_path("demo", "secrets", "a"), "update secrets"),
        ("PATCH", core_path("demo", "secrets", "a"), "patch secrets"),
        ("DELETE", core_path("demo", "secrets", "a"), "delete secrets"),
    ],
)
def test_a_request_is_called_by_its_verb_and_its_resource(method: Method, path: str, called: str) -> None:
    request = KubeRequest(method, path)

    assert f"{request.verb} {request.resource}" == called


def test_a_watch_is_called_so() -> None:
    assert KubeRequest("GET", SECRETS, {"watch": "true"}).verb == "watch"
