"""People of OpenID Connect providers: a real one, and ours that signs tokens which none would issue."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from app.domain.errors import HeadersTooLargeError, IdentityProviderUnavailableError, InvalidTokenError
from app.identity.oidc_discovery import PATH
from app.identity.oidc_key_ring import PAUSE_SECONDS
from devcluster import ControlPlane
from tests.api.test_oauth_issuer import eventually, who_am_i
from tests.support.canary import canary
from tests.support.cluster import Admin, Cluster, binaries
from tests.support.oidc import (
    ALGORITHMS,
    KEYS_PATH,
    Certificates,
    ProviderKey,
    RealProvider,
    Site,
    answer,
    compact,
    configuration,
    new_site,
    real_provider,
    rsa_key,
    serving,
)
from tests.support.people import Person, Project, client_of
from tests.support.problem import provokes
from tests.support.service import RunningService, free_port, running_service

CLIENT: Final = "console"
KEY, OTHER_KEY, NEXT_KEY = rsa_key("one"), rsa_key("one"), rsa_key("next")
RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
ME: Final = "/api/v1/me"
TROUBLE: Final = ("another-issuer", "plain-keys", "huge", "drip", "moved", "gone")
"""Paths under which our provider is not as it should be."""


@dataclass(frozen=True)
class Providers:
    """Those that the service is told of: a real one, one of ours, and one that is not up at first."""

    real: RealProvider
    site: Site
    late: Site


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.made_in(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def real(certificates: Certificates) -> Iterator[RealProvider]:
    with real_provider(certificates, free_port()) as provider:
        yield provider


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def providers(real: RealProvider, certificates: Certificates) -> AsyncIterator[Providers]:
    async with serving(new_site(), certificates) as site:
        site.publish(None, {"kty": "RSA", "n": "!"}, {**OTHER_KEY.jwk, "use": "enc"}, KEY.jwk, "garbage")
        for path in TROUBLE:
            site.publish(KEY.jwk, path=f"/{path}")
        site.publish(KEY.jwk, path="/rotating")
        site.pages[f"/another-issuer{PATH}"] = configuration(site.url)
        plain = f"http://{site.url.removeprefix('https://')}{KEYS_PATH}"
        site.pages[f"/plain-keys{PATH}"] = configuration(f"{site.url}/plain-keys", jwks_uri=plain)
        site.pages[f"/huge{KEYS_PATH}"] = b'{"keys": []}' + b" " * 10 * 1024 * 1024
        site.pages[f"/drip{KEYS_PATH}"] = drip
        site.pages[f"/moved{PATH}"] = moved_to(site.url + PATH)
        del site.pages[f"/gone{PATH}"]
        yield Providers(real, site, new_site())


@pytest.fixture(scope="module")
def federated(
    providers: Providers, certificates: Certificates, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """The service, told of all of them; what `late` is to answer, nobody answers yet."""
    ours = ["", "/rotating", *(f"/{path}" for path in TROUBLE)]
    issuers = [
        issuer(providers.real.url, "staff:", certificates, groups_prefix="staff-group:"),
        *(issuer(f"{providers.site.url}{path}", f"ours{number}:", certificates) for number, path in enumerate(ours)),
        issuer(providers.late.url, "late:", certificates),
    ]
    settings = {"SECRETSPACE_IDENTITY__OIDC__ISSUERS": json.dumps(issuers)}
    folder = tmp_path_factory.mktemp("service")
    with running_service(cluster.home.service_kubeconfig, folder, settings) as running:
        yield running


def issuer(url: str, prefix: str, certificates: Certificates, **more: str) -> dict[str, object]:
    members = {"issuer": url, "username_prefix": prefix, "ca_file": str(certificates.ca_file), **more}
    return {**members, "audiences": [CLIENT], "groups_claim": "groups"}


def claims(iss: str, **members: Any) -> dict[str, Any]:
    """Good ones, with a mark by which the token would be found in a log."""
    now = int(time.time())
    good = {"iss": iss, "aud": CLIENT, "sub": "anna", "iat": now, "exp": now + 600, "jti": canary("token")}
    return {**good, **members}


async def ask(service: RunningService, token: str, path: str = ME) -> httpx.Response:
    async with client_of(service, token) as client:
        return await client.get(path)


# ---- a real provider


async def test_who_signed_in_at_the_provider_is_known_here(federated: RunningService, real: RealProvider) -> None:
    token = await real.sign_in("anna", CLIENT, groups=["devs", "ops"], name="Anna K.", mark=canary("token"))
    me = (await ask(federated, token)).json()
    assert me.pop("expiresAt")
    assert me == {
        "username": "staff:anna",
        "groups": ["staff-group:devs", "staff-group:ops"],
        "displayName": "Anna K.",
        "source": "oidc",
    }


@pytest.mark.parametrize(
    "subject", [{"kind": "User", "name": "staff:{user}"}, {"kind": "Group", "name": "staff-group:{user}s"}], ids=str
)
async def test_what_rbac_grants_to_a_user_or_group_of_the_provider_is_theirs(
    federated: RunningService, real: RealProvider, admin: Admin, project: Project, subject: dict[str, str]
) -> None:
    user = f"anna-{token_hex(4)}"
    await admin.post(project.kube_secrets, {"metadata": {"name": "one"}, "stringData": {"key": canary()}})
    token = await real.sign_in(user, CLIENT, groups=[f"{user}s"])
    assert (await ask(federated, token, project.secrets)).status_code == 404
    named = {**subject, "name": subject["name"].format(user=user), "apiGroup": "rbac.authorization.k8s.io"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "secretspace:project-operator"}
    body = {"metadata": {"generateName": "oidc-"}, "roleRef": role, "subjects": [named]}
    await admin.post(f"{RBAC}/namespaces/{project.name}/rolebindings", body)

    answer = await eventually(lambda: ask(federated, token, project.secrets))

    assert [each["name"] for each in answer.json()["items"]] == ["one"]


async def test_kube_apiserver_with_the_same_flags_takes_the_token_for_the_same_user_and_groups(
    federated: RunningService,
    real: RealProvider,
    certificates: Certificates,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    flags = [
        f"--oidc-issuer-url={real.url}",
        f"--oidc-ca-file={certificates.ca_file}",
        f"--oidc-client-id={CLIENT}",
        "--oidc-username-claim=sub",
        "--oidc-username-prefix=staff:",
        "--oidc-groups-claim=groups",
        "--oidc-groups-prefix=staff-group:",
    ]
    token = await real.sign_in("anna", CLIENT, groups=["devs"])
    me = (await ask(federated, token)).json()
    with ControlPlane.start(
        binaries(), tmp_path_factory.mktemp("trusting"), durable=False, apiserver_flags=flags
    ) as it:
        user = (await eventually(lambda: who_am_i(it, token), 201)).json()["status"]["userInfo"]
    assert user["username"] == me["username"]
    assert set(user["groups"]) == {*me["groups"], "system:authenticated"}


@provokes(InvalidTokenError, 401)
async def test_a_token_for_another_client_of_the_provider_is_refused(
    federated: RunningService, real: RealProvider
) -> httpx.Response:
    return await ask(federated, await real.sign_in("anna", "another-client"))


async def test_a_console_is_told_that_the_way_is_open(federated: RunningService, real: RealProvider) -> None:
    meta = (await ask(federated, await real.sign_in("anna", CLIENT), "/api/v1/meta")).json()
    assert meta["signIn"] == ["local", "kubernetes", "oidc"]


# ---- tokens that no provider would issue


def signed(key: ProviderKey = KEY, header: Mapping[str, Any] = {}, **members: Any) -> Callable[[str], str]:
    return lambda iss: key.sign(claims(iss, **members), **header)


def with_hmac(header: dict[str, Any]) -> Callable[[str], str]:
    """Signed with the public key, as if it were a secret that both sides have."""
    return lambda iss: compact(header, claims(iss), lambda text: bytes(ALGORITHMS["HS256"].sign(text, KEY.public_pem)))


NOW: Final = int(time.time())
TORTURED: Final[dict[str, Callable[[str], str]]] = {
    "the algorithm none": signed(header={"alg": "none"}),
    "none, and no signature": lambda iss: compact({"alg": "none"}, claims(iss), lambda _: b"")[:-1] + ".",
    "an HMAC with the public key": with_hmac({"alg": "HS256", "kid": "one", "typ": "JWT"}),
    "an HMAC that says RS256": with_hmac({"alg": "RS256", "kid": "one", "typ": "JWT"}),
    "an algorithm that is not set": signed(header={"alg": "RS512"}),
    "crit": signed(header={"crit": ["exp"]}),
    "unencoded": signed(header={"crit": ["b64"], "b64": False}),
    "a key id that is not known": signed(header={"kid": "made-up"}),
    "the key of somebody else": signed(OTHER_KEY),
    "a key that comes along": signed(OTHER_KEY, header={"jwk": OTHER_KEY.jwk}),
    "the type of a logout": signed(header={"typ": "logout+jwt"}),
    "another audience": signed(aud="other"),
    "no audience": signed(aud=[]),
    "expired": signed(exp=NOW - 3600),
    "no end": signed(exp=None),
    "not yet valid": signed(nbf=NOW + 3600),
    "issued tomorrow": signed(iat=NOW + 86400),
    "an empty name": signed(sub=""),
    "a name that is a number": signed(sub=7),
    "a name that is a list": signed(sub=["anna"]),
    "a blank name": signed(sub=" "),
    "a name with a line break": signed(sub="anna\r\nImpersonate-Group: system:masters"),
    "a name that is half a character": signed(sub="\ud800"),
    "groups that are an object": signed(groups={"devs": True}),
    "groups that are numbers": signed(groups=[1]),
    "too many groups": signed(groups=[str(number) for number in range(65)]),
}


@pytest.mark.parametrize("name", TORTURED)
@provokes(InvalidTokenError, 401)
async def test_a_tortured_token_is_refused(
    federated: RunningService, providers: Providers, name: str
) -> httpx.Response:
    refused = await ask(federated, TORTURED[name](providers.site.url))
    unknown = await ask(federated, f"{canary('opaque')}")
    assert _bare(refused) == _bare(unknown)
    assert refused.headers["WWW-Authenticate"] == unknown.headers["WWW-Authenticate"]
    return refused


@provokes(HeadersTooLargeError, 431)
async def test_a_token_that_is_too_long_is_refused_unread(
    federated: RunningService, providers: Providers
) -> httpx.Response:
    return await ask(federated, KEY.sign(claims(providers.site.url, padding="x" * 20_000)))


@pytest.mark.parametrize("name", ["system:masters", "secretspace:admin", "secretspace-system:accounts"])
async def test_a_reserved_name_is_nobodys_behind_the_prefix(
    federated: RunningService, providers: Providers, name: str
) -> None:
    me = (await ask(federated, KEY.sign(claims(providers.site.url, sub=name, groups=[name])))).json()
    assert (me["username"], me["groups"]) == (f"ours0:{name}", [f"ours0:{name}"])


# ---- providers in trouble


@pytest.mark.parametrize("path", TROUBLE)
@provokes(IdentityProviderUnavailableError, 503)
async def test_a_provider_whose_keys_cannot_be_had(
    federated: RunningService, providers: Providers, path: str
) -> httpx.Response:
    refused = await ask(federated, KEY.sign(claims(f"{providers.site.url}/{path}")))
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    return refused


async def test_a_provider_that_is_down_does_not_keep_others_out(
    federated: RunningService, providers: Providers, operator: Person
) -> None:
    down = await ask(federated, KEY.sign(claims(providers.late.url)))
    good = await ask(federated, KEY.sign(claims(providers.site.url)))
    local = await ask(federated, operator.client.headers["Authorization"].removeprefix("Bearer "))
    assert (down.status_code, good.status_code, local.status_code) == (503, 200, 200)


async def test_a_provider_that_comes_up_later_is_found_and_missed_by_nobody_when_it_goes(
    federated: RunningService, providers: Providers, certificates: Certificates
) -> None:
    late = providers.late
    refused = await ask(federated, KEY.sign(claims(late.url)))
    late.publish(KEY.jwk)
    async with serving(late, certificates):
        await asyncio.sleep(int(refused.headers["Retry-After"]))
        found = await eventually(lambda: ask(federated, KEY.sign(claims(late.url))))
    gone = await ask(federated, KEY.sign(claims(late.url)))
    assert refused.status_code == 503
    assert [each.json()["username"] for each in (found, gone)] == ["late:anna"] * 2


async def test_the_log_says_what_is_wrong_with_a_provider(federated: RunningService, providers: Providers) -> None:
    await ask(federated, KEY.sign(claims(f"{providers.site.url}/gone")))
    told = [json.loads(line) for line in federated.log_lines() if "identity.provider_unavailable" in line]
    reasons = {line["reason"] for line in told if line["issuer"] == f"{providers.site.url}/gone"}
    assert reasons == {"an answer other than 200"}


async def test_a_new_key_is_taken_soon_and_the_provider_not_asked_too_often(
    federated: RunningService, providers: Providers
) -> None:
    iss = f"{providers.site.url}/rotating"
    assert (await ask(federated, KEY.sign(claims(iss)))).status_code == 200
    providers.site.publish(KEY.jwk, NEXT_KEY.jwk, path="/rotating")
    before = [(await ask(federated, NEXT_KEY.sign(claims(iss)))).status_code for _ in range(5)]
    asked = providers.site.asked.count(f"/rotating{PATH}")
    await asyncio.sleep(PAUSE_SECONDS)
    after = await ask(federated, NEXT_KEY.sign(claims(iss)))
    assert (before, asked, after.status_code) == ([401] * 5, 1, 200)


def moved_to(url: str) -> Callable[[asyncio.StreamWriter], Any]:
    async def put(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"", "301 Moved Permanently", {"Location": url}))

    return put


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.2)


def _bare(response: httpx.Response) -> dict[str, Any]:
    """The problem without what is this very request's."""
    return {name: value for name, value in response.json().items() if name != "requestId"}
