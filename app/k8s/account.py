"""Accounts, each a Secret `account-<name>` in the service's own namespace, reached as a reserved user only.

A deleted account stays as an empty Secret, marked as retired, so that its name is never given out again: the API server
itself refuses a second Secret of the name, whichever replica asks.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from app.domain.account import Account, PlatformRole, Session
from app.domain.call import RESERVED_USER_ACCOUNTS, Trace
from app.domain.errors import AlreadyExistsError, InvalidError, NameRetiredError, NotFoundError, UpstreamAnswerError
from app.domain.workspace import ACTOR
from app.k8s.impersonation import AsReserved
from app.k8s.metadata import to_version
from app.k8s.precondition import guarded, precondition_failed
from app.k8s.request import JSON, MERGE_PATCH, METADATA_ONLY, KubeRequest, core_path, encode, write_query
from app.k8s.transport import Transport
from app.k8s.wire import ListMeta, MetadataOnly, SecretObject, Wire, decode

ACCOUNT_TYPE: Final = "secretspace.io/account"
CHUNK: Final = 500
"""Accounts that are read at once."""

_NAME_PREFIX = "account-"
_PASSWORD_HASH = "passwordHash"  # noqa: S105  (the name of a key)
_EMAIL = "email"
_PLATFORM_ROLES = "platformRoles"
_DISABLED = "disabled"
_EPOCH = "epoch"
_MUST_CHANGE = "mustChangePassword"
_SESSIONS = "sessions"
_RETIRED = "retired"


class _SecretList(Wire, frozen=True):
    items: list[SecretObject]
    metadata: ListMeta = ListMeta()


class Accounts:
    """Accounts of one namespace; an `identity.account.AccountStore`."""

    def __init__(self, transport: Transport, namespace: str) -> None:
        self._transport = transport
        self._namespace = namespace

    async def get(self, name: str, trace: Trace) -> Account | None:
        """The account as it stands now, None where there is none of this name.

        Raises:
            UpstreamAnswerError: what is stored there is no account.
        """
        secret = await self._read(name, trace)
        return None if secret is None or is_retired(secret) else to_account(name, secret)

    async def all(self, trace: Trace) -> Sequence[Account]:
        """All accounts, in no order; what cannot be read as one is not among them."""
        found: list[Account] = []
        more: str | None = ""
        while more is not None:
            answer = await self._transport.send(list_accounts(self._namespace, more), _acting(trace))
            chunk = decode(answer.body, _SecretList)
            found.extend(to_accounts(chunk.items))
            more = chunk.metadata.continue_ or None
        return found

    async def create(self, account: Account, trace: Trace, actor: str = "") -> Account:
        """Store a new account, and return it as it is stored.

        Raises:
            AlreadyExistsError: the name is taken.
            NameRetiredError: it was, by an account that has been deleted.
        """
        request = create_account(self._namespace, account, actor)
        try:
            answer = await self._transport.send(request, _acting(trace))
        except AlreadyExistsError:
            there = await self._read(account.name, trace)
            if there is not None and is_retired(there):
                raise NameRetiredError from None
            raise
        return _stored(account, answer.body)

    async def update(self, account: Account, trace: Trace, actor: str = "") -> Account:
        """Store another state of an account that is still at `account.version`, and return it as it is stored.

        Raises:
            PreconditionFailedError: it was changed meanwhile.
        """
        with precondition_failed():
            answer = await self._transport.send(update_account(self._namespace, account, actor), _acting(trace))
        return _stored(account, answer.body)

    async def retire(self, account: Account, trace: Trace, actor: str = "") -> None:
        """Delete an account that is still at `account.version`; nothing of it stays but that its name was given out.

        Raises:
            PreconditionFailedError: it was changed meanwhile.
        """
        with precondition_failed():
            await self._transport.send(retire_account(self._namespace, account, actor), _acting(trace))

    async def _read(self, name: str, trace: Trace) -> SecretObject | None:
        try:
            answer = await self._transport.send(read_account(self._namespace, name), _acting(trace))
        except NotFoundError:
            return None
        return decode(answer.body, SecretObject)


def read_account(namespace: str, name: str) -> KubeRequest:
    """Read one account."""
    return KubeRequest("GET", core_path(namespace, "secrets", _secret_name(name)))


def list_accounts(namespace: str, more: str = "") -> KubeRequest:
    """Read many accounts; `more` is where the chunk before ended."""
    query = {"fieldSelector": f"type={ACCOUNT_TYPE}", "limit": str(CHUNK)}
    return KubeRequest("GET", core_path(namespace, "secrets"), query | ({"continue": more} if more else {}))


def create_account(namespace: str, account: Account, actor: str = "") -> KubeRequest:
    """Store an account under a name that is free."""
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": _secret_name(account.name), "namespace": namespace, **_annotations(actor)},
        "type": ACCOUNT_TYPE,
        "data": {key: _encode(text) for key, text in _data(account).items()},
    }
    return KubeRequest(
        "POST",
        core_path(namespace, "secrets"),
        write_query(),
        accept=METADATA_ONLY,
        content_type=JSON,
        body=encode(body),
    )


def update_account(namespace: str, account: Account, actor: str = "") -> KubeRequest:
    """Replace the state of an account, of just the version that was read.

    Raises:
        ValueError: the account was never read, so that there is no version to hold it to.
    """
    return _patch(namespace, account, {key: _encode(text) for key, text in _data(account).items()}, actor)


def retire_account(namespace: str, account: Account, actor: str = "") -> KubeRequest:
    """Take everything out of an account, of just the version that was read, and mark it.

    Raises:
        ValueError: the account was never read, so that there is no version to hold it to.
    """
    return _patch(namespace, account, {**dict.fromkeys(_data(account)), _RETIRED: _encode("true")}, actor)


def _patch(namespace: str, account: Account, data: Mapping[str, str | None], actor: str) -> KubeRequest:
    if account.version is None:
        raise ValueError("The account was never read.")
    return KubeRequest(
        "PATCH",
        core_path(namespace, "secrets", _secret_name(account.name)),
        write_query(),
        accept=METADATA_ONLY,
        content_type=MERGE_PATCH,
        body=encode({"metadata": guarded(account.version) | _annotations(actor), "data": data}),
    )


def is_retired(secret: SecretObject) -> bool:
    """Whether a Secret stands for a name that was given out, and is not any more."""
    return secret.type == ACCOUNT_TYPE and _RETIRED in (secret.data or {})


def to_accounts(secrets: Sequence[SecretObject]) -> list[Account]:
    """The accounts among these Secrets; one that was tampered with must not hide the others."""
    found = []
    for secret in secrets:
        if secret.metadata.name.startswith(_NAME_PREFIX) and not is_retired(secret):
            try:
                found.append(to_account(secret.metadata.name.removeprefix(_NAME_PREFIX), secret))
            except UpstreamAnswerError:
                continue
    return found


def to_account(name: str, secret: SecretObject) -> Account:
    """The account that a Secret holds.

    Raises:
        UpstreamAnswerError: it holds none: another type, a part missing or unreadable. Nothing is guessed.
    """
    if secret.type != ACCOUNT_TYPE:
        raise UpstreamAnswerError(200, "NotAnAccount")
    try:
        data = {key: b64decode(value, validate=True).decode() for key, value in (secret.data or {}).items()}
        return Account(
            name=name,
            password_hash=data[_PASSWORD_HASH],
            email=data[_EMAIL],
            platform_roles=frozenset(PlatformRole(role) for role in data[_PLATFORM_ROLES].split()),
            disabled=_BOOLEANS[data[_DISABLED]],
            epoch=int(data[_EPOCH]),
            must_change_password=_BOOLEANS[data.get(_MUST_CHANGE, "false")],
            sessions=tuple(_to_session(each) for each in json.loads(data.get(_SESSIONS, "[]"))),
            created_at=secret.metadata.creation_timestamp,
            version=to_version(secret.metadata),
        )
    except (KeyError, ValueError, TypeError, OverflowError, InvalidError):
        raise UpstreamAnswerError(200, "NotAnAccount") from None


def _to_session(stored: Mapping[str, Any]) -> Session:
    expires_at = datetime.fromtimestamp(stored["expires"], UTC)
    return Session(id=str(stored["id"]), token_hash=str(stored["hash"]), expires_at=expires_at)


def _from_session(session: Session) -> dict[str, Any]:
    return {"id": session.id, "hash": session.token_hash, "expires": int(session.expires_at.timestamp())}


def _data(account: Account) -> Mapping[str, str]:
    return {
        _PASSWORD_HASH: account.password_hash,
        _EMAIL: account.email,
        _PLATFORM_ROLES: " ".join(sorted(account.platform_roles)),
        _DISABLED: _text(account.disabled),
        _EPOCH: str(account.epoch),
        _MUST_CHANGE: _text(account.must_change_password),
        _SESSIONS: json.dumps([_from_session(each) for each in account.sessions]),
    }


_BOOLEANS: Final = {"true": True, "false": False}


def _text(yes: bool) -> str:  # noqa: FBT001  (a value to be written, not a switch)
    return "true" if yes else "false"


def _encode(text: str) -> str:
    return b64encode(text.encode()).decode()


def _annotations(actor: str) -> dict[str, Any]:
    return {"annotations": {ACTOR: actor}} if actor else {}


def _stored(account: Account, body: bytes) -> Account:
    """The account with what the API server has added to it."""
    metadata = decode(body, MetadataOnly).metadata
    return replace(account, created_at=metadata.creation_timestamp, version=to_version(metadata))


def _secret_name(name: str) -> str:
    return f"{_NAME_PREFIX}{name}"


def _acting(trace: Trace) -> AsReserved:
    return AsReserved(RESERVED_USER_ACCOUNTS, trace)
