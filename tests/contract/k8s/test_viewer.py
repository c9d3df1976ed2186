"""What is granted by rules on `secrets/metadata`, as the real RBAC says, and what the service gets to see by it."""

from collections.abc import Callable
from secrets import token_hex
from typing import Any

import msgspec
import pytest

from app.domain.access import METADATA
from app.domain.call import RESERVED_USER_METADATA, Caller
from app.domain.errors import OwnAccessError
from app.domain.identity import Identity
from app.domain.name import ProjectName, SecretName
from app.domain.secret import ProjectRef, SecretRef
from app.k8s import secret_request as requests
from app.k8s.impersonation import AsReserved
from app.k8s.request import KubeRequest
from app.k8s.review import KubeReviews
from app.k8s.transport import Transport
from tests.support.canary import canary, leaks
from tests.support.cluster import Admin, a_trace
from tests.support.people import bind, bind_metadata_user, effective, grant

RULES: dict[str, dict[str, Any]] = {
    "it": {"resources": [METADATA], "verbs": ["list"]},
    "it, by any verb": {"resources": [METADATA], "verbs": ["*"]},
    "it, of any group": {"apiGroups": ["*"], "resources": [METADATA], "verbs": ["list"]},
    "it, by another verb": {"resources": [METADATA], "verbs": ["get", "watch"]},
    "it, of another group": {"apiGroups": ["apps"], "resources": [METADATA], "verbs": ["list"]},
    "one of it": {"resources": [METADATA], "verbs": ["list"], "resourceNames": ["mine"]},
    "the like of anything": {"resources": ["*/metadata"], "verbs": ["list"]},
    "the like of something else": {"resources": ["configmaps/metadata"], "verbs": ["list"]},
    "anything": {"resources": ["*"], "verbs": ["list"]},
    "what looks like all of Secrets": {"resources": ["secrets/*"], "verbs": ["list"]},
    "Secrets": {"resources": ["secrets"], "verbs": ["list"]},
}


async def seen(admin: Admin, namespace: str, user: str, name: str) -> bool:
    """Whether RBAC lets the user list the metadata, asked of the cluster by its administrator."""
    attributes = {"namespace": namespace, "verb": "list", "resource": "secrets", "subresource": "metadata"}
    body = {"spec": {"user": user, "resourceAttributes": attributes | {"name": name}}}
    review = await admin.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", body)
    return bool(review["status"]["allowed"])


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
async def test_who_sees_secrets_is_read_from_rules_as_rbac_reads_them(
    admin: Admin, own_transport: Transport, rule: dict[str, Any]
) -> None:
    namespace, name = await admin.namespace(), f"someone-{token_hex(4)}"
    await grant(admin, namespace, name, rule)
    caller = Caller(Identity(f"secretspace:{name}"), a_trace())

    rules = await KubeReviews(own_transport).rules(caller, namespace)

    for secret in (None, "mine", "another"):
        assert rules.sees(secret) is await seen(admin, namespace, caller.username, secret or "")


async def test_a_viewers_role_is_to_see_and_nothing_else(admin: Admin, own_transport: Transport) -> None:
    namespace, name = await admin.namespace(), f"someone-{token_hex(4)}"
    await bind(admin, namespace, name, {"kind": "ClusterRole", "name": "secretspace:project-viewer"})
    await effective(admin, namespace, f"secretspace:{name}", RULES["it"])
    caller = Caller(Identity(f"secretspace:{name}"), a_trace())

    rules = await KubeReviews(own_transport).rules(caller, namespace)

    assert rules.sees()
    assert rules.sees_project
    assert rules.actions() == ("list", "view")


READS: dict[str, Callable[[SecretRef], KubeRequest]] = {
    "list": lambda secret: requests.list_rows(secret.namespace, None, ""),
    "detail": requests.find_row,
}


@pytest.mark.parametrize("read", READS)
async def test_no_value_reaches_the_service_for_a_viewer(admin: Admin, own_transport: Transport, read: str) -> None:
    secret = await a_secret(admin, copies=1000)

    answer = await own_transport.send(READS[read](secret), AsReserved(RESERVED_USER_METADATA, a_trace()))

    table = msgspec.json.decode(answer.body)
    assert table["kind"] == "Table"
    assert [row["cells"][:3] for row in table["rows"]] == [["mine", "Opaque", 1]]
    assert len(answer.body) < 10_000
    assert leaks(answer.body) == []


async def test_the_services_own_user_reads_no_single_secret_and_lists_nowhere_else(
    admin: Admin, own_transport: Transport
) -> None:
    secret, elsewhere = await a_secret(admin), await admin.namespace()

    for request in (requests.get(secret), requests.get_row(secret), requests.list_rows(elsewhere, None, "")):
        with pytest.raises(OwnAccessError):
            await own_transport.send(request, AsReserved(RESERVED_USER_METADATA, a_trace()))


async def a_secret(admin: Admin, copies: int = 1) -> SecretRef:
    """A Secret in a namespace where the service's own user is bound."""
    namespace = await admin.namespace()
    await bind_metadata_user(admin, namespace)
    body = {"metadata": {"name": "mine"}, "stringData": {"password": canary() * copies}}
    await admin.post(f"/api/v1/namespaces/{namespace}/secrets", body)
    return SecretRef(ProjectRef("cluster", ProjectName(namespace)), SecretName("mine"))
