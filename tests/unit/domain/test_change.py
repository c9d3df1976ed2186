import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.absent import ABSENT
from app.domain.change import InfoChange, KeyChange, SecretChange, Written, difference
from app.domain.errors import InvalidError
from app.domain.name import ALIAS, DESCRIPTION, Key
from app.domain.secret import MAX_VALUES
from tests.support.canary import canary
from tests.unit.sample import version

A, B, C = Key("a"), Key("b"), Key("c")
maps = st.dictionaries(st.sampled_from("abcdef"), st.binary(max_size=2))


def faults(**fields: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        KeyChange(**fields)  # type: ignore[arg-type]
    return [(violation.pointer, violation.fault.code) for violation in caught.value.violations]


@given(maps, maps)
def test_a_difference_turns_the_one_into_the_other(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    change = difference(before, after)

    assert {key: value for key, value in {**before, **change}.items() if value is not None} == after


@given(maps, maps)
def test_a_difference_names_nothing_that_stays(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    change = difference(before, after)

    assert all(before.get(key) != value for key, value in change.items())
    assert (change == {}) == (before == after)


def test_an_empty_value_is_not_the_same_as_none() -> None:
    assert difference({}, {"a": b""}) == {"a": b""}
    assert difference({"a": b""}, {}) == {"a": None}


def test_a_change_tells_its_keys_in_order() -> None:
    assert SecretChange({"b": None, "a": b"", "C": b"x"}).keys == ("C", "a", "b")


@pytest.mark.parametrize(
    ("change", "nothing"),
    [
        (SecretChange(), True),
        (SecretChange({"a": None}), False),
        (SecretChange(labels={"a": None}), False),
        (SecretChange(annotations={"a": ""}), False),
        (SecretChange(immutable=True), False),
        (SecretChange(immutable=False), False),
    ],
)
def test_a_change_that_names_nothing_changes_nothing(change: SecretChange, nothing: bool) -> None:
    assert change.changes_nothing is nothing


def test_a_change_of_keys_tells_what_it_touches() -> None:
    change = KeyChange({C: b""}, {Key("d"): b""}, frozenset({A}), {B: Key("e")})

    assert change.keys == ("a", "b", "c", "d", "e")
    assert change.adds == ("c", "d")


@pytest.mark.parametrize(
    ("change", "guarded"),
    [
        (KeyChange({A: b""}, remove=frozenset({B})), False),
        (KeyChange({A: b""}, overwrite=True), False),
        (KeyChange(set_if_absent={A: b""}), True),
        (KeyChange(rename={A: B}), True),
        (KeyChange(rename={A: B}, overwrite=True), True),
    ],
)
def test_a_change_is_guarded_where_it_depends_on_the_keys(change: KeyChange, guarded: bool) -> None:
    assert change.guarded is guarded


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("", "NOTHING_TO_CHANGE")]),
        ({"overwrite": True}, [("", "NOTHING_TO_CHANGE")]),
        ({"set": {A: b""}, "remove": frozenset({A})}, [("/set/a", "KEY_NAMED_TWICE"), ("/remove", "KEY_NAMED_TWICE")]),
        (
            {"set": {A: b""}, "set_if_absent": {A: b""}},
            [("/set/a", "KEY_NAMED_TWICE"), ("/setIfAbsent/a", "KEY_NAMED_TWICE")],
        ),
        ({"rename": {A: A}}, [("/rename/a", "KEY_NAMED_TWICE")]),
        ({"rename": {A: B, B: C}}, [("/rename/a", "KEY_NAMED_TWICE"), ("/rename/b", "KEY_NAMED_TWICE")]),
        ({"rename": {A: C, B: C}}, [("/rename/a", "KEY_NAMED_TWICE"), ("/rename/b", "KEY_NAMED_TWICE")]),
        ({"set": {B: b""}, "rename": {A: B}}, [("/set/b", "KEY_NAMED_TWICE"), ("/rename/a", "KEY_NAMED_TWICE")]),
        ({"set": {A: b"x" * MAX_VALUES}, "set_if_absent": {B: b"x"}}, [("", "VALUES_TOO_LARGE")]),
    ],
)
def test_a_change_that_is_no_single_step_is_refused(fields: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert faults(**fields) == expected


def test_a_change_may_bring_as_much_as_a_secret_holds() -> None:
    assert KeyChange({A: b"x" * MAX_VALUES}).keys == ("a",)


@pytest.mark.parametrize(
    ("alias", "description", "annotations"),
    [
        (ABSENT, ABSENT, {}),
        ("Demo", ABSENT, {ALIAS: "Demo"}),
        (None, "first", {ALIAS: None, DESCRIPTION: "first"}),
        ("", "", {ALIAS: None, DESCRIPTION: None}),
    ],
)
def test_information_becomes_annotations(alias: str | None, description: str | None, annotations: object) -> None:
    assert InfoChange(alias, description).to_change() == SecretChange(annotations=annotations)  # type: ignore[arg-type]


def test_information_carries_labels_and_annotations() -> None:
    change = InfoChange("Demo", ABSENT, {"app": "demo", "old": None}, {"note": "x", "gone": None}).to_change()

    assert change.labels == {"app": "demo", "old": None}
    assert change.annotations == {"note": "x", "gone": None, ALIAS: "Demo"}
    assert (change.data, change.immutable) == ({}, None)


def test_no_change_shows_its_values() -> None:
    text = canary("change")
    value = text.encode()

    shown = repr(
        [
            SecretChange({"k": value}, annotations={"k": text}),
            KeyChange({A: value}, {B: value}),
            Written(version(), None),
        ]
    )

    assert text not in shown
