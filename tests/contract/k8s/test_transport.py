"""What the transport makes of connections and answers, good and bad, with kube-apiserver at their other end."""

import asyncio
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from time import monotonic

import pytest

from app.domain.call import Trace
from app.domain.errors import (
    InvalidTokenError,
    UpstreamAnswerError,
    UpstreamExpiredError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from app.k8s import credentials
from app.k8s.credentials import Credentials
from app.k8s.impersonation import AsService, AsToken
from app.k8s.namespace import watch_namespaces
from app.k8s.request import JSON, MERGE_PATCH, KubeRequest, Method, encode
from app.k8s.transport import Transport, open_transport
from app.settings import Kubernetes
from tests.contract.k8s.conftest import OpenTransport
from tests.support.cluster import Admin, Cluster, a_trace
from tests.support.kube_relay import Head, KubeRelay, Rule, always, answer, late

READ = KubeRequest("GET", "/api/v1/namespaces/default")
LIST = KubeRequest("GET", "/api/v1/namespaces")


def itself() -> AsService:
    """As the service, in a request of its own."""
    return AsService(a_trace())


def in_turn(*answers: bytes | None) -> Rule:
    """One answer after the other; after the last one kube-apiserver answers."""
    left: Iterator[bytes | None] = chain(answers, repeat(None))

    async def rule(_: Head) -> bytes | None:
        return next(left)

    return rule


async def test_a_read_on_a_connection_that_was_just_closed_is_made_once_more(
    relay: KubeRelay, transport: Transport
) -> None:
    acting = itself()
    relay.rule = in_turn(None, b"")

    await transport.send(READ, acting)
    answered = await transport.send(READ, acting)

    request_id = acting.trace.request_id
    assert answered.status == 200
    assert [head.audit_id for head in relay.heads] == [f"{request_id}.{n}" for n in (1, 2, 3)]


async def test_a_read_is_made_twice_at_most(relay: KubeRelay, transport: Transport) -> None:
    relay.rule = always(b"")

    with pytest.raises(UpstreamUnavailableError):
        await transport.send(READ, itself())

    assert len(relay.heads) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_write_is_never_made_twice(relay: KubeRelay, transport: Transport, method: Method) -> None:
    relay.rule = in_turn(None, b"")
    write = KubeRequest(method, READ.path, content_type=MERGE_PATCH, body=b"{}")

    await transport.send(READ, itself())
    with pytest.raises(UpstreamUnavailableError):
        await transport.send(write, itself())

    assert [head.method for head in relay.heads] == ["GET", method]


async def test_an_answer_that_does_not_come_is_not_waited_for(relay: KubeRelay, transport: Transport) -> None:
    relay.rule = late(30)
    began = monotonic()

    with pytest.raises(UpstreamTimeoutError):
        await transport.send(READ, itself())

    assert monotonic() - began < 5
    assert len(relay.heads) == 1


async def test_the_deadline_of_the_request_holds_for_each_of_its_calls(
    relay: KubeRelay, through_relay: OpenTransport
) -> None:
    relay.rule = late(30)
    trace = Trace("short", asyncio.get_running_loop().time() + 0.3)
    began = monotonic()

    async with through_relay(read_timeout=30) as transport:
        with pytest.raises(UpstreamTimeoutError):
            await transport.send(READ, AsService(trace))

    assert monotonic() - began < 5


async def test_nothing_is_asked_once_the_time_is_over(relay: KubeRelay, transport: Transport) -> None:
    trace = Trace("late", asyncio.get_running_loop().time() - 1)

    with pytest.raises(UpstreamTimeoutError):
        await transport.send(READ, AsService(trace))

    assert relay.heads == []


async def test_no_connection_is_unavailable_and_comes_back_by_itself(relay: KubeRelay, transport: Transport) -> None:
    async with relay.closed():
        with pytest.raises(UpstreamUnavailableError):
            await transport.send(READ, itself())

    assert (await transport.send(READ, itself())).status == 200


async def test_a_server_that_our_authority_did_not_sign_is_not_talked_to(
    cluster: Cluster, relay: KubeRelay, tmp_path: Path
) -> None:
    path = tmp_path / "other.kubeconfig"
    text = (tmp_path / "service.kubeconfig").read_text()
    path.write_text(text.replace(str(relay.ca_file), str(cluster.plane.ca_file)))

    async with open_transport(Kubernetes(), await Credentials.load(path, None)) as transport:
        with pytest.raises(UpstreamUnavailableError):
            await transport.send(READ, itself())

    assert relay.heads == []


async def test_an_answer_is_read_up_to_a_limit(through_relay: OpenTransport) -> None:
    async with through_relay(max_answer_bytes=500) as transport:
        with pytest.raises(UpstreamAnswerError) as refused:
            await transport.send(LIST, itself())

    assert (refused.value.status, refused.value.reason) == (200, "TooLarge")


async def test_a_redirect_is_not_followed(relay: KubeRelay, transport: Transport) -> None:
    relay.rule = in_turn(answer("302 Found", b"", f"Location: {relay.url}/elsewhere"))

    with pytest.raises(UpstreamAnswerError) as refused:
        await transport.send(READ, itself())

    assert refused.value.status == 302
    assert [head.target for head in relay.heads] == [READ.path]


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_no_proxy_of_the_environment_is_used(
    through_relay: OpenTransport, relay: KubeRelay, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")

    async with through_relay() as transport:
        await transport.send(READ, itself())

    assert len(relay.heads) == 1


async def test_callers_share_few_connections(relay: KubeRelay, through_relay: OpenTransport) -> None:
    async with through_relay(connections=3, read_timeout=10) as transport:
        await asyncio.gather(*(transport.send(READ, itself()) for _ in range(50)))

    assert len(relay.heads) == 50
    assert relay.connections <= 3


async def test_the_services_token_is_read_again_from_its_file(
    relay: KubeRelay, through_relay: OpenTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "REFRESH_SECONDS", 0.0)

    async with through_relay() as transport:
        await transport.send(READ, itself())
        (tmp_path / "service.token").write_text("another-token")
        with pytest.raises(UpstreamUnavailableError):
            await transport.send(READ, itself())

    assert relay.heads[0].values("authorization") != [b"Bearer another-token"]
    assert relay.heads[1].values("authorization") == [b"Bearer another-token"]


async def test_a_token_that_is_not_the_services_is_the_callers_fault(transport: Transport) -> None:
    with pytest.raises(InvalidTokenError):
        await transport.send(READ, AsToken("no-token-of-this-cluster", a_trace()))


async def test_uncompressed_answers_are_asked_for(relay: KubeRelay, transport: Transport) -> None:
    await transport.send(LIST, itself())

    assert relay.heads[0].values("accept-encoding") == [b"identity"]


async def test_a_watch_tells_of_what_happens(admin: Admin, transport: Transport) -> None:
    listed = await transport.send(LIST, itself())
    version = listed.body.partition(b'"resourceVersion":"')[2].partition(b'"')[0].decode()
    watching = transport.watch(watch_namespaces(version), itself(), idle_seconds=10)

    await admin.merge("/api/v1/namespaces/default", {"metadata": {"labels": {"tests.secretspace.io/seen": "1"}}})
    event = await asyncio.wait_for(anext(watching), 10)
    await watching.aclose()  # type: ignore[attr-defined]  # it is a generator

    assert b'"MODIFIED"' in event
    assert b"tests.secretspace.io/seen" in event


async def test_a_watch_that_falls_silent_is_taken_for_dead(relay: KubeRelay, transport: Transport) -> None:
    relay.rule = late(30)

    with pytest.raises(UpstreamTimeoutError):
        await anext(transport.watch(watch_namespaces("1"), itself(), idle_seconds=0.2))


async def test_a_watch_that_breaks_says_so(relay: KubeRelay, transport: Transport) -> None:
    relay.rule = always(b"")

    with pytest.raises(UpstreamUnavailableError):
        await anext(transport.watch(watch_namespaces("1"), itself(), idle_seconds=10))


STATUS = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
EXPIRED = answer("410 Gone", encode({**STATUS, "reason": "Expired", "code": 410}))


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0", 1), ("9999", 60), ("soon", 1), ("-5", 1), ("1e3", 1), ("٣", 1)]
)
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_an_overloaded_server_says_when_to_come_again(
    relay: KubeRelay, transport: Transport, status: str, header: str, seconds: int
) -> None:
    relay.rule = always(answer(status, encode(STATUS), f"Retry-After: {header}"))

    with pytest.raises(UpstreamUnavailableError) as refused:
        await transport.send(READ, itself())

    assert refused.value.retry_after == seconds
    assert len(relay.heads) == 1


async def test_a_list_whose_version_is_forgotten_is_told_apart(relay: KubeRelay, transport: Transport) -> None:
    relay.rule = always(EXPIRED)

    with pytest.raises(UpstreamExpiredError):
        await transport.send(LIST, itself())


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        answer("500 Internal Server Error", b"<html>"),
        answer("400 Bad Request", b"\xff"),
        answer("418 I'm a teapot", encode({**STATUS, "message": "canary-text"})),
    ],
)
async def test_nonsense_is_an_error_of_the_server(relay: KubeRelay, transport: Transport, content: bytes) -> None:
    relay.rule = always(content)

    with pytest.raises(UpstreamAnswerError) as refused:
        await transport.send(KubeRequest("POST", READ.path, content_type=JSON, body=b"{}"), itself())

    assert "canary" not in repr(refused.value)
