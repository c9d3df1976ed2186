"""Members of a workspace: list, add, change, remove."""

from fastapi import APIRouter, Request, Response, status

from app.dependencies import IfMatch, MemberId, PageNumber, WorkspaceMembersDep, WorkspaceName
from app.domain.errors import (
    AlreadyExistsError,
    ConflictError,
    ForbiddenError,
    IsManagerError,
    LastAdminError,
    MemberNotFoundError,
    NotManagedError,
    PreconditionFailedError,
    PreconditionRequiredError,
    TooManyMembersError,
    WorkspaceNotFoundError,
)
from app.openapi import ACCEPTS
from app.problems import problems
from app.routers.access import signed_in
from app.routers.answer import answers, json_answer, location
from app.routers.route import JSON, MERGE_PATCH, StrictRoute
from app.routers.secret_query import PageSize
from app.schemas.member import WorkspaceMemberCreate, WorkspaceMemberList, WorkspaceMemberPatch, WorkspaceMemberView

MEMBERS = "/api/v1/workspaces/{workspace}/members"

router = APIRouter(prefix=MEMBERS, tags=["members"], route_class=StrictRoute)

_ADMINS = "Its admins may, and who may update it in Kubernetes."
_SEEN = (WorkspaceNotFoundError, ForbiddenError)
_WRITES = (
    *_SEEN,
    NotManagedError,
    MemberNotFoundError,
    IsManagerError,
    LastAdminError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ConflictError,
)


@router.get(
    "",
    operation_id="listWorkspaceMembers",
    summary="List the members of a workspace",
    description="The manager first, then by subject.",
    responses=problems(*_SEEN),
    openapi_extra=signed_in("Its members may, and who may get it in Kubernetes."),
)
async def list_workspace_members(
    *, workspace: WorkspaceName, members: WorkspaceMembersDep, limit: PageSize, page: PageNumber = 1
) -> WorkspaceMemberList:
    return WorkspaceMemberList.from_domain(await members.page(workspace, page, limit))


@router.post(
    "",
    operation_id="addWorkspaceMember",
    summary="Add a member to a workspace",
    description="Admins and viewers soon have their roles in all of its projects, too.",
    status_code=status.HTTP_201_CREATED,
    response_model=WorkspaceMemberView,
    responses={
        **answers(status.HTTP_201_CREATED, created=True),
        **problems(*_SEEN, NotManagedError, AlreadyExistsError, TooManyMembersError, ConflictError),
    },
    openapi_extra=signed_in(_ADMINS),
)
async def add_workspace_member(
    *, request: Request, workspace: WorkspaceName, body: WorkspaceMemberCreate, members: WorkspaceMembersDep
) -> Response:
    view = WorkspaceMemberView.from_domain(await members.add(workspace, body.subject.to_domain(), body.role))
    path = f"{MEMBERS.format(workspace=workspace)}/{view.id}"
    return json_answer(view, status.HTTP_201_CREATED, location(request, path) | {"ETag": view.etag})


@router.patch(
    "/{memberId}",
    operation_id="updateWorkspaceMember",
    summary="Give a member another role",
    description="The version is that of the workspace. The manager is changed at the workspace itself.",
    responses={**answers(), **problems(*_WRITES)},
    openapi_extra=signed_in(_ADMINS) | {ACCEPTS: [JSON, MERGE_PATCH]},
)
async def update_workspace_member(
    *,
    workspace: WorkspaceName,
    member: MemberId,
    body: WorkspaceMemberPatch,
    if_match: IfMatch,
    members: WorkspaceMembersDep,
    response: Response,
) -> WorkspaceMemberView:
    view = WorkspaceMemberView.from_domain(await members.change(workspace, member, body.role, expected=if_match))
    response.headers["ETag"] = view.etag
    return view


@router.delete(
    "/{memberId}",
    operation_id="removeWorkspaceMember",
    summary="Remove a member from a workspace",
    description=(
        "First their own roles in its projects go, then the membership. What others gave them with kubectl stays. "
        "If it stops half-way they are still a member: ask again."
    ),
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*_WRITES),
    openapi_extra=signed_in(_ADMINS),
)
async def remove_workspace_member(
    *, workspace: WorkspaceName, member: MemberId, if_match: IfMatch, members: WorkspaceMembersDep
) -> None:
    await members.remove(workspace, member, expected=if_match)
