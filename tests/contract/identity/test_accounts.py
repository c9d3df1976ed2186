"""Accounts as Secrets of a real cluster."""

from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_hex

import pytest

from app.domain.account import Account, PlatformRole, Session
from app.domain.errors import (
    AlreadyExistsError,
    NameRetiredError,
    OwnAccessError,
    PreconditionFailedError,
    UpstreamAnswerError,
)
from app.domain.version import Version
from app.k8s.account import Accounts
from app.k8s.transport import Transport
from devcluster import ControlPlane
from tests.contract.identity.conftest import OWN_NAMESPACE, Admin, trace

CANARY = "$argon2id$canary-4f1d"


@pytest.fixture
def accounts(service: Transport) -> Accounts:
    return Accounts(service, OWN_NAMESPACE)


def new_account() -> Account:
    name = f"anna-{token_hex(4)}"
    return Account(name, CANARY, "anna@example.org", frozenset(PlatformRole), disabled=True, epoch=7)


async def stored(accounts: Accounts, account: Account) -> Account:
    found = await accounts.get(account.name, trace())
    assert found is not None
    return found


async def test_an_account_comes_back_as_it_was_stored(accounts: Accounts) -> None:
    account = new_account()
    await accounts.create(account, trace())
    found = await stored(accounts, account)
    assert replace(found, created_at=None, version=None) == account
    assert found.created_at is not None


async def test_an_account_that_is_not_there_is_none(accounts: Accounts) -> None:
    assert await accounts.get(f"absent-{token_hex(4)}", trace()) is None


async def test_a_namespace_without_our_manifests_is_the_operators_matter(service: Transport) -> None:
    with pytest.raises(OwnAccessError):
        await Accounts(service, "default").get("nobody", trace())


async def test_a_name_is_given_out_once(accounts: Accounts) -> None:
    account = new_account()
    await accounts.create(account, trace())
    with pytest.raises(AlreadyExistsError):
        await accounts.create(replace(account, password_hash="$other"), trace())
    assert (await stored(accounts, account)).password_hash == CANARY


async def test_a_hash_is_replaced_and_nothing_else(accounts: Accounts) -> None:
    account = new_account()
    await accounts.create(account, trace())
    before = await stored(accounts, account)
    await accounts.update(replace(before, password_hash="$new"), trace())
    after = await stored(accounts, account)
    assert replace(after, version=None) == replace(before, version=None, password_hash="$new")


async def test_a_hash_is_not_replaced_in_an_account_that_was_changed_meanwhile(accounts: Accounts) -> None:
    account = new_account()
    await accounts.create(account, trace())
    before = await stored(accounts, account)
    await accounts.update(replace(before, password_hash="$second"), trace())
    with pytest.raises(PreconditionFailedError):
        await accounts.update(replace(before, password_hash="$third"), trace())
    assert (await stored(accounts, account)).password_hash == "$second"


async def test_a_hash_is_not_replaced_in_a_later_account_of_the_same_name(accounts: Accounts) -> None:
    account = new_account()
    await accounts.create(account, trace())
    now = await stored(accounts, account)
    assert now.version is not None
    foreign = replace(now, version=Version("00000000-0000-0000-0000-000000000000", now.version.resource_version))
    with pytest.raises(PreconditionFailedError):
        await accounts.update(replace(foreign, password_hash="$other"), trace())


async def test_a_secret_of_that_name_that_someone_else_made_is_no_account(accounts: Accounts, admin: Admin) -> None:
    name = f"eve-{token_hex(4)}"
    body = {"metadata": {"name": f"account-{name}"}, "stringData": {"passwordHash": CANARY, "epoch": "1"}}
    await admin.post(f"/api/v1/namespaces/{OWN_NAMESPACE}/secrets", body)
    with pytest.raises(UpstreamAnswerError):
        await accounts.get(name, trace())


async def test_an_update_keeps_all_that_there_is_to_an_account(accounts: Accounts) -> None:
    await accounts.create(account := new_account(), trace())
    session = Session("family", "0" * 64, datetime(2030, 1, 1, tzinfo=UTC))
    changed = replace(
        await stored(accounts, account), must_change_password=True, sessions=(session,), epoch=8, email=""
    )
    written = await accounts.update(changed, trace(), "secretspace:admin")
    assert await stored(accounts, account) == written
    assert replace(written, version=changed.version) == changed


async def test_the_name_of_an_account_that_was_retired_is_not_given_out_again(accounts: Accounts, admin: Admin) -> None:
    made = await accounts.create(account := new_account(), trace())
    await accounts.retire(made, trace(), "secretspace:admin")
    assert await accounts.get(account.name, trace()) is None
    assert account.name not in {each.name for each in await accounts.all(trace())}
    with pytest.raises(NameRetiredError):
        await accounts.create(account, trace())
    left = await admin.get(f"/api/v1/namespaces/{OWN_NAMESPACE}/secrets/account-{account.name}")
    assert left["data"].keys() == {"retired"}
    assert left["metadata"]["annotations"]["secretspace.io/actor"] == "secretspace:admin"


async def test_an_account_that_was_changed_meanwhile_is_not_retired(accounts: Accounts) -> None:
    made = await accounts.create(account := new_account(), trace())
    await accounts.update(replace(made, email="other@example.org"), trace())
    with pytest.raises(PreconditionFailedError):
        await accounts.retire(made, trace())
    assert (await stored(accounts, account)).email == "other@example.org"


async def test_all_accounts_are_listed_and_nothing_else(accounts: Accounts, admin: Admin) -> None:
    names = {(await accounts.create(new_account(), trace())).name for _ in range(2)}
    body = {"metadata": {"name": f"account-eve-{token_hex(4)}"}, "stringData": {"passwordHash": CANARY}}
    foreign = await admin.post(f"/api/v1/namespaces/{OWN_NAMESPACE}/secrets", body)
    listed = {each.name for each in await accounts.all(trace())}
    assert names <= listed
    assert foreign["metadata"]["name"].removeprefix("account-") not in listed


async def test_the_audit_log_names_the_reserved_user_and_holds_no_hash(accounts: Accounts, plane: ControlPlane) -> None:
    account = new_account()
    await accounts.create(account, trace())
    await accounts.update(replace(await stored(accounts, account), password_hash=CANARY + "-new"), trace())
    log = plane.audit_log.read_text(encoding="utf-8")
    lines = [line for line in log.splitlines() if account.name in line]
    assert lines
    assert all('"username":"secretspace-system:accounts"' in line for line in lines)
    assert "canary-4f1d" not in log
