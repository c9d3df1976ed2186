"""The time, as a parameter."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""The time of day in UTC, for what is written into tokens."""
Stopwatch: TypeAlias = Callable[[], float]
"""Seconds that never go backwards, for how long something is kept."""


def utc_now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)
