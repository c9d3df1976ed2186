import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.account import Account, PlatformRole, Session
from app.domain.errors import UpstreamAnswerError
from app.domain.version import Version
from app.k8s.account import (
    create_account,
    is_retired,
    list_accounts,
    read_account,
    retire_account,
    to_account,
    to_accounts,
    update_account,
)
from app.k8s.request import METADATA_ONLY, KubeRequest
from app.k8s.wire import SecretObject, decode

ANNA = Account(
    "anna",
    "$argon2id$canary",
    "anna@example.org",
    frozenset(PlatformRole),
    disabled=True,
    epoch=7,
    must_change_password=True,
    sessions=(Session("family", "canary-of-a-token-hash", datetime(2026, 12, 1, tzinfo=UTC)),),
    created_at=datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC),
    version=Version("uid", "41"),
)


def stored(account: Account, **changed: Any) -> SecretObject:
    """What the API server would answer after the account was created."""
    body = json.loads(create_account("own", account).body or b"")
    body["metadata"] |= {"uid": "uid", "resourceVersion": "41", "creationTimestamp": "2026-11-24T12:00:00Z"}
    return decode(json.dumps(body | changed).encode(), SecretObject)


def data(**changed: bytes | None) -> dict[str, str]:
    """The stored keys with some changed, or taken out (None)."""
    keys = dict(stored(ANNA).data or {}) | {key: b64encode(value or b"").decode() for key, value in changed.items()}
    return {key: value for key, value in keys.items() if key not in changed or changed[key] is not None}


def test_an_account_is_read_by_its_name_in_the_own_namespace() -> None:
    request = read_account("own", "anna")
    assert (request.method, request.path) == ("GET", "/api/v1/namespaces/own/secrets/account-anna")


def test_an_account_comes_back_as_it_was_stored() -> None:
    assert to_account("anna", stored(ANNA)) == ANNA


def test_an_account_is_created_with_a_type_of_its_own_and_its_values_do_not_come_back() -> None:
    request = create_account("own", ANNA)
    body = json.loads(request.body or b"")
    assert (request.method, request.path, request.accept) == ("POST", "/api/v1/namespaces/own/secrets", METADATA_ONLY)
    assert (body["type"], body["metadata"]["name"]) == ("secretspace.io/account", "account-anna")


def test_an_account_is_replaced_only_in_the_version_that_was_read_and_tells_who_asked() -> None:
    request = update_account("own", ANNA, "secretspace:admin")
    assert (request.method, request.path) == ("PATCH", "/api/v1/namespaces/own/secrets/account-anna")
    assert request.accept == METADATA_ONLY
    assert json.loads(request.body or b"") == {
        "metadata": {
            "uid": "uid",
            "resourceVersion": "41",
            "annotations": {"secretspace.io/actor": "secretspace:admin"},
        },
        "data": stored(ANNA).data,
    }


def test_nothing_of_a_retired_account_stays_but_the_mark() -> None:
    body = json.loads(retire_account("own", ANNA).body or b"")
    before = stored(ANNA).data or {}
    assert body["metadata"] == {"uid": "uid", "resourceVersion": "41"}
    assert body["data"] == {**dict.fromkeys(before), "retired": b64encode(b"true").decode()}
    assert is_retired(stored(ANNA, data={"retired": "dHJ1ZQ=="}))
    assert not is_retired(stored(ANNA))


@pytest.mark.parametrize("write", [update_account, retire_account])
def test_an_account_that_was_never_read_is_not_written(write: Callable[[str, Account], KubeRequest]) -> None:
    with pytest.raises(ValueError, match="never read"):
        write("own", Account("anna", "$hash"))


def test_accounts_are_listed_by_their_type_chunk_by_chunk() -> None:
    first, next_one = list_accounts("own"), list_accounts("own", "there")
    assert first.path == "/api/v1/namespaces/own/secrets"
    assert first.query == {"fieldSelector": "type=secretspace.io/account", "limit": "500"}
    assert next_one.query == {**first.query, "continue": "there"}


def test_one_account_that_cannot_be_read_hides_no_other() -> None:
    secrets = [stored(ANNA, data={}), stored(ANNA, data={"retired": "dHJ1ZQ=="}), stored(ANNA)]
    assert to_accounts(secrets) == [ANNA]


def test_an_account_of_an_earlier_release_has_no_sessions_and_need_not_change_its_password() -> None:
    account = to_account("anna", stored(ANNA, data=data(sessions=None, mustChangePassword=None)))
    assert (account.sessions, account.must_change_password) == ((), False)


@pytest.mark.parametrize("kind", ["Opaque", "secretspace.io/signing-keys", "secretspace.io/account2", ""])
def test_a_secret_of_another_type_is_no_account(kind: str) -> None:
    with pytest.raises(UpstreamAnswerError):
        to_account("anna", stored(ANNA, type=kind))


@pytest.mark.parametrize("key", ["passwordHash", "email", "platformRoles", "disabled", "epoch"])
def test_an_account_with_a_part_missing_is_none(key: str) -> None:
    with pytest.raises(UpstreamAnswerError):
        to_account("anna", stored(ANNA, data=data(**{key: None})))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("disabled", b"no"),
        ("disabled", b""),
        ("disabled", b"False"),
        ("epoch", b""),
        ("epoch", b"first"),
        ("epoch", b"\xff"),
        ("platformRoles", b"root"),
        ("email", b"nowhere"),
        ("passwordHash", b"\xff"),
        ("mustChangePassword", b"perhaps"),
        ("sessions", b"{"),
        ("sessions", b'"canary"'),
        ("sessions", b'[{"id": "canary"}]'),
        ("sessions", b'[{"id": "a", "hash": "b", "expires": 1e300}]'),
    ],
)
def test_what_is_unreadable_is_never_guessed_nor_told(key: str, value: bytes) -> None:
    with pytest.raises(UpstreamAnswerError) as caught:
        to_account("anna", stored(ANNA, data=data(**{key: value})))
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_requests_and_answers_do_not_show_the_hash() -> None:
    assert "canary" not in repr(create_account("own", ANNA))
    assert "canary" not in repr(update_account("own", ANNA)) + repr(ANNA)
    assert b64encode(b"$argon2id$canary").decode() not in repr(stored(ANNA))
