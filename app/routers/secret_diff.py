"""What a proposed edit of a Secret would change."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.dependencies import SecretPath, ServicesDep, WriterDep
from app.domain.edit import Proposal
from app.domain.errors import (
    ConflictError,
    ImmutableSecretError,
    InvalidError,
    NotApplicableError,
    RefusedByAdmissionError,
)
from app.domain.fault import Fault, Violation
from app.domain.manifest import SecretManifest
from app.openapi import body_reference
from app.problems import problems
from app.routers import refusal
from app.routers.access import access
from app.routers.answer import SECRETS, answers, etag
from app.routers.route import JSON, StrictRoute, require_media_type
from app.routers.secret_yaml import YAML_BODY, YAML_TYPES, read_manifest
from app.schemas.proposal import EDIT_AT, SecretComparison, SecretProposal

router = APIRouter(prefix=SECRETS + "/{name}/diff", tags=["secrets"], route_class=StrictRoute)


async def proposal(request: Request, secret: SecretPath, services: ServicesDep) -> Proposal:
    """The edit that the body proposes, as JSON or as a document.

    Raises:
        InvalidError: it is neither.
        UnsupportedMediaTypeError: the body is not said to be either.
    """
    body = await request.body()
    if not body:
        raise InvalidError([Violation("", Fault.BODY_REQUIRED)])
    if require_media_type(request.headers, (JSON, *YAML_TYPES)) == JSON:
        return SecretProposal.read(body, secret)
    return await read_manifest(body, services.settings.limits)


@router.post(
    "",
    operation_id="diffSecret",
    summary="Tell what an edit would change",
    description=(
        "The edit is the body of one of the operations that edit, by its name, or a YAML document. Each key is told "
        "with what becomes of it, and never a value. Nothing is written; the API server is asked by a dry run whether "
        "it would take the edit, where the caller may make it."
    ),
    responses={
        **answers(),
        **problems(
            *refusal.ON_SECRET, ConflictError, ImmutableSecretError, NotApplicableError, RefusedByAdmissionError
        ),
    },
    openapi_extra=access("get", name=True)
    | {"requestBody": {"required": True, "content": {JSON: body_reference(SecretProposal), **YAML_BODY}}},
)
async def diff_secret(
    *, secret: SecretPath, proposed: Annotated[Proposal, Depends(proposal)], writer: WriterDep, response: Response
) -> SecretComparison:
    place = "" if isinstance(proposed, SecretManifest) else EDIT_AT
    try:
        compared = await writer.compare(secret, proposed)
    except InvalidError as error:
        raise error.under(place) from None
    response.headers.update(etag(compared.version))
    return SecretComparison.from_domain(compared.under(place))
