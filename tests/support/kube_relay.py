"""A TLS relay in front of kube-apiserver: it keeps the bytes that reach it, and makes trouble when it is told to."""

import asyncio
import shutil
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import trustme

from app.dev.home import DevHome
from app.dev.service_account import write_kubeconfig
from devcluster import ControlPlane
from tests.support.cluster import Cluster
from tests.support.service import RunningService, running_service

_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Head:
    """The head of a request, as the bytes that came."""

    raw: bytes

    @property
    def method(self) -> str:
        """What is to be done."""
        return self._line[0]

    @property
    def target(self) -> str:
        """Path and query."""
        return self._line[1]

    @cached_property
    def headers(self) -> list[tuple[str, bytes]]:
        """All headers in their order, names in lower case."""
        lines = self.raw.removesuffix(_END).split(b"\r\n")[1:]
        split = (line.partition(b":") for line in lines)
        return [(name.decode("ascii").lower(), value.removeprefix(b" ")) for name, _, value in split]

    def values(self, name: str) -> list[bytes]:
        """The values of all headers of a name."""
        return [value for each, value in self.headers if each == name]

    @property
    def audit_id(self) -> str:
        """What names the call in the audit log."""
        (value,) = self.values("audit-id")
        return value.decode("ascii")

    @property
    def body_length(self) -> int:
        """The bytes of its body."""
        return int(next(iter(self.values("content-length")), b"0"))

    @property
    def _line(self) -> list[str]:
        return self.raw.partition(b"\r\n")[0].decode("ascii").split(" ")


Rule = Callable[[Head], Awaitable[bytes | None]]
"""The bytes to answer in the place of the API server: None lets it answer, none at all closes the connection."""


async def pass_on(_: Head) -> None:
    """Let the API server answer."""


def answer(status: str, body: bytes = b"{}", *headers: str) -> bytes:
    """The bytes of an answer, its status as in "503 Service Unavailable"."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def always(content: bytes) -> Rule:
    """The same answer to everything."""

    async def rule(_: Head) -> bytes:
        return content

    return rule


def late(seconds: float) -> Rule:
    """Everything takes so long."""

    async def rule(_: Head) -> None:
        await asyncio.sleep(seconds)

    return rule


class KubeRelay:
    """Listens for as long as it is open; what is asked of it is answered by kube-apiserver, unless `rule` says else."""

    def __init__(self, plane: ControlPlane, folder: Path) -> None:
        self.heads: list[Head] = []
        self.connections = 0
        self.rule: Rule = pass_on
        self.ca_file = folder / "relay-ca.pem"
        address = urlsplit(plane.url)
        self._behind = address.hostname, address.port
        self._to_behind = ssl.create_default_context(cafile=str(plane.ca_file))
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_file))
        authority.issue_cert("127.0.0.1").configure_cert(self._tls)
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._port = 0

    @property
    def url(self) -> str:
        """Where it is reached, also while it is closed."""
        return f"https://127.0.0.1:{self._port}"

    async def open(self) -> None:
        """Listen, always on the same port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, ssl=self._tls)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse connections, and break those that are there."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """Be closed for the length of a block."""
        await self.close()
        try:
            yield
        finally:
            await self.open()

    @asynccontextmanager
    async def ruled_by(self, rule: Rule) -> AsyncIterator[None]:
        """Follow a rule for the length of a block."""
        self.rule = rule
        try:
            yield
        finally:
            self.rule = pass_on

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self.connections += 1
        behind, to_behind = await asyncio.open_connection(*self._behind, ssl=self._to_behind)
        back = asyncio.create_task(_copy(behind, writer))
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                await self._relay(reader, writer, to_behind)
        finally:
            back.cancel()
            writer.transport.abort()
            to_behind.transport.abort()
            self._serving.discard(task)

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to_behind: asyncio.StreamWriter
    ) -> None:
        while True:
            head = Head(await reader.readuntil(_END))
            body = await reader.readexactly(head.body_length)
            self.heads.append(head)
            answer = await self.rule(head)
            if answer == b"":
                return
            (to_behind if answer is None else writer).write(head.raw + body if answer is None else answer)
            await to_behind.drain()
            await writer.drain()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()


@asynccontextmanager
async def open_relay(cluster: Cluster, folder: Path) -> AsyncIterator[tuple[KubeRelay, Path]]:
    """A relay, and a kubeconfig with which the service's own account reaches the cluster through it."""
    relay = KubeRelay(cluster.plane, folder)
    await relay.open()
    home = DevHome(folder)
    shutil.copy(cluster.home.service_token, home.service_token)
    write_kubeconfig(home, relay.url, relay.ca_file)
    try:
        yield relay, home.service_kubeconfig
    finally:
        await relay.close()


@asynccontextmanager
async def relayed_service(
    cluster: Cluster, folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[tuple[KubeRelay, RunningService]]:
    """A service of its own behind a relay."""
    async with open_relay(cluster, folder) as (relay, kubeconfig):
        with running_service(kubeconfig, folder, settings) as service:
            yield relay, service
            await relay.close()  # nothing of it is served while we wait for the service to end
