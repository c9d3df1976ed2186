"""The document as a whole, and what its operations have in common."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.openapi.body import body_schemas
from app.openapi.component import forget_null, forget_titles, references, settle
from app.openapi.problem import add_problems, problem_examples, problem_schemas

ACCESS: Final = "x-access"
"""Where a route's `openapi_extra` says what rights it needs; the document shows it."""
ACCEPTS: Final = "x-accepts"
"""Where a route's `openapi_extra` names the media types of its body, if other than JSON."""

_OAUTH: Final = "/oauth/"
_TOKEN_PATH: Final = "/oauth/token"  # noqa: S105  (a path)

_TAGS: Final[Mapping[str, str]] = {
    "sign-in": "An access token for a local account. Tokens that the cluster accepts can be sent as they are.",
    "meta": "Who the caller is, and what this service has and allows.",
    "workspaces": "Workspaces that the caller may see.",
    "projects": "Projects of a workspace, and what the caller may do in them.",
    "secrets": "Secrets of a project, without their values.",
    "values": "What Secrets hold: reveal it, replace it, change single keys.",
    "yaml": "Secrets as Kubernetes manifests.",
    "members": "Who has which role in a workspace or a project.",
    "accounts": "People who sign in with a password that the cluster keeps, hashed.",
    "health": "Whether the service runs, and what it has counted.",
}

_DESCRIPTION: Final = """\
People manage Kubernetes Secrets per workspace and project; whatever the cluster's RBAC allows them, they can do here.

Values leave the service only through the operations that reveal them. Writes name the version that they are based on
(`If-Match` with an `ETag`). Errors are problem documents (RFC 9457) with a stable `code`.
"""

_REQUEST_ID: Final = "X-Request-Id"
_HEADERS: Final[Mapping[str, tuple[str, str]]] = {
    "401": ("WWW-Authenticate", "How to sign in (RFC 9110 section 11.6.1)."),
    "415": ("Accept", "The media types that are accepted."),
}
"""What answers of a status carry besides."""


def schema(app: FastAPI, *, root_path: str = "") -> dict[str, Any]:
    """The document of the application; `root_path` is where a proxy publishes it, and is not in the committed one."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
    )
    operations = list(_operations(document))
    for path, operation in operations:
        _complete(path, operation)
    used = {tag for _, operation in operations for tag in operation["tags"]}
    generated = document.get("components", {}).get("schemas", {})
    requests = [[operation.get("requestBody"), operation.get("parameters")] for _, operation in operations]
    return document | {
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items() if name in used],
        "security": [{"password": []}, {"bearer": []}],
        "components": {
            "schemas": settle(problem_schemas() | body_schemas() | generated, requests),
            "examples": problem_examples(operation for _, operation in operations),
            "headers": {_REQUEST_ID: _request_id_header()},
            "securitySchemes": _security_schemes(root_path),
        },
        **({"servers": [{"url": root_path}]} if root_path else {}),
    }


def dump(document: Mapping[str, Any]) -> bytes:
    """The document as bytes; the same document gives the same bytes, on every machine."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def _complete(path: str, operation: dict[str, Any]) -> None:
    """Say of an operation what FastAPI does not know, and take back what it says wrongly."""
    is_open = "open" in operation.get(ACCESS, {})
    if is_open:
        operation["security"] = []
    _name_media_types(operation)
    parameters = operation.get("parameters", [])
    parameters.sort(key=lambda parameter: _place(parameter["name"], path))
    for parameter in parameters:
        _settle_parameter(parameter["schema"])
    responses = operation["responses"]
    if "HTTPValidationError" in references(responses.get("422")):
        del responses["422"]
    has_body = "requestBody" in operation
    add_problems(responses, is_open=is_open, has_body=has_body, oauth=path.startswith(_OAUTH))
    for status, response in responses.items():
        headers = response.setdefault("headers", {})
        headers[_REQUEST_ID] = {"$ref": f"#/components/headers/{_REQUEST_ID}"}
        if status in _HEADERS:
            name, description = _HEADERS[status]
            headers[name] = {"description": description, "schema": {"type": "string"}}


def _name_media_types(operation: dict[str, Any]) -> None:
    accepted = operation.pop(ACCEPTS, None)
    if accepted is not None:
        body = operation["requestBody"]
        (media,) = body["content"].values()
        body["content"] = dict.fromkeys(accepted, media)


def _place(name: str, path: str) -> int:
    """Where a parameter stands in the path; those of query and header come after."""
    found = path.find(f"{{{name}}}")
    return found if found >= 0 else len(path)


def _settle_parameter(described: dict[str, Any]) -> None:
    forget_titles(described)
    forget_null(described)  # nothing in a URL or a header is null
    described.pop("description", None)  # the parameter says the same


def _request_id_header() -> dict[str, Any]:
    return {
        "description": "Names the request in our log, and in the audit log of the cluster.",
        "required": True,
        "schema": {"type": "string"},
    }


def _security_schemes(root_path: str) -> dict[str, Any]:
    return {
        "password": {
            "type": "oauth2",
            "description": "Name and password of a local account.",
            "flows": {"password": {"tokenUrl": root_path + _TOKEN_PATH, "scopes": {}}},
        },
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token of this service, or any token that the cluster accepts.",
        },
    }
