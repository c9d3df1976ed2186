"""Refresh tokens: opaque to clients, told apart from access tokens at a glance. Pure; randomness aside.

Sources: RFC 6749 section 6, RFC 9700 section 4.14 (rotation and the detection of reuse).
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Final, Self

PREFIX: Final = "secretspace-refresh."
"""Scanners for leaked credentials can look for it, and nothing with it is ever taken for an access token."""

_FORM = re.compile(r"secretspace-refresh\.([-a-z0-9]{1,63})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A token that renews one session of one account; only a hash of its secret is kept."""

    account: str
    session_id: str
    secret: str = field(repr=False)

    @classmethod
    def for_new_session(cls, account: str) -> Self:
        """The first token of a session."""
        return cls(account, token_urlsafe(16), token_urlsafe(32))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The token that this is, None where it is none."""
        match = _FORM.fullmatch(text)
        return None if match is None else cls(*match.groups())

    @property
    def text(self) -> str:
        """As it is handed out."""
        return f"{PREFIX}{self.account}.{self.session_id}.{self.secret}"

    @property
    def hash(self) -> str:
        """What is kept; the secret is random and long, so that a plain hash cannot be turned back."""
        return sha256(self.secret.encode()).hexdigest()

    def next(self) -> Self:
        """The token that follows this one in its session."""
        return type(self)(self.account, self.session_id, token_urlsafe(32))

    def matches(self, token_hash: str) -> bool:
        """Whether the hash is of this token."""
        return compare_digest(self.hash, token_hash)
