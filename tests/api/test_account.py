"""Local accounts over HTTP: who may manage them, and what becomes of tokens and names."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from secrets import token_hex, token_urlsafe
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from app.domain.account import NewAccount, PlatformRole
from app.domain.errors import AccountNotFoundError, NameRetiredError, PasswordChangeRequiredError
from app.identity.bootstrap import create_account
from app.identity.password import Passwords
from app.k8s.account import Accounts
from app.k8s.transport import Transport
from tests.support.canary import canary
from tests.support.cluster import Admin, a_trace
from tests.support.people import NAMESPACE, NOBODY, OPERATOR, People, Person, client_of, sign_in
from tests.support.problem import provokes
from tests.support.service import RunningService

ACCOUNTS: Final = "/api/v1/accounts"
STALE_SECONDS: Final = 10.0
"""The age of what a replica knows of a token, at most."""

SignIn = Callable[[str, str], Awaitable[Person]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def signed_in(service: RunningService) -> AsyncIterator[SignIn]:
    """Signs in somebody else than the people of all tests."""
    async with AsyncExitStack() as stack:

        async def person(name: str, password: str) -> Person:
            token = await sign_in(service, name, password)
            return Person(name, await stack.enter_async_context(client_of(service, token)))

        yield person


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def manager(own_transport: Transport, signed_in: SignIn) -> Person:
    """A platform admin."""
    name, password, passwords = f"manager-{token_hex(4)}", canary("password"), Passwords()
    new = NewAccount(name, password, platform_roles=frozenset({PlatformRole.PLATFORM_ADMIN}))
    await create_account(new, Accounts(own_transport, NAMESPACE), passwords, a_trace())
    passwords.close()
    return await signed_in(name, password)


def new_account(**fields: object) -> dict[str, Any]:
    """The body that makes an account."""
    return {"name": f"anna-{token_hex(4)}", "password": canary("password"), **fields}


async def made(manager: Person, **fields: object) -> dict[str, Any]:
    """The body of an account that is there now."""
    body = new_account(**fields)
    (await manager.post(ACCOUNTS, body)).raise_for_status()
    return body


async def refusal_to_sign_in(service: RunningService, name: str, password: str) -> dict[str, Any]:
    """The problem that a sign-in is answered with."""
    form = {"grant_type": "password", "username": name, "password": password}
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client:
        answer = await client.post("/oauth/token", data=form)
    assert answer.is_error
    return dict(answer.json())


async def eventually(answer: Callable[[], Awaitable[httpx.Response]], status: int) -> httpx.Response:
    """The answer once it has this status, within the time that a token may be remembered."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + STALE_SECONDS + 2
    while (given := await answer()).status_code != status and clock() < deadline:
        await asyncio.sleep(0.5)
    assert given.status_code == status
    return given


async def test_an_account_is_made_read_and_signed_in_to(manager: Person, signed_in: SignIn) -> None:
    body = new_account(email="anna@example.org", platformRoles=["workspace-creator"])
    answer = await manager.post(ACCOUNTS, body)
    path = f"{ACCOUNTS}/{body['name']}"
    assert (answer.status_code, answer.headers["location"]) == (201, path)

    anna = await signed_in(body["name"], body["password"])
    seen = [await manager.get(path), await anna.get(path)]
    assert [each.json() for each in seen] == [answer.json()] * 2
    assert {each.headers["etag"] for each in seen} == {answer.json()["etag"]}
    expected = {
        "name": body["name"],
        "username": f"secretspace:{body['name']}",
        "email": "anna@example.org",
        "platformRoles": ["workspace-creator"],
        "disabled": False,
        "mustChangePassword": False,
    }
    assert expected.items() <= answer.json().items()
    assert (await anna.get("/api/v1/me")).json()["groups"] == ["secretspace:workspace-creators"]


async def test_accounts_are_listed_by_name_page_by_page_with_their_etags(manager: Person) -> None:
    names = [(await made(manager))["name"] for _ in range(2)]
    whole = (await manager.get(ACCOUNTS, params={"limit": 500})).json()
    page = (await manager.get(ACCOUNTS, params={"limit": 1, "page": 2})).json()
    listed = [each["name"] for each in whole["items"]]
    assert listed == sorted(listed)
    assert set(names) < set(listed)
    assert whole["total"] == len(listed)
    assert page == {"items": [whole["items"][1]], "total": whole["total"], "page": 2, "limit": 1}
    assert all(each["etag"] for each in whole["items"])


async def test_who_may_not_manage_accounts_sees_and_changes_none_but_their_own(people: People, manager: Person) -> None:
    other = f"{ACCOUNTS}/{(await made(manager))['name']}"
    nobody = people[NOBODY]
    answers = [
        await nobody.get(ACCOUNTS),
        await nobody.post(ACCOUNTS, new_account(platformRoles=["platform-admin"])),
        await nobody.get(other),
        await nobody.get(f"{ACCOUNTS}/absent"),
        await nobody.get(f"{ACCOUNTS}/NOT-A-NAME"),
        await nobody.patch(other, {"disabled": True}),
        await nobody.patch(f"{ACCOUNTS}/{NOBODY}", {"platformRoles": ["platform-admin"]}),
        await nobody.delete(other),
        await nobody.put(f"{other}/password", {"newPassword": canary("password")}, None),
        await nobody.post(f"{other}/sign-out", None),
    ]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(403, "FORBIDDEN")] * len(answers)
    assert (await nobody.get(f"{ACCOUNTS}/{NOBODY}")).status_code == 200


@provokes(AccountNotFoundError, 404)
async def test_an_account_that_is_not_there_is_not_found(manager: Person) -> httpx.Response:
    answers = [
        answer
        for path in (f"{ACCOUNTS}/absent", f"{ACCOUNTS}/NOT-A-NAME")
        for answer in (
            await manager.get(path),
            await manager.patch(path, {"disabled": True}),
            await manager.delete(path),
            await manager.put(f"{path}/password", {"newPassword": canary("password")}, None),
        )
    ]
    assert {(each.status_code, each.json()["code"]) for each in answers} == {(404, "ACCOUNT_NOT_FOUND")}
    return answers[0]


async def test_everything_that_is_wrong_with_a_new_account_is_told_at_once(manager: Person) -> None:
    answer = await manager.post(ACCOUNTS, {"name": "system:root", "password": "short", "email": "nowhere"})
    assert answer.status_code == 422
    assert {(each["pointer"], each["code"]) for each in answer.json()["errors"]} == {
        ("/name", "LABEL_NAME_INVALID"),
        ("/email", "EMAIL_INVALID"),
        ("/password", "PASSWORD_TOO_SHORT"),
    }


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"platformRoles": ["root"]}, "/platformRoles/0"),
        ({"platformRoles": "platform-admin"}, "/platformRoles"),
        ({"mustChangePassword": "yes"}, "/mustChangePassword"),
        ({"disabled": True}, "/disabled"),
        ({"password": None}, "/password"),
        ({"password": ["x"]}, "/password"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused_at_its_place(
    manager: Person, change: dict[str, object], pointer: str
) -> None:
    answer = await manager.post(ACCOUNTS, new_account() | change)
    assert answer.status_code == 422
    assert {each["pointer"] for each in answer.json()["errors"]} == {pointer}


@provokes(NameRetiredError, 409)
async def test_a_name_is_given_to_one_account_and_never_again(
    manager: Person, service: RunningService
) -> httpx.Response:
    body = await made(manager)
    again = await manager.post(ACCOUNTS, body)
    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_EXISTS")

    path = f"{ACCOUNTS}/{body['name']}"
    assert (await manager.delete(path)).status_code == 204
    retired = await manager.post(ACCOUNTS, body)
    assert (await manager.get(path)).status_code == 404
    assert (await manager.delete(path)).status_code == 404
    assert (await refusal_to_sign_in(service, body["name"], body["password"]))["code"] == "INVALID_GRANT"
    return retired


async def test_a_write_holds_to_the_version_that_was_seen(manager: Person) -> None:
    path = f"{ACCOUNTS}/{(await made(manager))['name']}"
    seen = (await manager.get(path)).headers["etag"]
    changed = await manager.patch(path, {"email": "a@example.org"}, seen)
    assert changed.headers["etag"] == changed.json()["etag"] != seen
    answers = [
        await manager.patch(path, {"email": None}, seen),
        await manager.delete(path, seen),
        await manager.patch(path, {"email": None}, None),
        await manager.delete(path, None),
    ]
    assert [each.status_code for each in answers] == [412, 412, 428, 428]
    assert (await manager.get(path)).json()["email"] == "a@example.org"


async def test_a_change_that_changes_nothing_writes_nothing(manager: Person) -> None:
    path = f"{ACCOUNTS}/{(await made(manager, email='a@example.org'))['name']}"
    before = (await manager.get(path)).json()
    same = await manager.patch(path, {"email": "a@example.org", "disabled": False, "platformRoles": []})
    assert same.json() == before
    assert (await manager.patch(path, {})).json() == before


async def test_the_tokens_of_an_account_that_is_disabled_end(
    manager: Person, signed_in: SignIn, service: RunningService
) -> None:
    body = await made(manager)
    anna = await signed_in(body["name"], body["password"])
    assert (await anna.get("/api/v1/me")).status_code == 200
    disabled = await manager.patch(f"{ACCOUNTS}/{body['name']}", {"disabled": True})
    assert disabled.json()["disabled"] is True
    await eventually(lambda: anna.get("/api/v1/me"), 401)
    assert (await refusal_to_sign_in(service, body["name"], body["password"]))["code"] == "INVALID_GRANT"
    await manager.patch(f"{ACCOUNTS}/{body['name']}", {"disabled": False})
    await signed_in(body["name"], body["password"])
    assert (await anna.get("/api/v1/me")).status_code == 401


async def test_the_tokens_of_an_account_end_when_it_gets_other_platform_roles(
    manager: Person, signed_in: SignIn
) -> None:
    body = await made(manager)
    anna = await signed_in(body["name"], body["password"])
    await manager.patch(f"{ACCOUNTS}/{body['name']}", {"platformRoles": ["platform-admin"]})
    await eventually(lambda: anna.get("/api/v1/me"), 401)
    promoted = await signed_in(body["name"], body["password"])
    assert (await promoted.get(ACCOUNTS)).status_code == 200


async def test_the_owner_sets_a_password_with_the_present_one(
    manager: Person, signed_in: SignIn, service: RunningService
) -> None:
    body = await made(manager)
    anna, new = await signed_in(body["name"], body["password"]), token_urlsafe()
    path = f"{ACCOUNTS}/{body['name']}/password"
    refused = [
        await anna.put(path, {"newPassword": new}, None),
        await anna.put(path, {"newPassword": new, "currentPassword": token_urlsafe()}, None),
        await anna.put(path, {"newPassword": "12345678", "currentPassword": body["password"]}, None),
        await anna.put(path, {"newPassword": body["password"], "currentPassword": body["password"]}, None),
    ]
    assert [(each.status_code, each.json()["errors"][0]["pointer"]) for each in refused] == [
        (422, "/currentPassword"),
        (422, "/currentPassword"),
        (422, "/newPassword"),
        (422, "/newPassword"),
    ]
    done = await anna.put(path, {"newPassword": new, "currentPassword": body["password"]}, None)
    assert (done.status_code, done.content) == (204, b"")
    await signed_in(body["name"], new)
    assert (await refusal_to_sign_in(service, body["name"], body["password"]))["code"] == "INVALID_GRANT"
    await eventually(lambda: anna.get("/api/v1/me"), 401)


async def test_who_manages_accounts_sets_a_password_without_the_present_one(manager: Person, signed_in: SignIn) -> None:
    body, new = await made(manager), token_urlsafe()
    done = await manager.put(f"{ACCOUNTS}/{body['name']}/password", {"newPassword": new}, None)
    assert done.status_code == 204
    await signed_in(body["name"], new)


async def test_a_manager_needs_the_present_password_for_their_own(manager: Person) -> None:
    answer = await manager.put(f"{ACCOUNTS}/{manager.name}/password", {"newPassword": token_urlsafe()}, None)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "REQUIRED")


@provokes(PasswordChangeRequiredError, 403)
async def test_who_has_to_change_the_password_may_do_nothing_else(manager: Person, signed_in: SignIn) -> httpx.Response:
    body = await made(manager, mustChangePassword=True, platformRoles=["platform-admin"])
    anna, own = await signed_in(body["name"], body["password"]), f"{ACCOUNTS}/{body['name']}"
    new = {"newPassword": token_urlsafe()}
    refused = [
        await anna.get("/api/v1/meta"),
        await anna.get("/api/v1/workspaces"),
        await anna.get("/api/v1/no-such-path"),
        await anna.get(own),
        await anna.delete("/api/v1/me"),
        await anna.put(f"{ACCOUNTS}/{OPERATOR}/password", new, None),
        await anna.post(f"{own}/sign-out", None),
    ]
    assert {(each.status_code, each.json()["code"]) for each in refused} == {(403, "PASSWORD_CHANGE_REQUIRED")}
    assert (await anna.get("/api/v1/me")).status_code == 200
    done = await anna.put(f"{own}/password", new | {"currentPassword": body["password"]}, None)
    assert done.status_code == 204
    again = await signed_in(body["name"], new["newPassword"])
    assert (await again.get(own)).json()["mustChangePassword"] is False
    return refused[0]


async def test_the_present_password_cannot_be_guessed_at_with_a_token(manager: Person, signed_in: SignIn) -> None:
    body = await made(manager)
    anna, path = await signed_in(body["name"], body["password"]), f"{ACCOUNTS}/{body['name']}/password"
    guess = {"newPassword": token_urlsafe(), "currentPassword": token_urlsafe()}
    answers = [await anna.put(path, guess, None) for _ in range(11)]
    assert {each.status_code for each in answers[:10]} == {422}
    assert (answers[10].status_code, answers[10].json()["code"]) == (429, "TOO_MANY_ATTEMPTS")
    assert int(answers[10].headers["retry-after"]) >= 1
    await signed_in(body["name"], body["password"])


async def test_signing_out_everywhere_ends_every_token(manager: Person, signed_in: SignIn) -> None:
    body = await made(manager)
    here, there = [await signed_in(body["name"], body["password"]) for _ in range(2)]
    assert (await here.request("POST", f"{ACCOUNTS}/{body['name']}/sign-out")).status_code == 204
    for person in (here, there):
        await eventually(lambda person=person: person.get("/api/v1/me"), 401)  # type: ignore[misc]
    await signed_in(body["name"], body["password"])


async def test_what_is_stored_tells_who_asked_for_it(manager: Person, admin: Admin) -> None:
    name = (await made(manager))["name"]
    stored = await admin.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/account-{name}")
    assert stored["metadata"]["annotations"]["secretspace.io/actor"] == manager.username
