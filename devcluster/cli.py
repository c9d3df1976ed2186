"""`python -m devcluster`: build the binaries, run a control plane, list the versions; and `pin`, for maintainers."""

import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from devcluster.binaries import Binaries, ensure_binaries
from devcluster.control_plane import ControlPlane
from devcluster.errors import DevclusterError
from devcluster.pin import pin as pin_version
from devcluster.toolchain import find_go
from devcluster.version import DEFAULT_VERSION, ETCD_VERSION, VERSIONS_DIR, known_versions, resolve_version

_WATCH_SECONDS = 0.5

Kubernetes = Annotated[
    str | None, typer.Option(help="A pinned version or minor, such as 1.36; else $KUBERNETES, else the default.")
]

cli = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
_console = Console(soft_wrap=True, highlight=False)


@cli.command()
def versions() -> None:
    """List the pinned Kubernetes versions, newest first."""
    for version in known_versions():
        _console.print(f"{version} (default)" if version == DEFAULT_VERSION else version)


@cli.command()
def build(kubernetes: Kubernetes = None) -> None:
    """Build the binaries of a version, unless this user has them, and print their directory."""
    _console.print(_binaries(kubernetes).kube_apiserver.parent)


@cli.command()
def run(
    kubernetes: Kubernetes = None,
    data_dir: Annotated[Path, typer.Option(help="Where the cluster keeps its data.")] = Path(".secretspace/devcluster"),
) -> None:
    """Run a control plane until Ctrl-C; prints the path of the administrator's kubeconfig."""
    binaries = _binaries(kubernetes)
    with suppress(KeyboardInterrupt), ControlPlane.start(binaries, data_dir) as plane:
        _console.print(plane.kubeconfig)
        _error_console().print(f"Kubernetes {binaries.version} at {plane.url}; Ctrl-C stops it.")
        while (failure := plane.failure()) is None:
            time.sleep(_WATCH_SECONDS)
        raise failure


@cli.command()
def pin(version: str, etcd: str = ETCD_VERSION) -> None:
    """Maintainers: write the Go modules of a Kubernetes version, such as 1.37.2, under `versions/`."""
    newest = VERSIONS_DIR / known_versions()[0]
    _console.print(pin_version(version, etcd_version=etcd, go=find_go(newest / "kubernetes", newest / "etcd")))


def main() -> None:
    """Run the command line; a failure is one sentence on stderr, and status 1."""
    # An exit instead of a sudden death, so that a build, too, is left in good order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        cli()
    except DevclusterError as error:
        _error_console().print(f"Error: {error}", markup=False)
        sys.exit(1)


def _binaries(kubernetes: str | None) -> Binaries:
    return ensure_binaries(resolve_version(kubernetes))


def _error_console() -> Console:
    return Console(stderr=True, soft_wrap=True, highlight=False)
