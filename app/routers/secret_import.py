"""Secrets made of files."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response, status
from starlette.datastructures import Headers

from app.dependencies import DryRun, ProjectPath, ServicesDep, WriterDep
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.imported import Imported, ImportFormat
from app.domain.name import MAX_NAME, SUBDOMAIN, SecretName
from app.domain.secret import SecretRef
from app.openapi import body_reference
from app.problems import problems
from app.routers import refusal
from app.routers.access import access
from app.routers.answer import PROJECT, answers, created_headers, json_answer
from app.routers.route import JSON, StrictRoute, require_media_type
from app.schemas.base import documented
from app.schemas.body import read_body
from app.schemas.secret_import import SecretFiles, read_file
from app.schemas.secret_view import SecretCreated

router = APIRouter(prefix=PROJECT + "/secret-actions/import", tags=["secrets"], route_class=StrictRoute)

_OCTETS: Final = "application/octet-stream"
_TEXT: Final = "text/plain"
_BODY: Final[dict[str, Any]] = {
    _OCTETS: {"schema": {"type": "string", "format": "binary"}},
    _TEXT: {"schema": {"type": "string"}},
    JSON: body_reference(SecretFiles),
}
_Name = Annotated[
    str | None,
    Query(
        alias="name",
        description="The name of the Secret that a file becomes.",
        examples=["demo-secret"],
        json_schema_extra=documented(SUBDOMAIN, MAX_NAME),
    ),
]
_Format = Annotated[ImportFormat | None, Query(alias="format", description="What a file is.")]
Import = tuple[SecretName, Imported]


async def imported(request: Request, services: ServicesDep, name: _Name = None, form: _Format = None) -> Import:
    """The name and the content of the Secret that the request asks for: one file as it is, or many in JSON.

    Raises:
        InvalidError: name or format is missing, or the body cannot become a Secret.
        UnsupportedMediaTypeError: the body is a form.
    """
    body = await request.body()
    if not body:
        raise InvalidError([Violation("", Fault.BODY_REQUIRED)])
    if _media_type(request.headers) == JSON:
        _refuse_parameters(name, form)
        files = await asyncio.to_thread(read_body, SecretFiles, body)
        return SecretName(files.name), files.to_domain()
    checked_name, checked_form = _require_parameters(name, form)
    max_keys = services.settings.limits.keys
    return checked_name, await asyncio.to_thread(read_file, body, checked_form, max_keys=max_keys)


def _media_type(headers: Headers) -> str:
    """Any is taken for one file as it is but JSON, and forms: what they hold would have to be taken apart."""
    said = headers.get("content-type", "").partition(";")[0].strip().lower()
    one_file = said and not said.startswith("multipart/")
    return require_media_type(headers, (said,) if one_file else tuple(_BODY))


def _refuse_parameters(name: str | None, form: ImportFormat | None) -> None:
    faults = {"?name": name and Fault.NAME_OF_FILES, "?format": form and Fault.FORMAT_OF_FILES}
    violations = [Violation(at, fault) for at, fault in faults.items() if isinstance(fault, Fault)]
    if violations:
        raise InvalidError(violations)


def _require_parameters(name: str | None, form: ImportFormat | None) -> tuple[SecretName, ImportFormat]:
    violations = []
    name_fault = Fault.REQUIRED if name is None else SecretName.fault(name)
    if name_fault is not None:
        violations.append(Violation("?name", name_fault))
    if form is None:
        violations.append(Violation("?format", Fault.REQUIRED))
    if name is None or form is None or violations:
        raise InvalidError(violations)
    return SecretName(name), form


@router.post(
    "",
    operation_id="importSecret",
    summary="Create a Secret of a file, or of many",
    description=(
        "The body is one file as it is, of the `format` that is said: `.env` and JSON become keys, a docker "
        "`config.json` an image-registry Secret, PEM a tls Secret. As `application/json` it is many files, each a key. "
        "Nothing is guessed, and no archive is unpacked. With `dryRun` it is a preview: 200, no Location, no ETag."
    ),
    status_code=status.HTTP_201_CREATED,
    response_model=SecretCreated,
    responses={
        **answers(status.HTTP_201_CREATED, created=True),
        200: {"description": "It could be created; nothing was.", "model": SecretCreated},
        **problems(*refusal.CREATE),
    },
    openapi_extra=access("create") | {"requestBody": {"required": True, "content": _BODY}},
)
async def import_secret(
    *,
    request: Request,
    project: ProjectPath,
    what: Annotated[Import, Depends(imported)],
    writer: WriterDep,
    dry_run: DryRun = False,
) -> Response:
    name, file = what
    secret = SecretRef(project, name)
    try:
        created = await writer.create(file.draft(secret), dry_run=dry_run)
    except InvalidError as error:
        raise error.moved(file.place_of) from None
    view = SecretCreated.from_outcome(created.moved(file.place_of), project)
    if dry_run:
        return json_answer(view, status.HTTP_200_OK, {})
    return json_answer(
        view, status.HTTP_201_CREATED, created_headers(request, secret, created.detail.secret.metadata.version)
    )
