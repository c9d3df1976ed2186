"""Merging by key: what holds whatever the three versions are, and what it comes to in the cases that people meet."""

from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.change import SecretChange, difference
from app.domain.merge import Merge, merge
from app.domain.name import ALIAS, DESCRIPTION
from app.domain.state import State
from tests.support.canary import canary

OPAQUE, TLS = "Opaque", "kubernetes.io/tls"
datas = st.dictionaries(st.sampled_from("abc"), st.binary(max_size=1))
texts = st.dictionaries(st.sampled_from(["x", "y/z", ALIAS]), st.sampled_from(["1", "2"]))
states = st.builds(State, datas, texts, texts, st.just(value=False))


def change(before: State, after: State) -> SecretChange:
    """What an edit that made `after` of `before` wanted."""
    return SecretChange(
        difference(before.data, after.data),
        difference(before.labels, after.labels),
        difference(before.annotations, after.annotations),
    )


def merged(base: State, theirs: State, ours: State) -> Merge:
    return merge(base, theirs, change(base, ours), OPAQUE)


def data(
    base: Mapping[str, bytes], theirs: Mapping[str, bytes], ours: Mapping[str, bytes], kind: str = OPAQUE
) -> Merge:
    return merge(State(base), State(theirs), change(State(base), State(ours)), kind)


@given(states, states)
def test_what_nobody_else_changed_is_edited_as_if_alone(base: State, ours: State) -> None:
    found = merged(base, base, ours)

    assert found == Merge(change(base, ours))


@given(states, states)
def test_an_edit_of_nothing_leaves_what_others_did(base: State, theirs: State) -> None:
    assert merged(base, theirs, base) == Merge(SecretChange())


@given(states, states)
def test_the_same_edit_twice_changes_nothing_the_second_time(base: State, ours: State) -> None:
    assert merged(base, ours, ours) == Merge(SecretChange())


@given(states, states, states)
def test_a_merge_without_overlap_holds_all_of_both(base: State, theirs: State, ours: State) -> None:
    found = merged(base, theirs, ours)
    assume(not found.overlap)

    after = theirs.changed_by(found.change)

    for key in {*base.data, *theirs.data, *ours.data}:
        wanted = {part.data.get(key) for part in (theirs, ours) if part.data.get(key) != base.data.get(key)}
        assert after.data.get(key) in (wanted or {base.data.get(key)})
        assert len(wanted) <= 1


@given(states, states, states)
def test_it_does_not_matter_who_was_first(base: State, theirs: State, ours: State) -> None:
    one, other = merged(base, theirs, ours), merged(base, ours, theirs)

    assert one.overlap == other.overlap
    assume(not one.overlap)
    assert theirs.changed_by(one.change) == ours.changed_by(other.change)


@given(states, states, states)
def test_an_overlap_is_what_both_changed_and_not_to_the_same(base: State, theirs: State, ours: State) -> None:
    keys = {*base.data, *theirs.data, *ours.data}

    overlap = {at for at in merged(base, theirs, ours).overlap if at.startswith("/data/")}

    assert overlap == {
        f"/data/{key}" for key in keys if len({part.data.get(key) for part in (base, theirs, ours)}) == 3
    }


def test_each_part_is_named_by_a_pointer() -> None:
    base = State({"k": b"0"}, {"a/b": "0", "c": "0"}, {"note": "0", ALIAS: "0", DESCRIPTION: "0"})
    theirs = State({"k": b"1"}, {"a/b": "1", "c": "0"}, {"note": "1", ALIAS: "1"})
    ours = State({"k": b"2"}, {"a/b": "2", "c": "2"}, {"note": "2", ALIAS: "2", DESCRIPTION: "2"})

    assert merged(base, theirs, ours).overlap == (
        "/data/k",
        "/labels/a~1b",
        "/alias",
        "/description",
        "/annotations/note",
    )


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "overlap"),
    [
        ({"a": b"0"}, {}, {"a": b"1"}, ("/data/a",)),
        ({"a": b"0"}, {"a": b"1"}, {}, ("/data/a",)),
        ({}, {"a": b"1"}, {"a": b"2"}, ("/data/a",)),
        ({"a": b"0"}, {}, {}, ()),
        ({}, {"a": b"1"}, {"a": b"1"}, ()),
        ({"a": b"0", "b": b"0"}, {"b": b"1", "a": b"0"}, {"a": b"1", "b": b"0"}, ()),
    ],
    ids=["removed and changed", "changed and removed", "both added", "both removed", "both alike", "each their own"],
)
def test_two_edits_of_a_key_meet(
    base: dict[str, bytes], theirs: dict[str, bytes], ours: dict[str, bytes], overlap: tuple[str, ...]
) -> None:
    assert data(base, theirs, ours).overlap == overlap


def test_a_key_that_was_to_be_as_it_was_meets_one_that_was_changed() -> None:
    found = merge(State({"a": b"0"}), State({"a": b"1"}), SecretChange({"a": b"0"}), OPAQUE)

    assert found.overlap == ("/data/a",)


PAIR = {"tls.crt": b"c0", "tls.key": b"k0", "ca.crt": b"a0"}


def test_certificate_and_key_are_changed_by_one_person_at_a_time() -> None:
    theirs, ours = PAIR | {"tls.key": b"k1"}, PAIR | {"tls.crt": b"c2"}

    assert data(PAIR, theirs, ours, TLS).overlap == ("/data/tls.crt",)
    assert data(PAIR, theirs, ours).overlap == ()


def test_what_stands_beside_a_pair_is_no_part_of_it() -> None:
    theirs, ours = PAIR | {"ca.crt": b"a1"}, PAIR | {"tls.crt": b"c2", "tls.key": b"k2"}

    assert data(PAIR, theirs, ours, TLS) == Merge(SecretChange({"tls.crt": b"c2", "tls.key": b"k2"}))


def test_a_pair_that_others_have_half_brought_to_where_it_is_wanted_is_completed() -> None:
    theirs, ours = PAIR | {"tls.crt": b"c2"}, PAIR | {"tls.crt": b"c2", "tls.key": b"k2"}

    assert data(PAIR, theirs, ours, TLS) == Merge(SecretChange({"tls.key": b"k2"}))


@pytest.mark.parametrize(("current", "left"), [(False, True), (True, None)])
def test_the_seal_is_put_on_once(current: bool, left: bool | None) -> None:
    found = merge(State(), State(immutable=current), SecretChange(immutable=True), OPAQUE)

    assert found == Merge(SecretChange(immutable=left))


def test_a_merge_shows_no_value() -> None:
    text = canary("merge").encode()

    assert text.decode() not in repr(data({"a": b"0"}, {"a": b"1"}, {"a": text}))
