"""Workspaces: list, read, make, change, delete."""

from fastapi import APIRouter, Request, Response, status

from app.dependencies import (
    CallerDep,
    IfMatch,
    PageNumber,
    TenancyDep,
    UserNamesDep,
    WorkspaceName,
    WorkspaceWriterDep,
)
from app.domain.errors import (
    AlreadyExistsError,
    ConflictError,
    ForbiddenError,
    NameReservedError,
    NotManagedError,
    PreconditionFailedError,
    PreconditionRequiredError,
    WorkspaceInUseError,
    WorkspaceNotFoundError,
)
from app.openapi import ACCEPTS
from app.problems import problems
from app.routers.access import signed_in
from app.routers.answer import answers, etag, json_answer, location
from app.routers.route import JSON, MERGE_PATCH, StrictRoute
from app.routers.secret_query import PageSize
from app.schemas.tenancy import WorkspaceList, WorkspaceView
from app.schemas.tenancy_input import WorkspaceCreate, WorkspacePatch

WORKSPACES = "/api/v1/workspaces"

router = APIRouter(prefix=WORKSPACES, tags=["workspaces"], route_class=StrictRoute)

_WRITES = (
    WorkspaceNotFoundError,
    ForbiddenError,
    NotManagedError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ConflictError,
)


@router.get(
    "",
    operation_id="listWorkspaces",
    summary="List workspaces",
    openapi_extra=signed_in("Shows those that the caller has a role in, or sees a project of."),
)
async def list_workspaces(
    *, caller: CallerDep, tenancy: TenancyDep, limit: PageSize, page: PageNumber = 1
) -> WorkspaceList:
    return WorkspaceList.from_domain(await tenancy.list_workspaces(caller, page, limit))


@router.post(
    "",
    operation_id="createWorkspace",
    summary="Make a workspace",
    description="The manager is an admin of it in every respect; left out, that is who makes it.",
    status_code=status.HTTP_201_CREATED,
    response_model=WorkspaceView,
    responses={
        **answers(status.HTTP_201_CREATED, created=True),
        **problems(ForbiddenError, NameReservedError, AlreadyExistsError),
    },
    openapi_extra=signed_in("Needs the right to create workspaces.tenancy.secretspace.io."),
)
async def create_workspace(
    *, request: Request, body: WorkspaceCreate, caller: CallerDep, names: UserNamesDep, writer: WorkspaceWriterDep
) -> Response:
    manager = caller.username if body.manager is None else await names.user(body.manager, caller.trace)
    workspace = await writer.create(body.to_domain(manager))
    headers = location(request, f"{WORKSPACES}/{workspace.name}") | etag(workspace.version)
    return json_answer(WorkspaceView.from_domain(workspace), status.HTTP_201_CREATED, headers)


@router.get(
    "/{workspace}",
    operation_id="getWorkspace",
    summary="Read a workspace",
    responses=problems(WorkspaceNotFoundError),
    openapi_extra=signed_in("One that the caller has no role in, and sees no project of, is not found."),
)
async def get_workspace(*, workspace: WorkspaceName, caller: CallerDep, tenancy: TenancyDep) -> WorkspaceView:
    return WorkspaceView.from_domain(await tenancy.get_workspace(caller, workspace))


@router.patch(
    "/{workspace}",
    operation_id="updateWorkspace",
    summary="Change alias, description, manager",
    responses={**answers(), **problems(*_WRITES)},
    openapi_extra=signed_in("Its admins may, and who may update it in Kubernetes.") | {ACCEPTS: [JSON, MERGE_PATCH]},
)
async def update_workspace(
    *,
    workspace: WorkspaceName,
    body: WorkspacePatch,
    if_match: IfMatch,
    caller: CallerDep,
    names: UserNamesDep,
    writer: WorkspaceWriterDep,
    response: Response,
) -> WorkspaceView:
    manager = None if body.manager is None else await names.user(body.manager, caller.trace)
    changed = await writer.update(workspace, body.to_domain(manager), expected=if_match)
    response.headers.update(etag(changed.version))
    return WorkspaceView.from_domain(changed)


@router.delete(
    "/{workspace}",
    operation_id="deleteWorkspace",
    summary="Delete a workspace that has no projects",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*_WRITES, WorkspaceInUseError),
    openapi_extra=signed_in("Its admins may, and who may delete it in Kubernetes."),
)
async def delete_workspace(*, workspace: WorkspaceName, if_match: IfMatch, writer: WorkspaceWriterDep) -> None:
    await writer.delete(workspace, expected=if_match)
