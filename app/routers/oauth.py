"""Signing in (RFC 6749); its errors carry that RFC's codes besides ours."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from typing_extensions import override

from app.dependencies import ServicesDep
from app.domain.errors import (
    BodyTooLargeError,
    InvalidGrantError,
    InvalidTokenRequestError,
    TooManyRequestsError,
    UnsupportedGrantTypeError,
    UnsupportedMediaTypeError,
    UpstreamUnavailableError,
)
from app.problems import problems
from app.routers.access import open_access
from app.routers.route import require_media_type
from app.schemas.oauth import FORM, MAX_FORM_BYTES, AccessToken, PasswordGrant, password_grant_form


class FormRoute(APIRoute):
    """Reads the form by our own rules, in memory, before FastAPI would read it by others.

    FastAPI's parser takes the last of two parameters of one name, replaces bytes that are no UTF-8, and takes multipart
    forms too, which it spools to disk.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            if request.query_params:
                raise InvalidTokenRequestError  # a password in a URL ends up in logs: never accepted there
            require_media_type(request.headers, (FORM,))
            return await handle(_FormRequest(request, password_grant_form(await _body(request))))

        return strictly


class _FormRequest(Request):
    """A request whose form is read already."""

    def __init__(self, request: Request, parameters: Mapping[str, str]) -> None:
        super().__init__(request.scope, request.receive)
        self._form = FormData(parameters)


router = APIRouter(prefix="/oauth", tags=["sign-in"], route_class=FormRoute)


@router.post(
    "/token",
    operation_id="issueToken",
    summary="Sign in",
    description="Gives an access token for the name and password of a local account. It is sent as a bearer token.",
    responses=problems(
        InvalidTokenRequestError,
        InvalidGrantError,
        UnsupportedGrantTypeError,
        UnsupportedMediaTypeError,
        BodyTooLargeError,
        TooManyRequestsError,
        UpstreamUnavailableError,
        oauth=True,
    ),
    openapi_extra=open_access("Who signs in has no token yet; an account's password is asked for."),
)
async def issue_token(
    *, grant: Annotated[PasswordGrant, Form()], request: Request, response: Response, services: ServicesDep
) -> AccessToken:
    if services.local is None:
        raise UnsupportedGrantTypeError
    token = await services.local.sign_in.with_password(
        grant.username, grant.password.get_secret_value(), request.state.trace
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return AccessToken(access_token=token.value, token_type="Bearer", expires_in=token.lifetime)  # noqa: S106


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise BodyTooLargeError(MAX_FORM_BYTES)
    return bytes(body)
