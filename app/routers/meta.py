"""Who is calling, and what this service knows and allows."""

from importlib.metadata import version

from fastapi import APIRouter

from app.dependencies import CallerDep, ServicesDep
from app.routers.access import signed_in
from app.routers.route import StrictRoute
from app.schemas.meta import Me, Meta

router = APIRouter(prefix="/api/v1", tags=["meta"], route_class=StrictRoute)


@router.get(
    "/me",
    operation_id="getMe",
    summary="Who is calling",
    openapi_extra=signed_in("Tells the caller who they are."),
)
async def get_me(caller: CallerDep) -> Me:
    return Me.from_domain(caller.identity)


@router.get(
    "/meta",
    operation_id="getMeta",
    summary="Kinds, field rules, limits",
    openapi_extra=signed_in("The same for everybody who signed in."),
)
async def get_meta(services: ServicesDep) -> Meta:
    return Meta.from_settings(services.settings, version("secretspace"))
