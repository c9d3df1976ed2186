"""Several Secrets made of YAML."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from app.dependencies import DryRun, ManifestCreatorDep, ProjectPath, ServicesDep
from app.domain.manifest import Document
from app.problems import item_problem, problems
from app.routers import refusal
from app.routers.access import access
from app.routers.answer import PROJECT
from app.routers.route import StrictRoute
from app.routers.secret_yaml import YAML_BODY, read_documents, yaml_body
from app.schemas.secret_creation import SecretsFromYaml

router = APIRouter(prefix=PROJECT + "/secret-actions/create-from-yaml", tags=["yaml"], route_class=StrictRoute)


async def documents(request: Request, services: ServicesDep) -> list[Document]:
    """The documents of the body.

    Raises:
        InvalidError: it holds none, or cannot be read to its end.
        UnsupportedMediaTypeError: the body is not said to be YAML.
    """
    return await read_documents(await yaml_body(request), services.settings.limits)


@router.post(
    "",
    operation_id="createFromYaml",
    summary="Create Secrets of YAML documents, each by itself",
    description=(
        "1 to 50 documents. Nothing is written of a document that fails, and the others are made: the answer is 200 "
        "and says of each what became of it, and `failed` how many were not. Never overwrites."
    ),
    response_model_exclude_none=True,
    responses=problems(*refusal.IN_PROJECT),
    openapi_extra=access("create") | {"requestBody": {"required": True, "content": YAML_BODY}},
)
async def create_from_yaml(
    *,
    request: Request,
    project: ProjectPath,
    found: Annotated[list[Document], Depends(documents)],
    creator: ManifestCreatorDep,
    dry_run: DryRun = False,
) -> SecretsFromYaml:
    outcomes = await creator.create(project, found, dry_run=dry_run)
    return SecretsFromYaml.from_domain(found, outcomes, lambda error: item_problem(error, request.scope))
