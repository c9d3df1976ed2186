"""Accounts, each a Secret `account-<name>` in the service's own namespace, reached as a reserved user only."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Final

from app.domain.account import Account, PlatformRole
from app.domain.call import RESERVED_USER_ACCOUNTS, Trace
from app.domain.errors import InvalidError, NotFoundError, UpstreamAnswerError
from app.domain.version import Version
from app.k8s.impersonation import AsReserved
from app.k8s.request import JSON, MERGE_PATCH, METADATA_ONLY, KubeRequest, core_path, encode, write_query
from app.k8s.transport import Transport
from app.k8s.wire import SecretObject, decode

ACCOUNT_TYPE: Final = "secretspace.io/account"

_PASSWORD_HASH = "passwordHash"  # noqa: S105  (the name of a key)
_EMAIL = "email"
_PLATFORM_ROLES = "platformRoles"
_DISABLED = "disabled"
_EPOCH = "epoch"


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
        try:
            answer = await self._transport.send(read_account(self._namespace, name), _acting(trace))
        except NotFoundError:
            return None
        return to_account(name, decode(answer.body, SecretObject))

    async def create(self, account: Account, trace: Trace) -> None:
        """Store a new account.

        Raises:
            AlreadyExistsError: the name is taken.
        """
        await self._transport.send(create_account(self._namespace, account), _acting(trace))

    async def replace_password_hash(self, account: Account, password_hash: str, trace: Trace) -> None:
        """Store another password hash, if the account is still at `account.version`.

        Raises:
            ConflictError: it was changed meanwhile.
        """
        await self._transport.send(patch_password_hash(self._namespace, account, password_hash), _acting(trace))


def read_account(namespace: str, name: str) -> KubeRequest:
    """Read one account."""
    return KubeRequest("GET", core_path(namespace, "secrets", _secret_name(name)))


def create_account(namespace: str, account: Account) -> KubeRequest:
    """Store an account under a name that is free."""
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": _secret_name(account.name), "namespace": namespace},
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


def patch_password_hash(namespace: str, account: Account, password_hash: str) -> KubeRequest:
    """Replace the hash alone, of just the version that was read.

    Raises:
        ValueError: the account was never read, so that there is no version to hold it to.
    """
    if account.version is None:
        raise ValueError("The account was never read.")
    metadata = {"uid": account.version.uid, "resourceVersion": account.version.resource_version}
    return KubeRequest(
        "PATCH",
        core_path(namespace, "secrets", _secret_name(account.name)),
        write_query(),
        accept=METADATA_ONLY,
        content_type=MERGE_PATCH,
        body=encode({"metadata": metadata, "data": {_PASSWORD_HASH: _encode(password_hash)}}),
    )


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
            created_at=secret.metadata.creation_timestamp,
            version=Version(secret.metadata.uid, secret.metadata.resource_version),
        )
    except (KeyError, ValueError, InvalidError):
        raise UpstreamAnswerError(200, "NotAnAccount") from None


def _data(account: Account) -> Mapping[str, str]:
    return {
        _PASSWORD_HASH: account.password_hash,
        _EMAIL: account.email,
        _PLATFORM_ROLES: " ".join(sorted(account.platform_roles)),
        _DISABLED: "true" if account.disabled else "false",
        _EPOCH: str(account.epoch),
    }


_BOOLEANS: Final = {"true": True, "false": False}


def _encode(text: str) -> str:
    return b64encode(text.encode()).decode()


def _secret_name(name: str) -> str:
    return f"account-{name}"


def _acting(trace: Trace) -> AsReserved:
    return AsReserved(RESERVED_USER_ACCOUNTS, trace)
