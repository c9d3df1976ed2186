"""The base of all wire models."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from app.domain.fault import Fault


class WireModel(BaseModel):
    """A JSON object in camelCase; unknown fields are refused, types are not coerced, errors do not show the input."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        serialize_by_alias=True,
    )


class InputModel(WireModel):
    """What people send: read by its camelCase names alone, for those are the ones that the document tells."""

    model_config = ConfigDict(validate_by_name=False)


def fault_error(fault: Fault) -> PydanticCustomError:
    """The fault as an error that Pydantic collects with the others of a body; `problems` reads it back."""
    return PydanticCustomError(fault.code, fault.message)


def documented(pattern: str, most: int) -> dict[str, Any]:
    """What the document tells of a text that is checked by a rule of the domain: its form, and its greatest length.

    Pydantic does not check these: its messages would not be ours.
    """
    return {"pattern": f"^({pattern})$", "maxLength": most}


def checked_by(find_fault: Callable[[str], Fault | None]) -> Any:
    """A validator for texts out of a rule of the domain."""

    def check(text: Any) -> Any:
        fault = find_fault(text) if isinstance(text, str) else None
        if fault is not None:
            raise fault_error(fault)
        return text

    return BeforeValidator(check)
