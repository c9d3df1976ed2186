"""Workspaces and projects, so that a console can find its way; and what the caller may do."""

from fastapi import APIRouter

from app.dependencies import CallerDep, PageNumber, ProjectPath, TenancyDep, WorkspaceName
from app.domain.errors import ProjectNotFoundError, WorkspaceNotFoundError
from app.problems import problems
from app.routers.access import signed_in
from app.routers.answer import PROJECT
from app.routers.route import StrictRoute
from app.routers.secret_query import PageSize
from app.schemas.tenancy import Permissions, ProjectList, ProjectView, WorkspaceList, WorkspaceView

router = APIRouter(route_class=StrictRoute)

_WORKSPACES = "/api/v1/workspaces"


@router.get(
    _WORKSPACES,
    operation_id="listWorkspaces",
    summary="List workspaces",
    tags=["workspaces"],
    openapi_extra=signed_in("Shows those that the caller has a role in, or sees a project of."),
)
async def list_workspaces(
    *, caller: CallerDep, tenancy: TenancyDep, limit: PageSize, page: PageNumber = 1
) -> WorkspaceList:
    return WorkspaceList.from_domain(await tenancy.list_workspaces(caller, page, limit))


@router.get(
    _WORKSPACES + "/{workspace}",
    operation_id="getWorkspace",
    summary="Read a workspace",
    tags=["workspaces"],
    responses=problems(WorkspaceNotFoundError),
    openapi_extra=signed_in("One that the caller has no role in, and sees no project of, is not found."),
)
async def get_workspace(*, workspace: WorkspaceName, caller: CallerDep, tenancy: TenancyDep) -> WorkspaceView:
    return WorkspaceView.from_domain(await tenancy.get_workspace(caller, workspace))


@router.get(
    _WORKSPACES + "/{workspace}/projects",
    operation_id="listProjects",
    summary="List the projects of a workspace",
    tags=["projects"],
    responses=problems(WorkspaceNotFoundError),
    openapi_extra=signed_in("Shows those that the caller has anything to do in."),
)
async def list_projects(
    *, workspace: WorkspaceName, caller: CallerDep, tenancy: TenancyDep, limit: PageSize, page: PageNumber = 1
) -> ProjectList:
    return ProjectList.from_domain(await tenancy.list_projects(caller, workspace, page, limit))


@router.get(
    PROJECT,
    operation_id="getProject",
    summary="Read a project",
    tags=["projects"],
    responses=problems(ProjectNotFoundError),
    openapi_extra=signed_in("One that the caller has nothing to do in is not found."),
)
async def get_project(*, project: ProjectPath, caller: CallerDep, tenancy: TenancyDep) -> ProjectView:
    return ProjectView.from_domain(await tenancy.get_project(caller, project))


@router.get(
    PROJECT + "/permissions",
    operation_id="getPermissions",
    summary="What the caller may do in a project",
    description="By Kubernetes' own rules, at most ten seconds old.",
    tags=["projects"],
    responses=problems(ProjectNotFoundError),
    openapi_extra=signed_in("Tells the caller's own rights; a project that is not to be seen is not found."),
)
async def get_permissions(*, project: ProjectPath, caller: CallerDep, tenancy: TenancyDep) -> Permissions:
    rules = await tenancy.require_visible(caller, project)
    return Permissions(actions=list(rules.actions()))
