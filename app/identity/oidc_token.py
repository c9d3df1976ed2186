"""Tokens of OpenID Connect providers, judged as kube-apiserver's `--oidc-*` does, and where in doubt more strictly.

Pure: keys and the time are passed in. Sources: OpenID Connect Core 1.0 sections 2 and 3.1.3.7, RFC 7515, RFC 7519,
RFC 8725, https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, get_args

from jwt import PyJWS
from jwt.exceptions import PyJWTError

from app.domain.errors import InvalidTokenError
from app.domain.identity import Identity, InvalidIdentityError, Source, check_identity_name
from app.domain.issuer import Algorithm
from app.identity.compact import json_object, part
from app.identity.oidc_key import VerifyingKey
from app.settings import OidcIssuer

TYPES: Final = frozenset({"jwt", "at+jwt"})
"""ID tokens and access tokens (RFC 9068), without `application/`; tokens for other ends have others."""

_JWS: Final = PyJWS(list(get_args(Algorithm)))
_NOT_UNDERSTOOD: Final = frozenset({"crit", "b64"})
"""Where these are in a header, it is not to be read as we would (RFC 7515 section 4.1.11, RFC 7797)."""


@dataclass(frozen=True, slots=True)
class Header:
    """Which key a token says it is signed with, and how."""

    kid: str | None
    algorithm: str


def read_header(token: str, issuer: OidcIssuer) -> Header:
    """The header of a token, as far as it is one that this issuer may write.

    Members that would have a key fetched from elsewhere (`jku`, `x5u`, `jwk`) are not looked at.

    Raises:
        InvalidTokenError: the algorithm is not one of the issuer's, or the header asks for what we do not know.
    """
    header = part(token, 0)
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if algorithm not in issuer.algorithms:
        raise InvalidTokenError("algorithm")
    if header.keys() & _NOT_UNDERSTOOD or not isinstance(kid, str | None):
        raise InvalidTokenError("header")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in TYPES:
        raise InvalidTokenError("type")
    return Header(kid, algorithm)


def verify(token: str, algorithm: str, key: VerifyingKey, issuer: OidcIssuer, now: datetime) -> Identity:
    """Whose token this is, which `key` has signed and which is good at `now`.

    Raises:
        InvalidTokenError: it is not; its text says which check failed, and nothing of the token.
    """
    try:
        payload = _JWS.decode(token, key.key, algorithms=[algorithm])
    except PyJWTError:
        raise InvalidTokenError("signature") from None
    claims = json_object(payload)
    if claims.get("iss") != issuer.issuer:
        raise InvalidTokenError("issuer")
    if not _texts(claims, "aud") & set(issuer.audiences):
        raise InvalidTokenError("audience")
    _text(claims, "sub")
    return _identity(claims, issuer, _in_time(claims, issuer, now))


def _in_time(claims: Mapping[str, Any], issuer: OidcIssuer, now: datetime) -> datetime:
    """When the token ends."""
    expires_at = _time(claims, "exp")
    if now - issuer.leeway >= expires_at:
        raise InvalidTokenError("expired")
    if any(now + issuer.leeway < _time(claims, name) for name in ("nbf", "iat") if name in claims):
        raise InvalidTokenError("not yet valid")
    return expires_at


def _identity(claims: Mapping[str, Any], issuer: OidcIssuer, expires_at: datetime) -> Identity:
    user_prefix, group_prefix = issuer.prefixes
    username = _text(claims, issuer.username_claim)
    if issuer.username_claim == "email" and claims.get("email_verified", True) is not True:
        raise InvalidTokenError("address not verified")
    groups = () if issuer.groups_claim is None else _groups(claims, issuer.groups_claim)
    try:
        for name in (username, *groups):
            check_identity_name(name)
        return Identity(
            username=user_prefix + username,
            groups=tuple(group_prefix + group for group in groups),
            source=Source.OIDC,
            expires_at=expires_at,
            display_name=_display_name(claims),
        )
    except InvalidIdentityError as error:
        raise InvalidTokenError(error.rule) from None


def _groups(claims: Mapping[str, Any], name: str) -> list[str]:
    """A list of strings, or a single one; absent or null, there are none."""
    value = claims.get(name)
    groups = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise InvalidTokenError("groups")
    return groups


def _display_name(claims: Mapping[str, Any]) -> str:
    """Shown and nothing else; one that is unfit is left out."""
    name = claims.get("name")
    if not isinstance(name, str):
        return ""
    try:
        check_identity_name(name)
    except InvalidIdentityError:
        return ""
    return name


def _texts(claims: Mapping[str, Any], name: str) -> set[str]:
    """A string, or a list of them (RFC 7519 section 4.1.3)."""
    value = claims.get(name)
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        raise InvalidTokenError("claims")
    return set(values)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidTokenError("claims")
    return value


def _time(claims: Mapping[str, Any], name: str) -> datetime:
    """A NumericDate (RFC 7519 section 2), which may have fractions."""
    seconds = claims.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise InvalidTokenError("claims")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise InvalidTokenError("claims") from None
