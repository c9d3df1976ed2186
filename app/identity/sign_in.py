"""Signing in with a name and a password, and staying signed in."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from app.domain.account import Account, Session, is_account_name
from app.domain.call import Trace
from app.domain.errors import AccountNotFoundError, AppError, InvalidGrantError, UnsupportedTokenTypeError
from app.identity.account import AccountStore
from app.identity.account_change import change_account
from app.identity.back_off import Attempt, BackOff
from app.identity.clock import Clock, utc_now
from app.identity.local import IssuedToken, LocalTokens
from app.identity.password import Passwords
from app.identity.refresh_token import RefreshToken

_log = structlog.get_logger("app.identity")


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """Somebody says who they are; the user name may come with the local prefix or without."""

    username: str
    password: str = field(repr=False)
    address: str = ""
    """Where the client is, as far as it can be known."""
    stay: bool = False
    """Whether a refresh token is asked for as well."""


class SignIn:
    """Gives tokens to who knows an account's password, or holds the refresh token of one of its sessions.

    An account that is unknown or disabled and a password that is wrong answer alike, and after the same work.
    """

    def __init__(
        self,
        accounts: AccountStore,
        passwords: Passwords,
        tokens: LocalTokens,
        back_off: BackOff,
        *,
        prefix: str,
        session_lifetime: timedelta,
        clock: Clock = utc_now,
    ) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._tokens = tokens
        self._back_off = back_off
        self._prefix = prefix
        self._session_lifetime = session_lifetime
        self._clock = clock

    async def with_password(self, attempt: SignInAttempt, trace: Trace) -> IssuedToken:
        """A new access token, and with `stay` a refresh token: a session begins.

        Who has to change the password first gets no refresh token: all tokens end with that change.

        Raises:
            InvalidGrantError: no such account, or not this password, or disabled.
            TooManyAttemptsError: too many failures: this attempt comes too early, the password is not looked at.
            TooManyRequestsError: too many sign-ins at once.
        """
        name = attempt.username.removeprefix(self._prefix)
        counted = Attempt(name if is_account_name(name) else "", attempt.address)
        self._back_off.require_open(counted)
        account = await self._accounts.get(name, trace) if is_account_name(name) else None
        good = await self._passwords.verify(attempt.password, account.password_hash if account else None)
        if account is None or not good or account.disabled:
            self._back_off.failed(counted)
            raise self._refusal(account, counted, trace, good=good)
        self._back_off.succeeded(counted)
        await self._refresh_hash(account, attempt.password, trace)
        if attempt.stay and not account.must_change_password:
            return await self._begin_session(account, trace)
        return await self._tokens.issue(account, trace)

    @staticmethod
    def _refusal(account: Account | None, attempt: Attempt, trace: Trace, *, good: bool) -> InvalidGrantError:
        """The one answer to all refusals; why is for the log, which is not told what may be a mistyped password."""
        reason = "no account" if account is None else "disabled" if good else "password"
        name = {"account": attempt.account} if attempt.account else {}
        _log.info("identity.sign_in_refused", reason=reason, request_id=trace.request_id, **name)
        return InvalidGrantError()

    async def with_refresh_token(self, text: str, trace: Trace) -> IssuedToken:
        """A new access token, and the refresh token that takes the place of this one.

        A token that was used before ends its session: it is not known which of two holders is the right one.

        Raises:
            InvalidGrantError: it is no token that is good now, or its session or account has ended.
        """
        token = RefreshToken.read(text)
        if token is None:
            raise InvalidGrantError
        following = token.next()
        reused = False

        def renewed(account: Account) -> Account:
            nonlocal reused
            now = self._clock()
            session = account.session(token.session_id, now)
            if account.disabled or session is None:
                raise InvalidGrantError
            reused = not token.matches(session.token_hash)
            if reused:
                return account.without_session(session.id)
            return account.with_session(replace(session, token_hash=following.hash), now)

        account = await self._change(token.account, renewed, trace)
        if reused:
            _log.warning("identity.refresh_token_reused", account=account.name, request_id=trace.request_id)
            raise InvalidGrantError
        return await self._with_refresh_token(account, following, trace)

    async def revoke(self, text: str, trace: Trace) -> None:
        """End the session of a refresh token, and the access tokens of that session with it; a bad token is no error.

        Raises:
            UnsupportedTokenTypeError: it is an access token, which ends by itself.
        """
        if self._tokens.may_be_ours(text):
            raise UnsupportedTokenTypeError
        token = RefreshToken.read(text)
        if token is None:
            return
        try:
            await change_account(
                self._accounts, token.account, lambda account: account.without_session(token.session_id), trace
            )
        except AccountNotFoundError:
            return

    async def _begin_session(self, account: Account, trace: Trace) -> IssuedToken:
        token = RefreshToken.for_new_session(account.name)
        now = self._clock().replace(microsecond=0)
        session = Session(token.session_id, token.hash, now + self._session_lifetime)

        def begun(current: Account) -> Account:
            if current.disabled or current.epoch != account.epoch:
                raise InvalidGrantError
            return current.with_session(session, now)

        return await self._with_refresh_token(await self._change(account.name, begun, trace), token, trace)

    async def _with_refresh_token(self, account: Account, token: RefreshToken, trace: Trace) -> IssuedToken:
        issued = await self._tokens.issue(account, trace, session_id=token.session_id)
        return replace(issued, refresh_token=token.text)

    async def _change(self, name: str, change: Callable[[Account], Account], trace: Trace) -> Account:
        try:
            return await change_account(self._accounts, name, change, trace)
        except AccountNotFoundError:
            raise InvalidGrantError from None

    async def _refresh_hash(self, account: Account, password: str, trace: Trace) -> None:
        """Hash the password anew where hashes have become dearer; that it fails is no reason to refuse a sign-in."""
        if not self._passwords.is_outdated(account.password_hash):
            return
        try:
            await self._accounts.update(replace(account, password_hash=await self._passwords.hash(password)), trace)
        except AppError as error:
            _log.warning("account.rehash_failed", account=account.name, code=error.code, request_id=trace.request_id)
