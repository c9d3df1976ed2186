"""Signing in (RFC 6749) and out (RFC 7009); its errors carry that RFC's codes besides ours."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.routing import APIRoute
from pydantic import SecretStr
from starlette.datastructures import FormData
from typing_extensions import override

from app.dependencies import ServicesDep
from app.domain.errors import (
    BodyTooLargeError,
    ConflictError,
    InvalidGrantError,
    InvalidTokenRequestError,
    TooManyAttemptsError,
    TooManyRequestsError,
    UnsupportedGrantTypeError,
    UnsupportedMediaTypeError,
    UnsupportedTokenTypeError,
    UpstreamUnavailableError,
)
from app.identity.local import IssuedToken
from app.identity.sign_in import SignIn, SignInAttempt
from app.problems import problems
from app.routers.access import open_access
from app.routers.route import require_media_type
from app.schemas.oauth import (
    FORM,
    MAX_FORM_BYTES,
    AccessToken,
    RevocationRequest,
    TokenRequest,
    revocation_form,
    token_form,
)


class FormRoute(APIRoute):
    """Reads the form by our own rules, in memory, before FastAPI would read it by others.

    FastAPI's parser takes the last of two parameters of one name, replaces bytes that are no UTF-8, and takes multipart
    forms too, which it spools to disk.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        read_form = _READERS[self.operation_id or ""]

        async def strictly(request: Request) -> Response:
            if request.query_params:
                raise InvalidTokenRequestError  # a password in a URL ends up in logs: never accepted there
            require_media_type(request.headers, (FORM,))
            return await handle(_FormRequest(request, read_form(await _body(request))))

        return strictly


class _FormRequest(Request):
    """A request whose form is read already."""

    def __init__(self, request: Request, parameters: Mapping[str, str]) -> None:
        super().__init__(request.scope, request.receive)
        self._form = FormData(parameters)


_READERS: Final[Mapping[str, Callable[[bytes], Mapping[str, str]]]] = {
    "issueToken": token_form,
    "revokeToken": revocation_form,
}
"""By operation: how its form is read."""
_UNKNOWN: Final = "unknown"
"""The address of clients of a Unix socket: all of them count as one."""
_REFUSED = (
    InvalidTokenRequestError,
    UnsupportedMediaTypeError,
    BodyTooLargeError,
    TooManyRequestsError,
    UpstreamUnavailableError,
)

router = APIRouter(prefix="/oauth", tags=["sign-in"], route_class=FormRoute)


@router.post(
    "/token",
    operation_id="issueToken",
    summary="Sign in",
    description=(
        "Gives an access token for the name and password of a local account. It is sent as a bearer token. With "
        "`scope=offline_access` a refresh token comes along, which gives the next access token and refresh token "
        "(`grant_type=refresh_token`). Each refresh token is good once; one that is used again ends its session, with "
        "all tokens of it. After many failures, sign-ins have to wait: 429 with Retry-After."
    ),
    responses=problems(
        *_REFUSED, InvalidGrantError, UnsupportedGrantTypeError, TooManyAttemptsError, ConflictError, oauth=True
    ),
    response_model_exclude_none=True,
    openapi_extra=open_access("Who signs in has no token yet; an account's password is asked for."),
)
async def issue_token(
    *, grant: Annotated[TokenRequest, Form()], request: Request, response: Response, services: ServicesDep
) -> AccessToken:
    if services.local is None:
        raise UnsupportedGrantTypeError
    token = await _issue(grant, services.local.sign_in, request)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return AccessToken(
        access_token=token.value,
        token_type="Bearer",  # noqa: S106  (the name of a scheme)
        expires_in=token.lifetime,
        refresh_token=token.refresh_token,
    )


@router.post(
    "/revoke",
    operation_id="revokeToken",
    summary="Sign out",
    description="Ends the session of a refresh token; its access tokens end in 10 seconds. A bad token is fine too.",
    response_class=Response,
    responses=problems(*_REFUSED, UnsupportedTokenTypeError, ConflictError, oauth=True),
    openapi_extra=open_access("Who holds a token may end it (RFC 7009 section 2.1, a public client)."),
)
async def revoke_token(
    *, revocation: Annotated[RevocationRequest, Form()], request: Request, services: ServicesDep
) -> Response:
    if services.local is not None:
        await services.local.sign_in.revoke(revocation.token.get_secret_value(), request.state.trace)
    return Response(headers={"Cache-Control": "no-store"})


async def _issue(grant: TokenRequest, sign_in: SignIn, request: Request) -> IssuedToken:
    """The token of a form that has been read, so that all is there which its grant needs."""
    if grant.grant_type == "refresh_token":
        return await sign_in.with_refresh_token(_text(grant.refresh_token), request.state.trace)
    attempt = SignInAttempt(
        grant.username or "",
        _text(grant.password),
        # Behind a proxy that is trusted the server has put the address that it tells in the place of its own.
        request.client.host if request.client else _UNKNOWN,
        grant.stays,
    )
    return await sign_in.with_password(attempt, request.state.trace)


def _text(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise BodyTooLargeError(MAX_FORM_BYTES)
    return bytes(body)
