import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest
from fastapi import FastAPI, Request

from app.domain.call import Trace
from app.domain.errors import AppError, InvalidTokenError, UpstreamUnavailableError
from app.domain.identity import Identity
from app.identity.authenticator import Authenticator
from app.k8s.transport import UpstreamObserver
from app.main import create_app
from app.services.port import RevealRecorder
from app.settings import Identity as Identities
from app.settings import Limits, Local, Log, Server, Settings
from app.wiring import Services
from tests.unit.middleware.asgi import Answer, body, scope, send_request
from tests.unit.output import Out, out

__all__ = ["out"]

CANARY = "c4n4ry"
SETTINGS = Settings(
    log=Log(level="debug"),
    limits=Limits(header_bytes=1000, body_bytes=100),
    identity=Identities(local=Local(enabled=True)),
)
TOKEN = (b"authorization", b"Bearer " + CANARY.encode())


class OnlyCanary:
    """A way in that knows one token."""

    async def identify(self, token: str, trace: Trace) -> Identity:
        if token != CANARY:
            raise InvalidTokenError("signature")
        return Identity("secretspace:anna")


class Cluster:
    """A probe for readiness."""

    async def check(self) -> None:
        raise UpstreamUnavailableError


@dataclass
class StandIns:
    """Services without a cluster, and what became of them."""

    failure: Exception | None = None
    open: bool = False
    authenticator: Authenticator = field(default_factory=lambda: Authenticator({}, OnlyCanary(), 100))
    readiness: Cluster = field(default_factory=Cluster)
    given: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def __call__(
        self, settings: Settings, *, observer: UpstreamObserver, recorder: RevealRecorder
    ) -> AsyncIterator[Services]:
        self.given = {"settings": settings, "observer": observer, "recorder": recorder}
        if self.failure is not None:
            raise self.failure
        self.open = True
        yield cast("Services", self)
        self.open = False


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
    """The application between start-up and shut-down, and the state that its requests get."""
    async with app.router.lifespan_context(app) as state:
        yield state or {}


async def ask(
    method: str = "GET",
    path: str = "/api/v1/broken",
    *headers: tuple[bytes, bytes],
    content: bytes = b"",
    query: bytes = b"",
    app: FastAPI | None = None,
) -> Answer:
    """One request to a running application, as a server hands it over."""
    app = app or with_faults(create_app(SETTINGS, open_services=StandIns()))
    async with running(app) as state:
        request = scope(method, path, headers=headers, state=dict(state), query_string=query)
        return await send_request(app, request, body(content))


def with_faults(app: FastAPI) -> FastAPI:
    """The application with routes that fail, and one that reads its body."""

    async def broken(request: Request) -> None:
        password = await request.body()
        raise ValueError(password)

    async def slow() -> None:
        await asyncio.sleep(60)

    async def refused() -> None:
        raise UpstreamUnavailableError

    app.add_api_route("/api/v1/broken", broken, methods=["GET", "POST"])
    app.add_api_route("/api/v1/slow", slow)
    app.add_api_route("/api/v1/refused/{name}", refused)
    return app


async def finished(out: Out, *args: Any, **more: Any) -> tuple[Answer, dict[str, Any]]:
    """The answer to a request, and its line in the log."""
    answer = await ask(*args, **more)
    (line,) = [line for line in out.lines if line["event"] == "request.finished"]
    return answer, line


# What every answer has, and every request leaves


@pytest.mark.parametrize(
    ("request_of", "status", "code"),
    [
        (("GET", "/api/v1/unknown"), 401, "UNAUTHENTICATED"),
        (("GET", "/api/v1/unknown", (b"authorization", b"Bearer bad")), 401, "INVALID_TOKEN"),
        (("GET", "/api/v1/unknown", TOKEN), 404, "ROUTE_NOT_FOUND"),
        (("DELETE", "/api/v1/broken", TOKEN), 405, "METHOD_NOT_ALLOWED"),
        (("GET", "/api/v1/refused/x", TOKEN), 503, "UPSTREAM_UNAVAILABLE"),
        (("GET", "/api/v1/broken", TOKEN), 500, "INTERNAL"),
        (("GET", "/readyz"), 503, "UPSTREAM_UNAVAILABLE"),
        (("GET", "/api/v1/me", (b"impersonate-user", b"admin")), 400, "FORBIDDEN_HEADER"),
        (("GET", "/api/v1/me", (b"x", b"x" * 1000)), 431, "HEADERS_TOO_LARGE"),
        (("POST", "/api/v1/broken", TOKEN, (b"content-length", b"101")), 413, "BODY_TOO_LARGE"),
    ],
)
async def test_every_refusal_is_a_problem_document_with_the_id_that_stands_in_the_log(
    out: Out, request_of: tuple[Any, ...], status: int, code: str
) -> None:
    answer, line = await finished(out, *request_of)
    request_id = answer.headers["x-request-id"]
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["requestId"], line["request_id"], line["status"]) == (request_id, request_id, status)
    assert line["code"] == code
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_body_over_the_limit_is_refused_though_its_length_was_not_said(out: Out) -> None:
    answer = await ask("POST", "/api/v1/broken", TOKEN, content=b"x" * 101)
    assert (answer.status, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_a_request_that_takes_too_long_is_given_up(out: Out) -> None:
    settings = Settings(limits=Limits(request=timedelta(seconds=0.05)))
    answer = await ask("GET", "/api/v1/slow", TOKEN, app=with_faults(create_app(settings, open_services=StandIns())))
    assert (answer.status, answer.json()["code"]) == (504, "UPSTREAM_TIMEOUT")
    assert "x-request-id" in answer.headers


async def test_a_success_carries_the_same_headers(out: Out) -> None:
    answer, line = await finished(out, "GET", "/livez")
    assert (answer.status, answer.headers["x-request-id"]) == (200, line["request_id"])
    assert "code" not in line
    assert answer.headers["cache-control"] == "no-store"


async def test_head_is_answered_as_get_where_nobody_needs_to_sign_in() -> None:
    got, headed = await ask("GET", "/livez"), await ask("HEAD", "/livez")
    assert (headed.status, headed.headers["content-length"]) == (200, got.headers["content-length"])


async def test_head_is_nothing_special_elsewhere() -> None:
    assert [(await ask("HEAD", "/api/v1/me", *each)).status for each in ([], [TOKEN])] == [401, 405]


@pytest.mark.parametrize(
    ("identity", "warned"),
    [(Identities(), 1), (Identities(local=Local(enabled=True)), 0)],
)
async def test_that_nobody_can_get_in_is_told_at_the_start(out: Out, identity: Identities, warned: int) -> None:
    async with running(create_app(Settings(identity=identity), open_services=StandIns())):
        assert [line["event"] for line in out.lines].count("service.no_way_in") == warned


async def test_who_asked_for_what_stands_in_the_line(out: Out) -> None:
    _, line = await finished(out, "GET", "/api/v1/refused/demo-secret", TOKEN)
    assert (line["user"], line["secret"]) == ("secretspace:anna", "demo-secret")
    assert line["route"] == "/api/v1/refused/{name}"


async def test_the_template_of_a_route_is_its_whole_path(out: Out) -> None:
    path = "/api/v1/workspaces/w/projects/p/secrets/s/data"
    _, line = await finished(out, "PUT", path, TOKEN, query=b"unknown=1")
    assert line["route"] == "/api/v1/workspaces/{workspace}/projects/{project}/secrets/{name}/data"


async def test_requests_are_counted(out: Out) -> None:
    app = create_app(SETTINGS, open_services=StandIns())
    await ask("GET", "/livez", app=app)
    answer = await ask("GET", "/metrics", app=app)
    assert b'secretspace_http_requests_total{method="GET",route="/livez",status="200"} 1.0' in answer.body


# What is never said


async def test_no_token_no_header_no_query_no_body_and_no_text_of_an_exception_is_in_a_log_or_an_answer(
    out: Out,
) -> None:
    secret = CANARY.encode()
    headers = [TOKEN, (b"x-canary", secret), (b"cookie", secret)]
    answer = await ask("POST", "/api/v1/broken", *headers, content=secret, query=b"key=" + secret)
    assert answer.status == 500
    assert [line["event"] for line in out.lines] == ["request.failed", "request.finished"]
    assert CANARY not in out.text + str(answer.messages)


async def test_where_it_failed_stands_in_the_log(out: Out) -> None:
    await ask("POST", "/api/v1/broken", TOKEN, content=CANARY.encode())
    assert out.lines[0]["error"] == "ValueError"
    assert out.lines[0]["frames"][-1].startswith("unit/test_main.py:")


# Who gets in


async def test_only_these_routes_are_open() -> None:
    app = create_app(Settings(server=Server(docs=False)), open_services=StandIns())
    routes = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    answers = {route: await ask(*route, app=app) for route in sorted(routes)}
    assert {route for route, answer in answers.items() if answer.status != 401} == {
        ("GET", "/livez"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/.well-known/jwks.json"),
        ("GET", "/.well-known/openid-configuration"),
        ("POST", "/oauth/revoke"),
        ("POST", "/oauth/token"),
    }


async def test_a_forbidden_header_is_refused_before_anybody_asks_who_calls(out: Out) -> None:
    answer = await ask("GET", "/api/v1/me", (b"authorization", b"Bearer bad"), (b"Impersonate_User", b"admin"))
    assert answer.json()["code"] == "FORBIDDEN_HEADER"


# Start and end


def test_an_application_is_made_without_a_cluster_and_has_its_document() -> None:
    stand_ins = StandIns()
    app = create_app(Settings(), open_services=stand_ins)
    assert "/livez" in app.openapi()["paths"]
    assert stand_ins.given == {}


def test_nothing_answers_that_was_not_written_down() -> None:
    app = create_app(Settings(server=Server(docs=False)))
    assert (app.docs_url, app.redoc_url, app.openapi_url) == (None, None, None)
    assert app.router.redirect_slashes is False


async def test_the_services_are_open_while_it_runs_and_closed_afterwards(out: Out) -> None:
    stand_ins = StandIns()
    async with running(create_app(SETTINGS, open_services=stand_ins)) as state:
        assert (stand_ins.open, state["services"]) == (True, stand_ins)
    assert stand_ins.open is False


async def test_the_services_get_the_settings_and_report_to_the_metrics(out: Out) -> None:
    stand_ins = StandIns()
    async with running(create_app(SETTINGS, open_services=stand_ins)) as state:
        stand_ins.given["observer"].observe("get", "secrets", 200, 0.01)
        await stand_ins.given["recorder"].record(
            user="u", workspace="w", project="p", secret="s", keys=["k"], request_id="r"
        )
        text = state["metrics"].text()
    assert stand_ins.given["settings"] is SETTINGS
    assert b'secretspace_kubernetes_calls_total{resource="secrets",status="2xx",verb="get"} 1.0' in text
    assert b"secretspace_reveals_total 1.0" in text
    assert [line["event"] for line in out.lines] == ["secret.revealed"]


async def test_what_start_up_made_is_out_of_the_sight_of_the_garbage_collector(out: Out) -> None:
    async with running(create_app(SETTINGS, open_services=StandIns())):
        assert gc.get_freeze_count() > 10_000


@pytest.mark.parametrize(
    ("failure", "name"),
    [
        (OSError(CANARY), "OSError"),
        (UpstreamUnavailableError(), "app.domain.errors.upstream_error.UpstreamUnavailableError"),
    ],
)
async def test_a_start_that_fails_says_why_without_the_text_of_the_exception(
    out: Out, failure: OSError | AppError, name: str
) -> None:
    with pytest.raises(type(failure)):
        await ask(app=create_app(SETTINGS, open_services=StandIns(failure=failure)))
    (line,) = out.lines
    assert (line["event"], line["level"], line["error"]) == ("service.failed", "error", name)
    assert CANARY not in out.text
