"""What is wrong with a document, as the person who sent it would be told."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.validation import violations_of


def faults(kind: Any, document: Any, *, content_at: tuple[str, ...] = ("content",)) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(document)
    found = violations_of(
        ({**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()),
        content_at=("body", *content_at),
    )
    return [(violation.pointer, violation.fault.code) for violation in found]
