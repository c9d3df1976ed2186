"""A map that forgets: after a time, and when it is full."""

import time
from collections import OrderedDict
from typing import Generic, TypeVar

from app.identity.clock import Stopwatch

K = TypeVar("K")
V = TypeVar("V")


class ExpiringMap(Generic[K, V]):
    """Keeps at most `size` entries, each for its own time; when full, the one that was used least recently goes."""

    def __init__(self, size: int, stopwatch: Stopwatch = time.monotonic) -> None:
        self._size = size
        self._stopwatch = stopwatch
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def __len__(self) -> int:
        """How many entries are held, those whose time is over included."""
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """The value, None where there is none or its time is over."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        until, value = entry
        if self._stopwatch() >= until:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V, seconds: float) -> None:
        """Keep a value for so many seconds; not at all where that is none."""
        self._entries.pop(key, None)
        if seconds <= 0:
            return
        self._entries[key] = (self._stopwatch() + seconds, value)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
