"""What others need to trust our tokens: a cluster can take them directly (kube-apiserver's `--oidc-issuer-url`).

Served where `identity.local.issuer` is an https URL, at which this service can be reached. A cluster looks at signature
and time alone: there a token is good until it expires, even where its account was disabled meanwhile.
"""

from typing import Final

from fastapi import APIRouter, Request, Response

from app.dependencies import ServicesDep
from app.domain.errors import RouteNotFoundError, UpstreamUnavailableError
from app.problems import problems
from app.routers.access import open_access
from app.routers.route import StrictRoute
from app.schemas.well_known import IssuerDocument, PublicKey, PublicKeySet
from app.wiring import LocalAccounts, Services

_REASON: Final = "Who is to verify a token cannot sign in first; there is nothing secret in it."
_CACHED: Final = {"Cache-Control": "public, max-age=60"}

router = APIRouter(prefix="/.well-known", tags=["sign-in"], route_class=StrictRoute)


@router.get(
    "/openid-configuration",
    operation_id="getIssuer",
    summary="Who issues tokens, and where the keys are",
    responses=problems(RouteNotFoundError),
    openapi_extra=open_access(_REASON),
)
async def get_issuer(*, services: ServicesDep, response: Response) -> IssuerDocument:
    _published(services)
    response.headers.update(_CACHED)
    return IssuerDocument.of(services.settings.identity.local.issuer)


@router.get(
    "/jwks.json",
    operation_id="getSigningKeys",
    summary="The keys that verify tokens of this service",
    responses=problems(RouteNotFoundError, UpstreamUnavailableError),
    openapi_extra=open_access(_REASON),
)
async def get_signing_keys(*, request: Request, services: ServicesDep, response: Response) -> PublicKeySet:
    keys = await _published(services).keys.keys(request.state.trace)
    response.headers.update(_CACHED)
    return PublicKeySet(keys=[PublicKey(**key.public_jwk) for key in keys])


def _published(services: Services) -> LocalAccounts:
    """Local accounts, where others can find their keys.

    Raises:
        RouteNotFoundError: they are off, or the issuer is no address.
    """
    if services.local is None or not services.settings.identity.local.issuer.startswith("https://"):
        raise RouteNotFoundError
    return services.local
