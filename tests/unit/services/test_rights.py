import asyncio

import pytest
import pytest_asyncio

from app.domain.call import Caller, Trace
from app.domain.identity import Identity, OwnToken, Source
from app.services import rights as module
from app.services.rights import LIFETIME_SECONDS, Rights
from tests.unit.sample import caller
from tests.unit.services.in_memory import ReviewsInMemory, on_secrets


@pytest.fixture
def reviews() -> ReviewsInMemory:
    return ReviewsInMemory({"a": on_secrets("get")})


@pytest_asyncio.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The event loop's clock, which the test turns."""
    loop = asyncio.get_running_loop()
    now = [loop.time()]
    monkeypatch.setattr(loop, "time", lambda: now[0])
    return now


async def test_rules_are_asked_once_and_then_remembered(reviews: ReviewsInMemory) -> None:
    rights = Rights(reviews)

    assert await rights.rules(caller(), "a") == await rights.rules(caller(), "a") == on_secrets("get")
    assert reviews.asked == [("secretspace:alice", "a")]


async def test_rules_are_remembered_for_the_very_identity_and_namespace(reviews: ReviewsInMemory) -> None:
    rights = Rights(reviews)
    token = Identity("secretspace:alice", (), Source.KUBERNETES, OwnToken("a"))
    callers = [caller(), caller("secretspace:alice", "g"), caller("secretspace:bob"), Caller(token, Trace("r", 1.0))]

    for each in callers:
        await rights.rules(each, "a")
        await rights.rules(each, "b")

    assert len(reviews.asked) == 8


async def test_rules_are_asked_anew_after_their_time(reviews: ReviewsInMemory, clock: list[float]) -> None:
    rights = Rights(reviews)

    await rights.rules(caller(), "a")
    reviews.rules_in.clear()
    clock[0] += LIFETIME_SECONDS - 0.001
    before = await rights.rules(caller(), "a")
    clock[0] += 0.001
    after = await rights.rules(caller(), "a")

    assert (before.sees_project, after.sees_project) == (True, False)


async def test_an_identity_is_forgotten_with_its_rules(reviews: ReviewsInMemory, clock: list[float]) -> None:
    rights = Rights(reviews)

    await rights.rules(caller("secretspace:alice"), "a")
    clock[0] += 1
    await rights.rules(caller("secretspace:bob"), "a")
    clock[0] += LIFETIME_SECONDS - 1
    await rights.rules(caller("secretspace:carol"), "a")

    assert [identity.username for identity, _ in rights._known] == ["secretspace:bob", "secretspace:carol"]


async def test_no_more_rules_are_remembered_than_allowed(
    reviews: ReviewsInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_ENTRIES", 2)
    rights = Rights(reviews)

    for namespace in ("a", "b", "c", "b", "c", "a"):
        await rights.rules(caller(), namespace)

    assert [namespace for _, namespace in reviews.asked] == ["a", "b", "c", "a"]


async def test_a_review_that_fails_is_not_remembered(reviews: ReviewsInMemory) -> None:
    rights = Rights(reviews)
    asked = reviews.rules

    async def fails(caller: Caller, namespace: str) -> None:
        raise TimeoutError

    reviews.rules = fails  # type: ignore[assignment, method-assign]
    with pytest.raises(TimeoutError):
        await rights.rules(caller(), "a")
    reviews.rules = asked  # type: ignore[method-assign]

    assert (await rights.rules(caller(), "a")).sees_project
