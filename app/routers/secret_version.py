"""New versions of a Secret, beside the one that is there."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from app.dependencies import DryRun, OverrideDep, SecretPath, VersionerDep
from app.domain.edit import Proposal
from app.domain.errors import InvalidError, ManagedByControllerError, NotApplicableError, ReadOnlySecretError
from app.domain.manifest import SecretManifest
from app.domain.name import SecretName
from app.domain.secret import SecretRef
from app.openapi import body_reference
from app.problems import problems
from app.routers import refusal
from app.routers.access import access
from app.routers.answer import SECRETS, answers, created_headers, json_answer
from app.routers.route import JSON, StrictRoute
from app.routers.secret_diff import proposal
from app.routers.secret_yaml import YAML_BODY
from app.schemas.proposal import EDIT_AT, SecretProposal
from app.schemas.secret_view import SecretCreated

router = APIRouter(prefix=SECRETS + "/{name}/new-version", tags=["secrets"], route_class=StrictRoute)


@router.post(
    "",
    operation_id="newSecretVersion",
    summary="Make the successor of a Secret",
    description=(
        "For immutable Secrets above all: a new Secret, the same but for the edit, under the old name with a hash of "
        "the content behind it, as kubectl's --append-hash makes it. The edit is what diffSecret takes. The old one "
        "stays, and what points at it keeps doing so; `changes` tells what differs."
    ),
    status_code=status.HTTP_201_CREATED,
    response_model=SecretCreated,
    responses={
        **answers(status.HTTP_201_CREATED, created=True),
        200: {"description": "It could be made; nothing was.", "model": SecretCreated},
        **problems(
            *refusal.CREATE,
            *refusal.ON_SECRET[len(refusal.IN_PROJECT) :],
            ReadOnlySecretError,
            ManagedByControllerError,
            NotApplicableError,
        ),
    },
    openapi_extra=access("get", "create", name=True)
    | {"requestBody": {"required": True, "content": {JSON: body_reference(SecretProposal), **YAML_BODY}}},
)
async def new_secret_version(
    *,
    request: Request,
    secret: SecretPath,
    proposed: Annotated[Proposal, Depends(proposal)],
    override: OverrideDep,
    versioner: VersionerDep,
    dry_run: DryRun = False,
) -> Response:
    place = "" if isinstance(proposed, SecretManifest) else EDIT_AT
    try:
        created = await versioner.succeed(secret, proposed, override=override, dry_run=dry_run)
    except InvalidError as error:
        raise error.under(place) from None
    view = SecretCreated.from_outcome(created.under(place), secret.project)
    if dry_run:
        return json_answer(view, status.HTTP_200_OK, {})
    made = created.detail.secret.metadata
    ref = SecretRef(secret.project, SecretName(made.name))
    return json_answer(view, status.HTTP_201_CREATED, created_headers(request, ref, made.version))
