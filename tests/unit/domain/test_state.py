from hypothesis import given
from hypothesis import strategies as st

from app.domain.change import SecretChange, difference
from app.domain.diff import Fate, MapDiff
from app.domain.name import ALIAS, CREATOR, DESCRIPTION
from app.domain.secret import NewSecret
from app.domain.state import NOTHING, State
from tests.support.canary import canary
from tests.unit.sample import REF, stored

datas = st.dictionaries(st.sampled_from("abc"), st.binary(max_size=1))
texts = st.dictionaries(st.sampled_from(["x", "y", ALIAS, DESCRIPTION]), st.sampled_from(["", "1", "2"]))
states = st.builds(State, datas, texts, texts, st.booleans())


@given(states, states)
def test_the_difference_of_two_states_leads_from_one_to_the_other(before: State, after: State) -> None:
    change = SecretChange(
        difference(before.data, after.data),
        difference(before.labels, after.labels),
        difference(before.annotations, after.annotations),
        after.immutable,
    )

    assert before.changed_by(change) == after


@given(states)
def test_a_change_of_nothing_leaves_everything(state: State) -> None:
    diff = state.diff_to(state.changed_by(SecretChange()))

    assert diff.data.touched == diff.labels.touched == diff.annotations.touched == ()
    assert {diff.alias, diff.description, diff.immutable} == {Fate.SAME}


def test_alias_and_description_are_told_apart_from_the_annotations() -> None:
    before = State.of(stored({}, annotations={ALIAS: "Old", CREATOR: "alice"}))
    after = State.of(stored({}, annotations={ALIAS: "New", DESCRIPTION: "text", CREATOR: "alice"}))

    diff = before.diff_to(after)

    assert (diff.alias, diff.description) == (Fate.CHANGED, Fate.ADDED)
    assert diff.annotations == MapDiff(same=(CREATOR,))


def test_the_mark_of_an_immutable_secret_comes_and_goes() -> None:
    sealed = State.of(stored({}, immutable=True))

    assert NOTHING.diff_to(sealed).immutable is Fate.ADDED
    assert sealed.diff_to(NOTHING).immutable is Fate.REMOVED


def test_everything_of_a_new_secret_is_added_but_what_is_hidden() -> None:
    secret = NewSecret(REF, "Opaque", {"a": b"1"}, {"app": "demo"}, {"note": "x", "last-applied": "{}"})

    diff = NOTHING.diff_to(State.of_new(secret, {"last-applied"}))

    assert diff.data == MapDiff(added=("a",))
    assert diff.labels == MapDiff(added=("app",))
    assert diff.annotations == MapDiff(added=("note",))


def test_neither_a_state_nor_a_diff_shows_a_value() -> None:
    state = State.of(stored({"a": (text := canary("state")).encode()}, annotations={"copy": text}))

    assert text not in f"{state!r} {state.diff_to(NOTHING)!r}"
