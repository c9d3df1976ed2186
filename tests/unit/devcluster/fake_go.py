"""A `go` that does as it is told, for tests of what we make of its words."""

from pathlib import Path

BUILD_WRITES_BINARY = (
    'for a in "$@"; do case $a in -o=*) echo built > "${a#-o=}";; esac; done; echo example.com/compiled'
)


def install_go(
    directory: Path,
    *,
    version: str = "go1.99.0",
    listing: str = "echo example.com/compiled",
    building: str = BUILD_WRITES_BINARY,
) -> Path:
    """Put a shell script named `go` into `directory`, and return its path."""
    directory.mkdir(parents=True, exist_ok=True)
    go = directory / "go"
    go.write_text(
        f'#!/bin/sh\ncase $1 in\nversion) echo "go version {version} linux/amd64";;\n'
        f"list) {listing};;\nbuild) {building};;\nesac\n"
    )
    go.chmod(0o755)
    return go
