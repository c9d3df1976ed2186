"""Who a call is made as, by the bytes that reach kube-apiserver, and by whom it takes the caller for."""

import asyncio
from collections import Counter

import pytest

from app.domain.call import Caller, Trace
from app.domain.errors import OwnAccessError
from app.domain.identity import Identity, InvalidIdentityError, OwnToken, Source
from app.k8s.impersonation import AsCaller, AsReserved, AsService, AsToken, outbound_headers
from app.k8s.request import KubeRequest, core_path
from app.k8s.review import access_review
from app.k8s.transport import Transport
from devcluster import ControlPlane
from tests.contract.k8s.conftest import OpenTransport
from tests.support.audit_log import AuditLog
from tests.support.cluster import Admin, Cluster, a_trace
from tests.support.kube_relay import Head, KubeRelay

CALLERS = 1000
SENT = {
    *("host", "accept", "accept-encoding", "user-agent", "content-type", "content-length"),
    *("audit-id", "authorization", "impersonate-user", "impersonate-group"),
}
"""All headers that ever go upstream."""
REVIEW = access_review("list", "", "secrets")
"""A call that anybody may make."""


def identity(number: int) -> Identity:
    """One of many, each with groups of a number and of names of their own."""
    return Identity(f"test:user-{number}", tuple(f"test:group-{number}-{n}" for n in range(number % 5)))


def acting(who: Identity) -> AsCaller:
    """In a request of its own."""
    return AsCaller(Caller(who, a_trace()))


def said(head: Head) -> tuple[list[bytes], list[bytes]]:
    """Users and groups that a call names."""
    return head.values("impersonate-user"), head.values("impersonate-group")


async def test_a_thousand_interleaved_callers_never_cross(
    plane: ControlPlane, admin: Admin, cluster: Cluster, relay: KubeRelay, through_relay: OpenTransport
) -> None:
    audit = AuditLog(plane.audit_log, admin)
    callers = {f"caller-{number}": identity(number) for number in range(CALLERS)}
    deadline = asyncio.get_running_loop().time() + 60

    async with through_relay(connections=16, read_timeout=30) as transport:
        await asyncio.gather(
            *(transport.send(REVIEW, AsCaller(Caller(who, Trace(name, deadline)))) for name, who in callers.items())
        )

    own = f"Bearer {cluster.home.service_token.read_text()}".encode()
    assert len(relay.heads) == CALLERS
    for head in relay.heads:
        who = callers[head.audit_id.removesuffix(".1")]
        assert said(head) == ([who.username.encode()], [group.encode() for group in who.groups])
        assert head.values("authorization") == [own]
        assert {name for name, _ in head.headers} <= SENT
        assert max(Counter(name for name, _ in head.headers if name != "impersonate-group").values()) == 1
    assert Counter(head.audit_id for head in relay.heads) == Counter(f"{name}.1" for name in callers)

    events = {event["auditID"].removesuffix(".1"): event for event in await audit.settled()}
    for name, who in callers.items():
        taken_for = events[name]["impersonatedUser"]
        assert (taken_for["username"], set(taken_for["groups"])) == (
            who.username,
            {*who.groups, "system:authenticated"},
        )


async def test_one_request_numbers_its_calls(relay: KubeRelay, transport: Transport) -> None:
    one = acting(identity(1))

    for _ in range(3):
        await transport.send(REVIEW, one)

    request_id = one.trace.request_id
    assert [head.audit_id for head in relay.heads] == [f"{request_id}.1", f"{request_id}.2", f"{request_id}.3"]
    assert one.trace.upstream_calls == 3


async def test_names_travel_as_utf8_and_are_understood_so(
    plane: ControlPlane, admin: Admin, relay: KubeRelay, transport: Transport
) -> None:
    audit = AuditLog(plane.audit_log, admin)
    who = Identity("test:zoë-日本", ("test:équipe", "test:a,b", "test:c d", "test:%2F", "test:😀"))
    caller = acting(who)

    await transport.send(REVIEW, caller)

    (head,) = relay.heads
    assert said(head) == ([who.username.encode()], [group.encode() for group in who.groups])
    (event,) = [event for event in await audit.settled() if event["auditID"] == f"{caller.trace.request_id}.1"]
    assert event["impersonatedUser"]["username"] == who.username
    assert set(event["impersonatedUser"]["groups"]) == {*who.groups, "system:authenticated"}


async def test_as_many_groups_as_may_be_are_sent_one_by_one(relay: KubeRelay, transport: Transport) -> None:
    groups = tuple(f"test:{number:02}-{'g' * 200}" for number in range(64))

    await transport.send(REVIEW, acting(Identity("test:many", groups)))

    assert said(relay.heads[0]) == ([b"test:many"], [group.encode() for group in groups])


async def test_a_token_of_the_callers_own_goes_alone(relay: KubeRelay, transport: Transport, admin: Admin) -> None:
    issued = await admin.post("/api/v1/namespaces/default/serviceaccounts/default/token", {"spec": {}})
    token = issued["status"]["token"]
    who = Identity("system:serviceaccount:default:default", source=Source.KUBERNETES, credential=OwnToken(token))

    await transport.send(REVIEW, acting(who))

    assert relay.heads[0].values("authorization") == [f"Bearer {token}".encode()]
    assert said(relay.heads[0]) == ([], [])


async def test_the_service_itself_names_nobody(relay: KubeRelay, transport: Transport) -> None:
    await transport.send(KubeRequest("GET", "/api/v1/namespaces"), AsService(a_trace()))

    assert said(relay.heads[0]) == ([], [])


async def test_the_service_itself_never_asks_about_secrets(relay: KubeRelay, transport: Transport) -> None:
    for path in (core_path("default", "secrets"), core_path("default", "secrets", "one"), "/api/v1/secrets"):
        with pytest.raises(OwnAccessError):
            await transport.send(KubeRequest("GET", path), AsService(a_trace()))

    assert relay.heads == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "\u00a0",
        " anna",
        "anna ",
        "anna\t",
        "\u2003anna",
        "an\r\nImpersonate-Group: system:masters",
        "an\nna",
        "an\rna",
        "an\x00na",
        "an\x7fna",
        "an\x85na",
        "an\ud800na",
        "zoe\u0308",
        "a" * 254,
        "system:admin",
        "system:serviceaccount:default:default",
        "system:",
    ],
)
def test_names_that_a_header_could_bend_are_never_impersonated(name: str) -> None:
    with pytest.raises(InvalidIdentityError) as as_user:
        Identity(name)
    with pytest.raises(InvalidIdentityError) as as_group:
        Identity("anna", ("team", name))

    assert name not in (str(as_user.value), str(as_group.value)) or name in ("", " ")


def test_sixty_five_groups_are_refused_and_not_cut() -> None:
    with pytest.raises(InvalidIdentityError):
        Identity("anna", tuple(f"team-{number}" for number in range(65)))


@pytest.mark.parametrize("user", ["", " ", "a\r\nb", " a"])
def test_a_reserved_user_is_held_to_the_same_rules(user: str) -> None:
    with pytest.raises(InvalidIdentityError):
        outbound_headers(AsReserved(user, Trace("request", 0)), "token")


def test_a_credential_is_in_no_representation() -> None:
    who = Identity("anna", credential=OwnToken("s3cr3t"))

    assert "s3cr3t" not in repr([acting_without_clock(who), AsToken("s3cr3t", Trace("request", 0))])


def acting_without_clock(who: Identity) -> AsCaller:
    """In a request that is over already."""
    return AsCaller(Caller(who, Trace("request", 0)))
