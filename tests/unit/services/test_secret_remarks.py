"""What there is to remark on values comes along with whatever is done with them, and stands in nothing's way."""

from app.domain.change import KeyChange
from app.domain.content import DefaultContent
from app.domain.name import Key
from app.domain.new_secret import NewSecretDraft
from app.domain.terms import Terms
from app.domain.version import ANY
from tests.unit.sample import REF, stored
from tests.unit.services.in_memory import House

EMPTY = DefaultContent({"a": b""})
AT_CONTENT = [("/content/data/a", "EMPTY_VALUE")]


def told(outcome: object) -> list[tuple[str, str]]:
    return [(each.pointer, each.code) for each in outcome.warnings]  # type: ignore[attr-defined]


async def test_of_a_create_and_its_dry_run(house: House) -> None:
    draft = NewSecretDraft(REF, EMPTY)

    assert told(await house.writer.create(draft, dry_run=True)) == AT_CONTENT
    assert told(await house.writer.create(draft)) == AT_CONTENT
    assert house.secrets.secrets[REF.name].data == {"a": b""}


async def test_of_an_edit_its_dry_run_and_its_diff(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))

    assert told(await house.writer.compare(REF, EMPTY)) == AT_CONTENT
    assert told(await house.writer.edit(REF, EMPTY, Terms(ANY, dry_run=True))) == AT_CONTENT
    assert told(await house.writer.edit(REF, EMPTY, Terms(ANY))) == AT_CONTENT
    assert house.secrets.secrets[REF.name].data == {"a": b""}


async def test_not_of_an_edit_that_changes_nothing(house: House) -> None:
    house.secrets.put(stored({"a": b""}))

    assert told(await house.writer.edit(REF, EMPTY, Terms(ANY))) == []


async def test_of_single_keys_nothing_is_read_for_it(house: House) -> None:
    house.secrets.put(stored({"old": b""}))
    house.secrets.forbidden = {"get"}

    written = await house.writer.edit(REF, KeyChange({Key("a"): b""}), Terms(ANY))

    assert told(written) == [("/set/a", "EMPTY_VALUE")]
    assert house.secrets.calls == ["look", "patch"]
