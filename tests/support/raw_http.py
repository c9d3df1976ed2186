"""Requests as bytes, for what no client library would send."""

import asyncio
from collections.abc import AsyncIterable
from urllib.parse import urlsplit

import httpx

from tests.support.service import RunningService

_SECONDS = 15.0


def request(method: str, path: str, *headers: str | bytes, body: bytes = b"") -> bytes:
    """The bytes of a request; each header is a whole line."""
    lines = [line.encode() if isinstance(line, str) else line for line in headers]
    return b"\r\n".join([f"{method} {path} HTTP/1.1".encode(), b"Host: localhost", *lines, b"", b""]) + body


async def send(service: RunningService, *parts: bytes) -> httpx.Response:
    """Send bytes over a connection of their own, and read one answer; the rest may never be sent."""
    address = urlsplit(service.url)
    async with asyncio.timeout(_SECONDS):
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await _answer(reader)
        finally:
            writer.transport.abort()


async def _answer(reader: asyncio.StreamReader) -> httpx.Response:
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
    headers = httpx.Headers([(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)])
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return httpx.Response(int(status.split(" ")[1]), headers=headers, content=body)


async def chunks(count: int, size: int) -> AsyncIterable[bytes]:
    """A body whose length is not told beforehand."""
    for _ in range(count):
        yield b" " * size
