"""A caller in the middle of one request: the identity, the request's id, and the time that is left."""

from dataclasses import dataclass, field
from itertools import count
from typing import Final

from app.domain.identity import Identity


@dataclass(slots=True, eq=False)
class Trace:
    """Ties what one request does upstream to its line in our log and to the cluster's audit log.

    `deadline` is a point on the event loop's clock (seconds); what passes it is given up.
    """

    request_id: str
    deadline: float
    _ordinal: "count[int]" = field(default_factory=lambda: count(1), repr=False)
    upstream_calls: int = 0

    def next_audit_id(self) -> str:
        """`<request id>.<n>`, n counting the upstream calls of this request from 1."""
        self.upstream_calls = next(self._ordinal)
        return f"{self.request_id}.{self.upstream_calls}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, in which request; handed down to every port, so that no call can be made as nobody."""

    identity: Identity
    trace: Trace

    @property
    def username(self) -> str:
        """The name that Kubernetes sees."""
        return self.identity.username


RESERVED_USER_ACCOUNTS: Final = "secretspace-system:accounts"
"""Reads and writes the accounts' and signing keys' Secrets, in the service's own namespace only."""
RESERVED_USER_METADATA: Final = "secretspace-system:metadata"
"""Lists Secrets, never their values, for people who may see them and not read them; bound project by project."""
