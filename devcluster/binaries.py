"""The three binaries of a control plane: ready ones from KUBEBUILDER_ASSETS, or built once into the user's cache."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devcluster.cache import cache_dir, fingerprint, obtain
from devcluster.compiling import compile_into, module_files
from devcluster.errors import AssetsUnusableError
from devcluster.progress import step

ASSETS_VARIABLE: Final = "KUBEBUILDER_ASSETS"
_VERSION: Final = re.compile(r"\bv(?P<version>\d+\.\d+\.\d+)")


@dataclass(frozen=True, slots=True)
class Binaries:
    """Where the three binaries are, and which Kubernetes they are."""

    kube_apiserver: Path
    kube_controller_manager: Path
    etcd: Path
    version: str

    @classmethod
    def of(cls, directory: Path, version: str) -> "Binaries":
        """The binaries that lie in `directory` under their own names."""
        return cls(
            kube_apiserver=directory / "kube-apiserver",
            kube_controller_manager=directory / "kube-controller-manager",
            etcd=directory / "etcd",
            version=version,
        )


def ensure_binaries(version: str, environment: Mapping[str, str] = os.environ) -> Binaries:
    """The binaries of `version`, a pinned one; builds them if this user has not yet.

    A directory named by KUBEBUILDER_ASSETS is used as it is, and its version is what its kube-apiserver says.

    Raises:
        AssetsUnusableError: that directory lacks a binary, or its kube-apiserver does not run.
        BuildError: the binaries cannot be built.
    """
    assets = environment.get(ASSETS_VARIABLE)
    if assets:
        return _from_assets(Path(assets))
    entry = cache_dir(environment) / f"{version}-{fingerprint(module_files(version))}"
    built = obtain(
        entry,
        build=lambda directory: compile_into(directory, version),
        waiting=lambda: step(f"Waiting for another process that builds Kubernetes {version}"),
    )
    return Binaries.of(built, version)


def _from_assets(directory: Path) -> Binaries:
    binaries = Binaries.of(directory, version="")
    for binary in (binaries.kube_apiserver, binaries.kube_controller_manager, binaries.etcd):
        if not os.access(binary, os.X_OK):
            raise AssetsUnusableError(directory, f"which has no executable {binary.name}")
    return Binaries.of(directory, _version_of(binaries.kube_apiserver))


def _version_of(kube_apiserver: Path) -> str:
    try:
        said = subprocess.run([str(kube_apiserver), "--version"], capture_output=True, text=True, check=False).stdout
    except OSError as error:
        raise AssetsUnusableError(
            kube_apiserver.parent, f"whose kube-apiserver does not run ({error.strerror})"
        ) from error
    match = _VERSION.search(said)
    if match is None:
        raise AssetsUnusableError(kube_apiserver.parent, "whose kube-apiserver does not tell its version")
    return match["version"]
