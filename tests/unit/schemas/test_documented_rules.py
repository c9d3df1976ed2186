"""What the document tells of a text is what is checked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from app.schemas.content_input import KeyName
from app.schemas.metadata import Alias, AnnotationKey, Description, LabelKey, LabelValue, NewName
from app.schemas.value import Base64Value

# A newline is left out: `$` stands before a last one in Python, though not in the expressions of JSON Schema.
TEXTS = st.text(alphabet="aZ0-_./ é\x00\x7f\t") | st.sampled_from(["", ".", "..", "..a", ".a", "a" * 64, "a" * 257])


def takes(checked: Any, text: str) -> bool:
    try:
        TypeAdapter(checked).validate_python(text)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "checked",
    [NewName, Alias, Description, LabelKey, LabelValue, AnnotationKey, KeyName],
    ids=["name", "alias", "description", "label key", "label value", "annotation key", "key"],
)
@given(text=TEXTS)
def test_a_text_is_taken_if_the_document_says_so(checked: Any, text: str) -> None:
    documented = Draft202012Validator(TypeAdapter(checked).json_schema())

    assert takes(checked, text) == documented.is_valid(text)


def test_an_annotation_with_a_field_of_its_own_is_taken_by_neither() -> None:
    documented = Draft202012Validator(TypeAdapter(AnnotationKey).json_schema())

    assert not takes(AnnotationKey, "kubesphere.io/creator")
    assert not documented.is_valid("kubesphere.io/creator")


@pytest.mark.parametrize("text", ["", "YQ==", "YWE=", "YWFh", "YQ", "YQ=", "Y!==", "YQ==YQ==", " YQ=="])
def test_base64_is_taken_if_the_document_says_so(text: str) -> None:
    documented = Draft202012Validator(Base64Value.model_json_schema())

    assert takes(Base64Value, {"base64": text}) == documented.is_valid({"base64": text})  # type: ignore[arg-type]
