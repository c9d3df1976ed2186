"""What `/oauth/*` takes and gives; names and forms are those of RFC 6749 and RFC 7009."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Final, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.domain.errors import InvalidTokenRequestError, UnsupportedGrantTypeError

FORM: Final = "application/x-www-form-urlencoded"
MAX_FORM_BYTES: Final = 16 * 1024
"""A password of the longest kind, every byte of it escaped, fits five times."""
OFFLINE_ACCESS: Final = "offline_access"
"""OpenID Connect Core section 11: the scope by which a refresh token is asked for."""

_MAX_PARAMETERS: Final = 32
_NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "password": frozenset({"username", "password"}),
    "refresh_token": frozenset({"refresh_token"}),
}
"""What each grant cannot go without."""


class _Form(BaseModel):
    """A form; parameters that are not known are ignored (RFC 6749 section 3.2)."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class TokenRequest(_Form):
    """A sign-in with a name and a password (RFC 6749 section 4.3.2), or the renewal of one (section 6).

    Other parameters, such as `client_id` and `client_secret`, are ignored: a token can do what its account can, and
    clients have no identity of their own.
    """

    grant_type: Annotated[Literal["password", "refresh_token"], Field(description="How the caller proves who it is.")]
    username: Annotated[
        str | None,
        Field(
            description="For `password`: an account's name, with or without the prefix.", examples=["project-regular"]
        ),
    ] = None
    password: Annotated[SecretStr | None, Field(description="For `password`: at most 1,024 bytes in UTF-8.")] = None
    refresh_token: Annotated[
        SecretStr | None, Field(description="For `refresh_token`: the one that was given last; each is good once.")
    ] = None
    scope: Annotated[
        str | None,
        Field(description="`offline_access` asks for a refresh token; others are ignored.", examples=[OFFLINE_ACCESS]),
    ] = None

    @property
    def stays(self) -> bool:
        """Whether a refresh token is asked for."""
        return OFFLINE_ACCESS in (self.scope or "").split()


class RevocationRequest(_Form):
    """A token that is not to be good any more (RFC 7009 section 2.1)."""

    token: Annotated[
        SecretStr,
        Field(
            description="A refresh token; its session ends, with all tokens of it.",
            json_schema_extra={"minLength": 1},  # one without a value is none (RFC 6749 section 3.1)
        ),
    ]


class AccessToken(BaseModel):
    """A new access token (RFC 6749 section 5.1)."""

    model_config = ConfigDict(frozen=True)

    access_token: Annotated[str, Field(description="To be sent as `Authorization: Bearer …`; opaque.", repr=False)]
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(description="Seconds until the token ends.", examples=[3600])]
    refresh_token: Annotated[
        str | None, Field(description="Gives the next access token, once; where one was asked for.", repr=False)
    ] = None


def token_form(body: bytes) -> Mapping[str, str]:
    """The parameters of a form that asks for a token, all that its grant needs among them.

    Raises:
        InvalidTokenRequestError: not readable, or a parameter is missing or repeated.
        UnsupportedGrantTypeError: it asks for another grant.
    """
    parameters = _parameters(body)
    if "grant_type" not in parameters:
        raise InvalidTokenRequestError
    needed = _NEEDED.get(parameters["grant_type"])
    if needed is None:
        raise UnsupportedGrantTypeError
    if not needed <= parameters.keys():
        raise InvalidTokenRequestError
    return parameters


def revocation_form(body: bytes) -> Mapping[str, str]:
    """The parameters of a form that revokes a token.

    Raises:
        InvalidTokenRequestError: not readable, or a parameter is missing or repeated.
    """
    parameters = _parameters(body)
    if "token" not in parameters:
        raise InvalidTokenRequestError
    return parameters


def _parameters(body: bytes) -> Mapping[str, str]:
    """The parameters of a form.

    Bytes that are no UTF-8 are refused: in a replacement character two passwords could meet. A parameter without a
    value counts as left out, and none may be repeated (RFC 6749 section 3.2).
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_PARAMETERS, errors="strict")
    except ValueError:
        raise InvalidTokenRequestError from None
    if any(count > 1 for count in Counter(name for name, _ in pairs).values()):
        raise InvalidTokenRequestError
    return {name: value for name, value in pairs if value}
