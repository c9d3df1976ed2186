"""The ports of `app.identity` without a cluster, and what tests of it have in common."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain.account import Account
from app.domain.call import Trace
from app.domain.errors import AlreadyExistsError, ConflictError, InvalidTokenError
from app.domain.identity import Identity, OwnToken, Source
from app.domain.version import Version
from app.identity.password import Cost

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
CHEAP = Cost(memory_kib=8, passes=1, lanes=1)
"""Hashes in well under a millisecond."""


def trace() -> Trace:
    return Trace(request_id="r", deadline=float("inf"))


class SetClock:
    """A clock and a stopwatch that tests turn."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return (self.now - NOW).total_seconds()

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class AccountsInMemory:
    """Accounts that last as long as the test; versions count up as the cluster's do."""

    def __init__(self, *accounts: Account) -> None:
        self.reads: list[str] = []
        self._accounts: dict[str, Account] = {}
        for account in accounts:
            self.put(account)

    def put(self, account: Account) -> None:
        before = self._accounts.get(account.name)
        ordinal = 1 if before is None or before.version is None else int(before.version.resource_version) + 1
        self._accounts[account.name] = replace(account, version=Version(f"uid-{account.name}", str(ordinal)))

    def now(self, name: str) -> Account:
        return self._accounts[name]

    async def get(self, name: str, trace: Trace) -> Account | None:
        del trace
        self.reads.append(name)
        return self._accounts.get(name)

    async def create(self, account: Account, trace: Trace) -> None:
        del trace
        if account.name in self._accounts:
            raise AlreadyExistsError
        self.put(account)

    async def replace_password_hash(self, account: Account, password_hash: str, trace: Trace) -> None:
        del trace
        if self._accounts[account.name].version != account.version:
            raise ConflictError
        self.put(replace(account, password_hash=password_hash))


class KeysInMemory:
    """The document of signing keys that all replicas of a test share."""

    def __init__(self, document: bytes | None = None) -> None:
        self.document = document
        self.reads = 0

    async def read(self, trace: Trace) -> bytes | None:
        del trace
        self.reads += 1
        return self.document

    async def create(self, document: bytes, trace: Trace) -> None:
        del trace
        if self.document is not None:
            raise AlreadyExistsError
        self.document = document


class ReviewsInMemory:
    """A cluster that knows some tokens; `asked` are all it was shown."""

    def __init__(self, users: dict[str, tuple[str, tuple[str, ...]]]) -> None:
        self._users = users
        self.asked: list[str] = []

    async def review(self, token: str, trace: Trace) -> Identity:
        del trace
        self.asked.append(token)
        if token not in self._users:
            raise InvalidTokenError
        username, groups = self._users[token]
        return Identity(username, groups, Source.KUBERNETES, OwnToken(token))
