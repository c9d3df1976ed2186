"""Who is calling, and how calls are made as them.

Rules of names follow design §2: what a header could bend, or the cluster could mistake for one of its own, is refused.
Source: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MAX_NAME_LENGTH = 253
"""Characters in a user or group name."""
MAX_GROUPS = 64
SYSTEM_PREFIX = "system:"
RESERVED_PREFIX = "secretspace-system:"
"""Users of this prefix are the service's own, never anyone's who signs in."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Source(StrEnum):
    """Which way in the caller took."""

    LOCAL = "local"
    KUBERNETES = "kubernetes"
    OIDC = "oidc"


class InvalidIdentityError(ValueError):
    """A name, or a set of groups, that must not travel into a header; `rule` says which rule, never the name."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Impersonation:
    """Calls are made with the service's own credential, as the caller."""


@dataclass(frozen=True, slots=True)
class OwnToken:
    """Calls carry the caller's own bearer token."""

    token: str = field(repr=False)


Credential = Impersonation | OwnToken


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller whose name and groups are safe to send; it cannot be built otherwise.

    Raises:
        InvalidIdentityError: a rule of the module is broken.
    """

    username: str
    groups: tuple[str, ...] = ()
    source: Source = Source.LOCAL
    credential: Credential = field(default_factory=Impersonation)
    expires_at: datetime | None = None
    """When the credential ends (UTC); None where the source does not say."""
    display_name: str = ""
    password_change_required: bool = False
    """Whether nothing but a change of the own password is open to the caller."""

    def __post_init__(self) -> None:
        if len(self.groups) > MAX_GROUPS:
            raise InvalidIdentityError("too many groups")
        for name in (self.username, *self.groups):
            check_identity_name(name)
            if isinstance(self.credential, Impersonation) and name.startswith(SYSTEM_PREFIX):
                raise InvalidIdentityError("system names are never impersonated")


def check_identity_name(name: str) -> None:
    """Refuse a user or group name that a header could bend.

    Raises:
        InvalidIdentityError: empty, too long, not NFC, not encodable, control characters, or blanks at the edges.
    """
    if not name or len(name) > MAX_NAME_LENGTH:
        raise InvalidIdentityError("1 to 253 characters")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InvalidIdentityError("not UTF-8") from None
    if name != name.strip():
        raise InvalidIdentityError("blank at the edge")
    if _CONTROL.search(name):
        raise InvalidIdentityError("control character")
    if not unicodedata.is_normalized("NFC", name):
        raise InvalidIdentityError("not NFC")


def check_prefix(prefix: str) -> None:
    """Refuse a prefix under which a local account could bear the name of another user.

    Raises:
        ValueError: it does not end in ":", which no account's name holds, or is reserved.
    """
    if not prefix[:-1] or not prefix.endswith(":") or prefix.startswith((SYSTEM_PREFIX, RESERVED_PREFIX)):
        message = "The prefix of local accounts ends in ':' and is neither 'system:' nor 'secretspace-system:'."
        raise ValueError(message)
