"""After failures, the next attempt has to wait: longer each time, never for good.

Sources: NIST SP 800-63B section 3.2.2 (throttling), OWASP Authentication Cheat Sheet (login throttling).
"""

import math
import time
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from app.domain.errors import TooManyAttemptsError
from app.identity.clock import Stopwatch
from app.identity.expiring_map import ExpiringMap

FREE_PER_ACCOUNT: Final = 10
FREE_PER_ADDRESS: Final = 100
"""Failures that cost nothing: many people can share an address."""
LONGEST_WAIT: Final = 60.0
"""Seconds. Guessing then goes on at 1,440 passwords a day, and whose account it is waits a minute."""
FORGOTTEN_AFTER: Final = 15 * 60.0
"""Seconds without a failure."""
KNOWN_FOR: Final = 24 * 3600.0
"""Seconds for which an address is known from which somebody has signed in to an account."""
REMEMBERED: Final = 10_000
"""Accounts, addresses and known pairs of both, each."""

_WITH_TOKEN: Final = "token"  # noqa: S105  (a word in place of an address)
"""Stands for the address of attempts that come with a token."""
_IPV6_NETWORK: Final = 64
"""Bits of what one customer has at the least (RFC 6177)."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tries to prove to be an account.

    `account` is empty where no account can be called so: only the address counts then. `address` is empty where the
    attempt comes with a token of the account: it is counted apart, so that no one without a token can make it wait.
    """

    account: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    open_at: float


class BackOff:
    """Counts failures by account, whether it exists or not, and by client address, in the memory of one replica.

    An address from which an account was signed in to lately is counted by itself for that account, so that who tries
    from elsewhere cannot keep its owner out.
    """

    def __init__(self, stopwatch: Stopwatch = time.monotonic) -> None:
        self._stopwatch = stopwatch
        self._failures: ExpiringMap[tuple[str, str], _Failures] = ExpiringMap(2 * REMEMBERED, stopwatch)
        self._known: ExpiringMap[tuple[str, str], str] = ExpiringMap(REMEMBERED, stopwatch)

    def require_open(self, attempt: Attempt) -> None:
        """Let an attempt be made only when no one has to be waited for.

        Raises:
            TooManyAttemptsError: it comes too early.
        """
        counted = (self._failures.get(key) for key, _ in self._counters(attempt))
        wait = max((failures.open_at - self._stopwatch() for failures in counted if failures), default=0.0)
        if wait > 0:
            raise TooManyAttemptsError(math.ceil(wait))

    def failed(self, attempt: Attempt) -> None:
        """Count a failure."""
        for key, free in self._counters(attempt):
            before = self._failures.get(key)
            count = 1 if before is None else before.count + 1
            wait = 0.0 if count < free else min(2.0 ** min(count - free, 16), LONGEST_WAIT)
            self._failures.put(key, _Failures(count, self._stopwatch() + wait), FORGOTTEN_AFTER)

    def succeeded(self, attempt: Attempt) -> None:
        """Forget the failures of the account; those of the address stay, or one own account would clear it."""
        own_key = (attempt.account, self._known_address(attempt))
        self._failures.put(own_key, _Failures(0, 0.0), 0)
        if attempt.address:
            network = network_of(attempt.address)
            self._known.put((attempt.account, network), network, KNOWN_FOR)

    def _counters(self, attempt: Attempt) -> list[tuple[tuple[str, str], int]]:
        """What the attempt is counted by, each with the failures that are free."""
        known = self._known_address(attempt)
        counters = [((attempt.account, known), FREE_PER_ACCOUNT)] if attempt.account else []
        if attempt.address and not known:
            counters.append((("", network_of(attempt.address)), FREE_PER_ADDRESS))
        return counters

    def _known_address(self, attempt: Attempt) -> str:
        """The attempt's address, if the account was signed in to from there; else nothing."""
        if not attempt.address:
            return _WITH_TOKEN
        return self._known.get((attempt.account, network_of(attempt.address))) or ""


def network_of(address: str) -> str:
    """What is counted as one address: of IPv6 a whole network, of which a client can use any address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    return str(parsed) if parsed.version == 4 else str(ip_network((parsed, _IPV6_NETWORK), strict=False))
