"""`secretspace accounts`: the first account of a cluster, which nobody could make through the API."""

import asyncio
import sys
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Annotated, Final

import typer

from app.cli.failure import CommandError
from app.domain.account import NewAccount, PlatformRole
from app.domain.call import Trace
from app.domain.errors import AlreadyExistsError
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from app.k8s.account import Accounts
from app.k8s.credentials import Credentials
from app.k8s.transport import open_transport
from app.settings import Settings

_SECONDS: Final = 60.0
_PASSWORD_BYTES: Final = 18

program = typer.Typer(help="Local accounts.", no_args_is_help=True)


@program.callback()
def accounts() -> None:
    """Local accounts."""


@program.command()
def bootstrap(
    name: Annotated[str, typer.Argument(help="What the account is called.")] = "admin",
    password_file: Annotated[
        Path | None, typer.Option(help="Take the password from the first line of this file, `-` for standard input.")
    ] = None,
    if_absent: Annotated[bool, typer.Option("--if-absent", help="An account that is there is no failure.")] = False,
) -> None:
    """Make the first platform admin; prints its password unless one is given."""
    password = token_urlsafe(_PASSWORD_BYTES) if password_file is None else _first_line(password_file)
    new = NewAccount(name, password, platform_roles=frozenset({PlatformRole.PLATFORM_ADMIN}))
    try:
        asyncio.run(_create(new, Settings()))
    except AlreadyExistsError:
        there = f"The account {name} is there already."
        if not if_absent:
            raise CommandError(there) from None
        typer.echo(there, err=True)
        return
    typer.echo(f"The account {name} is made.", err=True)
    if password_file is None:
        typer.echo(password)


async def _create(new: NewAccount, settings: Settings) -> None:
    cluster = settings.kubernetes
    trace = Trace(f"bootstrap-{token_hex(8)}", asyncio.get_running_loop().time() + _SECONDS)
    passwords = Passwords()
    try:
        async with open_transport(cluster, await Credentials.load(cluster.kubeconfig, cluster.context)) as transport:
            await create_account(new, Accounts(transport, cluster.namespace), passwords, trace)
    finally:
        passwords.close()


def _first_line(path: Path) -> str:
    try:
        text = sys.stdin.readline() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{path} cannot be read as text.") from None
    return text.partition("\n")[0].removesuffix("\r")
