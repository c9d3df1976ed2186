"""Secrets as files."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from app.dependencies import ReaderDep, SecretPath
from app.domain.errors import NotExportableError
from app.domain.exported import ExportFormat
from app.openapi import body_reference
from app.problems import problems
from app.routers import refusal
from app.routers.access import access
from app.routers.answer import SECRETS, answers, attachment, etag
from app.routers.route import JSON, StrictRoute
from app.routers.secret_yaml import YAML
from app.schemas.secret_export import write_file
from app.schemas.secret_import import JsonFile

router = APIRouter(prefix=SECRETS + "/{name}/export", tags=["values"], route_class=StrictRoute)

_TEXT: Final[dict[str, Any]] = {"schema": {"type": "string"}}
_FILES: Final[dict[str, Any]] = {"text/plain": _TEXT, JSON: body_reference(JsonFile), YAML: _TEXT}
_Format = Annotated[ExportFormat, Query(alias="format", description="What the file shall be.")]


@router.get(
    "",
    operation_id="exportSecret",
    summary="Reveal a Secret as a file",
    description=(
        "For a shell (`env`), a program (`json`) or kubectl (`manifest`); an import of the first two gives the same "
        "bytes. What an environment cannot carry is refused, key by key. It is recorded as a reveal."
    ),
    response_class=Response,
    responses={
        200: {**answers()[200], "content": _FILES},
        **problems(*refusal.REVEAL, NotExportableError),
    },
    openapi_extra=access("get", name=True),
)
async def export_secret(*, secret: SecretPath, reader: ReaderDep, form: _Format) -> Response:
    stored = await reader.export(secret, form)
    file = write_file(stored, form)
    headers = etag(stored.metadata.version) | attachment(file.name)
    return Response(file.content, headers=headers, media_type=file.media_type)
