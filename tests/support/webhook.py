"""An admission webhook that refuses everything, with the status that it is told, and quotes what it was shown."""

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import trustme

from tests.support.cluster import Admin

_CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


@contextmanager
def aborting(writer: asyncio.StreamWriter) -> Iterator[None]:
    """Let the connection go at the end of a block, without another word."""
    try:
        yield
    finally:
        writer.transport.abort()


class RefusingWebhook:
    """Listens on loopback; `status` is the HTTP status of its refusals."""

    def __init__(self) -> None:
        self.status = 403
        self.asked = 0
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the reviews that come over one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError), aborting(writer):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").lower()
                length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
                answer = json.dumps(self._answer(json.loads(await reader.readexactly(length)))).encode()
                lines = ["HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(answer)}", "", ""]
                writer.write("\r\n".join(lines).encode() + answer)
                await writer.drain()

    async def close(self) -> None:
        """End all connections."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving)

    def _answer(self, review: dict[str, Any]) -> dict[str, Any]:
        self.asked += 1
        asked = review["request"]
        status = {"code": self.status, "message": f"refused: {asked['object']['data']}"}
        response = {"uid": asked["uid"], "allowed": False, "status": status}
        return {"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response}


@asynccontextmanager
async def refusing_webhook(admin: Admin, name: str, namespace: str) -> AsyncIterator[RefusingWebhook]:
    """A webhook of this name that is asked about every Secret of a namespace."""
    authority, tls, webhook = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), RefusingWebhook()
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    server = await asyncio.start_server(webhook.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    resources = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["secrets"]}
    entry = {
        "name": name,
        "clientConfig": {
            "url": f"https://127.0.0.1:{port}/",
            "caBundle": b64encode(authority.cert_pem.bytes()).decode(),
        },
        "rules": [resources],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 5,
    }
    await admin.post(_CONFIGURATIONS, {"metadata": {"name": name}, "webhooks": [entry]})
    try:
        yield webhook
    finally:
        await admin.delete(f"{_CONFIGURATIONS}/{name}")
        server.close()
        await webhook.close()
