"""What is refused, or given up, before the application sees a request: bytes over sockets, to uvicorn as it is run."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
import uvicorn

from app.cli.http_protocol import BoundedHttpProtocol
from tests.unit.middleware.asgi import answering

SECONDS = 0.2
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n"


@asynccontextmanager
async def connection() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    protocol = partial(BoundedHttpProtocol, head_bytes=1000, head_seconds=SECONDS)
    application = answering(headers=[(b"content-length", b"4")])
    config = uvicorn.Config(application, http=protocol, lifespan="off", log_config=None)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        serving = asyncio.create_task(server._serve([listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        yield reader, writer
        writer.close()
        server.should_exit = True
        await serving


async def closed(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the other end closes."""
    async with asyncio.timeout(10):
        return await reader.read()


@pytest.mark.parametrize("sent", [b"", b"GET", REQUEST, REQUEST + b"X: y", b"\r\n"])
async def test_a_connection_on_which_no_request_gets_finished_is_closed(sent: bytes) -> None:
    async with connection() as (reader, writer):
        writer.write(sent)

        assert await closed(reader) == b""


async def test_a_second_request_that_does_not_get_finished_closes_the_connection_as_well() -> None:
    async with connection() as (reader, writer):
        writer.write(REQUEST + b"\r\n" + REQUEST)

        assert (await closed(reader)).endswith(b"fine")


async def test_a_connection_outlives_the_time_for_headers_once_they_are_there() -> None:
    async with connection() as (reader, writer):
        for _ in range(3):
            writer.write(REQUEST + b"\r\n")
            await reader.readuntil(b"fine")
            await asyncio.sleep(SECONDS * 2)


async def test_headers_that_go_on_after_the_bound_are_cut_off() -> None:
    async with connection() as (reader, writer):
        for _ in range(3):
            writer.write(REQUEST + b"X: " + b"x" * 600)
            await writer.drain()
            await asyncio.sleep(SECONDS / 10)

        assert await closed(reader) != b""
