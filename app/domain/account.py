"""A local account: a person who signs in with a password that the cluster keeps, hashed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.version import Version

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f-\x9f]{1,64}@[^\s@\x00-\x1f\x7f-\x9f]{1,189}")

FIRST_EPOCH: Final = 1


class PlatformRole(StrEnum):
    """What an account may do besides what it is bound to in workspaces and projects."""

    PLATFORM_ADMIN = "platform-admin"
    WORKSPACE_CREATOR = "workspace-creator"

    @property
    def group(self) -> str:
        """The group, without the local prefix, to which `deploy/` binds the role."""
        return f"{self.value}s"


@dataclass(frozen=True, slots=True)
class Account:
    """An account whose name is a DNS label, so that it can be part of a Secret's name; it cannot be built otherwise.

    Raises:
        InvalidError: the name or the e-mail address is not one.
    """

    name: str
    password_hash: str = field(repr=False)
    """Argon2id in its encoded form, parameters and salt included."""
    email: str = ""
    platform_roles: frozenset[PlatformRole] = frozenset()
    disabled: bool = False
    epoch: int = FIRST_EPOCH
    """Raised when all tokens issued so far are to end."""
    created_at: datetime | None = None
    version: Version | None = None
    """What is stored, for a change that must not meet another; None until it is stored."""

    def __post_init__(self) -> None:
        violations = tuple(account_violations(self.name, self.email))
        if violations:
            raise InvalidError(violations)


def is_account_name(text: str) -> bool:
    """Whether an account can be called so: a DNS label of at most 63 characters."""
    return _NAME.fullmatch(text) is not None


def account_violations(name: str, email: str) -> Iterator[Violation]:
    """All that is wrong with what an account is called and written to at."""
    if not is_account_name(name):
        yield Violation("/name", Fault.LABEL_NAME_INVALID)
    if email and not _EMAIL.fullmatch(email):
        yield Violation("/email", Fault.EMAIL_INVALID)
