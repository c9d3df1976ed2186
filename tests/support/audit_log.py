"""What the cluster itself says of the calls that were made: the audit log of kube-apiserver."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx

from tests.support.cluster import Admin

SERVICE_ACCOUNT = "system:serviceaccount:secretspace-system:secretspace"
_SECONDS = 10.0

Event = dict[str, Any]


class AuditLog:
    """The events from now on."""

    def __init__(self, path: Path, admin: Admin) -> None:
        self._path = path
        self._admin = admin
        self._start = path.stat().st_size

    async def settled(self) -> list[Event]:
        """All events so far: once a call that is made now is among them, those of earlier ones are."""
        marker = f"marker-{token_hex(8)}"
        await self._admin.exists(f"/api/v1/namespaces/{marker}")
        async with asyncio.timeout(_SECONDS):
            while marker not in (text := self._text()):
                await asyncio.sleep(0.05)
        return [json.loads(line) for line in text.splitlines()]

    async def of(self, *responses: httpx.Response) -> list[Event]:
        """The calls that were made upstream for these answers."""
        wanted = {response.headers["X-Request-Id"] for response in responses}
        return [event for event in await self.settled() if event["auditID"].partition(".")[0] in wanted]

    def _text(self) -> str:
        with self._path.open("rb") as file:
            file.seek(self._start)
            return file.read().rpartition(b"\n")[0].decode()


def on_secrets(events: Iterable[Event], namespace: str) -> list[Event]:
    """Those about Secrets of a namespace that were made with the service's own credential."""
    return [
        event
        for event in events
        if event["user"]["username"] == SERVICE_ACCOUNT
        and event.get("objectRef", {}).get("resource") == "secrets"
        and event["objectRef"]["namespace"] == namespace
    ]
