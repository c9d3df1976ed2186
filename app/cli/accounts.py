"""`secretspace accounts`: the first account of a cluster, which nobody could make through the API, and new keys."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex, token_urlsafe
from typing import Annotated, Final

import typer

from app.cli.failure import CommandError
from app.domain.account import NewAccount, PlatformRole
from app.domain.call import Trace
from app.domain.errors import AlreadyExistsError, PreconditionFailedError
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from app.identity.signing import SigningKey
from app.identity.signing import rotate_keys as rotate_keys_of
from app.k8s.account import Accounts
from app.k8s.credentials import Credentials
from app.k8s.signing_key import SigningKeys
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


@program.command()
def rotate_keys(
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Drop all other keys at once: everybody is signed out within a minute.")
    ] = False,
) -> None:
    """Make a new key for signing tokens; nobody is signed out.

    Run it every few months. The new key signs five minutes later, when every replica knows it; the keys before it
    verify for as long as there are tokens of them.
    """
    settings = Settings()
    try:
        key = asyncio.run(_rotate(settings, revoke=revoke))
    except (AlreadyExistsError, PreconditionFailedError):
        raise CommandError("Somebody else made a key at the same time; nothing was changed.") from None
    since = max(key.signs_from, datetime.now(UTC)).isoformat(timespec="seconds")
    typer.echo(f"The key {key.kid} signs from {since} on.", err=True)


async def _rotate(settings: Settings, *, revoke: bool) -> SigningKey:
    cluster, local = settings.kubernetes, settings.identity.local
    trace = Trace(f"rotate-keys-{token_hex(8)}", asyncio.get_running_loop().time() + _SECONDS)
    async with open_transport(cluster, await Credentials.load(cluster.kubeconfig, cluster.context)) as transport:
        store = SigningKeys(transport, cluster.namespace)
        return await rotate_keys_of(store, local.token_lifetime, trace, datetime.now(UTC), revoke=revoke)


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
