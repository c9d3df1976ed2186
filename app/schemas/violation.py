"""Pydantic's findings as violations of ours: our own codes and words, JSON pointers, never the input.

Pydantic's own report is unfit to be sent: it repeats the input, even of fields declared secret, its message for unions
quotes the tag, and its `loc` holds the tags of unions, which are no places in the document.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation, pointer

MAX_NAME_IN_POINTER: Final = 253
"""Characters of the longest member name that is repeated to its sender; what is longer is pointed at by its parent."""

_KEY: Final = "[key]"
"""What Pydantic appends where the name of a member is at fault, not its value."""

_FAULTS: Final = {
    "missing": Fault.REQUIRED,
    "extra_forbidden": Fault.UNKNOWN_FIELD,
    "union_tag_invalid": Fault.INVALID_VALUE,
    "union_tag_not_found": Fault.REQUIRED,
    "model_attributes_type": Fault.WRONG_TYPE,
    "string_unicode": Fault.LONE_SURROGATE,
    "string_too_long": Fault.TOO_LONG,
    "bytes_too_long": Fault.TOO_LONG,
    "too_long": Fault.TOO_LONG,
    "string_too_short": Fault.TOO_SHORT,
    "bytes_too_short": Fault.TOO_SHORT,
    "too_short": Fault.TOO_SHORT,
    "greater_than": Fault.OUT_OF_RANGE,
    "greater_than_equal": Fault.OUT_OF_RANGE,
    "less_than": Fault.OUT_OF_RANGE,
    "less_than_equal": Fault.OUT_OF_RANGE,
    "finite_number": Fault.OUT_OF_RANGE,
    "int_parsing_size": Fault.OUT_OF_RANGE,
    "timezone_naive": Fault.INVALID_TIME,
    "timezone_aware": Fault.INVALID_TIME,
}
_FAMILIES: Final = (("datetime_", Fault.INVALID_TIME), ("date_", Fault.INVALID_TIME))


def violations(
    errors: Iterable[Mapping[str, Any]], schema: Mapping[str, Any] | None = None, *, at: str = ""
) -> tuple[Violation, ...]:
    """Translate what `ValidationError.errors()` gives for a document, each finding once, in its order.

    `schema` is the core schema of the model (`Model.__pydantic_core_schema__`); with it, tags of unions are told from
    places. `at` is the pointer of the part that was validated. A `PydanticCustomError` whose type is the name of a
    `Fault`, and a `ValueError` that is an `InvalidError`, keep what they say.
    """
    found = (violation for error in errors for violation in _translate(error, schema, at))
    return tuple(dict.fromkeys(found))


def fault_of(error: Mapping[str, Any]) -> Fault:
    """The fault that one error of Pydantic's stands for."""
    kind: str = error["type"]
    if kind in Fault.__members__:
        return Fault[kind]
    if kind == "union_tag_not_found" and _discriminating_member(error) is None:
        return Fault.WRONG_TYPE
    if kind.endswith("_type") and error.get("input") is None:
        return Fault.NULL_NOT_ALLOWED
    if kind in _FAULTS:
        return _FAULTS[kind]
    if kind.endswith("_type"):
        return Fault.WRONG_TYPE
    return next((fault for prefix, fault in _FAMILIES if kind.startswith(prefix)), Fault.INVALID_VALUE)


def _translate(error: Mapping[str, Any], schema: Mapping[str, Any] | None, at: str) -> Iterable[Violation]:
    loc: tuple[str | int, ...] = error["loc"]
    place = at + safe_pointer(loc if schema is None else places(schema, loc))
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidError):
        return [Violation(place + each.pointer, each.fault, each.line, each.column) for each in cause.violations]
    member = _discriminating_member(error)
    return [Violation(place + pointer(member) if member else place, fault_of(error))]


def _discriminating_member(error: Mapping[str, Any]) -> str | None:
    """The member that chooses among a union, for the errors about it; None where a function of ours chooses."""
    if error["type"] not in {"union_tag_invalid", "union_tag_not_found"}:
        return None
    discriminator: str = error["ctx"]["discriminator"]
    return discriminator.strip("'") if discriminator.startswith("'") else None


def safe_pointer(parts: Sequence[str | int]) -> str:
    """A pointer to what `parts` name, or to the nearest parent whose name can be repeated."""
    kept: list[str | int] = []
    for part in parts:
        if isinstance(part, str) and not _can_be_repeated(part):
            break
        kept.append(part)
    return pointer(*kept)


def _can_be_repeated(name: str) -> bool:
    return len(name) <= MAX_NAME_IN_POINTER and not any("\ud800" <= character <= "\udfff" for character in name)


def places(schema: Mapping[str, Any], loc: Sequence[str | int]) -> tuple[str | int, ...]:
    """The parts of `loc` that are places in the document: all but the tags of unions and the mark of a key."""
    definitions: dict[str, Mapping[str, Any]] = {}
    found: list[str | int] = []
    node: Mapping[str, Any] = schema
    for index, part in enumerate(loc):
        node = _core(node, definitions)
        if node["type"] == "tagged-union":
            node = node["choices"].get(part, _ANY)
            continue
        if part == _KEY and index == len(loc) - 1 and node["type"] not in {"dict", "model-fields"}:
            break
        found.append(part)
        node = _child(node, part)
    return tuple(found)


def _core(node: Mapping[str, Any], definitions: dict[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The node that decides what the next part of a `loc` means, without its wrappers."""
    while True:
        if node["type"] == "definitions":
            definitions.update((each["ref"], each) for each in node["definitions"])
        if node["type"] == "definition-ref":
            node = definitions[node["schema_ref"]]
        elif isinstance(node.get("schema"), Mapping):
            node = node["schema"]
        else:
            return node


def _child(node: Mapping[str, Any], part: str | int) -> Mapping[str, Any]:
    match node["type"]:
        case "model-fields":
            fields = node["fields"].items()
            return next((field for name, field in fields if part in {name, field.get("validation_alias")}), _ANY)
        case "dict":
            return node.get("values_schema", _ANY)
        case "list":
            return node.get("items_schema", _ANY)
        case _:
            return _ANY


_ANY: Final[Mapping[str, Any]] = {"type": "any"}
