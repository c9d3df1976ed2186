"""A Secret and another one: make it as a copy, or compare the two."""

from fastapi import APIRouter, Request, Response, status

from app.dependencies import CopierDep, DryRun, SecretPath
from app.domain.errors import AuditUnavailableError, ReadOnlySecretError, SecretNotFoundError
from app.problems import problems
from app.routers import refusal
from app.routers.access import access
from app.routers.answer import SECRETS, answers, created_headers, json_answer
from app.routers.route import StrictRoute
from app.schemas.secret_copy import OtherSecret, SecretCopy, SecretsCompared
from app.schemas.secret_view import SecretCreated

router = APIRouter(prefix=SECRETS + "/{name}", tags=["secrets"], route_class=StrictRoute)


@router.post(
    "/copy",
    operation_id="copySecret",
    summary="Copy to another project or another name",
    description=(
        "Needs `get` here and `create` there. Type, values, labels, alias, description and `immutable` come along, and "
        "an annotation tells where the copy is from; the marks of controllers stay behind. Never overwrites. A line in "
        "the log is written first."
    ),
    status_code=status.HTTP_201_CREATED,
    response_model=SecretCreated,
    responses={
        **answers(status.HTTP_201_CREATED, created=True),
        200: {"description": "It could be copied; nothing was.", "model": SecretCreated},
        **problems(*refusal.CREATE, SecretNotFoundError, ReadOnlySecretError, AuditUnavailableError),
    },
    openapi_extra=access("get", "create", name=True),
)
async def copy_secret(
    *, request: Request, secret: SecretPath, body: SecretCopy, copier: CopierDep, dry_run: DryRun = False
) -> Response:
    target = body.to_domain(secret)
    created = await copier.copy(secret, target, dry_run=dry_run)
    view = SecretCreated.from_outcome(created, target.project)
    if dry_run:
        return json_answer(view, status.HTTP_200_OK, {})
    version = created.detail.secret.metadata.version
    return json_answer(view, status.HTTP_201_CREATED, created_headers(request, target, version))


@router.post(
    "/compare",
    operation_id="compareSecrets",
    summary="Compare with another Secret, by key",
    description="Which values are the same and which differ, without a value; needs `get` on both.",
    responses=problems(*refusal.ON_SECRET),
    openapi_extra=access("get", name=True),
)
async def compare_secrets(*, secret: SecretPath, body: OtherSecret, copier: CopierDep) -> SecretsCompared:
    return SecretsCompared.from_domain(await copier.compare(secret, body.to_domain(secret)))
