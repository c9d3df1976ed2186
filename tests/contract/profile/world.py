"""A cluster under one of the profiles."""

from dataclasses import dataclass

from app.k8s.transport import Transport
from tests.support.cluster import Admin, Cluster


@dataclass(frozen=True)
class World:
    """A cluster under a profile, and what the service has on it."""

    cluster: Cluster
    admin: Admin
    own_transport: Transport
