"""The run's control plane, reached with just what the service has."""

import pytest

from app.k8s.transport import Transport
from tests.support.cluster import Admin, Cluster, a_trace

OWN_NAMESPACE = "secretspace-system"

__all__ = ["OWN_NAMESPACE", "Admin", "trace"]

trace = a_trace


@pytest.fixture
def service(own_transport: Transport, cluster: Cluster) -> Transport:
    """The service's own transport."""
    return own_transport
