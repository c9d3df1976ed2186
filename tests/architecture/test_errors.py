"""Every error is drawn, worded and told apart."""

import re
from collections.abc import Iterator

import pytest

from app.domain import errors
from app.domain.errors import AppError
from app.openapi import kinds_by_code
from app.problem_kind import INTERNAL, KINDS, kind_of

NO_CODE_OF_THEIR_OWN = {"InvalidFieldError", "UpstreamExpiredError"}
"""Told apart inside only: both are answered as the class that they are a kind of."""


def subclasses(of: type[AppError]) -> Iterator[type[AppError]]:
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


ERRORS = sorted(set(subclasses(AppError)), key=lambda each: each.__name__)
every_error = pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)


@every_error
def test_every_error_has_an_entry_in_the_table_of_problems(error: type[AppError]) -> None:
    assert error in KINDS or error.__name__ in NO_CODE_OF_THEIR_OWN


@every_error
def test_every_code_is_upper_snake(error: type[AppError]) -> None:
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+[A-Z0-9]", error.code)


@every_error
def test_every_error_is_drawn_in_the_tree(error: type[AppError]) -> None:
    assert error.__module__.startswith(f"{errors.__name__}.")
    assert re.search(rf"\b{error.__name__}\b", errors.__doc__ or "")


def test_nothing_is_drawn_that_is_not_there() -> None:
    drawn = set(re.findall(r"\b\w+Error\b", errors.__doc__ or ""))
    assert drawn == {"AppError", *(error.__name__ for error in ERRORS)}


def test_each_code_belongs_to_one_class() -> None:
    owners = [error.code for error in ERRORS if "code" in vars(error)]
    assert len(owners) == len(set(owners))
    assert INTERNAL not in owners


def test_every_code_is_described_once_on_the_page_of_problems() -> None:
    assert set(kinds_by_code()) == {INTERNAL, *(error.code for error in ERRORS)}


@every_error
def test_every_title_and_detail_is_worded_for_a_person(error: type[AppError]) -> None:
    kind = kind_of(error)
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")
    assert not isinstance(kind.detail, str) or kind.detail == "" or kind.detail.endswith(".")
