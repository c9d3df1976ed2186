"""`secretspace settings`: a page on everything that can be set, out of `app/settings.py` itself."""

import ast
import inspect
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from app import settings as module
from app.cli.page import Output, put
from app.settings import Settings

_DURATION: Final = TypeAdapter(timedelta)


def settings(output: Output = None) -> None:
    """Print all settings with their defaults, as Markdown."""
    put(settings_page(), output)


def settings_page() -> str:
    """The page; `docs/reference/settings.md` is the same."""
    head = ["# Settings", "", inspect.cleandoc(module.__doc__ or ""), ""]
    return "\n".join([*head, "Written by `make docs` out of `app/settings.py`.", "", *_parts(Settings, ())])


def _parts(part: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    fields = part.model_fields
    own = {name: field for name, field in fields.items() if _part_of(field) is None}
    if path:
        yield from (f"## {' / '.join(path)}", "", inspect.cleandoc(part.__doc__ or ""), "")
    if own:
        yield from _table(part, own, path)
    for name, field in own.items():
        yield from _members(name, field)
    for name, field in fields.items():
        inner = _part_of(field)
        if inner is not None:
            yield from _parts(inner, (*path, name))


def _table(part: type[BaseModel], fields: dict[str, FieldInfo], path: tuple[str, ...]) -> Iterator[str]:
    said = _attribute_docstrings(part)
    yield from ("| variable | default | meaning |", "|---|---|---|")
    for name, field in fields.items():
        variable = "__".join((*path, name)).upper()
        yield f"| `SECRETSPACE_{variable}` | {_shown(field.default)} | {said.get(name, '')} |"
    yield ""


def _members(name: str, field: FieldInfo) -> Iterator[str]:
    """What the objects of a list of them hold."""
    for item in get_args(field.annotation):
        if isinstance(item, type) and issubclass(item, BaseModel):
            said = _attribute_docstrings(item)
            yield from (f"Members of `{name}`. {inspect.cleandoc(item.__doc__ or '')}", "")
            for member, each in item.model_fields.items():
                default = "required" if each.is_required() else f"default: {_shown(each.default)}"
                yield f"- `{member}` ({default}): {said.get(member, '')}"
            yield ""


def _shown(default: object) -> str:
    match default:
        case None | "" | ():
            return "none"
        case bool():
            return f"`{str(default).lower()}`"
        case timedelta():
            return f"`{_DURATION.dump_python(default, mode='json')}`"
        case tuple():
            return "<br>".join(f"`{each}`" for each in default)
        case _:
            return f"`{default}`"


def _attribute_docstrings(part: type[BaseModel]) -> dict[str, str]:
    """The string that follows a field's line, as this house documents fields."""
    (definition,) = ast.parse(inspect.getsource(part)).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    pairs = pairwise(body)
    return {
        field.target.id: " ".join(inspect.cleandoc(text.value.value).split())
        for field, text in pairs
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def _part_of(field: FieldInfo) -> type[BaseModel] | None:
    annotation = field.annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
