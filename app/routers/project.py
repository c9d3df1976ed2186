"""Projects of a workspace: list, read, make, change, delete; and what the caller may do in one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status

from app.dependencies import (
    CallerDep,
    IfMatch,
    PageNumber,
    ProjectPath,
    ProjectWriterDep,
    TenancyDep,
    WorkspaceName,
)
from app.domain.errors import (
    AlreadyExistsError,
    ConflictError,
    ForbiddenError,
    NameReservedError,
    NotManagedError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ProjectNotFoundError,
    WorkspaceNotFoundError,
)
from app.openapi import ACCEPTS
from app.problems import problems
from app.routers.access import signed_in
from app.routers.answer import answers, etag, json_answer, location
from app.routers.route import JSON, MERGE_PATCH, StrictRoute
from app.routers.secret_query import PageSize
from app.schemas.tenancy import Permissions, ProjectDeleted, ProjectList, ProjectView
from app.schemas.tenancy_input import ProjectCreate, ProjectPatch

PROJECTS = "/api/v1/workspaces/{workspace}/projects"

router = APIRouter(prefix=PROJECTS, tags=["projects"], route_class=StrictRoute)

_WRITES = (
    ProjectNotFoundError,
    ForbiddenError,
    NotManagedError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ConflictError,
)


@router.get(
    "",
    operation_id="listProjects",
    summary="List the projects of a workspace",
    responses=problems(WorkspaceNotFoundError),
    openapi_extra=signed_in("Shows those that the caller has anything to do in."),
)
async def list_projects(
    *, workspace: WorkspaceName, caller: CallerDep, tenancy: TenancyDep, limit: PageSize, page: PageNumber = 1
) -> ProjectList:
    return ProjectList.from_domain(await tenancy.list_projects(caller, workspace, page, limit))


@router.post(
    "",
    operation_id="createProject",
    summary="Make a project",
    description="A new namespace, of which the caller is the first project-admin; one that is there is not taken over.",
    status_code=status.HTTP_201_CREATED,
    response_model=ProjectView,
    responses={
        **answers(status.HTTP_201_CREATED, created=True),
        **problems(WorkspaceNotFoundError, ForbiddenError, NotManagedError, NameReservedError, AlreadyExistsError),
    },
    openapi_extra=signed_in("Admins and self-provisioners of the workspace may, and who may create namespaces."),
)
async def create_project(
    *, request: Request, workspace: WorkspaceName, body: ProjectCreate, writer: ProjectWriterDep
) -> Response:
    project = await writer.create(workspace, body.to_domain())
    path = f"{PROJECTS.format(workspace=project.workspace)}/{project.metadata.name}"
    headers = location(request, path) | etag(project.metadata.version)
    return json_answer(ProjectView.from_domain(project), status.HTTP_201_CREATED, headers)


@router.get(
    "/{project}",
    operation_id="getProject",
    summary="Read a project",
    responses=problems(ProjectNotFoundError),
    openapi_extra=signed_in("One that the caller has nothing to do in is not found."),
)
async def get_project(*, project: ProjectPath, caller: CallerDep, tenancy: TenancyDep) -> ProjectView:
    return ProjectView.from_domain(await tenancy.get_project(caller, project))


@router.patch(
    "/{project}",
    operation_id="updateProject",
    summary="Change alias and description",
    responses={**answers(), **problems(*_WRITES)},
    openapi_extra=signed_in("Admins of the workspace may, and who may update the namespace, as project-admins may.")
    | {ACCEPTS: [JSON, MERGE_PATCH]},
)
async def update_project(
    *, project: ProjectPath, body: ProjectPatch, if_match: IfMatch, writer: ProjectWriterDep, response: Response
) -> ProjectView:
    changed = await writer.update(project, body.to_domain(), expected=if_match)
    response.headers.update(etag(changed.metadata.version))
    return ProjectView.from_domain(changed)


@router.delete(
    "/{project}",
    operation_id="deleteProject",
    summary="Delete a project with all that is in it",
    description="Its Secrets go as well. It is gone once all that is in it is; until then `deletionPending` is true.",
    responses=problems(*_WRITES),
    openapi_extra=signed_in("Admins of the workspace may, and who may delete the namespace, as project-admins may."),
)
async def delete_project(
    *,
    project: ProjectPath,
    confirm: Annotated[str, Query(description="The project's name, typed again.", max_length=63)],
    if_match: IfMatch,
    writer: ProjectWriterDep,
) -> ProjectDeleted:
    await writer.delete(project, confirm, expected=if_match)
    return ProjectDeleted(deletion_pending=True)


@router.get(
    "/{project}/permissions",
    operation_id="getPermissions",
    summary="What the caller may do in a project",
    description="By Kubernetes' own rules, at most ten seconds old.",
    responses=problems(ProjectNotFoundError),
    openapi_extra=signed_in("Tells the caller's own rights; a project that is not to be seen is not found."),
)
async def get_permissions(*, project: ProjectPath, caller: CallerDep, tenancy: TenancyDep) -> Permissions:
    rules = await tenancy.require_visible(caller, project)
    return Permissions(actions=list(rules.actions()))
