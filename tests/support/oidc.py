"""Providers of OpenID Connect, over TLS: a real one in a process of its own, and tokens that none would issue."""

import asyncio
import json
import ssl
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import trustme
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import get_default_algorithms

from app.identity.oidc_discovery import PATH
from tests.support.service import free_port

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 30.0
ALGORITHMS: Final = get_default_algorithms()
KEYS_PATH: Final = "/keys"
Page = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class ProviderKey:
    """A key pair of a provider."""

    kid: str | None
    private: Any = field(repr=False)
    algorithm: str = "RS256"

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half, as the provider publishes it."""
        members = ALGORITHMS[self.algorithm].to_jwk(self.private.public_key(), as_dict=True)
        return {**members, "use": "sig", "alg": self.algorithm, **({} if self.kid is None else {"kid": self.kid})}

    @property
    def public_pem(self) -> bytes:
        """The public half, as an attacker takes it for the secret of an HMAC."""
        return bytes(self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def sign(self, claims: Any, **header: Any) -> str:
        """A token with these claims; what `header` names is in place of what a provider would write."""
        return compact({"alg": self.algorithm, "kid": self.kid, "typ": "JWT", **header}, claims, self.signature)

    def signature(self, signed: bytes) -> bytes:
        """The signature over the first two parts."""
        return bytes(ALGORITHMS[self.algorithm].sign(signed, self.private))


def rsa_key(kid: str | None, bits: int = 2048) -> ProviderKey:
    """A new key pair."""
    return ProviderKey(kid, rsa.generate_private_key(public_exponent=65537, key_size=bits))


def compact(header: Any, payload: Any, sign: Callable[[bytes], bytes]) -> str:
    """A token put together by hand; bytes go in as they are, all else as JSON."""
    parts = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload))
    signed = b".".join(_encoded(part) for part in parts)
    return (signed + b"." + _encoded(sign(signed))).decode()


def key_set(*entries: Any) -> bytes:
    """A JWK Set."""
    return json.dumps({"keys": list(entries)}).encode()


def configuration(issuer: str, **members: Any) -> bytes:
    """A discovery document."""
    return json.dumps({"issuer": issuer, "jwks_uri": issuer + KEYS_PATH, **members}).encode()


@dataclass(frozen=True)
class Certificates:
    """An authority, and what a server on this machine needs of it."""

    ca_file: Path
    certificate: Path
    key: Path

    @classmethod
    def made_in(cls, folder: Path) -> "Certificates":
        """New ones, in files of this folder."""
        made = cls(folder / "ca.pem", folder / "tls.crt", folder / "tls.key")
        authority = trustme.CA()
        leaf = authority.issue_cert(HOST)
        authority.cert_pem.write_to_path(str(made.ca_file))
        made.certificate.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        leaf.private_key_pem.write_to_path(str(made.key))
        return made

    @cached_property
    def of_server(self) -> ssl.SSLContext:
        """For who serves."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context

    @cached_property
    def of_client(self) -> ssl.SSLContext:
        """For who calls."""
        return ssl.create_default_context(cafile=str(self.ca_file))


@dataclass
class Site:
    """An HTTPS server of a test: it answers each path with its page, and keeps the paths that it was asked for."""

    url: str
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def publish(self, *entries: Any, path: str = "") -> str:
        """Be a provider under this path that has these keys; its issuer."""
        issuer = self.url + path
        self.pages[path + PATH] = configuration(issuer)
        self.pages[path + KEYS_PATH] = key_set(*entries)
        return issuer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1].decode()
            self.asked.append(path)
            await _put(self.pages.get(path), writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(site: Site, certificates: Certificates) -> AsyncIterator[Site]:
    """Answer for the site until the block ends."""
    port = urlsplit(site.url).port
    server = await asyncio.start_server(site.serve, HOST, port, ssl=certificates.of_server)
    try:
        yield site
    finally:
        server.close()


def new_site() -> Site:
    """One that nobody serves yet."""
    return Site(f"https://{HOST}:{free_port()}")


def answer(body: bytes, status: str = "200 OK", headers: Mapping[str, str] = {}) -> bytes:
    """An answer as it goes over the line."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{lines}Connection: close\r\n\r\n".encode() + body


@dataclass(frozen=True)
class RealProvider:
    """`oidc-provider-mock`: a provider with discovery, keys and the code flow, for whoever wants to be anybody."""

    url: str
    certificates: Certificates

    async def sign_in(self, user: str, client_id: str, **claims: object) -> str:
        """An ID token of this user for this client, by the authorization code flow as a browser goes through it."""
        async with httpx.AsyncClient(base_url=self.url, verify=self.certificates.of_client, trust_env=False) as browser:
            (await browser.put(f"/users/{user}", json=claims)).raise_for_status()
            redirect = {"client_id": client_id, "redirect_uri": "https://console.example/callback"}
            asked = {**redirect, "response_type": "code", "scope": "openid profile email", "nonce": "n", "state": "s"}
            consent = await browser.post("/oauth2/authorize", params=asked, data={"sub": user})
            (code,) = parse_qs(urlsplit(consent.headers["Location"]).query)["code"]
            grant = {**redirect, "grant_type": "authorization_code", "code": code, "client_secret": "any"}
            return str((await browser.post("/oauth2/token", data=grant)).raise_for_status().json()["id_token"])


@contextmanager
def real_provider(certificates: Certificates, port: int) -> Iterator[RealProvider]:
    """Run the provider until the block ends; each run has a signing key of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.support.oidc_provider"]
    process = subprocess.Popen(
        [*command, str(port), str(certificates.certificate), str(certificates.key)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        provider = RealProvider(f"https://{HOST}:{port}", certificates)
        _wait_until_live(provider)
        yield provider
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_until_live(provider: RealProvider) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(provider.url + PATH, verify=provider.certificates.of_client, trust_env=False).raise_for_status()
        except httpx.TransportError:
            assert time.monotonic() < deadline, "The provider did not start."
            time.sleep(0.1)
        else:
            return


async def _put(page: Page | None, writer: asyncio.StreamWriter) -> None:
    match page:
        case None:
            writer.write(answer(b"", "404 Not Found"))
        case bytes():
            writer.write(answer(page))
        case _:
            await page(writer)
    await writer.drain()


def _encoded(part: bytes) -> bytes:
    return urlsafe_b64encode(part).rstrip(b"=")
