"""What Pydantic found wrong, as faults of ours; its own texts repeat the input and are dropped."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from app.domain.fault import Fault, Violation, pointer

_FAULTS: Final[Mapping[str, Fault]] = {
    "missing": Fault.REQUIRED,
    "extra_forbidden": Fault.UNKNOWN_FIELD,
    "json_invalid": Fault.MALFORMED_JSON,
    "union_tag_not_found": Fault.REQUIRED,
    "union_tag_invalid": Fault.INVALID_VALUE,
    "enum": Fault.INVALID_VALUE,
    "literal_error": Fault.INVALID_VALUE,
    "string_too_long": Fault.TOO_LONG,
    "too_long": Fault.TOO_LONG,
    "string_too_short": Fault.TOO_SHORT,
    "too_short": Fault.TOO_SHORT,
    "greater_than_equal": Fault.OUT_OF_RANGE,
    "less_than_equal": Fault.OUT_OF_RANGE,
    "greater_than": Fault.OUT_OF_RANGE,
    "less_than": Fault.OUT_OF_RANGE,
    "int_parsing_size": Fault.OUT_OF_RANGE,
    "string_unicode": Fault.LONE_SURROGATE,
}
_EDIT: Final = ("body", "edit")
_UNIONS: Final = {_EDIT: "operation", (*_EDIT, "content"): "kind"}
"""Where unions stand in a body, the outer one first, each with the field that tells its members apart."""
_TAG_ERRORS: Final = frozenset({"union_tag_not_found", "union_tag_invalid"})
_KEY_MARKER: Final = "[key]"
"""What Pydantic puts behind the key of a map when the key itself is at fault."""
UNION_TAG_PREFIX: Final = "tag:"
"""Tags of unions with a callable discriminator begin with this, so that they can be told from what stands in a body."""


def violations_of(
    errors: Iterable[Mapping[str, Any]], *, content_at: Sequence[str] = ("body", "content")
) -> list[Violation]:
    """The faults of a request, each once and where it stands; `content_at` is where the union of kinds stands."""
    unions = {**_UNIONS, tuple(content_at): "kind"}
    found = dict.fromkeys(_violation(error, unions) for error in errors)
    return list(found)


def _violation(error: Mapping[str, Any], unions: Mapping[tuple[str, ...], str]) -> Violation:
    kind = str(error["type"])
    location = tuple(error["loc"])
    for at, discriminator in unions.items():
        location = _without_tag(location, at)
        if kind in _TAG_ERRORS and location == at:
            location = (*location, discriminator)
            break
    parts = (part for part in location if not (isinstance(part, str) and _is_marker(part)))
    return Violation(_pointer(tuple(parts)), _fault(kind, is_null=error.get("input", ...) is None))


def _without_tag(location: tuple[str | int, ...], union_at: tuple[str, ...]) -> tuple[str | int, ...]:
    """Pydantic names the member of a union that it tried, right after the union: no such thing stands in the body."""
    depth = len(union_at)
    return (*location[:depth], *location[depth + 1 :]) if location[:depth] == union_at else location


def _is_marker(part: str) -> bool:
    return part == _KEY_MARKER or part.startswith(UNION_TAG_PREFIX)


def _pointer(location: tuple[str | int, ...]) -> str:
    source, *parts = location or ("body",)
    match source:
        case "query":
            return "?" + str(parts[0]) if parts else "?"
        case "header":
            return f"header:{str(parts[0]).title()}" if parts else ""
        case "path":
            return "path:" + str(parts[0]) if parts else ""
        case "body":
            return pointer(*parts)
        case _:
            return pointer(*location)


def _fault(kind: str, *, is_null: bool) -> Fault:
    if kind in Fault.__members__:
        return Fault[kind]
    if kind in _FAULTS:
        return _FAULTS[kind]
    if kind.endswith("_type"):
        return Fault.NULL_NOT_ALLOWED if is_null else Fault.WRONG_TYPE
    if kind.startswith(("datetime_", "date_", "timezone_")):
        return Fault.INVALID_TIME
    return Fault.WRONG_TYPE if kind.endswith("_parsing") else Fault.INVALID_VALUE
