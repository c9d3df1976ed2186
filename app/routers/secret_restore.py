"""Undo: put an earlier version of a Secret back."""

from fastapi import APIRouter, Request, Response

from app.dependencies import RestorerDep, RestoreTermsDep, SecretPath
from app.domain.errors import (
    ImmutableSecretError,
    ProjectTerminatingError,
    QuotaExceededError,
    TypeDiffersError,
    VersionGoneError,
)
from app.problems import problems
from app.routers import refusal
from app.routers.access import access
from app.routers.answer import SECRETS, answers, put_answer
from app.routers.route import StrictRoute
from app.schemas.secret_restore import SecretRestore
from app.schemas.secret_view import SecretCreated, SecretWritten

router = APIRouter(prefix=SECRETS + "/{name}/restore", tags=["secrets"], route_class=StrictRoute)


@router.post(
    "",
    operation_id="restoreSecret",
    summary="Undo: put an earlier version back",
    description=(
        "With `If-Match` over the Secret that is there; with `If-None-Match: *` where it is deleted, which makes it "
        "anew. Data, labels, annotations and the mark of an immutable Secret become what they were at that version. "
        "Kubernetes remembers versions for some minutes; 410 after that."
    ),
    response_model=SecretWritten,
    responses={
        **answers(),
        201: {"description": "It was made anew.", "model": SecretCreated, **answers(201, created=True)[201]},
        **problems(
            *refusal.WRITE,
            ImmutableSecretError,
            TypeDiffersError,
            VersionGoneError,
            QuotaExceededError,
            ProjectTerminatingError,
        ),
    },
    openapi_extra=access("get", "list", "create", "patch", name=True),
)
async def restore_secret(
    *, request: Request, secret: SecretPath, body: SecretRestore, terms: RestoreTermsDep, restorer: RestorerDep
) -> Response:
    return put_answer(request, secret, await restorer.restore(secret, body.to_domain(), terms))
