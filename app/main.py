"""The application, put together from its parts; nothing happens at import, and nothing runs before the lifespan."""

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Final, Protocol, TypedDict

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware
from starlette.types import Lifespan, Scope

from app import logs, problems, wiring
from app.identity.authenticator import Authenticator
from app.k8s.transport import UpstreamObserver
from app.metrics import Metrics
from app.middleware.authentication import Authentication
from app.middleware.body import BodyLimit
from app.middleware.deadline import Deadline
from app.middleware.head import HeadAsGet
from app.middleware.headers import HeaderRules
from app.middleware.log_line import LogLine
from app.middleware.problem import Problems
from app.middleware.request_id import RequestId
from app.middleware.security_headers import SecurityHeaders
from app.openapi import ACCESS
from app.routers import (
    account,
    health,
    meta,
    oauth,
    project,
    project_member,
    role,
    secret,
    secret_action,
    secret_batch,
    secret_copy,
    secret_creation,
    secret_data,
    secret_diff,
    secret_export,
    secret_import,
    secret_restore,
    secret_version,
    secret_yaml,
    well_known,
    workspace,
    workspace_member,
)
from app.routers.docs import docs_router
from app.services.port import RevealRecorder
from app.settings import Settings
from app.wiring import Services

ROUTERS: Final[tuple[APIRouter, ...]] = (
    secret.router,
    secret_data.router,
    secret_yaml.router,
    secret_diff.router,
    secret_restore.router,
    secret_version.router,
    secret_export.router,
    secret_action.router,
    secret_import.router,
    secret_batch.router,
    secret_copy.router,
    secret_creation.router,
    project.router,
    project_member.router,
    workspace.router,
    workspace_member.router,
    role.router,
    account.router,
    meta.router,
    oauth.router,
    well_known.router,
    health.router,
)
"""Those that are asked most stand first, for routes are tried one after the other. Each knows its whole path."""

_NO_TELEMETRY: Final[TelemetryConfig] = {
    # FastAPI's own puts paths and query strings into spans, and the text of exceptions into log records.
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}

_log = structlog.get_logger("app.main")


class State(TypedDict):
    """What the lifespan hands to every request."""

    services: Services
    readiness: health.Readiness
    metrics: Metrics


class OpenServices(Protocol):
    """How the services are opened; `wiring.open_services`, but for tests."""

    def __call__(
        self, settings: Settings, *, observer: UpstreamObserver, recorder: RevealRecorder
    ) -> AbstractAsyncContextManager[Services]:
        """A context in which they are open."""
        ...


def create_app(settings: Settings, *, open_services: OpenServices = wiring.open_services) -> FastAPI:
    """The application. Its lifespan opens the services; without it nothing is connected, as for the document alone."""
    metrics = Metrics(logs.lines_dropped)
    app = FastAPI(
        title="Secretspace",
        version=version("secretspace"),
        lifespan=_lifespan(settings, metrics, open_services),
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry=_NO_TELEMETRY,
    )
    for router in ROUTERS:
        app.include_router(router)
    if settings.server.docs:
        app.include_router(docs_router(app, root_path=settings.server.root_path))
    problems.install(app)
    app.user_middleware.extend(_middleware(app, settings, metrics))
    return app


def _middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> Iterator[Middleware]:
    """From the outermost inwards."""
    limits = settings.limits
    opened = open_routes(app)
    yield Middleware(HeadAsGet, open_routes=opened)
    yield Middleware(RequestId, limit=limits.request)
    yield Middleware(SecurityHeaders)
    yield Middleware(LogLine, observer=metrics)
    yield Middleware(Problems)
    yield Middleware(HeaderRules, limit=limits.header_bytes)
    yield Middleware(Deadline)
    yield Middleware(Authentication, open_routes=opened, authenticator=_authenticator)
    yield Middleware(BodyLimit, limit=limits.body_bytes, within=limits.body_read)


def open_routes(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of the routes that declare that nobody needs to sign in."""
    return [
        (method, route.path or "")
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
        if "open" in (getattr(route.original_route, "openapi_extra", None) or {}).get(ACCESS, {})
    ]


def _authenticator(scope: Scope) -> Authenticator:
    services: Services = scope["state"]["services"]
    return services.authenticator


def _lifespan(settings: Settings, metrics: Metrics, open_services: OpenServices) -> Lifespan[FastAPI]:
    recorder = logs.StdoutRevealRecorder(metrics.revealed)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        logs.configure(settings.log)
        if not (settings.identity.local.enabled or settings.identity.kubernetes.enabled):
            _log.warning("service.no_way_in")
        try:
            async with open_services(settings, observer=metrics, recorder=recorder) as services:
                _freeze()
                yield State(services=services, readiness=health.Readiness(services.readiness), metrics=metrics)
        except Exception as error:
            # The server would only say that start-up failed: the traceback it logs holds the text of the exception.
            _log.error("service.failed", **logs.error_fields(error))
            raise
        finally:
            logs.drain()

    return lifespan


def _freeze() -> None:
    """Take what start-up has made out of the garbage collector's sight (measured: p99 of a request 59 to 12 ms)."""
    gc.collect()
    gc.freeze()
