"""Several things in one request: none stops another, and no more than some at once."""

import asyncio

import pytest

from app.domain.errors import AppError, SecretNotFoundError, UpstreamTimeoutError, UpstreamUnavailableError
from app.services.batch import AT_ONCE, each


async def _unless_odd(number: int) -> int:
    if number % 2:
        raise SecretNotFoundError
    return number * 10


async def test_what_came_of_each_stands_in_the_order_of_the_items() -> None:
    outcomes = await each([0, 1, 2, 3], _unless_odd)

    assert outcomes[::2] == [0, 20]
    assert [type(outcome) for outcome in outcomes[1::2]] == [SecretNotFoundError, SecretNotFoundError]


async def test_of_nothing_nothing_comes() -> None:
    assert await each([], _unless_odd) == []


async def test_only_some_are_under_way_at_once() -> None:
    under_way: set[int] = set()
    most = 0

    async def work(number: int) -> None:
        nonlocal most
        under_way.add(number)
        most = max(most, len(under_way))
        await asyncio.sleep(0)
        under_way.discard(number)

    await each(range(5 * AT_ONCE), work)

    assert most == AT_ONCE


async def test_trouble_of_the_cluster_with_all_of_them_is_a_trouble_of_the_whole() -> None:
    async def fail(number: int) -> None:
        raise (UpstreamUnavailableError() if number else UpstreamTimeoutError())

    with pytest.raises(UpstreamTimeoutError):
        await each([0, 1], fail)


@pytest.mark.parametrize("others", [[None], [SecretNotFoundError()]])
async def test_trouble_with_some_of_them_is_told_of_these(others: list[AppError | None]) -> None:
    trouble = UpstreamTimeoutError()

    async def end_in(error: AppError | None) -> None:
        if error is not None:
            raise error

    assert await each([*others, trouble], end_in) == [*others, trouble]


async def test_what_nobody_foresaw_is_no_outcome() -> None:
    async def fail(_: int) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await each([1, 2], fail)
