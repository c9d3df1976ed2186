"""The bytes that the running service sends to kube-apiserver for many callers at once, whatever these send along."""

import asyncio
from collections.abc import AsyncIterator
from itertools import cycle, islice
from typing import Final

import httpx
import pytest
import pytest_asyncio

from tests.api.operation import KEY, content
from tests.support.canary import canary
from tests.support.cluster import Admin, Cluster
from tests.support.kube_relay import Head, KubeRelay, relayed_service
from tests.support.people import EVERYBODY, OPERATOR, People, Person, Project, client_of
from tests.support.service import RunningService

REQUESTS: Final = 210
ACCOUNTS: Final = b"secretspace-system:accounts"
METADATA: Final = b"secretspace-system:metadata"
OUTBOUND: Final = {
    *("host", "user-agent", "accept", "accept-encoding", "content-type", "content-length"),
    *("authorization", "audit-id", "impersonate-user", "impersonate-group"),
}
SENT_ALONG: Final = {
    "Accept-Language": "canary",
    "Audit-ID": "canary",
    "Connection": "Impersonate-User, Audit-ID",
    "Cookie": "canary=1",
    "Forwarded": "for=canary",
    "Origin": "https://canary.example",
    "Proxy-Authorization": "Basic canary",
    "Referer": "https://canary.example",
    "Trailer": "Impersonate-User",
    "User-Agent": "canary",
    "X-Forwarded-For": "canary",
    "X-Forwarded-User": "canary",
    "X-Request-Id": "canary",
    "traceparent": "00-canary-01",
}
"""Headers of callers, none of which is anybody's business but ours."""


@pytest_asyncio.fixture(scope="module")
async def behind_relay(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[KubeRelay, RunningService]]:
    async with relayed_service(cluster, tmp_path_factory.mktemp("relayed"), {}) as opened:
        yield opened


async def test_many_callers_at_once_never_cross(
    cluster: Cluster, people: People, project: Project, behind_relay: tuple[KubeRelay, RunningService]
) -> None:
    relay, service = behind_relay
    paths = [project.secrets, f"{project.secrets}/mine"]
    asked = list(islice(zip(map(people.__getitem__, cycle(EVERYBODY)), cycle(paths), strict=False), REQUESTS))

    async with httpx.AsyncClient(base_url=service.url, headers=SENT_ALONG, trust_env=False, timeout=35) as client:
        answers = await asyncio.gather(*(client.get(path, headers=credential(person)) for person, path in asked))

    users = [person.username for person, _ in asked]
    whose = dict(zip((response.headers["X-Request-Id"] for response in answers), users, strict=True))
    own = [f"Bearer {cluster.home.service_token.read_text()}".encode()]
    calls = [head for head in relay.heads if head.audit_id.partition(".")[0] in whose]
    assert len(whose) == REQUESTS
    assert len(calls) >= REQUESTS
    assert len({head.audit_id for head in relay.heads}) == len(relay.heads)
    for head in calls:
        user = whose[head.audit_id.partition(".")[0]].encode()
        assert head.values("impersonate-user") in expected(head, user)
        assert head.values("authorization") == own
    for head in relay.heads:
        assert {name for name, _ in head.headers} <= OUTBOUND
        assert b"canary" not in head.raw


def credential(person: Person) -> dict[str, str]:
    """The header that says who somebody is."""
    return {"Authorization": person.client.headers["Authorization"]}


def expected(head: Head, user: bytes) -> list[list[bytes]]:
    """As whom a call may be made in a request of this user.

    Accounts are read as a reserved user, and Secrets listed for who may see and not read them as another one.
    """
    if head.target.startswith("/api/v1/namespaces/secretspace-system/secrets/"):
        return [[ACCOUNTS]]
    if user.endswith(b":viewer") and "/secrets?" in head.target:
        return [[user], [METADATA]]
    if "/namespaces/project-" in head.target or "/selfsubject" in head.target:
        return [[user]]
    return [[]]


async def test_no_call_about_secrets_goes_out_in_nobodys_name(
    admin: Admin, people: People, project: Project, behind_relay: tuple[KubeRelay, RunningService]
) -> None:
    relay, service = behind_relay
    before = len(relay.heads)
    one = f"{project.secrets}/one"

    async with client_of(service, people[OPERATOR].client.headers["Authorization"].removeprefix("Bearer ")) as client:
        person = Person(OPERATOR, client)
        answers = [
            await person.post(project.secrets, {"name": "one", "content": content()}),
            await person.patch(f"{one}/data", {"set": {KEY: canary()}}),
            await person.put(one, {"content": content()}, if_match=None),
            await person.delete(one),
        ]

    about_secrets = [head for head in relay.heads[before:] if "/secrets" in head.target]
    assert [response.status_code for response in answers] == [201, 200, 200, 200]
    assert {head.method for head in about_secrets} == {"GET", "POST", "PATCH", "DELETE"}
    assert {tuple(head.values("impersonate-user")) for head in about_secrets} <= {
        (person.username.encode(),),
        (ACCOUNTS,),
    }
