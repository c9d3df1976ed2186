"""A caller's rules, asked of the cluster and remembered for at most ten seconds."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from app.domain.access import Rules
from app.domain.call import Caller
from app.domain.identity import Identity
from app.services.port import Reviewer

LIFETIME_SECONDS: Final = 10.0
MAX_ENTRIES: Final = 4096


@dataclass(slots=True)
class Rights:
    """Remembers rules by identity and namespace: the whole identity, groups and all, since rights hang on it.

    An identity may hold its caller's token, so what is over is not just passed over: the next question drops it.
    """

    reviewer: Reviewer
    _known: "OrderedDict[tuple[Identity, str], tuple[float, Rules]]" = field(default_factory=OrderedDict, repr=False)

    def forget(self, caller: Caller) -> None:
        """Ask anew for what this caller may do: something has just been given to them."""
        for key in [key for key in self._known if key[0] == caller.identity]:
            del self._known[key]

    async def rules(self, caller: Caller, namespace: str) -> Rules:
        """The caller's rules in the namespace, at most ten seconds old."""
        key = (caller.identity, namespace)
        now = asyncio.get_running_loop().time()
        known = self._known.get(key)
        if known is not None and now < known[0]:
            return known[1]
        rules = await self.reviewer.rules(caller, namespace)
        self._known.pop(key, None)
        self._known[key] = (now + LIFETIME_SECONDS, rules)
        self._forget(now)
        return rules

    def _forget(self, now: float) -> None:
        """Drop what is over, and what is too much; entries stand in the order of their end."""
        while len(self._known) > MAX_ENTRIES or next(iter(self._known.values()))[0] <= now:
            self._known.popitem(last=False)
