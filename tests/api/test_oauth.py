"""Signing in over HTTP, on a real control plane."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.types import ASGIApp, Receive, Scope, Send

from app.dev.home import DevHome
from app.dev.preparation import as_admin
from app.dev.service_account import token_request
from app.domain.account import Account, NewAccount
from app.domain.call import Trace
from app.domain.errors import TooManyAttemptsError, UnsupportedTokenTypeError
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from app.k8s.account import Accounts
from app.main import create_app
from app.settings import Identity, Kubernetes, KubernetesTokens, Local, Log, Settings
from devcluster import ControlPlane
from tests.support.cluster import Cluster
from tests.support.problem import provokes

PASSWORD = "canary-password-5b1e"
FORM = "application/x-www-form-urlencoded"
ELSEWHERE = "/api/v1/no/such/path"
"""Answers 404 to who is known, and 401 to all others."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(cluster: Cluster) -> DevHome:
    return cluster.home


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def anna(plane: ControlPlane, home: DevHome) -> str:
    """An account that can sign in."""
    return await new_account(plane)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(home: DevHome) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(home, Identity(local=Local(enabled=True), kubernetes=KubernetesTokens(enabled=True))) as opened:
        yield opened


@asynccontextmanager
async def serving(home: DevHome, identity: Identity) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, which runs as its own ServiceAccount."""
    settings = Settings(
        kubernetes=Kubernetes(kubeconfig=home.service_kubeconfig), identity=identity, log=Log(level="debug")
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app) as state:
        transport = httpx.ASGITransport(_with_state(app, state))
        async with httpx.AsyncClient(transport=transport, base_url="http://secretspace.test") as client:
            yield client


def _with_state(app: ASGIApp, state: Any) -> ASGIApp:
    """As a server does it: each request gets what the lifespan has yielded."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = dict(state)
        await app(scope, receive, send)

    return call


async def new_account(plane: ControlPlane, *, disabled: bool = False) -> str:
    name, trace, passwords = f"anna-{token_hex(4)}", _trace(), Passwords()
    async with as_admin(plane.kubeconfig) as (transport, _):
        accounts = Accounts(transport, "secretspace-system")
        disabled_account = Account(name, await passwords.hash(PASSWORD), disabled=True)
        making = accounts.create(disabled_account, trace) if disabled else None
        await (making or create_account(NewAccount(name, PASSWORD), accounts, passwords, trace))
    passwords.close()
    return name


def _trace() -> Trace:
    return Trace("test", asyncio.get_running_loop().time() + 30)


async def sign_in(client: httpx.AsyncClient, username: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    form = {"grant_type": "password", "username": username, "password": password, **more}
    return await client.post("/oauth/token", data=form)


async def token_of(client: httpx.AsyncClient, username: str) -> str:
    token: str = (await sign_in(client, username)).json()["access_token"]
    return token


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_sign_in_gives_a_bearer_token_that_nobody_is_to_keep(client: httpx.AsyncClient, anna: str) -> None:
    response = await sign_in(client, anna)
    assert response.status_code == 200
    assert response.json().keys() == {"access_token", "token_type", "expires_in"}
    assert (response.json()["token_type"], response.json()["expires_in"]) == ("Bearer", 3600)
    assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
    assert response.headers["content-type"] == "application/json"


async def test_the_token_opens_what_is_closed_to_others(client: httpx.AsyncClient, anna: str) -> None:
    known = await client.get(ELSEWHERE, headers=bearer(await token_of(client, anna)))
    anonymous = await client.get(ELSEWHERE)
    assert (known.status_code, anonymous.status_code) == (404, 401)
    assert "error" not in anonymous.headers["www-authenticate"]


async def test_the_name_may_come_with_the_prefix(client: httpx.AsyncClient, anna: str) -> None:
    assert (await sign_in(client, f"secretspace:{anna}")).status_code == 200


async def test_what_the_page_of_the_docs_sends_besides_is_no_matter(client: httpx.AsyncClient, anna: str) -> None:
    form = {"grant_type": "password", "username": anna, "password": PASSWORD, "scope": "", "client_id": "docs"}
    response = await client.post("/oauth/token", data=form, auth=("docs", "no-secret"))
    assert response.status_code == 200


async def test_unknown_disabled_and_wrong_are_answered_alike(
    client: httpx.AsyncClient, plane: ControlPlane, anna: str
) -> None:
    disabled = await new_account(plane, disabled=True)
    refusals = [
        await sign_in(client, anna, "wrong-password"),
        await sign_in(client, "nobody"),
        await sign_in(client, disabled),
        await sign_in(client, "../../namespaces"),
        await sign_in(client, anna, "x" * 2000),
    ]
    bodies = [{key: value for key, value in answer.json().items() if key != "requestId"} for answer in refusals]
    assert {answer.status_code for answer in refusals} == {400}
    assert bodies == [bodies[0]] * 5
    assert (bodies[0]["code"], bodies[0]["error"]) == ("INVALID_GRANT", "invalid_grant")
    assert bodies[0]["error_description"]
    assert {answer.headers["cache-control"] for answer in refusals} == {"no-store"}


@pytest.mark.parametrize(
    "form", ["", "grant_type=password", "grant_type=password&username=a", "username=a&password=b", "%ff=%ff"]
)
async def test_a_form_that_lacks_something_is_an_invalid_request(client: httpx.AsyncClient, form: str) -> None:
    response = await client.post("/oauth/token", content=form, headers={"Content-Type": FORM})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.json()["code"], response.json()["error"]) == ("INVALID_REQUEST", "invalid_request")


async def test_a_repeated_parameter_is_an_invalid_request(client: httpx.AsyncClient, anna: str) -> None:
    form = f"grant_type=password&username={anna}&password=wrong&password={PASSWORD}"
    response = await client.post("/oauth/token", content=form, headers={"Content-Type": FORM})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_a_password_in_the_address_is_not_accepted(client: httpx.AsyncClient, anna: str) -> None:
    form = {"grant_type": "password", "username": anna, "password": PASSWORD}
    response = await client.post("/oauth/token", params=form, data=form)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
    assert PASSWORD not in response.text


@pytest.mark.parametrize("grant", ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"])
async def test_another_grant_is_not_supported(client: httpx.AsyncClient, grant: str) -> None:
    response = await client.post("/oauth/token", data={"grant_type": grant})
    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")


async def test_other_media_types_are_not_accepted(client: httpx.AsyncClient, anna: str) -> None:
    form = {"grant_type": "password", "username": anna, "password": PASSWORD}
    answers = [
        await client.post("/oauth/token", json=form),
        await client.post("/oauth/token", files={name: (None, value) for name, value in form.items()}),
        await client.post("/oauth/token", content=b"grant_type=password"),
    ]
    assert [answer.status_code for answer in answers] == [415, 415, 415]
    assert {answer.json()["error"] for answer in answers} == {"invalid_request"}


async def test_the_charset_of_the_form_is_no_matter(client: httpx.AsyncClient, anna: str) -> None:
    form = f"grant_type=password&username={anna}&password={PASSWORD}"
    response = await client.post("/oauth/token", content=form, headers={"Content-Type": f"{FORM}; charset=UTF-8"})
    assert response.status_code == 200


async def test_a_form_over_the_limit_is_not_read_to_its_end(client: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1024
            yield b"a" * 1024

    response = await client.post("/oauth/token", content=endless(), headers={"Content-Type": FORM})
    assert (response.status_code, response.json()["error"]) == (413, "invalid_request")
    assert read <= 18 * 1024


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_other_methods_are_closed_to_who_is_not_known(client: httpx.AsyncClient, method: str) -> None:
    assert (await client.request(method, "/oauth/token")).status_code == 401


async def test_a_token_that_was_tampered_with_is_refused(client: httpx.AsyncClient, anna: str) -> None:
    head, _, signature = (await token_of(client, anna)).rpartition(".")
    response = await client.get(ELSEWHERE, headers=bearer(f"{head}.{signature[::-1]}"))
    assert (response.status_code, response.json()["code"]) == (401, "INVALID_TOKEN")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


async def test_two_tokens_at_once_are_not_accepted(client: httpx.AsyncClient, anna: str) -> None:
    token = await token_of(client, anna)
    headers = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    assert (await client.get(ELSEWHERE, headers=headers)).status_code == 400


async def test_an_anonymous_caller_of_a_malformed_body_is_told_to_sign_in(client: httpx.AsyncClient) -> None:
    response = await client.post(ELSEWHERE, content=b'{"half', headers={"Content-Type": "application/json"})
    assert response.status_code == 401


async def test_a_token_of_a_service_account_gets_in(client: httpx.AsyncClient, plane: ControlPlane) -> None:
    async with as_admin(plane.kubeconfig) as (transport, acting):
        token = json.loads((await transport.send(token_request(), acting)).body)["status"]["token"]
    assert (await client.get(ELSEWHERE, headers=bearer(token))).status_code == 404
    assert (await client.get(ELSEWHERE, headers=bearer(token[:-8]))).status_code == 401


async def test_nobody_signs_in_where_local_accounts_are_off(
    home: DevHome, client: httpx.AsyncClient, anna: str
) -> None:
    token = await token_of(client, anna)
    async with serving(home, Identity(kubernetes=KubernetesTokens(enabled=True))) as without:
        refused = await sign_in(without, anna)
        known = await without.get(ELSEWHERE, headers=bearer(token))
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_grant_type")
    assert known.status_code == 401


async def stay(client: httpx.AsyncClient, username: str) -> dict[str, Any]:
    """The tokens of a session that begins."""
    answer = await sign_in(client, username, scope="offline_access")
    return dict(answer.raise_for_status().json())


async def renew(client: httpx.AsyncClient, refresh_token: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return await client.post("/oauth/token", data=form)


async def revoke(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/oauth/revoke", data={"token": token})


async def test_a_refresh_token_gives_the_next_access_token_once(client: httpx.AsyncClient, anna: str) -> None:
    first = await stay(client, anna)
    answer = await renew(client, first["refresh_token"])
    second = answer.json()
    assert answer.status_code == 200
    assert second.keys() == first.keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (await client.get(ELSEWHERE, headers=bearer(second["access_token"]))).status_code == 404

    reused = await renew(client, first["refresh_token"])
    assert (reused.status_code, reused.json()["error"]) == (400, "invalid_grant")
    assert (await renew(client, second["refresh_token"])).status_code == 400


async def test_a_refresh_token_is_no_access_token(client: httpx.AsyncClient, anna: str) -> None:
    answer = await client.get(ELSEWHERE, headers=bearer((await stay(client, anna))["refresh_token"]))
    assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_TOKEN")


async def test_revoking_a_refresh_token_ends_the_session(client: httpx.AsyncClient, anna: str) -> None:
    token = (await stay(client, anna))["refresh_token"]
    answers = [await revoke(client, token) for _ in range(2)]
    assert [(each.status_code, each.content) for each in answers] == [(200, b"")] * 2
    assert {each.headers["cache-control"] for each in answers} == {"no-store"}
    assert (await renew(client, token)).json()["error"] == "invalid_grant"


@provokes(UnsupportedTokenTypeError, 400)
async def test_an_access_token_is_not_revoked_alone(client: httpx.AsyncClient, anna: str) -> httpx.Response:
    answer = await revoke(client, await token_of(client, anna))
    assert answer.json()["error"] == "unsupported_token_type"
    return answer


async def test_a_token_that_is_none_is_revoked_without_complaint_and_a_missing_one_is_not(
    client: httpx.AsyncClient,
) -> None:
    nonsense, nothing = await revoke(client, "nonsense"), await revoke(client, "")
    assert (nonsense.status_code, nothing.status_code) == (200, 400)
    assert nothing.json()["error"] == "invalid_request"


@pytest.mark.parametrize("exists", [True, False], ids=["account", "no account"])
@provokes(TooManyAttemptsError, 429)
async def test_after_many_failures_a_sign_in_has_to_wait_whether_there_is_such_an_account_or_not(
    client: httpx.AsyncClient, plane: ControlPlane, exists: bool
) -> httpx.Response:
    name = await new_account(plane) if exists else f"nobody-{token_hex(4)}"
    answers = [await sign_in(client, name, "wrong-password") for _ in range(11)]
    assert [each.status_code for each in answers] == [400] * 10 + [429]
    assert answers[10].headers["retry-after"] == "1"
    return answers[10]


async def test_neither_password_nor_token_is_written_or_answered(
    home: DevHome, anna: str, plane: ControlPlane, capfd: pytest.CaptureFixture[str]
) -> None:
    async with serving(home, Identity(local=Local(enabled=True))) as client:
        token = await token_of(client, anna)
        refresh_token = (await stay(client, anna))["refresh_token"]
        next_token = (await renew(client, refresh_token)).json()["refresh_token"]
        answers = [
            await client.get(ELSEWHERE, headers=bearer(token)),
            await client.get(ELSEWHERE, headers=bearer(token + "x")),
            await client.get(ELSEWHERE, headers=bearer(next_token)),
            await renew(client, refresh_token),
            await revoke(client, next_token),
            await sign_in(client, anna, PASSWORD + "-wrong"),
            await client.post("/oauth/token", json={"password": PASSWORD}),
            await client.post("/oauth/token", data={"grant_type": PASSWORD}),
        ]
    written = capfd.readouterr()
    log = written.out + written.err + plane.audit_log.read_text(encoding="utf-8")
    answered = "".join(answer.text + repr(answer.headers) for answer in answers)
    assert "/oauth/token" in written.out
    assert "canary-password" not in log + answered
    assert token not in log + answered
    assert token.rpartition(".")[2] not in log + answered
    assert "secretspace-refresh." not in log + answered


def test_the_document_describes_the_form_and_the_answer() -> None:
    document = create_app(Settings()).openapi()
    operation = document["paths"]["/oauth/token"]["post"]
    form = operation["requestBody"]["content"]
    schema = document["components"]["schemas"]["TokenRequest"]
    assert operation["operationId"] == "issueToken"
    assert form == {FORM: {"schema": {"$ref": "#/components/schemas/TokenRequest"}}}
    assert set(schema["required"]) == {"grant_type"}
    assert {"200", "400", "413", "415", "429", "503"} <= operation["responses"].keys()
