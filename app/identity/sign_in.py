"""Signing in with a name and a password."""

from dataclasses import replace

import structlog

from app.domain.account import Account, is_account_name
from app.domain.call import Trace
from app.domain.errors import AppError, InvalidGrantError
from app.identity.account import AccountStore
from app.identity.local import IssuedToken, LocalTokens
from app.identity.password import Passwords

_log = structlog.get_logger("app.identity")


class SignIn:
    """Gives a token to who knows an account's password.

    An account that is unknown or disabled and a password that is wrong answer alike, and after the same work.
    """

    def __init__(self, accounts: AccountStore, passwords: Passwords, tokens: LocalTokens, prefix: str) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._tokens = tokens
        self._prefix = prefix

    async def with_password(self, username: str, password: str, trace: Trace) -> IssuedToken:
        """A new token; the user name may come with the local prefix or without.

        Raises:
            InvalidGrantError: no such account, or not this password, or disabled.
            TooManyRequestsError: too many sign-ins at once.
        """
        account = await self._find(username.removeprefix(self._prefix), trace)
        good = await self._passwords.verify(password, account.password_hash if account else None)
        if account is None or not good or account.disabled:
            raise InvalidGrantError
        await self._refresh_hash(account, password, trace)
        return await self._tokens.issue(account, trace)

    async def _find(self, name: str, trace: Trace) -> Account | None:
        return await self._accounts.get(name, trace) if is_account_name(name) else None

    async def _refresh_hash(self, account: Account, password: str, trace: Trace) -> None:
        """Hash the password anew where hashes have become dearer; that it fails is no reason to refuse a sign-in."""
        if not self._passwords.is_outdated(account.password_hash):
            return
        try:
            await self._accounts.update(replace(account, password_hash=await self._passwords.hash(password)), trace)
        except AppError as error:
            _log.warning("account.rehash_failed", account=account.name, code=error.code, request_id=trace.request_id)
