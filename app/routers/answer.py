"""What routes share in saying how they answer."""

from typing import Any, Final

from fastapi import Request, Response, status
from pydantic import BaseModel

from app.domain.change import Written
from app.domain.detail import Created
from app.domain.secret import SecretRef
from app.domain.version import Version
from app.schemas.secret_view import SecretCreated, SecretWritten

PROJECT: Final = "/api/v1/workspaces/{workspace}/projects/{project}"
SECRETS: Final = PROJECT + "/secrets"

_ETAG: Final = {"ETag": {"description": "The version.", "schema": {"type": "string"}}}
_LOCATION: Final = {"Location": {"description": "The path of what was made.", "schema": {"type": "string"}}}


def answers(status_code: int = 200, *, created: bool = False) -> dict[int | str, dict[str, Any]]:
    """The headers of a success that carries an ETag."""
    return {status_code: {"headers": _ETAG | (_LOCATION if created else {})}}


def etag(version: Version | None) -> dict[str, str]:
    """The header that tells a version, where there is one to tell: not of what was only tried, or may not be seen."""
    return {} if version is None else {"ETag": version.etag}


def location(request: Request, path: str) -> dict[str, str]:
    """The header that says where something new is; names hold nothing that a path would have to escape."""
    return {"Location": request.scope.get("root_path", "") + path}


def created_headers(request: Request, secret: SecretRef, version: Version) -> dict[str, str]:
    """Where a new Secret is, and its version."""
    project = secret.project
    path = SECRETS.format(workspace=project.workspace, project=project.name)
    return location(request, f"{path}/{secret.name}") | etag(version)


def json_answer(view: BaseModel, status_code: int, headers: dict[str, str]) -> Response:
    """An answer whose model depends on its status."""
    return Response(view.model_dump_json(), status_code, headers, "application/json")


def put_answer(request: Request, secret: SecretRef, outcome: Created | Written) -> Response:
    """The answer to a write that makes a Secret or writes over one."""
    if isinstance(outcome, Written):
        return json_answer(SecretWritten.from_domain(outcome), status.HTTP_200_OK, etag(outcome.version))
    version = outcome.detail.secret.metadata.version
    view = SecretCreated.from_outcome(outcome, secret.project)
    return json_answer(view, status.HTTP_201_CREATED, created_headers(request, secret, version))


def attachment(file_name: str) -> dict[str, str]:
    """The header that makes a browser save the answer (RFC 6266); Kubernetes names need no quoting inside of it."""
    return {"Content-Disposition": f'attachment; filename="{file_name}"'}
