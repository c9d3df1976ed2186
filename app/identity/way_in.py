"""A way in: what it is, and how its answers are remembered for a few seconds."""

import asyncio
import time
from datetime import timedelta
from hashlib import sha256
from typing import Final, Protocol

from app.domain.call import Trace
from app.domain.errors import InvalidTokenError
from app.domain.identity import Identity
from app.identity.clock import Clock, Stopwatch, utc_now
from app.identity.expiring_map import ExpiringMap

REMEMBERED: Final = 2048
"""Tokens, good ones and refused ones each, that one way in remembers."""


class WayIn(Protocol):
    """Tells whose a bearer token is."""

    async def identify(self, token: str, trace: Trace) -> Identity:
        """The caller whose token this is.

        Raises:
            InvalidTokenError: the token is not good.
            UpstreamError: whether it is could not be found out.
        """


class Remembering:
    """A way in that asks another one, and remembers its answer for `keep`, or `keep_refusal` where it was a refusal.

    Tokens are kept as hashes. Many requests with one new token ask once. Whatever else than an identity or a refusal
    comes of asking is passed on, and not remembered.
    """

    def __init__(
        self,
        way: WayIn,
        keep: timedelta = timedelta(seconds=10),
        keep_refusal: timedelta = timedelta(seconds=2),
        *,
        size: int = REMEMBERED,
        clock: Clock = utc_now,
        stopwatch: Stopwatch = time.monotonic,
    ) -> None:
        self._way = way
        self._keep = keep.total_seconds()
        self._keep_refusal = keep_refusal.total_seconds()
        self._clock = clock
        self._good: ExpiringMap[bytes, Identity] = ExpiringMap(size, stopwatch)
        self._refused: ExpiringMap[bytes, str] = ExpiringMap(size, stopwatch)
        self._asking: dict[bytes, asyncio.Task[Identity]] = {}

    async def identify(self, token: str, trace: Trace) -> Identity:
        """As `WayIn.identify`, at most `keep` old."""
        key = sha256(token.encode()).digest()
        identity = self._good.get(key)
        if identity is not None:
            return identity
        refusal = self._refused.get(key)
        if refusal is not None:
            raise InvalidTokenError(refusal)
        # Shielded, since others may wait for the same answer when this request is given up.
        return await asyncio.shield(self._asking.get(key) or self._start(key, token, trace))

    def _start(self, key: bytes, token: str, trace: Trace) -> asyncio.Task[Identity]:
        task = asyncio.create_task(self._ask(key, token, trace))
        self._asking[key] = task
        task.add_done_callback(lambda _: self._asking.pop(key))
        return task

    async def _ask(self, key: bytes, token: str, trace: Trace) -> Identity:
        try:
            identity = await self._way.identify(token, trace)
        except InvalidTokenError as error:
            self._refused.put(key, str(error), self._keep_refusal)
            raise
        self._good.put(key, identity, self._seconds(identity))
        return identity

    def _seconds(self, identity: Identity) -> float:
        if identity.expires_at is None:
            return self._keep
        return min(self._keep, (identity.expires_at - self._clock()).total_seconds())
