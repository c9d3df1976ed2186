import pytest

from app.domain.diff import MapDiff, Overtaken
from app.domain.errors import PreconditionFailedError, SecretNotFoundError, UpstreamTimeoutError
from app.domain.version import Precondition
from app.services.secret_history import SecretHistory
from tests.unit.sample import OTHER_UID, REF, stored, version
from tests.unit.services.in_memory import House
from tests.unit.services.write import WRITES, write

SIX, SEVEN, EIGHT = version(6), version(7), version(8)


def history(house: House) -> SecretHistory:
    return SecretHistory(house.caller, house.secrets)


@pytest.fixture(autouse=True)
def _past(house: House) -> None:
    """A Secret that was changed twice."""
    house.secrets.put(stored({"a": b"1", "b": b"1"}, version=SIX))
    house.secrets.put(stored({"a": b"1", "b": b"2"}, version=SEVEN))
    house.secrets.put(stored({"a": b"1", "b": b"2", "c": b"1"}, version=EIGHT, labels={"app": "demo"}))


@pytest.mark.parametrize("how", WRITES)
async def test_every_write_at_an_older_version_is_told_what_changed_meanwhile(house: House, how: str) -> None:
    with pytest.raises(PreconditionFailedError) as caught:
        await write(house, how, (SIX,))

    assert caught.value.overtaken is not None
    assert caught.value.overtaken.meanwhile is not None
    assert caught.value.overtaken.meanwhile.data == MapDiff(added=("c",), changed=("b",), same=("a",))
    assert caught.value.overtaken.meanwhile.labels == MapDiff(added=("app",))


@pytest.mark.parametrize(
    ("expected", "changed"),
    [((SIX, SEVEN), ("c",)), ((SEVEN, SIX), ("c",)), ((SIX,), ("b", "c"))],
)
async def test_of_several_versions_the_newest_counts(
    house: House, expected: Precondition, changed: tuple[str, ...]
) -> None:
    overtaken = await history(house).overtaken(REF, expected)

    assert overtaken.meanwhile is not None
    assert overtaken.meanwhile.data.touched == changed


@pytest.mark.parametrize(
    "expected",
    [(), (version(9),), (version(6, OTHER_UID),), (version(5),)],
    ids=["none of ours", "one to come", "another Secret's", "one that never was"],
)
async def test_where_there_is_nothing_to_compare_nothing_is_said(house: House, expected: Precondition) -> None:
    assert await history(house).overtaken(REF, expected) == Overtaken()


async def test_only_versions_that_can_be_earlier_ones_are_asked_for(house: House) -> None:
    await history(house).overtaken(REF, (version(9), version(6, OTHER_UID), EIGHT))

    assert house.secrets.calls == ["get"]


async def test_a_version_that_is_forgotten_is_said_to_be(house: House) -> None:
    house.secrets.forgetful = True

    assert await history(house).overtaken(REF, (SIX,)) == Overtaken(version_gone=True)


@pytest.mark.parametrize("verb", ["get", "list"])
async def test_who_may_not_read_both_versions_is_told_nothing(house: House, verb: str) -> None:
    house.secrets.forbidden = {verb}

    assert await history(house).overtaken(REF, (SIX,)) == Overtaken()


async def test_trouble_in_looking_back_does_not_hide_the_refusal(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(*_: object) -> None:
        raise UpstreamTimeoutError

    monkeypatch.setattr(house.secrets, "get_at", late)

    assert await history(house).overtaken(REF, (SIX,)) == Overtaken()


async def test_what_is_gone_meanwhile_is_not_there(house: House) -> None:
    house.secrets.secrets.clear()

    with pytest.raises(SecretNotFoundError):
        await history(house).overtaken(REF, (SIX,))
