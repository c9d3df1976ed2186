"""The page on the API says what the API is: its operations, its bodies, its limits."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from app.cli.openapi import openapi_document
from app.domain.access import Action
from app.domain.kind import Kind
from app.logs import FIELDS
from app.settings import Limits
from tests.unit.docs.page import blocks, rows, section, text_of

PAGE = text_of("docs/reference/api.md")
DOCUMENT: dict[str, Any] = json.loads(openapi_document())
SCHEMAS = DOCUMENT["components"]["schemas"]
EXAMPLES = [(info.removeprefix("json "), json.loads(body)) for info, body in blocks(PAGE) if info.startswith("json ")]
LINES = [json.loads(body) for info, body in blocks(PAGE) if info == "json"]
SHORT = {"P": "/api/v1/workspaces/{workspace}/projects/{project}", "S": "P/secrets"}
UNITS = {"MiB": 1024 * 1024, "KiB": 1024, "s": timedelta(seconds=1), "": 1}


def _operations() -> Iterator[tuple[str, str, str]]:
    """Name, method and path, and access of every operation, as the page writes them."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], f"{method.upper()} {path}", _needs(operation["x-access"])


def _needs(access: dict[str, Any]) -> str:
    if "verbs" in access:
        return ", ".join(access["verbs"]) + (" or see" if "or" in access else "")
    return "open" if "open" in access else "signed in"


def _in_full(request: str) -> str:
    method, path = request.split()
    for short in ("S", "P"):
        path = re.sub(rf"^{short}(?=/|$)", SHORT[short], path)
    return f"{method} {path}"


def _problems_of(component: str, example: object) -> list[str]:
    """What is wrong with an example, by the component of the OpenAPI document that it is said to be."""
    schema = {"$ref": f"#/components/schemas/{component}", "components": {"schemas": SCHEMAS}}
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(example)]


@pytest.mark.parametrize(
    ("component", "example"), EXAMPLES, ids=[f"{i}-{name}" for i, (name, _) in enumerate(EXAMPLES)]
)
def test_every_example_is_what_it_is_said_to_be(component: str, example: object) -> None:
    assert component in SCHEMAS
    assert _problems_of(component, example) == []


@pytest.mark.parametrize(
    "wrong", [{"kind": "default"}, {"kind": "default", "data": {"a": 1}}, {"kind": "x", "data": {}}]
)
def test_a_wrong_example_would_be_noticed(wrong: object) -> None:
    assert _problems_of("ContentInput", wrong) != []


def test_there_is_an_example_of_every_kind() -> None:
    shown = {example["kind"] for name, example in EXAMPLES if name.endswith(("ContentInput", "ContentView"))}

    assert shown == {*Kind, "raw"}


def test_every_body_that_is_sent_has_an_example() -> None:
    sent = {
        media["schema"]["$ref"].rpartition("/")[2]
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        for media_type, media in operation.get("requestBody", {}).get("content", {}).items()
        if media_type == "application/json"
    }

    assert sent - {"SecretUpsert"} <= {name for name, _ in EXAMPLES}  # that is a SecretCreate, its name left out


def test_the_table_of_operations_is_the_one_of_the_document() -> None:
    listed = [(name, _in_full(request), needs) for name, request, needs, _ in rows(section(PAGE, "Operations"))]

    assert sorted(listed) == sorted(_operations())


def test_every_action_is_explained() -> None:
    assert [action for action, *_ in rows(section(PAGE, "Who may do what"))] == [*Action]


def test_every_limit_stands_there_with_its_default() -> None:
    listed = {setting: _amount(default) for _, default, _, setting in rows(section(PAGE, "Limits"))}

    assert listed == {f"LIMITS__{name.upper()}": default for name, default in Limits().model_dump().items()}


def _amount(text: str) -> object:
    number, _, unit = text.partition(" ")
    return int(number) * UNITS[unit]  # type: ignore[operator]


def test_the_lines_of_the_log_have_fields_that_it_writes() -> None:
    assert [line["event"] for line in LINES] == ["request.finished", "secret.revealed", "secret.copied"]
    assert [set(line) - FIELDS for line in LINES] == [set(), set(), set()]
