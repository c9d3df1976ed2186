"""From a bare control plane to one that the service can run on."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Final

from app.dev import tutorial
from app.dev.apply import apply, remove, wait_until_served
from app.dev.home import DevHome
from app.dev.people import ensure_people
from app.dev.service_account import renew_token
from app.domain.call import Trace
from app.identity.password import Passwords
from app.k8s.account import Accounts
from app.k8s.credentials import Credentials
from app.k8s.impersonation import AsService
from app.k8s.object_path import object_path
from app.k8s.transport import Transport, open_transport
from app.manifests import Profile, manifest_objects
from app.settings import Kubernetes, Local

SECONDS: Final = 120.0
"""All of it, at most; a first start on a slow machine takes some ten."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the run needs to know afterwards."""

    new_passwords: frozenset[str]
    """Accounts whose password was made just now."""
    next_token_due: datetime


@asynccontextmanager
async def as_admin(kubeconfig: Path) -> AsyncIterator[tuple[Transport, AsService]]:
    """A transport with the administrator's own rights; nothing of the running service uses it."""
    settings = Kubernetes(kubeconfig=kubeconfig)
    deadline = asyncio.get_running_loop().time() + SECONDS
    async with open_transport(settings, await Credentials.load(kubeconfig, None)) as transport:
        yield transport, AsService(Trace(f"dev-{token_hex(8)}", deadline))


async def prepare(home: DevHome, admin_kubeconfig: Path, profile: Profile, base_url: str) -> Prepared:
    """Make manifests, people, workspace and project be there, and give the service its first token.

    May be called again on the same cluster: what is there stays, passwords included.
    """
    async with as_admin(admin_kubeconfig) as (transport, acting):
        await apply_manifests(profile, transport, acting)
        await _make_project(transport, acting)
        fresh = await _make_people(home, base_url, transport, acting)
        return Prepared(fresh, await renew_token(home, transport, acting))


async def apply_manifests(profile: Profile, transport: Transport, acting: AsService) -> None:
    """Apply all of a profile, and take away what only the other one has: side by side, the wider one would win."""
    wanted = list(manifest_objects(profile))
    for manifest in wanted:
        await apply(manifest, transport, acting)
    kept = {object_path(manifest) for manifest in wanted}
    for other in Profile:
        for manifest in manifest_objects(other):
            if object_path(manifest) not in kept:
                await remove(manifest, transport, acting)
    await wait_until_served(wanted, transport, acting)


async def _make_project(transport: Transport, acting: AsService) -> None:
    prefix = Local().prefix
    made = await apply(tutorial.workspace(prefix), transport, acting)
    for manifest in tutorial.project(prefix, made.uid):
        await apply(manifest, transport, acting)


async def _make_people(home: DevHome, base_url: str, transport: Transport, acting: AsService) -> frozenset[str]:
    accounts = Accounts(transport, Kubernetes().namespace)
    passwords = Passwords()
    try:
        return await ensure_people(tutorial.PEOPLE, base_url, home, accounts, passwords, acting.trace)
    finally:
        passwords.close()


def service_environment(home: DevHome, port: int) -> Mapping[str, str]:
    """The settings under which the service runs here."""
    return {
        "SECRETSPACE_SERVER__HOST": "127.0.0.1",
        "SECRETSPACE_SERVER__PORT": str(port),
        "SECRETSPACE_KUBERNETES__KUBECONFIG": str(home.service_kubeconfig),
        "SECRETSPACE_IDENTITY__LOCAL__ENABLED": "true",
        "SECRETSPACE_IDENTITY__KUBERNETES__ENABLED": "true",
    }
