"""How many reveals may be under way: values are large, and meant to be looked at one by one."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.domain.errors import TooManyRequestsError


@dataclass(slots=True)
class RevealGate:
    """Lets so many reveals through, overall and per user; more wait a little, then are refused."""

    at_once: int
    per_user: int
    wait_seconds: float
    _under_way: "Counter[str]" = field(default_factory=Counter, repr=False)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition, repr=False)

    @asynccontextmanager
    async def passing(self, username: str) -> AsyncIterator[None]:
        """Hold a place while values are read.

        Raises:
            TooManyRequestsError: no place became free in time.
        """
        await self._enter(username)
        try:
            yield
        finally:
            await asyncio.shield(self._leave(username))

    async def _enter(self, username: str) -> None:
        try:
            async with asyncio.timeout(self.wait_seconds), self._changed:
                await self._changed.wait_for(lambda: self._has_place(username))
                self._under_way[username] += 1
        except TimeoutError:
            raise TooManyRequestsError(retry_after=1) from None

    async def _leave(self, username: str) -> None:
        async with self._changed:
            self._under_way[username] -= 1
            if not self._under_way[username]:
                del self._under_way[username]
            self._changed.notify_all()

    def _has_place(self, username: str) -> bool:
        return self._under_way[username] < self.per_user and self._under_way.total() < self.at_once
