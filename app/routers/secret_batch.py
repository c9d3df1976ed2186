"""Deleting several Secrets at once."""

from fastapi import APIRouter, Request

from app.dependencies import BatchDeletionDep, DryRun, OverrideDep, ProjectPath
from app.problems import item_problem, problems
from app.routers import refusal
from app.routers.access import access
from app.routers.answer import PROJECT
from app.routers.route import StrictRoute
from app.schemas.secret_batch import SecretBatchDelete, SecretBatchDeleted

router = APIRouter(prefix=PROJECT + "/secret-actions/batch-delete", tags=["secrets"], route_class=StrictRoute)


@router.post(
    "",
    operation_id="batchDeleteSecrets",
    summary="Delete several Secrets, each by itself",
    description=(
        "What fails stops no other: the answer is 200 and says of each what became of it, and `failed` how many are "
        "still there. The rules for each are those of deleteSecret."
    ),
    response_model_exclude_none=True,
    responses=problems(*refusal.IN_PROJECT),
    openapi_extra=access("delete", items=True),
)
async def batch_delete_secrets(
    *,
    request: Request,
    project: ProjectPath,
    body: SecretBatchDelete,
    override: OverrideDep,
    deletion: BatchDeletionDep,
    dry_run: DryRun = False,
) -> SecretBatchDeleted:
    outcomes = await deletion.delete(project, body.to_domain(), override=override, dry_run=dry_run)
    return SecretBatchDeleted.from_domain(outcomes, lambda error: item_problem(error, request.scope))
