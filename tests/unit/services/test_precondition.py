"""A write at an expected version, where the tag that people hold is not all that the store compares."""

from collections import deque
from dataclasses import dataclass, field, replace

import pytest

from app.domain.errors import ConflictError, PreconditionFailedError
from app.domain.version import ANY, Precondition, Version
from app.services.precondition import LOST_RACES, at_expected
from tests.unit.sample import UID

TAG = Version(UID, "1")


@dataclass(frozen=True)
class Thing:
    """Something with a spec, whose version is the tag, and a status."""

    spec: int = 1
    stored: int = 10

    @property
    def tag(self) -> Version:
        return Version(UID, str(self.spec))


@dataclass
class Store:
    """One thing; `meanwhile` is what it becomes after each read."""

    thing: Thing = field(default_factory=Thing)
    meanwhile: deque[Thing] = field(default_factory=deque)
    reads: int = 0

    async def read(self) -> Thing:
        self.reads += 1
        found = self.thing
        if self.meanwhile:
            self.thing = self.meanwhile.popleft()
        return found

    async def write(self, current: Thing, _: Version | None) -> str:
        if current.stored != self.thing.stored:
            raise PreconditionFailedError
        return "written"

    async def at(self, expected: Precondition) -> str:
        return await at_expected(expected, self.read, lambda thing: thing.tag, self.write)


@pytest.mark.parametrize("expected", [(TAG,), ANY])
async def test_a_race_that_leaves_the_tag_as_it_was_is_run_again(expected: Precondition) -> None:
    store = Store(meanwhile=deque([Thing(stored=11)]))

    assert await store.at(expected) == "written"
    assert store.reads == 2


async def test_a_race_that_changes_the_tag_is_lost() -> None:
    store = Store(meanwhile=deque([Thing(spec=2, stored=11)]))

    with pytest.raises(PreconditionFailedError):
        await store.at((TAG,))


@pytest.mark.parametrize("expected", [(TAG,), ANY])
async def test_a_race_that_is_always_lost_is_a_conflict(expected: Precondition) -> None:
    store = Store(meanwhile=deque(replace(Thing(), stored=number) for number in range(11, 30)))

    with pytest.raises(ConflictError):
        await store.at(expected)

    assert store.reads == LOST_RACES


async def test_where_no_version_is_known_a_lost_race_is_not_run_again() -> None:
    store = Store(meanwhile=deque([Thing(stored=11)]))

    with pytest.raises(PreconditionFailedError):
        await at_expected((TAG,), store.read, lambda _: None, store.write)

    assert store.reads == 1
