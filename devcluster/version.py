"""Which Kubernetes versions can be run: those whose Go modules are pinned under `versions/`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from devcluster.errors import UnknownVersionError

VERSIONS_DIR: Final = Path(__file__).parent / "versions"
DEFAULT_VERSION: Final = "1.37.2"
ETCD_VERSION: Final = "3.6.16"

KUBERNETES_PACKAGES: Final = {
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
}
ETCD_PACKAGE: Final = "go.etcd.io/etcd/server/v3"


def known_versions() -> list[str]:
    """All pinned versions, newest first."""
    return sorted((entry.name for entry in VERSIONS_DIR.iterdir() if entry.is_dir()), key=numbers, reverse=True)


def resolve_version(asked: str | None = None, environment: Mapping[str, str] = os.environ) -> str:
    """Turn "1.36", "1.36.3" or "v1.36.3" into the pinned version it means; nothing means $KUBERNETES, else the default.

    Raises:
        UnknownVersionError: no pinned version is meant by it.
    """
    wanted = asked or environment.get("KUBERNETES") or DEFAULT_VERSION
    bare = wanted.removeprefix("v")
    for version in known_versions():
        if bare in {version, version.rpartition(".")[0]}:
            return version
    raise UnknownVersionError(wanted, known_versions())


def numbers(version: str) -> tuple[int, ...]:
    """What versions are compared by: 1.100 is newer than 1.99."""
    return tuple(int(part) for part in version.split("."))
