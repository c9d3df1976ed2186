"""A local account: a person who signs in with a password that the cluster keeps, hashed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from app.domain.absent import ABSENT, Absent
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
class Session:
    """A sign-in that can be renewed: one refresh token is good at a time, each use of it gives the next.

    Who shows an earlier one has a copy, or was copied from: which of the two is not known, so the session ends.
    """

    id: str
    token_hash: str = field(repr=False)
    """SHA-256, in hexadecimal, of the secret part of the token that is good now; it is random, so needs no salt."""
    expires_at: datetime


MAX_SESSIONS: Final = 16
"""Sessions of one account; the one that began first ends where one more begins."""


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
    must_change_password: bool = False
    """Whether the password is known to who made the account, and opens nothing until it is changed."""
    sessions: tuple[Session, ...] = ()
    """In the order in which they began."""
    created_at: datetime | None = None
    version: Version | None = None
    """What is stored, for a change that must not meet another; None until it is stored."""

    def __post_init__(self) -> None:
        violations = tuple(account_violations(self.name, self.email))
        if violations:
            raise InvalidError(violations)

    def signed_out(self) -> Self:
        """The account after all its tokens have ended."""
        return replace(self, epoch=self.epoch + 1, sessions=())

    def with_password(self, password_hash: str, *, by_owner: bool) -> Self:
        """The account with another password: all its tokens end; set by somebody else, it may still have to change."""
        changed = replace(self.signed_out(), password_hash=password_hash)
        return replace(changed, must_change_password=False) if by_owner else changed

    def edited(self, edit: "AccountEdit") -> Self:
        """The account after a change; its tokens end where it is disabled, or its platform roles are others."""
        changed = self
        if not isinstance(edit.email, Absent):
            changed = replace(changed, email=edit.email or "")
        if not isinstance(edit.disabled, Absent):
            changed = replace(changed, disabled=edit.disabled)
        if not isinstance(edit.platform_roles, Absent):
            changed = replace(changed, platform_roles=edit.platform_roles)
        ends = (changed.disabled and not self.disabled) or changed.platform_roles != self.platform_roles
        return changed.signed_out() if ends else changed

    def session(self, session_id: str, now: datetime) -> Session | None:
        """The session of this id, None where it is over."""
        return next((each for each in self.sessions if each.id == session_id and now < each.expires_at), None)

    def with_session(self, session: Session, now: datetime) -> Self:
        """The account with a session begun, or renewed in its place; those that are over are dropped."""
        alive = [each for each in self.sessions if now < each.expires_at]
        if any(each.id == session.id for each in alive):
            return replace(self, sessions=tuple(session if each.id == session.id else each for each in alive))
        return replace(self, sessions=(*alive[-(MAX_SESSIONS - 1) :], session))

    def without_session(self, session_id: str) -> Self:
        """The account with a session ended."""
        return replace(self, sessions=tuple(each for each in self.sessions if each.id != session_id))


@dataclass(frozen=True, slots=True)
class AccountEdit:
    """What is to be changed of an account; absent stays."""

    disabled: bool | Absent = ABSENT
    email: str | Absent | None = ABSENT
    """None removes it."""
    platform_roles: frozenset[PlatformRole] | Absent = ABSENT


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made."""

    name: str
    password: str = field(repr=False)
    email: str = ""
    platform_roles: frozenset[PlatformRole] = frozenset()
    must_change_password: bool = False


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """A new password, and the present one as a proof that it is the owner who changes it."""

    new: str = field(repr=False)
    current: str | None = field(default=None, repr=False)


def is_account_name(text: str) -> bool:
    """Whether an account can be called so: a DNS label of at most 63 characters."""
    return _NAME.fullmatch(text) is not None


def account_violations(name: str, email: str) -> Iterator[Violation]:
    """All that is wrong with what an account is called and written to at."""
    if not is_account_name(name):
        yield Violation("/name", Fault.LABEL_NAME_INVALID)
    if email and not _EMAIL.fullmatch(email):
        yield Violation("/email", Fault.EMAIL_INVALID)
