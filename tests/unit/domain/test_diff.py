import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.diff import Fate, MapDiff

maps = st.dictionaries(st.sampled_from("abcdef"), st.binary(max_size=1))


@pytest.mark.parametrize(
    ("before", "after", "fate"),
    [
        (None, b"", Fate.ADDED),
        (b"1", b"2", Fate.CHANGED),
        (b"", None, Fate.REMOVED),
        (b"1", b"1", Fate.SAME),
        (None, None, Fate.SAME),
    ],
)
def test_a_thing_comes_goes_changes_or_stays(before: bytes | None, after: bytes | None, fate: Fate) -> None:
    assert Fate.between(before, after) is fate


def test_each_key_is_told_with_its_fate() -> None:
    diff = MapDiff.between({"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "4", "d": ""})

    assert diff == MapDiff(added=("d",), changed=("c",), removed=("a",), same=("b",))
    assert diff.touched == ("a", "c", "d")


@given(maps, maps)
def test_every_key_of_either_stands_in_one_place(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    diff = MapDiff.between(before, after)

    told = [*diff.added, *diff.changed, *diff.removed, *diff.same]
    assert sorted(told) == sorted({*before, *after})
    assert set(diff.same) == {key for key in before if key in after and before[key] == after[key]}


@given(maps, maps)
def test_the_way_back_adds_what_the_way_there_removes(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    there, back = MapDiff.between(before, after), MapDiff.between(after, before)

    assert (there.added, there.changed, there.same) == (back.removed, back.changed, back.same)
