"""The ports of `app.identity` without a cluster, and what tests of it have in common."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain.account import Account
from app.domain.call import Trace
from app.domain.errors import AlreadyExistsError, InvalidTokenError, NameRetiredError, PreconditionFailedError
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
        self.actors: list[str] = []
        """Who asked for each write."""
        self.retired: set[str] = set()
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

    async def all(self, trace: Trace) -> list[Account]:
        del trace
        return list(self._accounts.values())

    async def create(self, account: Account, trace: Trace, actor: str = "") -> Account:
        del trace
        if account.name in self.retired:
            raise NameRetiredError
        if account.name in self._accounts:
            raise AlreadyExistsError
        self.actors.append(actor)
        self.put(account)
        return self.now(account.name)

    async def update(self, account: Account, trace: Trace, actor: str = "") -> Account:
        del trace
        self._require_version(account)
        self.actors.append(actor)
        self.put(account)
        return self.now(account.name)

    async def retire(self, account: Account, trace: Trace, actor: str = "") -> None:
        del trace
        self._require_version(account)
        self.actors.append(actor)
        self.retired.add(self._accounts.pop(account.name).name)

    def _require_version(self, account: Account) -> None:
        if self._accounts[account.name].version != account.version:
            raise PreconditionFailedError


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

    async def replace(self, document: bytes, instead_of: bytes, trace: Trace) -> None:
        del trace
        if self.document != instead_of:
            raise PreconditionFailedError
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
