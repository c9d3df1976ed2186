"""The roles that members can have."""

from fastapi import APIRouter

from app.dependencies import PageNumber
from app.domain.listing import cut
from app.domain.role import ROLES
from app.routers.access import signed_in
from app.routers.route import StrictRoute
from app.routers.secret_query import PageSize
from app.schemas.member import RoleList

router = APIRouter(prefix="/api/v1/roles", tags=["members"], route_class=StrictRoute)


@router.get(
    "",
    operation_id="listRoles",
    summary="List the roles that members can have",
    openapi_extra=signed_in("They are the same for everybody."),
)
async def list_roles(*, limit: PageSize, page: PageNumber = 1) -> RoleList:
    return RoleList.from_domain(cut(ROLES, page, limit))
