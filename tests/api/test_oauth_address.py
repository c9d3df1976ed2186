"""By which address guesses are counted: the peer's, or what a proxy tells that is trusted, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from app.identity.back_off import FREE_PER_ADDRESS
from tests.support.canary import canary
from tests.support.cluster import Cluster
from tests.support.service import running_service

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@asynccontextmanager
async def client(cluster: Cluster, folder: Path, trusted: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that trusts these proxies."""
    settings = {"SECRETSPACE_SERVER__TRUSTED_PROXIES": trusted}
    with running_service(cluster.home.service_kubeconfig, folder, settings) as service:
        async with httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=30) as opened:
            yield opened


async def guess(client: httpx.AsyncClient, forwarded_for: str) -> int:
    """The status of a guess at a name that no account can have, so that only the address is counted."""
    form = {"grant_type": "password", "username": "no account", "password": canary("password")}
    return (await client.post("/oauth/token", data=form, headers={"X-Forwarded-For": forwarded_for})).status_code


async def guess_often(client: httpx.AsyncClient, *forwarded_for: str) -> None:
    """As many guesses as are free for one address, a few at a time."""
    for start in range(0, FREE_PER_ADDRESS, 10):
        addresses = [forwarded_for[number % len(forwarded_for)] for number in range(start, start + 10)]
        assert set(await asyncio.gather(*(guess(client, address) for address in addresses))) == {400}


async def test_behind_a_trusted_proxy_each_client_is_counted_by_itself(cluster: Cluster, tmp_path: Path) -> None:
    async with client(cluster, tmp_path, '["127.0.0.1"]') as guessing:
        await guess_often(guessing, HERE)
        spoofed = await guess(guessing, f"{ELSEWHERE}, {HERE}")
        assert (spoofed, await guess(guessing, ELSEWHERE)) == (429, 400)


async def test_what_anybody_else_tells_of_addresses_is_not_believed(cluster: Cluster, tmp_path: Path) -> None:
    async with client(cluster, tmp_path, "[]") as guessing:
        await guess_often(guessing, HERE, ELSEWHERE)
        assert await guess(guessing, "203.0.113.5") == 429
