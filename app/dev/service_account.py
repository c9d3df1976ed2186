"""The credential with which the service runs: a token of its own ServiceAccount, as in any cluster."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from typing_extensions import override

from app.dev.home import DevHome
from app.dev.private_file import write_private
from app.k8s.impersonation import AsService
from app.k8s.request import KubeRequest, core_path, encode
from app.k8s.transport import Transport
from app.k8s.wire import Wire, decode

LIFETIME: Final = timedelta(hours=1)
RENEW_BEFORE: Final = timedelta(minutes=12)


class _Token(Wire, frozen=True):
    token: str
    expiration_timestamp: datetime

    @override
    def __repr__(self) -> str:
        return f"_Token(expires {self.expiration_timestamp:%c})"


class _TokenRequest(Wire, frozen=True):
    status: _Token


async def renew_token(home: DevHome, transport: Transport, acting: AsService) -> datetime:
    """Write a fresh token into its file, and return when the next one is due (UTC).

    The service reads the file again within a minute, so that many minutes before the end are plenty.
    """
    answer = await transport.send(token_request(), acting)
    status = decode(answer.body, _TokenRequest).status
    write_private(home.service_token, status.token)
    return status.expiration_timestamp.astimezone(UTC) - RENEW_BEFORE


def token_request() -> KubeRequest:
    """Source: https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/."""
    return KubeRequest(
        method="POST",
        path=core_path("secretspace-system", "serviceaccounts", "secretspace") + "/token",
        content_type="application/json",
        body=encode(
            {
                "apiVersion": "authentication.k8s.io/v1",
                "kind": "TokenRequest",
                "spec": {"expirationSeconds": round(LIFETIME.total_seconds())},
            }
        ),
    )


def write_kubeconfig(home: DevHome, url: str, ca_file: Path) -> None:
    """Write the kubeconfig that names the cluster and the token's file."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "dev", "cluster": {"server": url, "certificate-authority": str(ca_file)}}],
        "users": [{"name": "secretspace", "user": {"tokenFile": str(home.service_token)}}],
        "contexts": [{"name": "dev", "context": {"cluster": "dev", "user": "secretspace"}}],
        "current-context": "dev",
    }
    write_private(home.service_kubeconfig, json.dumps(document, indent=2) + "\n")
