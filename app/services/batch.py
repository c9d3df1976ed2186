"""Several things to do in one request: each stands for itself, and none that fails stops another."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

from app.domain.errors import AppError, UpstreamError

AT_ONCE: Final = 10
"""How many of them are under way at once; the cluster has others to serve, too."""

Item = TypeVar("Item")
Result = TypeVar("Result")


async def each(items: Iterable[Item], do: Callable[[Item], Awaitable[Result]]) -> list[Result | AppError]:
    """Do something to each item; what came of it, or the error in which it ended, in the order of the items.

    Raises:
        UpstreamError: the cluster is the trouble, and was for every one of them.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def tried(item: Item) -> Result | AppError:
        async with gate:
            try:
                return await do(item)
            except AppError as error:
                return error

    outcomes = await asyncio.gather(*(tried(item) for item in items))
    troubles = [outcome for outcome in outcomes if isinstance(outcome, UpstreamError)]
    if troubles and len(troubles) == len(outcomes):
        raise troubles[0]
    return outcomes
