"""Problem documents: what each of them has to be, and which errors the tests have seen over HTTP."""

import re
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Final, ParamSpec

import httpx

from app.domain.errors import AppError
from tests.support.canary import leaks

PROVOKED: Final[set[type[AppError]]] = set()
"""Errors that some test provokes over HTTP; each test says so by `provokes`."""

_MEMBERS: Final = {"type", "title", "status", "detail", "instance", "code", "requestId"}
_MORE: Final = {"errors", "error", "error_description", "meanwhile", "overlap", "versionGone"}
_STACK: Final = re.compile(rb"Traceback|File \\?\"|\.py\b|line \d+, in |Error\(")

P = ParamSpec("P")


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem in an answer, which has this status and code, all that a problem has, and nothing that none has."""
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert problem["status"] == status
    assert problem.keys() >= _MEMBERS
    assert problem.keys() <= _MEMBERS | _MORE
    assert problem["requestId"] == response.headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", problem["requestId"])
    assert leaks(response.content) == []
    assert not _STACK.search(response.content)
    return problem


def unlocated(response: httpx.Response) -> dict[str, Any]:
    """A problem without that which is of the request, and not of what is there."""
    problem = {name: value for name, value in response.json().items() if name not in {"instance", "requestId"}}
    headers = {name: value for name, value in response.headers.items() if name not in {"x-request-id", "date"}}
    headers.pop("content-length")
    return {"status": response.status_code, **problem, "headers": headers}


def provokes(
    error: type[AppError], status: int
) -> Callable[[Callable[P, Awaitable[httpx.Response]]], Callable[P, Coroutine[Any, Any, None]]]:
    """Marks a test that provokes this error: the answer that it returns has to be this very problem."""
    PROVOKED.add(error)

    def decorate(test: Callable[P, Awaitable[httpx.Response]]) -> Callable[P, Coroutine[Any, Any, None]]:
        @wraps(test)
        async def provoked(*args: P.args, **kwargs: P.kwargs) -> None:
            assert_problem(await test(*args, **kwargs), status, error.code)

        return provoked

    return decorate
