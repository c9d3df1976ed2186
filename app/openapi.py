"""The OpenAPI document: what FastAPI generates from the routes, made whole and fit for generators of clients.

FastAPI documents a 422 that we never answer, puts our errors under the media type of the success, and knows nothing of
what the middleware refuses. `openapi/openapi.json` is this document, committed; a test holds the two together.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.domain.errors import (
    AppError,
    BodyTimeoutError,
    BodyTooLargeError,
    ForbiddenHeaderError,
    HeadersTooLargeError,
    InvalidError,
    InvalidTokenError,
    MalformedRequestError,
    OwnAccessError,
    UnauthenticatedError,
    UnsupportedEncodingError,
    UnsupportedMediaTypeError,
    UpstreamAnswerError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from app.problems import INTERNAL, INTERNAL_KIND, MEDIA_TYPE, Kind, example_reference, kind_of, problem_type, problems
from app.schemas.problem import OAuthProblem, Problem

ACCESS: Final = "x-access"
"""What a route says of the rights it needs."""
ACCEPTS: Final = "x-accepts"
"""Where a route names the media types of its body; the document names them where OpenAPI wants them."""

TOKEN_PATH: Final = "/oauth/token"  # noqa: S105  (a path)
_OAUTH: Final = "/oauth/"
_REF: Final = "#/components/schemas/"

_TAGS: Final[Mapping[str, str]] = {
    "sign-in": "An access token for a local account. Tokens that the cluster accepts can be sent as they are.",
    "meta": "Who the caller is, and what this service has and allows.",
    "workspaces": "Workspaces that the caller may see.",
    "projects": "Projects of a workspace, and what the caller may do in them.",
    "secrets": "Secrets of a project, without their values.",
    "values": "What Secrets hold: reveal it, replace it, change single keys.",
    "yaml": "Secrets as Kubernetes manifests.",
    "health": "Whether the service runs, and what it has counted.",
}

_DESCRIPTION: Final = """\
People manage Kubernetes Secrets per workspace and project; whatever the cluster's RBAC allows them, they can do here.

Values leave the service only through the operations that reveal them. Writes name the version that they are based on
(`If-Match` with an `ETag`). Errors are problem documents (RFC 9457) with a stable `code`.
"""

_BY_MIDDLEWARE: Final = (ForbiddenHeaderError, BodyTooLargeError, HeadersTooLargeError, UpstreamTimeoutError)
"""What every operation can answer."""
_OF_SIGNED_IN: Final = (
    MalformedRequestError,
    UnauthenticatedError,
    InvalidTokenError,
    OwnAccessError,
    UpstreamAnswerError,
    UpstreamUnavailableError,
)
"""What finding out who calls can come to."""
_OF_BODIES: Final = (BodyTimeoutError, UnsupportedEncodingError, UnsupportedMediaTypeError)
_HEADERS: Final = {
    "401": ("WWW-Authenticate", "How to sign in (RFC 9110 section 11.6.1)."),
    "415": ("Accept", "The media types that are accepted."),
}


def schema(app: FastAPI, *, root_path: str = "") -> dict[str, Any]:
    """The document of the application; `root_path` is where a proxy publishes it, and is not in the committed one."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
    )
    for path, operation in _operations(document):
        _complete(path, operation)
    used = {tag for _, operation in _operations(document) for tag in operation["tags"]}
    document["tags"] = [{"name": name, "description": text} for name, text in _TAGS.items() if name in used]
    document["security"] = [{"password": []}, {"bearer": []}]
    document["components"] = _components(document, root_path)
    if root_path:
        document["servers"] = [{"url": root_path}]
    return document


def dump(document: Mapping[str, Any]) -> bytes:
    """The document as bytes; the same document gives the same bytes, on every machine."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Say what every operation has in common, and what FastAPI says wrongly."""
    oauth = path.startswith(_OAUTH)
    is_open = "open" in operation.get(ACCESS, {})
    if is_open:
        operation["security"] = []
    accepted = operation.pop(ACCEPTS, None)
    body = operation.get("requestBody")
    if body is not None and accepted is not None:
        (media,) = body["content"].values()
        body["content"] = dict.fromkeys(accepted, media)
    for parameter in operation.get("parameters", ()):
        _settle_parameter(parameter)
    operation.get("parameters", []).sort(key=lambda parameter: _place(parameter["name"], path))
    responses = operation["responses"]
    if _is_validation_error(responses.get("422", {})):
        del responses["422"]
    _add(responses, _errors_of(is_open=is_open, has_body=body is not None, oauth=oauth))
    for status, response in responses.items():
        if int(status) >= 400:
            _as_problem(response, OAuthProblem if oauth else Problem)
        headers = response.setdefault("headers", {})
        headers["X-Request-Id"] = {"$ref": "#/components/headers/X-Request-Id"}
        if status in _HEADERS:
            name, description = _HEADERS[status]
            headers[name] = {"description": description, "schema": {"type": "string"}}


def _place(name: str, path: str) -> int:
    """Where a parameter stands in the path; those of query and header come after."""
    found = path.find(f"{{{name}}}")
    return found if found >= 0 else len(path)


def _settle_parameter(parameter: dict[str, Any]) -> None:
    described: dict[str, Any] = parameter["schema"]
    _forget_titles(described)
    _forget_null(described)  # nothing in a URL or a header is null
    described.pop("description", None)  # the parameter says the same


def _errors_of(*, is_open: bool, has_body: bool, oauth: bool) -> dict[int | str, dict[str, Any]]:
    """What an operation can answer besides what its route declares."""
    classes: list[type[AppError]] = [*_BY_MIDDLEWARE]
    if not oauth:
        classes.append(InvalidError)  # of an unknown query parameter, at least
    if not is_open:
        classes.extend(_OF_SIGNED_IN)
    if has_body:
        classes.extend(_OF_BODIES)
    found = problems(*classes, oauth=oauth)
    _add(found, _internal(oauth=oauth))
    return found


def _internal(*, oauth: bool) -> dict[int | str, dict[str, Any]]:
    listed = {
        "description": f"- `{INTERNAL}`: {INTERNAL_KIND.title}",
        "content": {MEDIA_TYPE: {"examples": {INTERNAL: example_reference(INTERNAL, oauth=oauth)}}},
    }
    return {int(INTERNAL_KIND.status): listed}


def _add(responses: dict[Any, dict[str, Any]], more: Mapping[int | str, Mapping[str, Any]]) -> None:
    """Add errors to responses; two of one status become one."""
    for status, response in more.items():
        key = next((each for each in responses if str(each) == str(status)), str(status))
        there = responses.setdefault(key, {"description": "", "content": {MEDIA_TYPE: {}}})
        lines = {*there["description"].splitlines(), *response["description"].splitlines()}
        there["description"] = "\n".join(sorted(lines))
        there.setdefault("headers", {}).update(response.get("headers", {}))
        examples = there["content"].setdefault(MEDIA_TYPE, {}).setdefault("examples", {})
        examples.update(response["content"][MEDIA_TYPE]["examples"])


def _as_problem(response: dict[str, Any], model: type[BaseModel]) -> None:
    """An error is a problem document, whatever the media type of the success."""
    examples = response["content"][MEDIA_TYPE]["examples"]
    response["content"] = {MEDIA_TYPE: {"schema": {"$ref": _REF + model.__name__}, "examples": examples}}
    response.pop("model", None)


def _is_validation_error(response: Mapping[str, Any]) -> bool:
    return any("HTTPValidationError" in reference for reference in _references(response.get("content")))


def _components(document: Mapping[str, Any], root_path: str) -> dict[str, Any]:
    generated = document.get("components", {}).get("schemas", {})
    schemas = _problem_schemas() | generated
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    for each in schemas.values():
        _forget_titles(each)
    _settle_answers(schemas, _reached(_request_parts(document), schemas))
    return {
        "schemas": schemas,
        "examples": _examples(document),
        "headers": {
            "X-Request-Id": {
                "description": "Names the request in our log, and in the audit log of the cluster.",
                "required": True,
                "schema": {"type": "string"},
            }
        },
        "securitySchemes": {
            "password": {
                "type": "oauth2",
                "description": "Name and password of a local account.",
                "flows": {"password": {"tokenUrl": root_path + TOKEN_PATH, "scopes": {}}},
            },
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "An access token of this service, or any token that the cluster accepts.",
            },
        },
    }


def _problem_schemas() -> dict[str, Any]:
    models = [(model, "serialization") for model in (Problem, OAuthProblem)]
    _, found = models_json_schema(models, ref_template=_REF + "{model}")  # type: ignore[arg-type]  # a Literal, widened
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def kinds_by_code() -> dict[str, Kind]:
    """Every kind of problem, by its code."""
    kinds = {INTERNAL: INTERNAL_KIND}
    pending: list[type[AppError]] = AppError.__subclasses__()
    while pending:
        each = pending.pop()
        kinds.setdefault(each.code, kind_of(each))
        pending.extend(each.__subclasses__())
    return dict(sorted(kinds.items()))


def _examples(document: Mapping[str, Any]) -> dict[str, Any]:
    """One of each kind of problem that some operation refers to."""
    kinds = kinds_by_code()
    examples = {}
    for path, operation in _operations(document):
        for code in _codes(operation):
            oauth = path.startswith(_OAUTH)
            name = example_reference(code, oauth=oauth)["$ref"].rpartition("/")[2]
            examples[name] = _example(code, kinds[code], oauth=oauth)
    return examples


def _example(code: str, kind: Kind, *, oauth: bool) -> dict[str, Any]:
    detail = kind.detail if isinstance(kind.detail, str) and kind.detail else f"{kind.title}."
    problem = Problem(
        type=problem_type(code),
        title=kind.title,
        status=int(kind.status),
        detail=detail,
        instance=TOKEN_PATH if oauth else "/api/v1/workspaces/demo-workspace/projects/demo-project/secrets/demo-secret",
        code=code,
        request_id="5f0c2f0e9d4b4b8f8e2b7a1c3d4e5f60",
    )
    if oauth:
        problem = OAuthProblem(**dict(problem), error=kind.oauth, error_description=detail)
    return {"summary": kind.title, "value": problem.model_dump(mode="json", exclude_none=True)}


def _codes(operation: Mapping[str, Any]) -> Iterator[str]:
    for response in operation["responses"].values():
        yield from response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})


def _request_parts(document: Mapping[str, Any]) -> Iterator[Any]:
    for _, operation in _operations(document):
        yield operation.get("requestBody")
        yield operation.get("parameters")


def _reached(parts: Iterable[Any], schemas: Mapping[str, Any]) -> set[str]:
    """The names of the schemas that are referred to, directly or by way of others."""
    found: set[str] = set()
    pending = list(parts)
    while pending:
        for name in _references(pending.pop()):
            if name not in found:
                found.add(name)
                pending.append(schemas[name])
    return found


def _references(part: Any) -> Iterator[str]:
    match part:
        case {"$ref": str(reference)} if reference.startswith(_REF):
            yield reference.removeprefix(_REF)
        case _:
            pass
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for each in inner:
        yield from _references(each)


def _settle_answers(schemas: Mapping[str, Any], in_requests: set[str]) -> None:
    """In an answer a field that may be left out is never null, has no default, and more fields may come in time."""
    for name, each in schemas.items():
        if name in in_requests:
            continue
        if each.get("additionalProperties") is False:
            del each["additionalProperties"]
        for field in each.get("properties", {}).keys() - each.get("required", ()):
            each["properties"][field].pop("default", None)
            _forget_null(each["properties"][field])


def _forget_null(field: dict[str, Any]) -> None:
    """Take null out of the alternatives; a single one that is left takes the place of the choice."""
    choices = [choice for choice in field.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del field["anyOf"]
        field.update(choices[0])
    elif choices:
        field["anyOf"] = choices


def _forget_titles(part: dict[str, Any]) -> None:
    """The titles that Pydantic makes of names say nothing that the names do not, and become names of types."""
    part.pop("title", None)
    for field in part.get("properties", {}).values():
        _forget_titles(field)
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if isinstance(part.get(keyword), dict):
            _forget_titles(part[keyword])
    for keyword in ("anyOf", "oneOf", "allOf"):
        for choice in part.get(keyword, ()):
            _forget_titles(choice)
