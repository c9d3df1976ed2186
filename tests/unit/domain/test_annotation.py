import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.annotation import MAX_LOOK, shown_annotations
from app.domain.name import ALIAS, CREATOR, DESCRIPTION

VALUE = b"hunter2\nin two lines"


def test_annotations_are_shown() -> None:
    assert shown_annotations({"a": "1", ALIAS: "Demo"}, ()) == {"a": "1", ALIAS: "Demo"}


def test_hidden_ones_are_not() -> None:
    assert shown_annotations({"a": "1", "b": "2"}, ["a", "c"]) == {"b": "2"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(VALUE.decode(), id="as it is"),
        pytest.param(f"before {VALUE.decode()} after", id="inside of a text"),
        pytest.param(base64.b64encode(VALUE).decode(), id="in base64"),
        pytest.param(base64.b64encode(VALUE).decode().rstrip("="), id="in base64 without padding"),
        pytest.param(json.dumps({"stringData": {"k": VALUE.decode()}}), id="in JSON"),
        pytest.param(json.dumps({"data": {"k": base64.b64encode(VALUE).decode()}}), id="in JSON, in base64"),
    ],
)
def test_an_annotation_that_contains_a_value_is_not_shown(text: str) -> None:
    assert shown_annotations({"telling": text, "other": "x"}, (), [b"another", VALUE]) == {"other": "x"}


def test_a_line_break_at_the_end_of_a_value_does_not_hide_it_from_the_look() -> None:
    assert shown_annotations({"telling": "it is hunter2!"}, (), [b"hunter2\n"]) == {}


def test_bytes_that_are_no_text_are_found_in_base64() -> None:
    assert (
        shown_annotations({"telling": base64.b64encode(b"\xff\xfe\x00\x80").decode()}, (), [b"\xff\xfe\x00\x80"]) == {}
    )


@pytest.mark.parametrize("value", [b"", b"a", b"1.0", b" \n\t ", b"abc\n"])
def test_values_that_texts_hold_by_chance_hide_nothing(value: bytes) -> None:
    assert shown_annotations({"a": "abc 1.0 \n\t"}, (), [value]) == {"a": "abc 1.0 \n\t"}


def test_what_lists_show_is_shown_whatever_it_holds() -> None:
    own = {ALIAS: "hunter2", DESCRIPTION: "hunter2", CREATOR: "hunter2"}
    assert shown_annotations({**own, "a": "hunter2"}, (), [b"hunter2"]) == own


def test_where_looking_takes_too_long_nothing_in_doubt_is_shown() -> None:
    values = [b"value-%04d" % number for number in range(1024)]
    text = "x" * (MAX_LOOK // 1024)
    assert shown_annotations({"a": text, ALIAS: "Demo"}, (), values) == {ALIAS: "Demo"}


@given(st.binary(min_size=4, max_size=64), st.text(max_size=20), st.text(max_size=20))
def test_no_value_is_shown_in_base64(value: bytes, before: str, after: str) -> None:
    assert shown_annotations({"a": before + base64.b64encode(value).decode() + after}, (), [value]) == {}


@given(st.text(min_size=4, max_size=64).filter(lambda text: len(text.strip()) >= 4), st.text(max_size=20))
def test_no_value_is_shown_as_it_is_or_in_json(value: str, before: str) -> None:
    texts = {"a": before + value, "b": json.dumps({"k": value}, ensure_ascii=False)}
    assert shown_annotations(texts, (), [value.encode()]) == {}
