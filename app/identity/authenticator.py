"""From an Authorization header to an identity, by exactly one way in."""

import re
from collections.abc import Mapping, Sequence

from app.domain.call import Trace
from app.domain.errors import InvalidTokenError, MalformedRequestError, UnauthenticatedError
from app.domain.identity import Identity
from app.identity.refresh_token import PREFIX
from app.identity.token import unverified_issuer
from app.identity.way_in import WayIn

_BEARER = re.compile(rb"bearer(?: +(.*))?", re.IGNORECASE | re.DOTALL)
_B64TOKEN = re.compile(rb"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750 section 2.1; nothing else could travel in a header again."""


class Authenticator:
    """Finds out who calls.

    `issuers` says by whom tokens of an issuer of ours are verified, None where that way is switched off: such tokens
    are never shown to the cluster, not even those that prove invalid. All others are for `cluster`, if it is on.
    """

    def __init__(self, issuers: Mapping[str, WayIn | None], cluster: WayIn | None, max_token_bytes: int) -> None:
        self._issuers = issuers
        self._cluster = cluster
        self._max_token_bytes = max_token_bytes

    async def authenticate(self, authorization: Sequence[bytes], trace: Trace) -> Identity:
        """The caller, by the values of all Authorization headers of a request.

        Raises:
            UnauthenticatedError: there is none, or it is for another scheme than Bearer.
            InvalidTokenError: the token is not good.
            MalformedRequestError: there are several headers, so that another reader could pick another.
            UpstreamError: whether the token is good could not be found out.
        """
        token = self._bearer_token(authorization)
        way = self._way_for(token)
        if way is None:
            raise InvalidTokenError("no way in")
        return await way.identify(token, trace)

    def _bearer_token(self, authorization: Sequence[bytes]) -> str:
        if len(authorization) > 1:
            raise MalformedRequestError
        match = _BEARER.fullmatch(authorization[0].strip(b" \t")) if authorization else None
        if match is None:
            raise UnauthenticatedError
        token = match[1] or b""
        if len(token) > self._max_token_bytes:
            raise InvalidTokenError("size")
        if not _B64TOKEN.fullmatch(token):
            raise InvalidTokenError("form")
        if token.startswith(PREFIX.encode()):
            raise InvalidTokenError("refresh token")  # ours: the cluster is not to see it
        return token.decode("ascii")

    def _way_for(self, token: str) -> WayIn | None:
        return self._issuers.get(unverified_issuer(token), self._cluster)
