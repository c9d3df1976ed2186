"""Whether the service runs, and what it has counted."""

import asyncio
from time import monotonic
from typing import Annotated, Final, Literal, Protocol

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.domain.errors import UpstreamError, UpstreamUnavailableError
from app.metrics import CONTENT_TYPE, Metrics
from app.problems import problems
from app.routers.access import open_access
from app.routers.route import StrictRoute
from app.schemas.base import WireModel

router = APIRouter(tags=["health"], route_class=StrictRoute)


_REMEMBERED_SECONDS: Final = 1.0


class ReadinessProbe(Protocol):
    """Knows whether the API server can be worked with."""

    async def check(self) -> None:
        """Return if it can.

        Raises:
            UpstreamError: it cannot.
        """


class Readiness:
    """Asks the probe at most once a second, however many ask: `/readyz` is open to anybody."""

    def __init__(self, probe: ReadinessProbe) -> None:
        self._probe = probe
        self._asking = asyncio.Lock()
        self._ready = False
        self._asked_at = float("-inf")

    async def check(self) -> None:
        """Return if the service can do its work.

        Raises:
            UpstreamUnavailableError: it cannot.
        """
        async with self._asking:
            if monotonic() - self._asked_at > _REMEMBERED_SECONDS:
                self._ready = await self._ask()
                self._asked_at = monotonic()
        if not self._ready:
            raise UpstreamUnavailableError

    async def _ask(self) -> bool:
        try:
            await self._probe.check()
        except UpstreamError:
            return False
        return True


class Health(WireModel):
    """The outcome of a probe."""

    status: Annotated[Literal["ok"], Field(description="Any other outcome is a problem document.")]


_OK = Health(status="ok")


@router.get(
    "/livez",
    operation_id="getLiveness",
    summary="Whether the process runs",
    description="Asks nothing of anybody: a service that cannot reach the cluster is not helped by a restart.",
    openapi_extra=open_access("Probes carry no credential, and learn nothing."),
)
async def get_liveness() -> Health:
    return _OK


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Whether the Kubernetes API answers",
    responses=problems(UpstreamUnavailableError),
    openapi_extra=open_access("Probes carry no credential, and learn nothing but yes or no."),
)
async def get_readiness(request: Request) -> Health:
    readiness: Readiness = request.state.readiness
    await readiness.check()
    return _OK


@router.get(
    "/metrics",
    operation_id="getMetrics",
    summary="Counts and durations, for Prometheus",
    response_class=Response,
    responses={200: {"content": {CONTENT_TYPE.partition(";")[0]: {"schema": {"type": "string"}}}}},
    openapi_extra=open_access("Scrapers carry no credential; no label names a user, a project or a Secret."),
)
async def get_metrics(request: Request) -> Response:
    metrics: Metrics = request.state.metrics
    return Response(metrics.text(), media_type=CONTENT_TYPE)
