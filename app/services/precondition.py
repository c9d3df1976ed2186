"""Writes at an expected version, whatever it is that is written."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar, cast

from app.domain.errors import ConflictError, PreconditionFailedError
from app.domain.version import ANY, Precondition, Version

LOST_RACES: Final = 4
"""How often a write is tried when others keep changing what is there: once, and three times more."""

Current = TypeVar("Current")
Result = TypeVar("Result")
Known = TypeVar("Known", bound=Version | None)
"""A version, or perhaps none, where the caller may not learn it."""


async def at_expected(
    expected: Precondition,
    read: Callable[[], Awaitable[Current]],
    version_of: Callable[[Current], Known],
    write: Callable[[Current, Known], Awaitable[Result]],
) -> Result:
    """Write at the version that is expected.

    When a race was lost, what is there is read again and compared again: "whatever is there" is written all the same,
    and so is what still has the expected tag, for not every write changes that (`Workspace.version`).

    Raises:
        PreconditionFailedError: what is there is at another version.
        ConflictError: it kept changing.
    """
    for _ in range(LOST_RACES):
        current = await read()
        known = version_of(current)
        version = agreed(expected, known)
        try:
            return await write(current, version)
        except PreconditionFailedError:
            if expected != ANY and known is None:
                raise  # there is nothing to compare again
    raise ConflictError


def agreed(expected: Precondition, current: Known) -> Known:
    """The version to write at: the current one, if it is expected; the expected one, where no other is known.

    Raises:
        PreconditionFailedError: it is at another version.
    """
    if expected == ANY:
        return current
    if not expected or (current is not None and current not in expected):
        raise PreconditionFailedError
    return current or cast("Known", expected[0])
