"""Every error that Secretspace knows has been seen over HTTP, or there is a reason why it cannot be."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

import pytest

import tests.api
from app.domain.errors import (
    AppError,
    InvalidFieldError,
    NotFoundError,
    StateError,
    UpstreamError,
)
from tests.support.problem import PROVOKED

EXCUSED: Final[dict[type[AppError], str]] = {
    StateError: "a branch of the tree; only its leaves are raised",
    UpstreamError: "a branch of the tree; only its leaves are raised",
    NotFoundError: "what of Kubernetes other than Secrets is absent; who asks catches it",
    InvalidFieldError: "the schema that knows the place makes an InvalidError of it",
}
"""Errors that no request can end in."""


def every_error() -> set[type[AppError]]:
    """All classes of the tree."""
    pending, found = [AppError], set[type[AppError]]()
    while pending:
        each = pending.pop()
        pending.extend(each.__subclasses__())
        found.update(each.__subclasses__())
    return found


@pytest.fixture(scope="module", autouse=True)
def _all_tests_are_known() -> None:
    for module in iter_modules(tests.api.__path__, f"{tests.api.__name__}."):
        import_module(module.name)


def test_every_error_is_provoked_or_excused() -> None:
    assert every_error() - PROVOKED == EXCUSED.keys()
