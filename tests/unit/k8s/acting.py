"""Each way in which a call can be made."""

from app.domain.call import Caller, Trace
from app.domain.identity import Identity, OwnToken, Source
from app.k8s.impersonation import AsCaller, AsReserved, AsService, AsToken


def trace() -> Trace:
    return Trace("request-1", deadline=float("inf"))


def as_alice(*groups: str) -> AsCaller:
    return AsCaller(Caller(Identity("secretspace:alice", groups), trace()))


def as_robot() -> AsCaller:
    """Somebody who came with a token of the cluster's own."""
    robot = Identity(
        "system:serviceaccount:ci:robot", ("system:authenticated",), Source.KUBERNETES, OwnToken("canary-robot-token")
    )
    return AsCaller(Caller(robot, trace()))


def as_reserved() -> AsReserved:
    return AsReserved("secretspace-system:accounts", trace())


def as_service() -> AsService:
    return AsService(trace())


def as_token() -> AsToken:
    return AsToken("canary-unproved-token", trace())
