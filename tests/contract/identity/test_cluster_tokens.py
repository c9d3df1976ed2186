"""Tokens of a real cluster."""

from datetime import UTC, datetime, timedelta

import pytest

from app.dev.preparation import as_admin
from app.domain.call import Caller
from app.domain.errors import ForbiddenError, InvalidTokenError
from app.domain.identity import Source
from app.identity.cluster_token import ClusterTokens
from app.k8s.impersonation import AsCaller
from app.k8s.request import KubeRequest, core_path
from app.k8s.token_review import TokenReviewer
from app.k8s.transport import Transport
from devcluster import ControlPlane
from tests.contract.identity.conftest import Admin, trace


async def token_of(admin: Admin, namespace: str, **spec: object) -> str:
    """A token of the service account `deployer`, made where it is not there yet."""
    await admin.post(f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": "deployer"}})
    body: dict[str, object] = {"spec": {"expirationSeconds": 600, **spec}}
    made = await admin.post(f"/api/v1/namespaces/{namespace}/serviceaccounts/deployer/token", body)
    token: str = made["status"]["token"]
    return token


async def test_a_service_account_is_named_and_calls_with_its_own_rights(service: Transport, admin: Admin) -> None:
    namespace = await admin.namespace()
    identity = await ClusterTokens(TokenReviewer(service), "secretspace:").identify(
        await token_of(admin, namespace), trace()
    )
    assert identity.username == f"system:serviceaccount:{namespace}:deployer"
    assert f"system:serviceaccounts:{namespace}" in identity.groups
    assert identity.source is Source.KUBERNETES
    with pytest.raises(ForbiddenError):
        await service.send(KubeRequest("GET", core_path(namespace, "secrets")), AsCaller(Caller(identity, trace())))


async def test_the_end_of_the_token_is_known(service: Transport, admin: Admin) -> None:
    token = await token_of(admin, await admin.namespace())
    identity = await ClusterTokens(TokenReviewer(service), "secretspace:").identify(token, trace())
    assert identity.expires_at is not None
    assert timedelta(0) < identity.expires_at - datetime.now(UTC) <= timedelta(minutes=11)


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "x" * 16000])
async def test_what_is_no_token_is_refused(service: Transport, token: str) -> None:
    with pytest.raises(InvalidTokenError):
        await ClusterTokens(TokenReviewer(service), "secretspace:").identify(token, trace())


async def test_a_token_for_another_audience_is_refused(service: Transport, admin: Admin) -> None:
    token = await token_of(admin, await admin.namespace(), audiences=["vault"])
    with pytest.raises(InvalidTokenError):
        await ClusterTokens(TokenReviewer(service), "secretspace:").identify(token, trace())


async def test_over_a_connection_with_a_client_certificate_nobody_becomes_its_owner(plane: ControlPlane) -> None:
    async with as_admin(plane.kubeconfig) as (transport, _):
        tokens = ClusterTokens(TokenReviewer(transport), "secretspace:")
        with pytest.raises(InvalidTokenError):
            await tokens.identify("nonsense", trace())


async def test_the_audit_log_holds_no_token(service: Transport, admin: Admin, plane: ControlPlane) -> None:
    token = await token_of(admin, await admin.namespace())
    await ClusterTokens(TokenReviewer(service), "secretspace:").identify(token, trace())
    assert token not in plane.audit_log.read_text(encoding="utf-8")
