"""What `/oauth/token` takes and gives; names and forms are RFC 6749's."""

from collections import Counter
from typing import Final, Literal, Self
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.domain.errors import InvalidTokenRequestError, UnsupportedGrantTypeError

FORM: Final = "application/x-www-form-urlencoded"

_MAX_PARAMETERS = 32


class PasswordGrant(BaseModel):
    """A sign-in with a name and a password (RFC 6749 section 4.3.2).

    Other parameters, such as `scope`, `client_id` and `client_secret`, are ignored: a token can do what its account can,
    and clients have no identity of their own.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    grant_type: Literal["password"]
    username: str = Field(description="An account's name, with or without the prefix of local accounts.")
    password: SecretStr = Field(description="At most 1,024 bytes in UTF-8.")

    @classmethod
    def from_form(cls, body: bytes) -> Self:
        """Read a form; bytes that are no UTF-8 are refused, since two passwords could meet in a replacement character.

        Raises:
            InvalidTokenRequestError: not readable, or a parameter is missing or repeated.
            UnsupportedGrantTypeError: it asks for another grant.
        """
        parameters = _parameters(body)
        grant_type = parameters.get("grant_type")
        if grant_type is None:
            raise InvalidTokenRequestError
        if grant_type != "password":
            raise UnsupportedGrantTypeError
        try:
            return cls(
                grant_type=grant_type, username=parameters["username"], password=SecretStr(parameters["password"])
            )
        except KeyError:
            raise InvalidTokenRequestError from None


class AccessToken(BaseModel):
    """A new access token (RFC 6749 section 5.1)."""

    model_config = ConfigDict(frozen=True)

    access_token: str = Field(description="To be sent as `Authorization: Bearer …`; opaque to clients.", repr=False)
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds until the token ends.")


def _parameters(body: bytes) -> dict[str, str]:
    """The parameters that have a value; one without counts as left out, and none may be repeated (section 3.2)."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_PARAMETERS, errors="strict")
    except ValueError:
        raise InvalidTokenRequestError from None
    if any(count > 1 for count in Counter(name for name, _ in pairs).values()):
        raise InvalidTokenRequestError
    return {name: value for name, value in pairs if value}
