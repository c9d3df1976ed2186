"""The `oidc` way in: tokens of a provider that is set, verified here with the keys that it publishes."""

from app.domain.call import Trace
from app.domain.errors import InvalidTokenError
from app.domain.identity import Identity
from app.identity.clock import Clock, utc_now
from app.identity.oidc_key_ring import ProviderKeys
from app.identity.oidc_token import read_header, verify
from app.settings import OidcIssuer


class ProviderTokens:
    """Tells whose a token of one provider is."""

    def __init__(self, issuer: OidcIssuer, keys: ProviderKeys, clock: Clock = utc_now) -> None:
        self._issuer = issuer
        self._keys = keys
        self._clock = clock

    async def identify(self, token: str, trace: Trace) -> Identity:
        """The user whose token this is.

        Raises:
            InvalidTokenError: the token is not good, or the user's name or groups are not allowed here.
            IdentityProviderUnavailableError: the provider's keys could not be had.
        """
        header = read_header(token, self._issuer)
        key = await self._keys.find(header.kid, header.algorithm, trace)
        if key is None:
            raise InvalidTokenError("key")
        return verify(token, header.algorithm, key, self._issuer, self._clock())
