"""A value of a Secret on the wire: text, or base64 for any bytes; on the way in also a plain string, which is text."""

import base64
import binascii
from typing import Annotated, Any, Final

from pydantic import Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from app.domain.facts import is_binary
from app.domain.fault import Fault
from app.schemas.base import WireModel, checked_by
from app.validation import UNION_TAG_PREFIX

BASE64: Final = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_STRING: Final = UNION_TAG_PREFIX + "string"
_TEXT: Final = UNION_TAG_PREFIX + "text"
_BASE64: Final = UNION_TAG_PREFIX + "base64"


def base64_fault(text: str) -> Fault | None:
    """What is wrong with a base64 text: standard alphabet, padded, no blanks (RFC 4648 section 4)."""
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return Fault.INVALID_BASE64
    return None


class TextValue(WireModel):
    """A value as text; its bytes are the text in UTF-8, nothing trimmed."""

    text: Annotated[
        str, Field(description="The value; its bytes are the text in UTF-8.", examples=["admin"], repr=False)
    ]

    def to_bytes(self) -> bytes:
        """The bytes to store."""
        return self.text.encode()


class Base64Value(WireModel):
    """A value as base64, for bytes that are no text."""

    base64: Annotated[
        str,
        Field(
            description="Standard base64, padded (RFC 4648 section 4).",
            examples=["3q2+7w=="],
            json_schema_extra={"pattern": BASE64},
            repr=False,
        ),
        checked_by(base64_fault),
    ]

    def to_bytes(self) -> bytes:
        """The bytes to store."""
        return base64.b64decode(self.base64)


def _input_tag(value: Any) -> str | None:
    match value:
        case str():
            return _STRING
        case {"text": _, **rest} if "base64" not in rest:
            return _TEXT
        case {"base64": _, **rest} if "text" not in rest:
            return _BASE64
        case _:
            return _shown_tag(value)


def _shown_tag(value: Any) -> str | None:
    match value:
        case TextValue():
            return _TEXT
        case Base64Value():
            return _BASE64
        case _:
            return None


_one_of = {"custom_error_type": Fault.VALUE_AMBIGUOUS.code, "custom_error_message": Fault.VALUE_AMBIGUOUS.message}

ValueInput = TypeAliasType(
    "ValueInput",
    Annotated[
        Annotated[str, Tag(_STRING)] | Annotated[TextValue, Tag(_TEXT)] | Annotated[Base64Value, Tag(_BASE64)],
        Discriminator(_input_tag, **_one_of),
    ],
)
"""A value that is sent: a string or `text` for text, `base64` for any bytes."""

ValueView = TypeAliasType(
    "ValueView",
    Annotated[
        Annotated[TextValue, Tag(_TEXT)] | Annotated[Base64Value, Tag(_BASE64)], Discriminator(_shown_tag, **_one_of)
    ],
)
"""A value that is shown: `text` where it is text, else `base64`."""


def to_bytes(value: str | TextValue | Base64Value) -> bytes:
    """The bytes that a sent value stands for."""
    return value.encode() if isinstance(value, str) else value.to_bytes()


def to_view(value: bytes) -> TextValue | Base64Value:
    """How bytes are shown; sent back, they are the same bytes."""
    if is_binary(value):
        return Base64Value(base64=base64.b64encode(value).decode("ascii"))
    return TextValue(text=value.decode())
