"""Where an object of a manifest is kept."""

from collections.abc import Mapping
from typing import Any, Final

from app.k8s.request import core_path, group_path

_PLURALS: Final = {
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "CustomResourceDefinition": "customresourcedefinitions",
    "Namespace": "namespaces",
    "Role": "roles",
    "RoleBinding": "rolebindings",
    "ServiceAccount": "serviceaccounts",
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
    "Workspace": "workspaces",
}


def object_path(manifest: Mapping[str, Any]) -> str:
    """The path of the object; its kind is one of those that stand in `deploy/` or in the tutorial."""
    metadata = manifest["metadata"]
    name, namespace = metadata["name"], metadata.get("namespace")
    plural = _PLURALS[manifest["kind"]]
    group, slash, version = manifest["apiVersion"].rpartition("/")
    if slash:
        return group_path(group, version, plural, name, namespace)
    return core_path(namespace, plural, name) if namespace else f"/api/{version}/{plural}/{name}"
