import asyncio
import gc
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from app.domain.call import Trace
from app.domain.errors import InvalidTokenError, UpstreamUnavailableError
from app.domain.identity import Identity
from app.identity.way_in import Remembering
from tests.unit.identity.in_memory import NOW, SetClock, trace

ANNA = Identity("secretspace:anna")


class Way:
    """A way in that does what it is told, and counts."""

    def __init__(self, answer: Callable[[str], Awaitable[Identity]]) -> None:
        self.asked: list[str] = []
        self._answer = answer

    async def identify(self, token: str, trace: Trace) -> Identity:
        del trace
        self.asked.append(token)
        return await self._answer(token)


async def anna(_: str) -> Identity:
    return ANNA


async def refuse(_: str) -> Identity:
    raise InvalidTokenError("expired")


def remembering(way: Way, clock: SetClock, size: int = 8) -> Remembering:
    return Remembering(
        way, timedelta(seconds=10), timedelta(seconds=2), size=size, clock=clock, stopwatch=clock.seconds
    )


async def test_a_good_token_is_asked_about_again_after_its_time_only() -> None:
    clock, way = SetClock(), Way(anna)
    remembered = remembering(way, clock)
    for seconds in (0, 9.9, 0.1):
        clock.turn(seconds)
        assert await remembered.identify("t", trace()) == ANNA
    assert way.asked == ["t", "t"]


async def test_a_refusal_is_remembered_for_less_long_and_keeps_its_reason() -> None:
    clock, way = SetClock(), Way(refuse)
    remembered = remembering(way, clock)
    for seconds in (0, 1.9, 0.1):
        clock.turn(seconds)
        with pytest.raises(InvalidTokenError, match="expired"):
            await remembered.identify("t", trace())
    assert way.asked == ["t", "t"]


async def test_an_identity_is_not_remembered_beyond_its_end() -> None:
    async def until_soon(_: str) -> Identity:
        return Identity("secretspace:anna", expires_at=NOW + timedelta(seconds=3))

    clock, way = SetClock(), Way(until_soon)
    remembered = remembering(way, clock)
    await remembered.identify("t", trace())
    clock.turn(2.9)
    await remembered.identify("t", trace())
    assert way.asked == ["t"]
    clock.turn(0.1)
    await remembered.identify("t", trace())
    await remembered.identify("t", trace())
    assert way.asked == ["t", "t", "t"]


async def test_trouble_is_not_remembered() -> None:
    async def down(_: str) -> Identity:
        raise UpstreamUnavailableError

    way = Way(down)
    remembered = remembering(way, SetClock())
    for _ in range(2):
        with pytest.raises(UpstreamUnavailableError):
            await remembered.identify("t", trace())
    assert way.asked == ["t", "t"]


async def test_an_unforeseen_failure_is_passed_on_and_never_an_identity() -> None:
    async def broken(_: str) -> Identity:
        raise ZeroDivisionError

    remembered = remembering(Way(broken), SetClock())
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await remembered.identify("t", trace())


async def test_many_requests_with_one_new_token_ask_once() -> None:
    gate = asyncio.Event()

    async def later(_: str) -> Identity:
        await gate.wait()
        return ANNA

    way = Way(later)
    remembered = remembering(way, SetClock())
    tasks = [asyncio.create_task(remembered.identify("t", trace())) for _ in range(50)]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*tasks) == [ANNA] * 50
    assert way.asked == ["t"]


async def test_different_tokens_never_share_an_answer() -> None:
    async def by_name(token: str) -> Identity:
        await asyncio.sleep(0)
        return Identity(f"secretspace:{token}")

    remembered = remembering(Way(by_name), SetClock(), size=4)
    names = [f"user-{number % 17}" for number in range(400)]
    identities = await asyncio.gather(*(remembered.identify(name, trace()) for name in names))
    assert [identity.username for identity in identities] == [f"secretspace:{name}" for name in names]


async def test_a_request_that_is_given_up_does_not_take_the_answer_from_others() -> None:
    gate = asyncio.Event()

    async def later(_: str) -> Identity:
        await gate.wait()
        return ANNA

    remembered = remembering(Way(later), SetClock())
    first = asyncio.create_task(remembered.identify("t", trace()))
    second = asyncio.create_task(remembered.identify("t", trace()))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    gate.set()
    assert await second == ANNA
    assert first.cancelled()


async def test_a_failure_that_nobody_waits_for_any_more_is_no_noise() -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    gate = asyncio.Event()

    async def fail_later(_: str) -> Identity:
        await gate.wait()
        raise UpstreamUnavailableError

    remembered = remembering(Way(fail_later), SetClock())
    task = asyncio.create_task(remembered.identify("t", trace()))
    await asyncio.sleep(0)
    task.cancel()
    gate.set()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0.01)
    gc.collect()
    asyncio.get_running_loop().set_exception_handler(None)
    assert complaints == []


async def test_neither_good_nor_refused_tokens_can_fill_the_memory() -> None:
    async def every_other(token: str) -> Identity:
        return await (anna(token) if token.startswith("good") else refuse(token))

    remembered = remembering(Way(every_other), SetClock(), size=4)
    await remembered.identify("good", trace())
    await asyncio.gather(*(remembered.identify(f"bad-{n}", trace()) for n in range(100)), return_exceptions=True)
    await asyncio.gather(*(remembered.identify(f"good-{n}", trace()) for n in range(100)))
    assert (len(remembered._good), len(remembered._refused), len(remembered._asking)) == (4, 4, 0)


async def test_a_flood_of_refusals_does_not_drive_out_the_good() -> None:
    async def by_token(token: str) -> Identity:
        return await (anna(token) if token == "good" else refuse(token))

    way = Way(by_token)
    remembered = remembering(way, SetClock(), size=4)
    await remembered.identify("good", trace())
    await asyncio.gather(*(remembered.identify(f"bad-{n}", trace()) for n in range(100)), return_exceptions=True)
    await remembered.identify("good", trace())
    assert way.asked.count("good") == 1


async def test_no_token_is_kept_in_clear() -> None:
    remembered = remembering(Way(anna), SetClock())
    await remembered.identify("canary-token", trace())
    assert "canary" not in repr(vars(remembered._good))
