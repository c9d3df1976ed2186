"""What is counted, for Prometheus. No label names a user, a workspace, a project or a Secret."""

from collections.abc import Callable, Iterator
from http import HTTPMethod
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from typing_extensions import override

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4

_METHODS: Final = frozenset(HTTPMethod)
_NONE: Final = "none"
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counts of one application; two in one process do not mix.

    `lines_dropped` is asked how many lines of the log there was no room for.
    """

    def __init__(self, lines_dropped: Callable[[], int] = lambda: 0) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "secretspace_http_requests", "Requests, by how they were answered.", ["method", "route", "status"],
            registry=self._registry,
        )  # fmt: skip
        self._request_seconds = Histogram(
            "secretspace_http_request_seconds", "How long requests took.", ["method", "route"],
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._upstream_calls = Counter(
            "secretspace_kubernetes_calls", "Calls to the Kubernetes API server.", ["verb", "resource", "status"],
            registry=self._registry,
        )  # fmt: skip
        self._upstream_seconds = Histogram(
            "secretspace_kubernetes_call_seconds", "How long calls to the API server took.", ["verb", "resource"],
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._reveals = Counter("secretspace_reveals", "Reveals of Secret values.", registry=self._registry)
        self._registry.register(_LinesDropped(lines_dropped))

    def request_finished(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count one request; no route: the path is not one of ours. Status 499: it got no whole answer."""
        known_method = method if method in _METHODS else "other"
        self._requests.labels(known_method, route or _NONE, str(status)).inc()
        self._request_seconds.labels(known_method, route or _NONE).observe(seconds)

    def observe(self, verb: str, resource: str, status: int, seconds: float) -> None:
        """Count one call to the API server (`app.k8s.transport.UpstreamObserver`); status 0 stands for no answer."""
        self._upstream_calls.labels(verb, resource, f"{status // 100}xx" if status else _NONE).inc()
        self._upstream_seconds.labels(verb, resource).observe(seconds)

    def revealed(self) -> None:
        """Count one reveal."""
        self._reveals.inc()

    def text(self) -> bytes:
        """All of it, in the text format of Prometheus (`CONTENT_TYPE`)."""
        return generate_latest(self._registry)


class _LinesDropped(Collector):
    """A count that is kept elsewhere, for the whole process."""

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count

    @override
    def collect(self) -> Iterator[CounterMetricFamily]:
        help_text = "Lines of the log that were dropped since nobody read."
        yield CounterMetricFamily("secretspace_log_lines_dropped", help_text, value=self._count())
