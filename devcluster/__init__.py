"""A real Kubernetes control plane on loopback, without containers: for `secretspace dev` and for tests.

    version = resolve_version("1.36")
    binaries = ensure_binaries(version)
    with ControlPlane.start(binaries, Path(".secretspace/dev")) as plane:
        ...  # plane.url, plane.kubeconfig, plane.audit_log

kube-apiserver, kube-controller-manager and etcd are child processes that end with the process that started them. They
are built once per version and user, from pinned Go modules. No kubelet: Pods are stored, not run.
"""

from devcluster.binaries import Binaries, ensure_binaries
from devcluster.control_plane import ControlPlane
from devcluster.errors import DevclusterError
from devcluster.version import resolve_version

__all__ = ["Binaries", "ControlPlane", "DevclusterError", "ensure_binaries", "resolve_version"]
