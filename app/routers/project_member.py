"""Members of a project: list, invite, change, remove."""

from fastapi import APIRouter, Request, Response, status

from app.dependencies import IfMatch, MemberId, PageNumber, ProjectMembersDep, ProjectPath
from app.domain.errors import (
    AlreadyExistsError,
    ConflictError,
    InheritedError,
    LastAdminError,
    MemberNotFoundError,
    NotManagedError,
    NotWorkspaceMemberError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ProjectNotFoundError,
    ProjectTerminatingError,
)
from app.openapi import ACCEPTS
from app.problems import problems
from app.routers.access import signed_in
from app.routers.answer import PROJECT, answers, json_answer, location
from app.routers.refusal import IN_PROJECT
from app.routers.route import JSON, MERGE_PATCH, StrictRoute
from app.routers.secret_query import PageSize
from app.schemas.member import ProjectMemberCreate, ProjectMemberList, ProjectMemberPatch, ProjectMemberView

MEMBERS = PROJECT + "/members"

router = APIRouter(prefix=MEMBERS, tags=["members"], route_class=StrictRoute)

_GIVES = "Needs the rights to create role bindings in the project and to bind the role, as project-admins have them."
_CHANGES = "Needs the rights to create and delete role bindings in the project, and to bind the new role."
_TAKES = "Needs the right to delete role bindings in the project, as project-admins have it."
_WRITES = (
    *IN_PROJECT,
    MemberNotFoundError,
    InheritedError,
    NotManagedError,
    LastAdminError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ConflictError,
)


@router.get(
    "",
    operation_id="listProjectMembers",
    summary="List the members of a project",
    description=(
        "By subject, one item for each way in which they have a role: of their own, from the workspace (`inherited`), "
        "or by a role binding that others made (`source` is `kubernetes`)."
    ),
    responses=problems(ProjectNotFoundError),
    openapi_extra=signed_in("Whoever sees the project sees its members."),
)
async def list_project_members(
    *, project: ProjectPath, members: ProjectMembersDep, limit: PageSize, page: PageNumber = 1
) -> ProjectMemberList:
    return ProjectMemberList.from_domain(await members.page(project, page, limit))


@router.post(
    "",
    operation_id="addProjectMember",
    summary="Invite a member of the workspace",
    description="A role binding in the namespace. Who is there already gets another role by PATCH.",
    status_code=status.HTTP_201_CREATED,
    response_model=ProjectMemberView,
    responses={
        **answers(status.HTTP_201_CREATED, created=True),
        **problems(*IN_PROJECT, NotManagedError, NotWorkspaceMemberError, AlreadyExistsError, ProjectTerminatingError),
    },
    openapi_extra=signed_in(_GIVES),
)
async def add_project_member(
    *, request: Request, project: ProjectPath, body: ProjectMemberCreate, members: ProjectMembersDep
) -> Response:
    member = await members.invite(project, body.subject.to_domain(), body.role)
    view = ProjectMemberView.from_domain(member)
    path = f"{MEMBERS.format(workspace=project.workspace, project=project.name)}/{view.id}"
    return json_answer(view, status.HTTP_201_CREATED, location(request, path) | {"ETag": view.etag})


@router.patch(
    "/{memberId}",
    operation_id="updateProjectMember",
    summary="Give a member another role",
    description="There is no moment in which they have none.",
    responses={**answers(), **problems(*_WRITES, ProjectTerminatingError)},
    openapi_extra=signed_in(_CHANGES) | {ACCEPTS: [JSON, MERGE_PATCH]},
)
async def update_project_member(
    *,
    project: ProjectPath,
    member: MemberId,
    body: ProjectMemberPatch,
    if_match: IfMatch,
    members: ProjectMembersDep,
    response: Response,
) -> ProjectMemberView:
    view = ProjectMemberView.from_domain(await members.change(project, member, body.role, expected=if_match))
    response.headers["ETag"] = view.etag
    return view


@router.delete(
    "/{memberId}",
    operation_id="removeProjectMember",
    summary="Take a member's role away",
    description="Their own one; what they have from the workspace, or by others' role bindings, stays.",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(*_WRITES),
    openapi_extra=signed_in(_TAKES),
)
async def remove_project_member(
    *, project: ProjectPath, member: MemberId, if_match: IfMatch, members: ProjectMembersDep
) -> None:
    await members.remove(project, member, expected=if_match)
