"""What `/oauth/token` takes and gives; names and forms are RFC 6749's."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Final, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.domain.errors import InvalidTokenRequestError, UnsupportedGrantTypeError

FORM: Final = "application/x-www-form-urlencoded"
MAX_FORM_BYTES: Final = 16 * 1024
"""A password of the longest kind, every byte of it escaped, fits five times."""

_MAX_PARAMETERS: Final = 32


class PasswordGrant(BaseModel):
    """A sign-in with a name and a password (RFC 6749 section 4.3.2).

    Other parameters, such as `scope`, `client_id` and `client_secret`, are ignored: a token can do what its account
    can, and clients have no identity of their own.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    grant_type: Annotated[Literal["password"], Field(description="The only grant there is.")]
    username: Annotated[
        str, Field(description="An account's name, with or without the prefix.", examples=["project-regular"])
    ]
    password: Annotated[SecretStr, Field(description="At most 1,024 bytes in UTF-8.")]


class AccessToken(BaseModel):
    """A new access token (RFC 6749 section 5.1)."""

    model_config = ConfigDict(frozen=True)

    access_token: Annotated[str, Field(description="To be sent as `Authorization: Bearer …`; opaque.", repr=False)]
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(description="Seconds until the token ends.", examples=[3600])]


def password_grant_form(body: bytes) -> Mapping[str, str]:
    """The parameters of a form that asks for the password grant, all that it needs among them.

    Bytes that are no UTF-8 are refused: in a replacement character two passwords could meet. A parameter without a
    value counts as left out, and none may be repeated (RFC 6749 section 3.2).

    Raises:
        InvalidTokenRequestError: not readable, or a parameter is missing or repeated.
        UnsupportedGrantTypeError: it asks for another grant.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_PARAMETERS, errors="strict")
    except ValueError:
        raise InvalidTokenRequestError from None
    if any(count > 1 for count in Counter(name for name, _ in pairs).values()):
        raise InvalidTokenRequestError
    parameters = {name: value for name, value in pairs if value}
    if parameters.get("grant_type", "password") != "password":
        raise UnsupportedGrantTypeError
    if not PasswordGrant.model_fields.keys() <= parameters.keys():
        raise InvalidTokenRequestError
    return parameters
