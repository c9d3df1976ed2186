"""The named schemas: what Pydantic generates, without what misleads a generator of clients."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

REF: Final = "#/components/schemas/"

_OF_FASTAPI: Final = ("HTTPValidationError", "ValidationError")


def settle(generated: Mapping[str, dict[str, Any]], requests: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """The schemas as they are to be shown; `requests` are the parts of the document that describe what is sent."""
    schemas = {name: each for name, each in generated.items() if name not in _OF_FASTAPI}
    sent = _reached(requests, schemas)
    for name, each in schemas.items():
        _settle_maps(each)
        forget_titles(each)
        if name not in sent:
            _settle_answer(each)
    return schemas


def references(part: Any) -> set[str]:
    """The names of the schemas that a part of the document refers to."""
    return set(_references(part))


def forget_null(field: dict[str, Any]) -> None:
    """Take null out of the alternatives; a single one that is left takes the place of the choice."""
    choices = [choice for choice in field.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del field["anyOf"]
        field.update(choices[0] | field)
    elif choices:
        field["anyOf"] = choices


def forget_titles(part: dict[str, Any]) -> None:
    """The titles that Pydantic makes of names say nothing that the names do not, and become names of types."""
    part.pop("title", None)
    inner = [*part.get("properties", {}).values()]
    inner += [part[keyword] for keyword in ("items", "additionalProperties", "propertyNames") if keyword in part]
    inner += [choice for keyword in ("anyOf", "oneOf", "allOf") for choice in part.get(keyword, ())]
    for each in inner:
        if isinstance(each, dict):
            forget_titles(each)


def _settle_maps(part: Any) -> None:
    """Say of a map what its keys look like, and apart from that what its values are.

    Pydantic makes `patternProperties` of it, which lets any other key pass, and which generators do not know.
    """
    if isinstance(part, dict) and "patternProperties" in part:
        ((pattern, values),) = part.pop("patternProperties").items()
        part["propertyNames"] = {**part.get("propertyNames", {}), "pattern": pattern}
        part["additionalProperties"] = values
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _settle_maps(each)


def _settle_answer(described: dict[str, Any]) -> None:
    """An answer may gain fields in time; one that may be left out has no default, and is never null."""
    if described.get("additionalProperties") is False:
        del described["additionalProperties"]
    for name in described.get("properties", {}).keys() - described.get("required", ()):
        field = described["properties"][name]
        field.pop("default", None)
        forget_null(field)


def _reached(parts: Iterable[Any], schemas: Mapping[str, Any]) -> set[str]:
    """The names of the schemas that are referred to, directly or by way of others."""
    found: set[str] = set()
    pending = list(parts)
    while pending:
        new = references(pending.pop()) - found
        found |= new
        pending.extend(schemas[name] for name in new)
    return found


def _references(part: Any) -> Iterator[str]:
    match part:
        case {"$ref": str(reference)} if reference.startswith(REF):
            yield reference.removeprefix(REF)
        case dict():
            for each in part.values():
                yield from _references(each)
        case list():
            for each in part:
                yield from _references(each)
        case _:
            pass
