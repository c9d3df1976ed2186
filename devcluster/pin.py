"""Maintainers' tool: pin another Kubernetes version as Go modules under `versions/`.

A pinned version is nothing but `go.mod` and `go.sum`, so a build later needs no decision and no trust beyond Go's
checksum database. `python -m devcluster pin 1.37.2` writes it; the result is committed.
"""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from devcluster.errors import PinError
from devcluster.toolchain import go_environment
from devcluster.version import ETCD_PACKAGE, KUBERNETES_PACKAGES, VERSIONS_DIR

KUBERNETES_MODULE: Final = "k8s.io/kubernetes"
_LOWEST_GO: Final = "1.24"  # the first with `tool` lines
_STAGING_REPLACE: Final = re.compile(r"^\s*(?P<module>k8s\.io/[a-z0-9.-]+) => \./staging/", re.MULTILINE)


def pin(version: str, *, etcd_version: str, go: Path) -> Path:
    """Write the modules of Kubernetes `version` (such as "1.37.2") and of etcd, and return their directory.

    Raises:
        PinError: a `go` command failed; carries what it said.
    """
    target = VERSIONS_DIR / version
    _write_module(
        target / "kubernetes",
        name=f"secretspace.io/devcluster/kubernetes-{version}",
        edits=[
            f"-require={KUBERNETES_MODULE}@v{version}",
            *_staging_replacements(version, go),
            *(f"-tool={package}" for package in KUBERNETES_PACKAGES.values()),
        ],
        go=go,
    )
    _write_module(
        target / "etcd",
        name=f"secretspace.io/devcluster/etcd-{etcd_version}",
        edits=[f"-require={ETCD_PACKAGE}@v{etcd_version}", f"-tool={ETCD_PACKAGE}"],
        go=go,
    )
    return target


def _staging_replacements(version: str, go: Path) -> list[str]:
    """Point each staging module at its published copy.

    Kubernetes' own go.mod replaces them by directories of its repository, which a module's zip does not hold; the
    published copy of 1.N.P is v0.N.P.
    """
    downloaded = json.loads(_run(go, ["mod", "download", "-json", f"{KUBERNETES_MODULE}@v{version}"], Path.cwd()))
    own_go_mod = Path(downloaded["GoMod"]).read_text(encoding="utf-8")
    _, _, minor_and_patch = version.partition(".")
    modules = [match["module"] for match in _STAGING_REPLACE.finditer(own_go_mod)]
    return [f"-replace={module}={module}@v0.{minor_and_patch}" for module in modules]


def _write_module(directory: Path, *, name: str, edits: Sequence[str], go: Path) -> None:
    """Write one go.mod and go.sum; `-e`, for Kubernetes' own tests import packages that no published module holds."""
    directory.mkdir(parents=True, exist_ok=True)
    for stale in ("go.mod", "go.sum"):
        (directory / stale).unlink(missing_ok=True)
    _run(go, ["mod", "init", name], directory)
    # `init` would note our own Go as the lowest that will do; `tidy` raises this one to what the modules need.
    _run(go, ["mod", "edit", f"-go={_LOWEST_GO}", *edits], directory)
    _run(go, ["mod", "tidy", "-e"], directory)


def _run(go: Path, arguments: Sequence[str], directory: Path) -> str:
    environment = go_environment() | {"GOFLAGS": "-mod=mod"}
    done = subprocess.run(
        [str(go), *arguments], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise PinError(" ".join(arguments[:2]), done.stderr)
    return done.stdout
