"""Secrets of a project: list, create, detail, information, upsert, delete."""

from fastapi import APIRouter, Request, Response, status

from app.dependencies import (
    DryRun,
    EditTermsDep,
    NewSecretPath,
    ProjectPath,
    ReaderDep,
    SecretPath,
    TermsDep,
    UpsertTermsDep,
    WriterDep,
)
from app.domain.errors import ImmutableSecretError
from app.openapi import ACCEPTS
from app.problems import problems
from app.routers import refusal
from app.routers.access import access
from app.routers.answer import SECRETS, answers, created_headers, etag, json_answer, put_answer
from app.routers.route import JSON, MERGE_PATCH, StrictRoute
from app.routers.secret_query import SecretQueryDep
from app.schemas.secret_input import SecretCreate, SecretInfoPatch, SecretUpsert
from app.schemas.secret_view import SecretCreated, SecretDeleted, SecretList, SecretView, SecretWritten

router = APIRouter(prefix=SECRETS, tags=["secrets"], route_class=StrictRoute)


@router.get(
    "",
    operation_id="listSecrets",
    summary="List Secrets, without values",
    description="One page, filtered and sorted here. No value is read for it; Helm releases are counted, not shown.",
    responses=problems(*refusal.IN_PROJECT),
    openapi_extra=access("list", or_see=True),
)
async def list_secrets(*, project: ProjectPath, query: SecretQueryDep, reader: ReaderDep) -> SecretList:
    return SecretList.from_domain(await reader.list(project, query), project)


@router.post(
    "",
    operation_id="createSecret",
    summary="Create a Secret",
    description="Never overwrites. With `dryRun` it is only asked whether it could be made: 200, no Location, no ETag.",
    status_code=status.HTTP_201_CREATED,
    response_model=SecretCreated,
    responses={
        **answers(status.HTTP_201_CREATED, created=True),
        200: {"description": "It could be created; nothing was.", "model": SecretCreated},
        **problems(*refusal.CREATE),
    },
    openapi_extra=access("create"),
)
async def create_secret(
    *, request: Request, project: ProjectPath, body: SecretCreate, writer: WriterDep, dry_run: DryRun = False
) -> Response:
    draft = body.to_domain(project)
    created = await writer.create(draft, dry_run=dry_run)
    view = SecretCreated.from_outcome(created, project)
    if dry_run:
        return json_answer(view, status.HTTP_200_OK, {})
    version = created.detail.secret.metadata.version
    return json_answer(view, status.HTTP_201_CREATED, created_headers(request, draft.ref, version))


@router.get(
    "/{name}",
    operation_id="getSecret",
    summary="Read a Secret, without values",
    description="For who may see it and not read it, `keys` and `immutable` are null: they stand beside the values.",
    responses={**answers(), **problems(*refusal.ON_SECRET)},
    openapi_extra=access("get", name=True, or_see=True),
)
async def get_secret(*, secret: SecretPath, reader: ReaderDep, response: Response) -> SecretView:
    detail = await reader.detail(secret)
    response.headers.update(etag(detail.secret.metadata.version))
    return SecretView.of(detail, secret.project)


@router.patch(
    "/{name}",
    operation_id="updateSecretInfo",
    summary="Edit Information: alias, description, labels, annotations",
    description="A merge patch (RFC 7396): what is left out stays, null removes. Values are neither read nor sent.",
    responses={**answers(), **problems(*refusal.WRITE)},
    openapi_extra=access("patch", name=True) | {ACCEPTS: [JSON, MERGE_PATCH]},
)
async def update_secret_info(
    *, secret: SecretPath, body: SecretInfoPatch, terms: EditTermsDep, writer: WriterDep, response: Response
) -> SecretWritten:
    written = await writer.edit(secret, body.to_domain(), terms)
    response.headers.update(etag(written.version))
    return SecretWritten.from_domain(written)


@router.put(
    "/{name}",
    operation_id="upsertSecret",
    summary="Create or replace a Secret",
    description=(
        "For scripts: `If-None-Match: *` only creates, `If-Match` only replaces, neither does either. What the body "
        "does not name of a Secret that is there stays; where nothing differs, nothing is written."
    ),
    response_model=SecretWritten,
    responses={
        **answers(),
        201: {"description": "It was created.", "model": SecretCreated, **answers(201, created=True)[201]},
        **problems(*refusal.CREATE, *refusal.PUT_OVER, ImmutableSecretError),
    },
    openapi_extra=access("get", "create", "patch", name=True),
)
async def upsert_secret(
    *,
    request: Request,
    secret: NewSecretPath,
    body: SecretUpsert,
    terms: UpsertTermsDep,
    writer: WriterDep,
) -> Response:
    return put_answer(request, secret, await writer.upsert(body.to_domain(secret), terms))


@router.delete(
    "/{name}",
    operation_id="deleteSecret",
    summary="Delete a Secret",
    responses=problems(*refusal.WRITE),
    openapi_extra=access("delete", name=True),
)
async def delete_secret(*, secret: SecretPath, terms: TermsDep, writer: WriterDep) -> SecretDeleted:
    return SecretDeleted.from_domain(await writer.delete(secret, terms))
