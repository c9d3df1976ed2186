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
    description="The first step alone (no `content`), or the whole: everything that is wrong, at once.",
    response_model_exclude_none=True,
    responses=problems(ForbiddenError, ProjectNotFoundError, QuotaExceededError, ProjectTerminatingError),
    openapi_extra=access("create"),
)
async def validate_secret(*, project: ProjectPath, body: DraftInput, validator: ValidatorDep) -> SecretValidation:
    found = await validator.judge(project, body.name, body.whole(project))
    return SecretValidation.from_domain([*body.violations, *found])
