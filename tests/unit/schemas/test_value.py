import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.domain.facts import is_binary
from app.schemas.value import Base64Value, TextValue, ValueInput, ValueView, base64_fault, to_bytes, to_view
from tests.support.canary import canary
from tests.unit.sample import EVERY_BYTE
from tests.unit.schemas.finding import faults

INPUT: TypeAdapter[Any] = TypeAdapter(ValueInput)
VIEW: TypeAdapter[Any] = TypeAdapter(ValueView)


def read(document: Any) -> bytes:
    return to_bytes(INPUT.validate_python(document))


@given(st.binary(max_size=40) | st.text(st.characters(codec="utf-8")).map(str.encode))
def test_what_is_shown_can_be_sent_back_and_is_the_same_bytes(value: bytes) -> None:
    shown = json.loads(VIEW.dump_json(to_view(value)))

    assert read(shown) == value
    assert list(shown) == ["base64" if is_binary(value) else "text"]


@given(st.text(st.characters(codec="utf-8")))
def test_a_plain_string_is_text(text: str) -> None:
    assert read(text) == read({"text": text}) == text.encode()


@given(st.binary())
def test_any_bytes_can_be_sent(value: bytes) -> None:
    assert read({"base64": base64.b64encode(value).decode()}) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"", {"text": ""}),
        (b" admin\n", {"text": " admin\n"}),
        ("zoë 日本 🗝".encode(), {"text": "zoë 日本 🗝"}),
        (b"\xef\xbb\xbfbom", {"text": "\ufeffbom"}),
        (b"\x00", {"base64": "AA=="}),
        (EVERY_BYTE, {"base64": base64.b64encode(EVERY_BYTE).decode()}),
    ],
    ids=range(6),
)
def test_nothing_is_trimmed_or_guessed(value: bytes, shown: dict[str, str]) -> None:
    assert to_view(value).model_dump() == shown


def test_a_text_that_looks_like_something_else_is_text() -> None:
    assert read("YWRtaW4=") == b"YWRtaW4="
    assert read('{"base64": "YQ=="}') == b'{"base64": "YQ=="}'


@pytest.mark.parametrize(
    "document",
    [None, 5, True, [], {}, {"text": "a", "base64": "YQ=="}, {"plain": "a"}, {"TEXT": "a"}],
    ids=str,
)
def test_a_value_that_is_not_exactly_one_of_the_forms_has_one_fault(document: Any) -> None:
    assert faults(ValueInput, document) == [("", "VALUE_AMBIGUOUS")]


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ({"text": 5}, ("/text", "WRONG_TYPE")),
        ({"text": None}, ("/text", "NULL_NOT_ALLOWED")),
        ({"text": "a", "more": 1}, ("/more", "UNKNOWN_FIELD")),
        ({"base64": 5}, ("/base64", "WRONG_TYPE")),
        ({"base64": "!"}, ("/base64", "INVALID_BASE64")),
    ],
    ids=range(5),
)
def test_a_form_has_its_own_fault(document: Any, fault: tuple[str, str]) -> None:
    assert faults(ValueInput, document) == [fault]


@pytest.mark.parametrize("text", ["YQ", "YQ=", "YQ==\n", "Y Q==", "Y\nQ==", "_-8=", "====", "é", "YQ==YQ=="])
def test_what_kubernetes_would_read_in_another_way_or_not_at_all_is_no_base64(text: str) -> None:
    assert base64_fault(text) is not None


@pytest.mark.parametrize("text", ["", "YQ==", "/+8=", "YWJj"])
def test_base64_has_its_padding_and_the_standard_alphabet(text: str) -> None:
    assert base64_fault(text) is None


@pytest.mark.parametrize("shown", [{"text": "a"}, "a", None])
def test_what_is_shown_is_made_by_us_alone(shown: Any) -> None:
    with pytest.raises(ValidationError):
        VIEW.validate_python(shown)


def test_no_value_is_shown_in_a_repr() -> None:
    class Holder(BaseModel):
        value: ValueInput

    text = canary("value")
    encoded = base64.b64encode(text.encode()).decode()

    assert text not in repr([TextValue(text=text), Holder(value={"text": text})])  # type: ignore[arg-type]
    assert encoded not in repr(Base64Value(base64=encoded))
