"""Our tokens at a kube-apiserver that trusts this service: over TLS, with its own flags, without us in between."""

import asyncio
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
import trustme

from app.domain.account import NewAccount, PlatformRole
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from app.k8s.account import Accounts
from app.k8s.transport import Transport
from devcluster import ControlPlane, ensure_binaries, resolve_version
from tests.support.canary import canary, leaks
from tests.support.cluster import Cluster, a_trace
from tests.support.people import NAMESPACE
from tests.support.service import RunningService, free_port

SECONDS: Final = 60.0
ADMIN: Final = frozenset({PlatformRole.PLATFORM_ADMIN})


@dataclass(frozen=True)
class Issuer:
    """The service under an address that others can reach over TLS."""

    url: str
    ca_file: Path

    def client(self, **options: Any) -> httpx.AsyncClient:
        """A client that trusts it."""
        verify = ssl.create_default_context(cafile=str(self.ca_file))
        return httpx.AsyncClient(base_url=self.url, verify=verify, trust_env=False, **options)


@contextmanager
def serving_tls(kubeconfig: Path, folder: Path) -> Iterator[Issuer]:
    """`secretspace serve --tls-cert --tls-key`, until the block ends."""
    authority = trustme.CA()
    ca_file, certificate, key = folder / "ca.pem", folder / "tls.crt", folder / "tls.key"
    leaf = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(ca_file))
    certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    leaf.private_key_pem.write_to_path(str(key))
    port = free_port()
    url = f"https://127.0.0.1:{port}"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SECRETSPACE_")},
        "SECRETSPACE_KUBERNETES__KUBECONFIG": str(kubeconfig),
        "SECRETSPACE_IDENTITY__LOCAL__ENABLED": "true",
        "SECRETSPACE_IDENTITY__LOCAL__ISSUER": url,
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
    log = folder / "service.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--tls-cert", str(certificate), "--tls-key", str(key)],
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            yield Issuer(url, ca_file)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)
    assert leaks(log.read_bytes()) == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def issuer(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Issuer]:
    """The service, once it answers."""
    with serving_tls(cluster.home.service_kubeconfig, tmp_path_factory.mktemp("issuer")) as running:
        async with running.client() as client:
            await eventually(lambda: client.get("/livez"))
        yield running


@pytest.fixture(scope="module")
def trusting(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """Another cluster, which takes our tokens as kube-apiserver's documentation says."""
    binaries = ensure_binaries(resolve_version(os.environ.get("KUBERNETES") or None))
    flags = [
        f"--oidc-issuer-url={issuer.url}",
        f"--oidc-ca-file={issuer.ca_file}",
        "--oidc-client-id=secretspace",
        "--oidc-signing-algs=ES256",
        "--oidc-username-claim=sub",
        "--oidc-username-prefix=secretspace:",
        "--oidc-groups-claim=groups",
        "--oidc-groups-prefix=secretspace:",
    ]
    folder = tmp_path_factory.mktemp("trusting")
    with ControlPlane.start(binaries, folder, durable=False, apiserver_flags=flags) as running:
        yield running


async def eventually(ask: Any, status: int = 200) -> httpx.Response:
    """The answer once it has this status: the service, and kube-apiserver's look at it, take a moment."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + SECONDS
    while True:
        try:
            answer: httpx.Response = await ask()
        except httpx.TransportError:
            assert clock() < deadline
        else:
            if answer.status_code == status or clock() > deadline:
                assert answer.status_code == status
                return answer
        await asyncio.sleep(0.3)


async def sign_in(issuer: Issuer, accounts: Accounts, *, must_change_password: bool = False) -> tuple[str, str]:
    """A new account, and a token of it."""
    name, password, passwords = f"anna-{token_hex(4)}", canary("password"), Passwords()
    new = NewAccount(name, password, platform_roles=ADMIN, must_change_password=must_change_password)
    await create_account(new, accounts, passwords, a_trace())
    passwords.close()
    async with issuer.client() as client:
        form = {"grant_type": "password", "username": name, "password": password}
        answer = await client.post("/oauth/token", data=form)
    return name, str(answer.raise_for_status().json()["access_token"])


async def who_am_i(plane: ControlPlane, token: str) -> httpx.Response:
    """Asks kube-apiserver itself."""
    verify = ssl.create_default_context(cafile=str(plane.ca_file))
    async with httpx.AsyncClient(base_url=plane.url, verify=verify, trust_env=False) as client:
        return await client.post(
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            json={"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
            headers={"Authorization": f"Bearer {token}"},
        )


async def test_kube_apiserver_takes_our_token_for_the_same_user_and_groups(
    issuer: Issuer, trusting: ControlPlane, own_transport: Transport
) -> None:
    name, token = await sign_in(issuer, Accounts(own_transport, NAMESPACE))
    user = (await eventually(lambda: who_am_i(trusting, token), 201)).json()["status"]["userInfo"]
    async with issuer.client(headers={"Authorization": f"Bearer {token}"}) as client:
        me = (await client.get("/api/v1/me")).json()
    assert user["username"] == me["username"] == f"secretspace:{name}"
    assert set(user["groups"]) == {"secretspace:platform-admins", "system:authenticated"}
    assert me["groups"] == ["secretspace:platform-admins"]


async def test_kube_apiserver_does_not_take_the_token_of_who_has_to_change_the_password_first(
    issuer: Issuer, trusting: ControlPlane, own_transport: Transport
) -> None:
    accounts = Accounts(own_transport, NAMESPACE)
    _, good = await sign_in(issuer, accounts)
    await eventually(lambda: who_am_i(trusting, good), 201)
    _, token = await sign_in(issuer, accounts, must_change_password=True)
    assert (await who_am_i(trusting, token)).status_code == 401


async def test_the_issuer_tells_where_its_keys_are_and_nothing_private_of_them(issuer: Issuer) -> None:
    async with issuer.client() as client:
        document = (await client.get("/.well-known/openid-configuration")).json()
        answer = await client.get(document["jwks_uri"])
    assert document["issuer"] == issuer.url
    assert document["jwks_uri"].startswith(issuer.url)
    assert document["token_endpoint"] == f"{issuer.url}/oauth/token"
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert {frozenset(key) for key in answer.json()["keys"]} == {
        frozenset({"kty", "crv", "x", "y", "kid", "use", "alg"})
    }


async def test_where_the_issuer_is_no_address_nothing_is_published(service: RunningService) -> None:
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client:
        answers = [await client.get(f"/.well-known/{name}") for name in ("openid-configuration", "jwks.json")]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(404, "ROUTE_NOT_FOUND")] * 2
