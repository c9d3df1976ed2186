"""Ways to walk an OpenAPI document."""

from collections.abc import Iterator
from typing import Any

REF = "#/components/schemas/"
JSON_TYPES = {"null", "boolean", "number", "integer", "string"}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation by its id."""
    for methods in document["paths"].values():
        for operation in methods.values():
            yield operation["operationId"], operation


def responses(document: dict[str, Any]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Every answer of every operation: a name for it, its status, and what is said of it."""
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            yield f"{name} {status}", int(status), response


def media(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body that is sent or answered: where it stands, and what is said of it."""
    for name, operation in operations(document):
        for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name} {media_type}", body
    for name, _, response in responses(document):
        for media_type, body in response.get("content", {}).items():
            yield f"{name} {media_type}", body


def parts(part: Any, at: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object inside of a part, each with its JSON pointer."""
    if isinstance(part, dict):
        yield at, part
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inner:
        yield from parts(value, f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}")


def schemas(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema, and every schema inside of one, each with its JSON pointer; examples hold none."""
    for name, component in document["components"]["schemas"].items():
        yield from _schemas(component, f"{REF}{name}")
    for at, part in parts(document["paths"], "#/paths"):
        if isinstance(part.get("schema"), dict):
            yield from _schemas(part["schema"], f"{at}/schema")


def _schemas(schema: dict[str, Any], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield at, schema
    for name, field in schema.get("properties", {}).items():
        yield from _schemas(field, f"{at}/properties/{name}")
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(keyword), dict):
            yield from _schemas(schema[keyword], f"{at}/{keyword}")
    for keyword in ("oneOf", "anyOf", "allOf"):
        for index, choice in enumerate(schema.get(keyword, ())):
            yield from _schemas(choice, f"{at}/{keyword}/{index}")
