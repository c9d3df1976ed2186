"""Errors as problem documents (RFC 9457): the only table of HTTP statuses, and the one place that words errors."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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
from app.schemas.problem import ItemProblem, OAuthProblem, Problem, ProblemItem, meanwhile
from app.validation import violations_of

MEDIA_TYPE: Final = "application/problem+json"
MAX_ITEMS: Final = 100
"""How many violations an answer lists: more than a person reads, and less than a hostile body could ask for."""
PAGE: Final = "/docs/problems"
"""Where the kinds of problems are described; `type` is this and the code as the fragment."""
_BEARER: Final = 'Bearer realm="secretspace"'


@dataclass(frozen=True, slots=True)
class Kind:
    """How one class of errors is answered."""

    status: HTTPStatus
    title: str
    detail: str | Callable[[Any], str] = ""
    """In words; a function where the error's fields belong into them. Empty: the title."""
    headers: Callable[[Any], Mapping[str, str]] = lambda _: {}
    oauth: str = "invalid_request"
    """The error code of RFC 6749 section 5.2 that stands for it at `/oauth/*`."""


def _retry_after(
    error: e.TooManyRequestsError | e.UpstreamUnavailableError | e.AuditUnavailableError,
) -> dict[str, str]:
    return {"Retry-After": str(error.retry_after)}


def _accept(error: e.UnsupportedMediaTypeError) -> dict[str, str]:
    return {"Accept": ", ".join(error.accepted)}


_S: Final = HTTPStatus
_FORGOTTEN: Final = " Kubernetes does not remember that version any more, so nobody can say what changed since."
_PERHAPS_WRITTEN: Final = "If this was a write, it may have taken place: read before you repeat it."

KINDS: Final[Mapping[type[e.AppError], Kind]] = {
    e.InvalidError: Kind(
        _S.UNPROCESSABLE_ENTITY, "The request breaks rules", "See `errors` for what is wrong, and where."
    ),
    e.MalformedRequestError: Kind(_S.BAD_REQUEST, "The request cannot be read"),
    e.ForbiddenHeaderError: Kind(
        _S.BAD_REQUEST, "A header is not accepted", "Impersonate-* and X-Remote-* headers are never accepted here."
    ),
    e.UnsupportedMediaTypeError: Kind(
        _S.UNSUPPORTED_MEDIA_TYPE,
        "The media type is not supported",
        lambda error: "Send the body as " + " or ".join(error.accepted) + ".",
        _accept,
    ),
    e.UnsupportedEncodingError: Kind(
        _S.UNSUPPORTED_MEDIA_TYPE,
        "The body is compressed",
        "Send it as it is, without Content-Encoding.",
        lambda _: {"Accept-Encoding": "identity"},
    ),
    e.BodyTooLargeError: Kind(
        _S.REQUEST_ENTITY_TOO_LARGE,
        "The body is too large",
        lambda error: f"At most {error.limit:,} bytes are accepted.",
    ),
    e.HeadersTooLargeError: Kind(
        _S.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The headers are too large",
        lambda error: f"At most {error.limit:,} bytes of headers are accepted.",
    ),
    e.BodyTimeoutError: Kind(_S.REQUEST_TIMEOUT, "The body did not arrive in time"),
    e.UnauthenticatedError: Kind(
        _S.UNAUTHORIZED,
        "Sign in first",
        "Send a bearer token; `POST /oauth/token` gives one.",
        lambda _: {"WWW-Authenticate": _BEARER},
    ),
    e.InvalidTokenError: Kind(
        _S.UNAUTHORIZED,
        "The token is not valid",
        "It is malformed, has expired, or is not one of those accepted here.",
        lambda _: {"WWW-Authenticate": f'{_BEARER}, error="invalid_token"'},
        oauth="invalid_grant",
    ),
    e.InvalidGrantError: Kind(
        _S.BAD_REQUEST,
        "Sign-in refused",
        "There is no such account, or the password or refresh token is not good.",
        oauth="invalid_grant",
    ),
    e.UnsupportedGrantTypeError: Kind(
        _S.BAD_REQUEST,
        "The grant type is not supported",
        "Use grant_type=password, or refresh_token.",
        oauth="unsupported_grant_type",
    ),
    e.InvalidTokenRequestError: Kind(
        _S.BAD_REQUEST,
        "The token request cannot be read",
        "It has grant_type with username and password, or with refresh_token, or else token; each once.",
    ),
    e.UnsupportedTokenTypeError: Kind(
        _S.BAD_REQUEST,
        "This token cannot be revoked alone",
        "An access token ends by itself, or with its session: revoke the refresh token, or sign out everywhere.",
        oauth="unsupported_token_type",
    ),
    e.ForbiddenError: Kind(
        _S.FORBIDDEN,
        "Not allowed",
        lambda error: f"Kubernetes does not allow you to {error.verb} {error.resource} here." if error.verb else "",
    ),
    e.PasswordChangeRequiredError: Kind(
        _S.FORBIDDEN,
        "Change the password first",
        "The password was set by somebody else; set your own at `PUT /api/v1/accounts/{account}/password`.",
    ),
    e.NotFoundError: Kind(_S.NOT_FOUND, "Not found"),
    e.RouteNotFoundError: Kind(_S.NOT_FOUND, "There is no such path"),
    e.WorkspaceNotFoundError: Kind(
        _S.NOT_FOUND, "Workspace not found", "There is no such workspace, or you have no role in it."
    ),
    e.ProjectNotFoundError: Kind(
        _S.NOT_FOUND, "Project not found", "There is no such project in this workspace, or you have no role in it."
    ),
    e.SecretNotFoundError: Kind(_S.NOT_FOUND, "Secret not found", "There is no Secret of this name in the project."),
    e.KeyNotFoundError: Kind(_S.NOT_FOUND, "Key not found", "The Secret has no such key."),
    e.AccountNotFoundError: Kind(_S.NOT_FOUND, "Account not found", "There is no local account of this name."),
    e.MethodNotAllowedError: Kind(
        _S.METHOD_NOT_ALLOWED,
        "The method is not allowed",
        "The path has other methods; see the Allow header.",
        lambda error: {"Allow": ", ".join(error.allowed)} if error.allowed else {},
    ),
    e.StateError: Kind(_S.CONFLICT, "The state of things does not allow it"),
    e.AlreadyExistsError: Kind(_S.CONFLICT, "The name is taken", "A Secret of this name is already there."),
    e.NameReservedError: Kind(
        _S.CONFLICT, "The name is reserved", "It stands for something that is not kept here; choose another one."
    ),
    e.NotManagedError: Kind(
        _S.CONFLICT, "The workspace is kept elsewhere", "It is known by a label alone, and not changed here."
    ),
    e.WorkspaceInUseError: Kind(_S.CONFLICT, "The workspace is in use", "It still has projects; delete these first."),
    e.NameRetiredError: Kind(
        _S.CONFLICT,
        "The name is not given out again",
        "An account of this name was deleted; what is bound to the name must not become somebody else's.",
    ),
    e.ConflictError: Kind(
        _S.CONFLICT, "Others changed it at the same time", "Read it again, then try once more; nothing was written."
    ),
    e.ImmutableSecretError: Kind(
        _S.CONFLICT, "The Secret is immutable", "Its values, and the mark itself, cannot be changed any more."
    ),
    e.ReadOnlySecretError: Kind(
        _S.CONFLICT,
        "The Secret is read-only",
        "Helm releases and service-account tokens are not edited here; ?override=readOnly sets this aside.",
    ),
    e.ManagedByControllerError: Kind(
        _S.CONFLICT,
        "A controller keeps the Secret",
        lambda error: (
            f"{error.edit_at} ?override=managed sets this aside; what is written "
            f"{'is' if error.reverts == 'yes' else 'may be'} set back then."
        ),
    ),
    e.NotApplicableError: Kind(
        _S.CONFLICT,
        "The change does not apply",
        "A key to rename is missing, or a key that was to be absent is there. Nothing was written.",
    ),
    e.NotExportableError: Kind(
        _S.CONFLICT, "A file of this form cannot hold the Secret", "See `errors` for the keys; another form can."
    ),
    e.PreconditionFailedError: Kind(
        _S.PRECONDITION_FAILED,
        "The Secret has changed",
        "It is no longer at the version that was expected; nothing was written.",
    ),
    e.VersionGoneError: Kind(
        _S.GONE, "The version is forgotten", "Kubernetes does not remember it any more; nothing was written."
    ),
    e.TypeDiffersError: Kind(
        _S.CONFLICT, "The type differs", "What is there now is a Secret of another type, which cannot be changed."
    ),
    e.PreconditionRequiredError: Kind(
        _S.PRECONDITION_REQUIRED,
        "A precondition is needed",
        "Send If-Match with the ETag that you saw, or If-Match: * for whatever is there.",
    ),
    e.QuotaExceededError: Kind(
        _S.CONFLICT, "The quota is used up", "A ResourceQuota of the project does not allow it."
    ),
    e.ProjectTerminatingError: Kind(_S.CONFLICT, "The project is being deleted", "Nothing can be made in it any more."),
    e.RefusedByAdmissionError: Kind(
        _S.UNPROCESSABLE_ENTITY,
        "Refused by a policy of the cluster",
        lambda error: f"The admission policy or webhook {error.policy} refused it." if error.policy else "",
    ),
    e.TooManyRequestsError: Kind(_S.TOO_MANY_REQUESTS, "Too much at once", "Try again in a moment.", _retry_after),
    e.TooManyAttemptsError: Kind(
        _S.TOO_MANY_REQUESTS,
        "Too many sign-ins have failed",
        "Wait as long as Retry-After says; the right password is taken then.",
        _retry_after,
    ),
    e.UpstreamError: Kind(_S.BAD_GATEWAY, "Kubernetes is the trouble"),
    e.UpstreamUnavailableError: Kind(
        _S.SERVICE_UNAVAILABLE,
        "Kubernetes cannot be reached",
        f"Try again in a moment. {_PERHAPS_WRITTEN}",
        _retry_after,
    ),
    e.UpstreamTimeoutError: Kind(_S.GATEWAY_TIMEOUT, "Kubernetes did not answer in time", _PERHAPS_WRITTEN),
    e.UpstreamAnswerError: Kind(_S.BAD_GATEWAY, "Kubernetes gave an unexpected answer", _PERHAPS_WRITTEN),
    e.OwnAccessError: Kind(
        _S.INTERNAL_SERVER_ERROR,
        "The service is not set up rightly",
        "It lacks a right of its own in the cluster; its operator finds the reason in the log.",
    ),
    e.AuditUnavailableError: Kind(
        _S.SERVICE_UNAVAILABLE,
        "The reveal could not be recorded",
        "No value is shown or copied without a record of it.",
        _retry_after,
    ),
}
"""Every class of errors; one that is not here is answered as its base class, `code` aside."""

INTERNAL: Final = "INTERNAL"
INTERNAL_KIND: Final = Kind(
    _S.INTERNAL_SERVER_ERROR, "Something is broken here", "The operator finds it in the log, by the requestId."
)
"""What nobody foresaw; it has a code, and no class."""


def kind_of(error: type[e.AppError]) -> Kind:
    """How a class of errors is answered: its own entry, or that of the nearest base class that has one."""
    return next(KINDS[base] for base in error.__mro__ if base in KINDS)


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
        return detail + _FORGOTTEN
    return detail


def _request_id(scope: Scope) -> str:
    trace = scope.get("state", {}).get("trace")
    return "" if trace is None else str(trace.request_id)


def _more(error: e.AppError) -> dict[str, Any]:
    """What is said besides, where the error knows more."""
    match error:
        case e.NotFoundError(at=str(at)) if at:
            return {"errors": [ProblemItem.from_domain(Violation(at, Fault.NAMES_NOTHING))]}
        case e.InvalidError() | e.NotExportableError():
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
    waits = any(kind.headers is _retry_after for _, kind in listed)
    return {
        "description": "\n".join(f"- `{code}`: {kind.title}" for code, kind in listed),
        "model": OAuthProblem if oauth else Problem,
        "content": {MEDIA_TYPE: {"examples": {code: example_reference(code, oauth=oauth) for code, _ in listed}}},
        **({"headers": headers} if waits else {}),
    }
