"""`secretspace dev`: the service with people, a project and a real control plane, on this machine alone."""

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer

from app.cli.serve import run
from app.dev.attendant import Attendant
from app.dev.credentials import Credentials
from app.dev.home import DevHome
from app.dev.port import LOOPBACK, free_port
from app.dev.preparation import prepare, service_environment
from app.dev.service_account import write_kubeconfig
from app.dev.welcome import welcome
from app.manifests import profile_for
from devcluster import ControlPlane, ensure_binaries, resolve_version

_HOME: Final = Path(".secretspace/dev")


def dev(
    kubernetes: Annotated[str | None, typer.Option(help="A pinned version, such as 1.36.", envvar="KUBERNETES")] = None,
    port: Annotated[
        int, typer.Option(help="Where to listen; the next free one where it is taken.", min=1, max=65535)
    ] = 8000,
    reload: Annotated[bool, typer.Option("--reload", help="Start the service anew when its code changes.")] = False,
) -> None:
    """Run the service on a control plane of its own, kept in .secretspace/dev of this folder."""
    binaries = ensure_binaries(resolve_version(kubernetes or None))
    home = DevHome(_HOME.absolute())
    home.admit(binaries.version)
    with ControlPlane.start(binaries, home.root) as plane:
        chosen = _choose(port)
        base_url = f"http://{LOOPBACK}:{chosen}"
        write_kubeconfig(home, plane.url, plane.ca_file)
        prepared = asyncio.run(prepare(home, plane.kubeconfig, profile_for(binaries.version), base_url))

        def announce() -> None:
            passwords = Credentials.read(home.credentials).passwords
            new = {account: passwords[account] for account in prepared.new_passwords}
            typer.echo(welcome(base_url, DevHome(_HOME), binaries.version, new))

        with Attendant(
            plane, home, next_token_due=prepared.next_token_due, ready_url=f"{base_url}/readyz", announce=announce
        ) as attendant:
            run(service_environment(home, chosen), reload=reload)
        if attendant.failure is not None:
            raise attendant.failure


def _choose(port: int) -> int:
    chosen = free_port(port)
    if chosen != port:
        typer.echo(f"Port {port} is taken; the service listens on {chosen}.")
    return chosen
