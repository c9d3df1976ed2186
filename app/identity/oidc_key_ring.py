"""The keys of one provider, as long as they are good for, and what happens while it cannot be reached."""

import asyncio
import math
import time
from typing import Final

import structlog

from app.domain.call import Trace
from app.domain.errors import IdentityProviderUnavailableError
from app.identity.clock import Stopwatch
from app.identity.oidc_discovery import Documents, ProviderError, discover_keys
from app.identity.oidc_key import VerifyingKey
from app.settings import OidcIssuer

FRESH_SECONDS: Final = 3600.0
"""Keys are read again after this, so that one that the provider took back is not good for longer."""
STALE_SECONDS: Final = 24 * 3600.0
"""How long keys are good for while the provider cannot be asked for newer ones."""
PAUSE_SECONDS: Final = 10.0
"""The provider is not asked more often than this, whatever ids of keys are in the tokens that come."""
MAX_PAUSE_SECONDS: Final = 60.0
"""The pause doubles with each failure in a row, up to this."""

_log = structlog.get_logger("app.identity")


class ProviderKeys:
    """The keys of a provider; it is asked for them when a token needs them, and never in the background."""

    def __init__(self, issuer: OidcIssuer, documents: Documents, stopwatch: Stopwatch = time.monotonic) -> None:
        self._issuer = issuer
        self._documents = documents
        self._stopwatch = stopwatch
        self._keys: tuple[VerifyingKey, ...] = ()
        self._read_at = self._next_read = float("-inf")
        self._failures = 0
        self._lock = asyncio.Lock()

    async def find(self, kid: str | None, algorithm: str, trace: Trace) -> VerifyingKey | None:
        """The key of this id for this algorithm; one that the provider has published since is found as well.

        A token without an id is for the only key there is, where there is but one (OpenID Connect Core section 10.1);
        whether it still is, is asked as often as is allowed.

        Raises:
            IdentityProviderUnavailableError: there is none, and the provider could not be asked.
        """
        known = self._known(kid, algorithm, PAUSE_SECONDS if kid is None else FRESH_SECONDS)
        if known is None:
            await self._read_again(trace)
            known = self._known(kid, algorithm, STALE_SECONDS)
        if known is None and self._failures:
            raise IdentityProviderUnavailableError(max(1, math.ceil(self._next_read - self._stopwatch())))
        return known

    def _known(self, kid: str | None, algorithm: str, max_age: float) -> VerifyingKey | None:
        if self._stopwatch() - self._read_at >= max_age:
            return None
        named = [key for key in self._keys if kid is None or key.kid == kid]
        if kid is None and len(named) > 1:
            return None
        return next((key for key in named if algorithm in key.algorithms), None)

    async def _read_again(self, trace: Trace) -> None:
        async with self._lock:
            if self._stopwatch() >= self._next_read:
                await self._read(trace)

    async def _read(self, trace: Trace) -> None:
        try:
            self._keys = await discover_keys(self._issuer, self._documents)
        except ProviderError as error:
            self._failures += 1
            _log.warning(
                "identity.provider_unavailable",
                issuer=self._issuer.issuer,
                reason=str(error),
                request_id=trace.request_id,
            )
        else:
            self._failures = 0
            self._read_at = self._stopwatch()
        pause = PAUSE_SECONDS * 2 ** max(0, self._failures - 1)
        self._next_read = self._stopwatch() + min(pause, MAX_PAUSE_SECONDS)
