"""Passwords: hashed with argon2id, off the event loop, a bounded number at once.

Source: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
"""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.domain.errors import TooManyRequestsError

MAX_PASSWORD_BYTES: Final = 1024
AT_ONCE: Final = 2
MAX_WAITING: Final = 32
"""Hashes that wait for one of those at work; more are turned away, so that sign-ins cannot pile up without end."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hash costs."""

    memory_kib: int = 19 * 1024
    passes: int = 2
    lanes: int = 1


OWASP: Final = Cost()
"""OWASP's recommendation for argon2id: 19 MiB, two passes, one lane."""


class Passwords:
    """Hashes and verifies passwords.

    An unknown account costs as much time as a wrong password: there is always a hash to verify against.
    """

    def __init__(self, cost: Cost = OWASP, *, max_waiting: int = MAX_WAITING) -> None:
        self._hasher = PasswordHasher(
            time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes, hash_len=32, salt_len=16
        )
        self._nobody = self._hasher.hash(token_urlsafe())
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._under_way = 0
        self._max_under_way = AT_ONCE + max_waiting

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """The encoded hash of a new password, which the rules have let through.

        Raises:
            ValueError: it is longer than `MAX_PASSWORD_BYTES` or has no UTF-8 form.
            TooManyRequestsError: too many hashes are waiting already.
        """
        secret = _prepare(password)
        if secret is None:
            raise ValueError("This was not checked to be a password.")
        return await self._off_loop(lambda: self._hasher.hash(secret))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password belongs to the hash; never, but as slowly, where the hash is None.

        Raises:
            TooManyRequestsError: too many hashes are waiting already.
        """
        secret = _prepare(password)
        if secret is None:
            return False
        good = await self._off_loop(lambda: self._matches(secret, password_hash or self._nobody))
        return good and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _matches(self, secret: bytes, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, secret)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False

    async def _off_loop(self, work: Callable[[], T]) -> T:
        if self._under_way >= self._max_under_way:
            raise TooManyRequestsError
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._under_way -= 1


def _prepare(password: str) -> bytes | None:
    """The bytes to hash, in one normal form (NIST SP 800-63B 3.1.1.2); None for what can be no password of ours."""
    try:
        if len(password.encode()) > MAX_PASSWORD_BYTES:
            return None
    except UnicodeEncodeError:
        return None
    return unicodedata.normalize("NFC", password).encode()
