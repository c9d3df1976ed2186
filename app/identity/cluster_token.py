"""The `kubernetes` way in: any token that the cluster accepts, asked of the cluster with that very token."""

import asyncio
from dataclasses import replace
from typing import Final, Protocol

import structlog

from app.domain.call import Trace
from app.domain.errors import InvalidTokenError, OwnAccessError
from app.domain.identity import RESERVED_PREFIX, Identity, InvalidIdentityError
from app.identity.token import unverified_expiry

_log = structlog.get_logger("app.identity")

_NONSENSE: Final = "secretspace-probe.not-a-token"


class TokenReviewer(Protocol):
    """Asks the cluster who it takes the bearer of a token for."""

    async def review(self, token: str, trace: Trace) -> Identity:
        """The identity, its credential being the token itself.

        Raises:
            InvalidTokenError: the cluster does not accept the token.
            InvalidIdentityError: it does, but the name or groups cannot be used here.
        """


class ClusterTokens:
    """Tells whose a token of the cluster is.

    Names under the prefix of local accounts, and the service's own, are refused whatever the cluster says.
    """

    def __init__(self, reviewer: TokenReviewer, local_prefix: str) -> None:
        self._reviewer = reviewer
        self._reserved = (local_prefix, RESERVED_PREFIX)
        self._proving = asyncio.Lock()
        self._proved = False

    async def identify(self, token: str, trace: Trace) -> Identity:
        """The user whose token this is.

        Raises:
            InvalidTokenError: the cluster does not accept it, or the user's name or groups are not allowed here.
            UpstreamError: the cluster could not be asked, or accepts any token (`OwnAccessError`).
        """
        await self._prove(trace)
        try:
            identity = await self._reviewer.review(token, trace)
        except InvalidIdentityError as error:
            raise InvalidTokenError(error.rule) from None
        if any(name.startswith(self._reserved) for name in (identity.username, *identity.groups)):
            raise InvalidTokenError("reserved name")
        return replace(identity, expires_at=unverified_expiry(token))

    async def _prove(self, trace: Trace) -> None:
        """Make sure, once, that it is the token that is asked about.

        Over a connection with a client certificate, or through a proxy that adds a credential of its own, the cluster
        names the owner of that credential whatever the token: everybody would be that user.
        """
        async with self._proving:
            self._proved = self._proved or await self._refuses_nonsense(trace)
        if not self._proved:
            _log.error("identity.cluster_accepts_any_token", request_id=trace.request_id)
            raise OwnAccessError("create", "selfsubjectreviews")

    async def _refuses_nonsense(self, trace: Trace) -> bool:
        try:
            await self._reviewer.review(_NONSENSE, trace)
        except InvalidTokenError:
            return True
        except InvalidIdentityError:
            return False
        return False
