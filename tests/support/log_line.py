"""The lines that the service writes."""

import asyncio
import json
from typing import Any

import httpx

from tests.support.service import RunningService

_SECONDS = 5.0

Line = dict[str, Any]


def written(service: RunningService) -> list[Line]:
    """All lines so far."""
    return [json.loads(line) for line in service.log_lines() if line.startswith("{")]


async def finished(service: RunningService, response: httpx.Response) -> Line:
    """The line of a request that was answered; it is written once the answer is out."""
    request_id = response.headers["X-Request-Id"]
    async with asyncio.timeout(_SECONDS):
        while True:
            for line in written(service):
                if line["event"] == "request.finished" and line["request_id"] == request_id:
                    return line
            await asyncio.sleep(0.02)
