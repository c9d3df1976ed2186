"""The `local` way in: tokens of accounts that the cluster keeps."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_urlsafe

from app.domain.account import Account
from app.domain.call import Trace
from app.domain.errors import InvalidTokenError
from app.domain.identity import Identity, Source, check_prefix
from app.identity.account import AccountStore
from app.identity.clock import Clock, utc_now
from app.identity.signing import KeyRing
from app.identity.token import Claims, issue, key_id, unverified_issuer, verify
from app.settings import Local


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new access token, and the seconds it is good for."""

    value: str = field(repr=False)
    lifetime: int
    refresh_token: str | None = field(default=None, repr=False)
    """What gives the next access token, where a session was begun or renewed."""


class LocalTokens:
    """Issues tokens to local accounts, and tells whose such a token is.

    Raises:
        ValueError: the prefix would let a local account be taken for someone else.
    """

    def __init__(self, settings: Local, keys: KeyRing, accounts: AccountStore, clock: Clock = utc_now) -> None:
        check_prefix(settings.prefix)
        self._settings = settings
        self._keys = keys
        self._accounts = accounts
        self._clock = clock

    async def issue(self, account: Account, trace: Trace, *, session_id: str = "") -> IssuedToken:
        """A token for an account that has just proved to be itself; one of a session ends with it."""
        now = self._clock().replace(microsecond=0)
        lifetime = self._settings.token_lifetime
        claims = Claims(
            account.name,
            account.epoch,
            token_urlsafe(16),
            issued_at=now,
            expires_at=now + lifetime,
            session_id=session_id,
            groups=tuple(sorted(role.group for role in account.platform_roles)),
            password_change_required=account.must_change_password,
        )
        value = issue(claims, await self._keys.signer(trace), self._settings.issuer)
        return IssuedToken(value, int(lifetime.total_seconds()))

    def may_be_ours(self, token: str) -> bool:
        """Whether this says that it is an access token of ours, good or not."""
        return unverified_issuer(token) == self._settings.issuer

    async def identify(self, token: str, trace: Trace) -> Identity:
        """The account whose token this is, as it stands now: a token ends with its account's epoch, and its session.

        Raises:
            InvalidTokenError: the token is not good, or its session is over, or the account is gone, disabled, or in a
                later epoch.
            UpstreamError: keys or account could not be read.
        """
        key = await self._keys.find(key_id(token), trace)
        if key is None:
            raise InvalidTokenError("key")
        now = self._clock()
        claims = verify(token, key, self._settings.issuer, now)
        account = await self._accounts.get(claims.subject, trace)
        if account is None or account.disabled or account.epoch != claims.epoch:
            raise InvalidTokenError("account")
        if claims.session_id and account.session(claims.session_id, now) is None:
            raise InvalidTokenError("session")
        identity = local_identity(account, self._settings.prefix, claims.expires_at)
        return replace(identity, password_change_required=True) if claims.password_change_required else identity


def local_identity(account: Account, prefix: str, expires_at: datetime | None = None) -> Identity:
    """The user and groups that the cluster sees when this account acts."""
    return Identity(
        username=prefix + account.name,
        groups=tuple(sorted(prefix + role.group for role in account.platform_roles)),
        source=Source.LOCAL,
        expires_at=expires_at,
        display_name=account.name,
        password_change_required=account.must_change_password,
    )
