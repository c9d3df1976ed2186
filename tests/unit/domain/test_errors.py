import inspect
import re
from collections.abc import Callable

import pytest

from app.domain import errors
from app.domain.errors import AppError, InvalidError, InvalidFieldError
from app.domain.fault import Fault, Violation

ALL = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, AppError)]


def drawn_parents() -> dict[str, str]:
    """Each error of the tree in the module's docstring, and the one that stands above it, further to the left."""
    parents: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in re.findall(r"^ {4}.*\w+Error.*$", errors.__doc__ or "", re.MULTILINE):
        names = re.findall(r"\w+Error\b", line)
        depth = line.index(names[0])
        path = [(column, name) for column, name in path if column < depth]
        parents |= dict.fromkeys(names, path[-1][1] if path else "Exception")
        path.append((depth, names[0]))
    return parents


def test_the_tree_is_drawn_as_it_is() -> None:
    assert drawn_parents() == {kind.__name__: kind.__bases__[0].__name__ for kind in ALL}


def test_an_error_of_violations_is_told_by_its_codes_alone() -> None:
    violations = [Violation("/a", Fault.REQUIRED), Violation("/b", Fault.KEY_INVALID), Violation("/c", Fault.REQUIRED)]

    error = InvalidError(violations)

    assert error.violations == tuple(violations)
    assert str(error) == "KEY_INVALID, REQUIRED"


def test_faults_can_be_told_at_their_places_in_another_body() -> None:
    error = InvalidError(
        [Violation("/name", Fault.REFUSED), Violation("/a", Fault.REFUSED), Violation("/b", Fault.REFUSED)]
    )

    assert error.relocated({"/name": "/metadata/name"}).violations == (
        Violation("/metadata/name", Fault.REFUSED),
        Violation("", Fault.REFUSED),
    )


def test_faults_move_along_with_the_body_that_they_are_in() -> None:
    error = InvalidError([Violation("/set/a", Fault.KEY_INVALID, 3, 1), Violation("", Fault.NOTHING_TO_CHANGE)])

    assert error.under("/edit").violations == (
        Violation("/edit/set/a", Fault.KEY_INVALID, 3, 1),
        Violation("/edit", Fault.NOTHING_TO_CHANGE),
    )


def test_a_field_that_is_refused_can_be_caught_as_a_value_error() -> None:
    error = InvalidFieldError(Fault.KEY_INVALID, "/key")

    assert isinstance(error, ValueError)
    assert error.violations == (Violation("/key", Fault.KEY_INVALID),)
    assert error.fault is Fault.KEY_INVALID


@pytest.mark.parametrize(
    ("make", "fields", "text"),
    [
        (lambda: errors.ForbiddenError("get", "secrets"), {"verb": "get", "resource": "secrets"}, "get secrets"),
        (errors.ForbiddenError, {"verb": "", "resource": ""}, ""),
        (lambda: errors.OwnAccessError("list", "namespaces"), {"verb": "list"}, "list namespaces"),
        (lambda: errors.UnsupportedMediaTypeError(["a/b", "c/d"]), {"accepted": ("a/b", "c/d")}, "a/b, c/d"),
        (lambda: errors.BodyTooLargeError(5), {"limit": 5}, "5"),
        (lambda: errors.HeadersTooLargeError(6), {"limit": 6}, "6"),
        (lambda: errors.MethodNotAllowedError(["GET"]), {"allowed": ("GET",)}, "GET"),
        (lambda: errors.RefusedByAdmissionError("p.example"), {"policy": "p.example"}, "p.example"),
        (lambda: errors.TooManyRequestsError(3), {"retry_after": 3}, "3"),
        (lambda: errors.UpstreamUnavailableError(4), {"retry_after": 4}, "4"),
        (errors.UpstreamExpiredError, {"retry_after": 2}, "2"),
        (lambda: errors.UpstreamAnswerError(422, "Invalid"), {"status": 422, "reason": "Invalid"}, "422 Invalid"),
        (errors.AuditUnavailableError, {"retry_after": 5}, ""),
    ],
)
def test_an_error_has_fields_and_a_text_for_the_log(
    make: Callable[[], AppError], fields: dict[str, object], text: str
) -> None:
    error = make()

    assert {name: getattr(error, name) for name in fields} == fields
    assert str(error) == text
