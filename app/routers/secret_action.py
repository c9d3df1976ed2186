"""Actions about Secrets that are not yet there; apart, since a Secret may be called `validate`."""

from fastapi import APIRouter

from app.dependencies import ProjectPath, ValidatorDep
from app.domain.errors import ForbiddenError, ProjectNotFoundError, ProjectTerminatingError, QuotaExceededError
from app.problems import problems
from app.routers.access import access
from app.routers.answer import PROJECT
from app.routers.route import StrictRoute
from app.schemas.secret_validation import DraftInput, SecretValidation

router = APIRouter(prefix=PROJECT + "/secret-actions", tags=["secrets"], route_class=StrictRoute)


@router.post(
    "/validate",
    operation_id="validateSecret",
    summary="Check a Secret without creating it",
    description=(
        "The first step alone (no `content`), or the whole: everything that is wrong, at once, and what would work but "
        "should be looked at."
    ),
    response_model_exclude_none=True,
    responses=problems(ForbiddenError, ProjectNotFoundError, QuotaExceededError, ProjectTerminatingError),
    openapi_extra=access("create"),
)
async def validate_secret(*, project: ProjectPath, body: DraftInput, validator: ValidatorDep) -> SecretValidation:
    draft = body.whole(project)
    found = await validator.judge(project, draft=draft, name=body.name, content=body.content)
    remarks = validator.remarks(draft=draft, content=body.content)
    return SecretValidation.from_domain([*body.violations, *found], remarks)
