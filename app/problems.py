"""Errors as problem documents (RFC 9457)."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from app.domain import errors as e
from app.domain.diff import Overtaken
from app.domain.fault import Fault, Violation
from app.problem_kind import FORGOTTEN, INTERNAL, INTERNAL_KIND, Kind, kind_of, retry_after
from app.schemas.problem import ItemProblem, OAuthProblem, Problem, ProblemItem, meanwhile
from app.validation import violations_of

MEDIA_TYPE: Final = "application/problem+json"
MAX_ITEMS: Final = 100
"""How many violations an answer lists: more than a person reads, and less than a hostile body could ask for."""
PAGE: Final = "/docs/problems"
"""Where the kinds of problems are described; `type` is this and the code as the fragment."""


def problem_response(error: e.AppError, scope: Scope) -> Response:
    """The answer to a request that ended in this error."""
    kind = kind_of(type(error))
    headers = dict(kind.headers(error))
    if scope["method"] == "PATCH" and "Accept" in headers:
        headers["Accept-Patch"] = headers["Accept"]  # RFC 5789 section 2.2
    return _response(kind, error.code, _detail(kind, error), scope, _more(error), headers)


def item_problem(error: e.AppError, scope: Scope) -> ItemProblem:
    """What is said of one of the things that a request was to do, where it alone ended in this error."""
    kind = kind_of(type(error))
    return ItemProblem(**_told(kind, error.code, _detail(kind, error), scope), **_more(error))


def internal_problem(scope: Scope) -> Response:
    """The answer where something of ours is broken; it says nothing of what."""
    return _response(INTERNAL_KIND, INTERNAL, str(INTERNAL_KIND.detail), scope, {}, {})


def problem_type(code: str, root_path: str = "") -> str:
    """The URI reference of a kind of problem: its place on the page that describes them."""
    return f"{root_path}{PAGE}#{code.lower().replace('_', '-')}"


def problems(*classes: type[e.AppError], oauth: bool = False) -> dict[int | str, dict[str, Any]]:
    """What a route's `responses` say of the errors that it can give; those that any route can give are not named."""
    by_status: dict[int, list[type[e.AppError]]] = {}
    for each in classes:
        by_status.setdefault(int(kind_of(each).status), []).append(each)
    return {status: _documented(each, oauth=oauth) for status, each in by_status.items()}


def install(app: FastAPI) -> None:
    """Answer every error that a route raises with a problem document."""
    app.add_exception_handler(e.AppError, _on_app_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


async def _on_app_error(request: Request, error: Exception) -> Response:
    return problem_response(cast("e.AppError", error), request.scope)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    violations = violations_of(cast("RequestValidationError", error).errors())
    return problem_response(e.InvalidError(violations), request.scope)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    """What Starlette's router raises by itself."""
    raised = cast("HTTPException", error)
    match raised.status_code:
        case HTTPStatus.NOT_FOUND:
            return problem_response(e.RouteNotFoundError(), request.scope)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return problem_response(e.MethodNotAllowedError(_allowed_methods(request)), request.scope)
        case _:
            return problem_response(e.MalformedRequestError(), request.scope)


def _allowed_methods(request: Request) -> list[str]:
    """All methods of the path (RFC 9110 section 10.2.1); Starlette names those of the first route that has it."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    routes = iter_route_contexts(request.app.routes)
    return sorted({method for route in routes if route.path_regex.match(path) for method in route.methods or ()})


def _response(
    kind: Kind,
    code: str,
    detail: str,
    scope: Scope,
    more: Mapping[str, Any],
    headers: Mapping[str, str],
) -> Response:
    told = _told(kind, code, detail, scope)
    problem = Problem(**told, instance=quote(scope["path"]), request_id=_request_id(scope), **more)
    if scope["path"].removeprefix(scope.get("root_path", "")).startswith("/oauth/"):
        problem = OAuthProblem(**dict(problem), error=kind.oauth, error_description=problem.detail)
    scope.setdefault("state", {})["code"] = code  # for the line in the log
    body = problem.model_dump_json(exclude_none=True)
    return Response(body, int(kind.status), {"Cache-Control": "no-store", **headers}, MEDIA_TYPE)


def _told(kind: Kind, code: str, detail: str, scope: Scope) -> dict[str, Any]:
    """What every problem says, whether it is that of a whole request."""
    return {
        "type": problem_type(code, scope.get("root_path", "")),
        "title": kind.title,
        "status": int(kind.status),
        "detail": detail or kind.title + ".",
        "code": code,
    }


def _detail(kind: Kind, error: e.AppError) -> str:
    detail = kind.detail if isinstance(kind.detail, str) else kind.detail(error)
    if isinstance(error, e.PreconditionFailedError) and error.overtaken is not None and error.overtaken.version_gone:
        return detail + FORGOTTEN
    return detail


def _request_id(scope: Scope) -> str:
    trace = scope.get("state", {}).get("trace")
    return "" if trace is None else str(trace.request_id)


def _more(error: e.AppError) -> dict[str, Any]:
    """What is said besides, where the error knows more."""
    match error:
        case e.NotFoundError(at=str(at)) if at:
            return {"errors": [ProblemItem.from_domain(Violation(at, Fault.NAMES_NOTHING))]}
        case e.InvalidError() | e.NotExportableError() | e.NotApplicableError(violations=(_, *_)):
            return {"errors": [ProblemItem.from_domain(each) for each in error.violations[:MAX_ITEMS]]}
        case e.PreconditionFailedError(overtaken=Overtaken() as overtaken):
            return meanwhile(overtaken)
        case _:
            return {}


def example_reference(code: str, *, oauth: bool) -> dict[str, str]:
    """Where the OpenAPI document keeps its example of a kind of problem."""
    return {"$ref": f"#/components/examples/{'oauth.' if oauth else ''}{code}"}


def _documented(classes: Iterable[type[e.AppError]], *, oauth: bool) -> dict[str, Any]:
    listed = [(each.code, kind_of(each)) for each in classes]
    headers = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
    waits = any(kind.headers is retry_after for _, kind in listed)
    return {
        "description": "\n".join(f"- `{code}`: {kind.title}" for code, kind in listed),
        "model": OAuthProblem if oauth else Problem,
        "content": {MEDIA_TYPE: {"examples": {code: example_reference(code, oauth=oauth) for code, _ in listed}}},
        **({"headers": headers} if waits else {}),
    }
