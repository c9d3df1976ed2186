"""Habits of the house that a reader would otherwise have to look for."""

import ast
from collections.abc import Iterator

from tests.architecture.source import Module, modules

MAX_LINES = 400
EDGES = {
    "app/k8s/namespace.py",  # a task of its own: it begins again, and says so in the log
    "app/middleware/body.py",  # what a refused body leads to gives way to the refusal
    "app/middleware/problem.py",  # what nobody foresaw is answered, and logged
    "app/services/fan_out.py",  # a task of its own, as above
}
"""Where anything at all may be caught for good."""

FOREIGN_ERRORS = {
    "ClientError",
    "ConfigException",
    "DecodeError",
    "Error",
    "Exception",
    "JSONDecodeError",
    "OSError",
    "PyJWTError",
    "UnicodeDecodeError",
    "ValidationError",
    "ValueError",
    "YAMLError",
}
"""Their texts repeat what they could not read."""


def test_no_module_is_longer_than_can_be_overseen() -> None:
    assert [module.path for module in modules() if len(module.text.splitlines()) > MAX_LINES] == []


def test_the_service_prints_nothing() -> None:
    assert not [
        module.place(node)
        for module in modules("app")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and node.id == "print"
    ]


def test_only_the_edge_catches_everything() -> None:
    caught = {
        module.path
        for module in modules()
        for handler, names in handlers(module)
        if names & {"Exception", "BaseException"} and not is_passed_on(handler)
    }
    assert caught == EDGES


def test_the_text_of_a_foreign_error_goes_nowhere() -> None:
    assert not [
        module.place(handler)
        for module in modules("app")
        for handler, names in handlers(module)
        if names & FOREIGN_ERRORS and handler.name in turned_into_text(handler)
    ]


def test_http_exceptions_are_known_to_the_table_of_problems_alone() -> None:
    known = {module.path for module in modules() if any(name.endswith(".HTTPException") for name in module.imported)}
    assert known == {"app/problems.py"}


def test_middleware_is_plain_asgi() -> None:
    assert not [module.path for module in modules() if "starlette.middleware.base" in module.imported]


def handlers(module: Module) -> Iterator[tuple[ast.ExceptHandler, set[str]]]:
    """The `except` clauses of a module, each with the names of what it catches."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler):
            yield node, {last_name(part) for part in ast.walk(node.type)} if node.type else {"BaseException"}


def last_name(node: ast.AST) -> str:
    """`Error` of `binascii.Error`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def is_passed_on(handler: ast.ExceptHandler) -> bool:
    """Whether what is caught is raised again, after something was put in order."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def turned_into_text(handler: ast.ExceptHandler) -> set[str | None]:
    """Names that are made into a text inside of a clause: by `str` or `repr`, in an f-string, or by their `args`."""
    names: set[str | None] = set()
    for node in ast.walk(handler):
        match node:
            case (
                ast.Call(func=ast.Name(id="str" | "repr" | "format"), args=[ast.Name(id=name), *_])
                | ast.FormattedValue(value=ast.Name(id=name))
                | ast.Attribute(value=ast.Name(id=name), attr="args")
            ):
                names.add(name)
            case _:
                pass
    return names
