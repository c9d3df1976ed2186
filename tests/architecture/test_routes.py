"""What every route has to say of itself before it may exist."""

import inspect
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from app.openapi import ACCESS
from app.routers.oauth import FormRoute
from app.routers.route import StrictRoute

OPEN = {
    "/.well-known/jwks.json",
    "/.well-known/openid-configuration",
    "/docs",
    "/docs/init.js",
    "/docs/page.css",
    "/docs/problems",
    "/docs/swagger-ui-5.35.0/favicon-32x32.png",
    "/docs/swagger-ui-5.35.0/swagger-ui-bundle.js",
    "/docs/swagger-ui-5.35.0/swagger-ui.css",
    "/livez",
    "/metrics",
    "/oauth/revoke",
    "/oauth/token",
    "/openapi.json",
    "/readyz",
}
"""Without a caller; one more of these is a decision, not an accident."""

OR_SEE = {"verbs": ["list"], "resource": "secrets/metadata"}
"""The one right that does for another."""
IN_BODY = {"/api/v1/workspaces/{workspace}/projects/{project}/secret-actions/batch-delete"}
"""Where the body names the Secrets."""

KUBERNETES_VERBS = {"create", "delete", "get", "list", "patch", "update", "watch"}


@pytest.fixture(scope="session")
def routes(app: FastAPI) -> list[APIRoute]:
    """All of them."""
    found = [context.original_route for context in iter_route_contexts(app.routes)]
    assert all(isinstance(route, APIRoute) for route in found)
    return cast("list[APIRoute]", found)


@pytest.fixture(scope="session")
def documented(routes: list[APIRoute]) -> list[APIRoute]:
    """Those of the API itself."""
    return [route for route in routes if route.include_in_schema]


def test_every_route_declares_its_access_in_one_of_three_forms(routes: list[APIRoute]) -> None:
    assert not [route.path for route in routes if not is_access((route.openapi_extra or {}).get(ACCESS))]


def test_no_route_is_open_but_these(routes: list[APIRoute]) -> None:
    assert {route.path for route in routes if "open" in (route.openapi_extra or {})[ACCESS]} == OPEN


def test_what_a_route_needs_is_scoped_as_its_path_or_its_body_is(documented: list[APIRoute]) -> None:
    scopes = {
        route.path: access["scope"]
        for route in documented
        if "scope" in (access := (route.openapi_extra or {})[ACCESS])
    }
    assert {path for path, scope in scopes.items() if scope == "items"} == IN_BODY
    assert {path for path, scope in scopes.items() if scope == "name"} == {path for path in scopes if "{name}" in path}


def test_every_operation_is_named_as_a_verb_and_what_it_is_done_to(documented: list[APIRoute]) -> None:
    assert not [
        route.path for route in documented if not re.fullmatch("[a-z]+([A-Z][a-z]+)+", route.operation_id or "")
    ]


def test_every_handler_bears_the_name_of_its_operation(documented: list[APIRoute]) -> None:
    assert {route.endpoint.__name__ for route in documented} == {
        snake(route.operation_id or "") for route in documented
    }


def test_no_two_operations_have_one_name_or_one_place(documented: list[APIRoute]) -> None:
    assert len({route.operation_id for route in documented}) == len(documented)
    assert len({(route.path, *sorted(route.methods or ())) for route in documented}) == len(documented)


def test_every_operation_has_one_tag(documented: list[APIRoute]) -> None:
    assert not [route.path for route in documented if len(route.tags) != 1]


def test_every_operation_has_a_summary_of_a_few_words(documented: list[APIRoute]) -> None:
    assert not [route.path for route in documented if not re.fullmatch(r"[A-Z].{3,60}[^.]", route.summary or "")]


def test_no_route_reads_its_request_as_loosely_as_fastapi_would(routes: list[APIRoute]) -> None:
    assert not [route.path for route in routes if not isinstance(route, StrictRoute | FormRoute)]


def test_no_handler_and_no_dependency_runs_on_a_thread(routes: list[APIRoute]) -> None:
    """A `def` costs 115 µs and a thread (design section 11)."""
    calls = {call for route in routes for call in called(route.dependant)}
    assert not [call for call in calls if not inspect.iscoroutinefunction(call)]


def is_access(declared: Any) -> bool:
    """Whether it says what is needed, or why nothing is."""
    match declared:
        case {"verbs": [_, *_] as verbs, "resource": str(), "scope": "name" | "items" | "namespace", **rest}:
            return set(verbs) <= KUBERNETES_VERBS and rest in ({}, {"or": OR_SEE})
        case {"signedIn": str(reason), **rest} | {"open": str(reason), **rest}:
            return reason.endswith(".") and not rest
        case _:
            return False


def called(dependant: Dependant) -> Iterator[Any]:
    """The function of a dependency, or of a route, and those that it depends on."""
    yield dependant.call
    for inner in dependant.dependencies:
        yield from called(inner)


def snake(name: str) -> str:
    """`list_secrets` for `listSecrets`."""
    return re.sub("([A-Z])", r"_\1", name).lower()
