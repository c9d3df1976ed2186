import asyncio
from typing import Any

import pytest

from app.domain.errors import IdentityProviderUnavailableError
from app.identity.oidc_discovery import PATH
from app.identity.oidc_key_ring import FRESH_SECONDS, MAX_PAUSE_SECONDS, PAUSE_SECONDS, STALE_SECONDS, ProviderKeys
from tests.support.oidc import rsa_key
from tests.unit.identity.in_memory import SetClock, trace
from tests.unit.identity.oidc_sample import ISSUER, KEY, DocumentsInMemory, an_issuer

SECOND_KEY = rsa_key("two")


class Ring:
    """The keys under test, with what they depend on."""

    def __init__(self, *keys: Any) -> None:
        self.documents = DocumentsInMemory(*keys)
        self.clock = SetClock()
        self.keys = ProviderKeys(an_issuer(), self.documents, self.clock.seconds)

    async def has(self, kid: str | None, algorithm: str = "RS256") -> bool:
        return await self.keys.find(kid, algorithm, trace()) is not None

    async def wait(self, kid: str = "one") -> int:
        """How long the answer asks to wait."""
        with pytest.raises(IdentityProviderUnavailableError) as caught:
            await self.keys.find(kid, "RS256", trace())
        return caught.value.retry_after

    @property
    def reads(self) -> int:
        return self.documents.asked.count(ISSUER + PATH)


async def test_nothing_is_asked_before_a_token_needs_it() -> None:
    assert Ring(KEY).reads == 0


async def test_keys_are_kept_for_their_time_then_read_again() -> None:
    ring = Ring(KEY)
    for seconds in (0, FRESH_SECONDS - 1, 1):
        ring.clock.turn(seconds)
        assert await ring.has("one")
    assert ring.reads == 2


async def test_a_key_is_for_its_algorithm_only() -> None:
    ring = Ring(KEY)
    assert not await ring.has("one", "RS384")


async def test_many_tokens_at_once_ask_once() -> None:
    ring = Ring(KEY)
    assert await asyncio.gather(*(ring.has("one") for _ in range(50))) == [True] * 50
    assert ring.reads == 1


async def test_ids_that_are_not_known_make_the_provider_asked_no_more_often_than_it_is_polite() -> None:
    ring = Ring(KEY)
    assert not any(await asyncio.gather(*(ring.has(f"made-up-{number}") for number in range(50))))
    ring.clock.turn(PAUSE_SECONDS - 1)
    assert not await ring.has("made-up")
    assert ring.reads == 1
    ring.clock.turn(1)
    assert not await ring.has("made-up")
    assert ring.reads == 2


async def test_a_new_key_is_found_as_soon_as_the_provider_may_be_asked() -> None:
    ring = Ring(KEY)
    await ring.has("one")
    ring.documents.publish(KEY, SECOND_KEY)
    ring.clock.turn(PAUSE_SECONDS)
    assert await ring.has("two")
    assert await ring.has("one")


async def test_a_key_that_was_taken_back_is_good_until_the_keys_are_read_again() -> None:
    ring = Ring(KEY, SECOND_KEY)
    await ring.has("one")
    ring.documents.publish(SECOND_KEY)
    ring.clock.turn(FRESH_SECONDS - 1)
    assert await ring.has("one")
    ring.clock.turn(1)
    assert not await ring.has("one")


async def test_a_provider_that_takes_all_keys_back_is_believed() -> None:
    ring = Ring(KEY)
    await ring.has("one")
    ring.documents.publish()
    ring.clock.turn(FRESH_SECONDS)
    assert not await ring.has("one")


async def test_a_token_without_an_id_is_for_the_only_key() -> None:
    assert await Ring(KEY).has(None)


async def test_a_token_without_an_id_is_for_none_of_several_keys() -> None:
    assert not await Ring(KEY, SECOND_KEY).has(None)


async def test_without_ids_a_new_key_is_found_as_well() -> None:
    ring = Ring(KEY)
    await ring.has(None)
    ring.documents.publish(SECOND_KEY)
    ring.clock.turn(PAUSE_SECONDS)
    found = await ring.keys.find(None, "RS256", trace())
    assert found is not None
    assert found.kid == "two"


async def test_a_provider_that_is_down_at_first_is_found_once_it_is_up() -> None:
    ring = Ring(KEY)
    ring.documents.down = True
    assert await ring.wait() == PAUSE_SECONDS
    ring.documents.down = False
    ring.clock.turn(PAUSE_SECONDS - 0.5)
    assert await ring.wait() == 1
    ring.clock.turn(0.5)
    assert await ring.has("one")


async def test_a_provider_that_is_down_is_asked_ever_less_often() -> None:
    ring = Ring()
    ring.documents.down = True
    pauses = []
    for _ in range(6):
        pauses.append(await ring.wait())
        assert await ring.wait() == pauses[-1]
        ring.clock.turn(pauses[-1])
    assert pauses == [10, 20, 40, 60, 60, MAX_PAUSE_SECONDS]
    assert ring.reads == 6


async def test_keys_stay_good_for_a_day_while_the_provider_is_down() -> None:
    ring = Ring(KEY)
    await ring.has("one")
    ring.documents.down = True
    for seconds in (FRESH_SECONDS, STALE_SECONDS - FRESH_SECONDS - 1):
        ring.clock.turn(seconds)
        assert await ring.has("one")
    ring.clock.turn(1)
    assert await ring.wait() == 19


async def test_whether_a_key_is_new_is_not_known_while_the_provider_is_down() -> None:
    ring = Ring(KEY)
    await ring.has("one")
    ring.documents.down = True
    ring.clock.turn(PAUSE_SECONDS)
    assert await ring.wait("two") == PAUSE_SECONDS
    assert await ring.has("one")


async def test_after_a_failure_the_pause_is_the_short_one_again() -> None:
    ring = Ring(KEY)
    ring.documents.down = True
    for _ in range(4):
        ring.clock.turn(await ring.wait())
    ring.documents.down = False
    assert await ring.has("one")
    ring.documents.down = True
    ring.clock.turn(FRESH_SECONDS)
    assert await ring.wait("two") == PAUSE_SECONDS
