"""Access tokens of local accounts: JWTs signed with ES256. Pure: keys, the time and the token's id are passed in.

Sources: RFC 9068 (profile of JWT access tokens), RFC 8725 (best current practices), RFC 7519.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jwt import PyJWS
from jwt.exceptions import PyJWTError

from app.domain.account import is_account_name
from app.domain.errors import InvalidTokenError
from app.identity.compact import json_object, part
from app.identity.signing import ALGORITHM, SigningKey

TYPE: Final = "at+jwt"
AUDIENCE: Final = "secretspace"
PASSWORD_CHANGE_AUDIENCE: Final = "secretspace-password-change"  # noqa: S105  (a name)
"""Of tokens of who has to change their password first: a cluster that trusts our tokens does not take these."""
CLIENT: Final = "secretspace"
"""RFC 9068 asks for a `client_id`; all clients are one here, since none has a secret of its own."""
LEEWAY: Final = timedelta(seconds=30)
"""How far the clocks of two replicas may be apart."""

_HEADER = frozenset({"alg", "kid", "typ"})
_JWS = PyJWS([ALGORITHM])


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of ours says; times in UTC, whole seconds."""

    subject: str
    """The account's name, without a prefix."""
    epoch: int
    """The account's epoch when the token was issued."""
    token_id: str
    issued_at: datetime
    expires_at: datetime
    session_id: str = ""
    """The session that the token ends with, empty where it is of none."""
    groups: tuple[str, ...] = ()
    """Without a prefix, for clusters that trust our tokens; we ourselves look at the account as it is now."""
    password_change_required: bool = False


def issue(claims: Claims, key: SigningKey, issuer: str) -> str:
    """The signed token."""
    issued_at = int(claims.issued_at.timestamp())
    payload = {
        "iss": issuer,
        "sub": claims.subject,
        "aud": PASSWORD_CHANGE_AUDIENCE if claims.password_change_required else AUDIENCE,
        "client_id": CLIENT,
        "iat": issued_at,
        "nbf": issued_at,
        "exp": int(claims.expires_at.timestamp()),
        "jti": claims.token_id,
        "epoch": claims.epoch,
        **({"groups": list(claims.groups)} if claims.groups else {}),
        **({"sid": claims.session_id} if claims.session_id else {}),
    }
    return _JWS.encode(json.dumps(payload).encode(), key.private, ALGORITHM, headers={"typ": TYPE, "kid": key.kid})


def key_id(token: str) -> str:
    """The id of the key that the token says it is signed with.

    Only we make these tokens, so that a header with more, less or other members than ours is refused: no other
    algorithm, no `crit`, and nothing that would have a key fetched from elsewhere (`jku`, `x5u`, `jwk`).

    Raises:
        InvalidTokenError: the header is not as we write it.
    """
    header = part(token, 0)
    kid = header.get("kid")
    if header.keys() != _HEADER or header["alg"] != ALGORITHM or header["typ"] != TYPE or not isinstance(kid, str):
        raise InvalidTokenError("header")
    return kid


def verify(token: str, key: SigningKey, issuer: str, now: datetime) -> Claims:
    """The claims of a token that `key` signed for us and that is good at `now`.

    Raises:
        InvalidTokenError: it is not; its text says which check failed, and nothing of the token.
    """
    if key_id(token) != key.kid:
        raise InvalidTokenError("key")
    try:
        payload = _JWS.decode(token, key.public, algorithms=[ALGORITHM])
    except PyJWTError:
        raise InvalidTokenError("signature") from None
    claims = json_object(payload)
    if claims.get("iss") != issuer:
        raise InvalidTokenError("issuer")
    if claims.get("aud") not in (AUDIENCE, PASSWORD_CHANGE_AUDIENCE):
        raise InvalidTokenError("audience")
    return _in_time(_read(claims), _time(claims, "nbf"), now)


def unverified_issuer(token: str) -> str:
    """Who the token says issued it, `""` where it says nothing, or is no JWT; good for choosing who is to verify it."""
    issuer = _unverified(token).get("iss")
    return issuer if isinstance(issuer, str) else ""


def unverified_expiry(token: str) -> datetime | None:
    """When the token says it ends; to be believed only once its issuer has accepted the token."""
    try:
        return _time(_unverified(token), "exp")
    except InvalidTokenError:
        return None


def _in_time(claims: Claims, not_before: datetime, now: datetime) -> Claims:
    if now >= claims.expires_at + LEEWAY:
        raise InvalidTokenError("expired")
    if now < max(claims.issued_at, not_before) - LEEWAY:
        raise InvalidTokenError("not yet valid")
    return claims


def _read(claims: Mapping[str, Any]) -> Claims:
    subject, epoch, token_id = claims.get("sub"), claims.get("epoch"), claims.get("jti")
    session_id, groups = claims.get("sid", ""), _texts(claims.get("groups", []))
    if not isinstance(subject, str) or not is_account_name(subject):
        raise InvalidTokenError("claims")
    if type(epoch) is not int or not isinstance(token_id, str) or not isinstance(session_id, str):
        raise InvalidTokenError("claims")
    times = {"issued_at": _time(claims, "iat"), "expires_at": _time(claims, "exp")}
    required = claims["aud"] == PASSWORD_CHANGE_AUDIENCE
    return Claims(
        subject, epoch, token_id, **times, session_id=session_id, groups=groups, password_change_required=required
    )


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidTokenError("claims")
    return tuple(value)


def _time(claims: Mapping[str, Any], name: str) -> datetime:
    seconds = claims.get(name)
    if type(seconds) is not int:
        raise InvalidTokenError("claims")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise InvalidTokenError("claims") from None


def _unverified(token: str) -> Mapping[str, Any]:
    try:
        return part(token, 1)
    except InvalidTokenError:
        return {}
