import asyncio
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from app import problems
from app.domain.errors import UpstreamError, UpstreamTimeoutError, UpstreamUnavailableError
from app.metrics import Metrics
from app.routers import health
from app.routers.health import Readiness
from tests.unit.middleware.asgi import Answer, scope, send_request


class Cluster:
    """A probe; `refusal` is what it raises."""

    def __init__(self, refusal: UpstreamError | None = None) -> None:
        self.refusal = refusal
        self.asked = 0

    async def check(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.refusal is not None:
            raise self.refusal


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that tests turn."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(health, "monotonic", lambda: clock.now)
    return clock


def application() -> ASGIApp:
    app = FastAPI()
    app.include_router(health.router)
    problems.install(app)
    return app


async def get(path: str, *, cluster: Cluster | None = None, metrics: Metrics | None = None) -> Answer:
    state = {"readiness": Readiness(cluster or Cluster()), "metrics": metrics or Metrics()}
    return await send_request(application(), scope(path=path, state=state))


async def test_a_process_that_runs_is_alive_whatever_the_cluster_does() -> None:
    cluster = Cluster(UpstreamUnavailableError())
    answer = await get("/livez", cluster=cluster)
    assert (answer.status, answer.json(), cluster.asked) == (200, {"status": "ok"}, 0)


async def test_it_is_ready_when_the_api_server_answers() -> None:
    answer = await get("/readyz")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("refusal", [UpstreamUnavailableError(), UpstreamTimeoutError(), UpstreamError()])
async def test_it_is_not_ready_when_the_api_server_does_not_answer(refusal: UpstreamError) -> None:
    answer = await get("/readyz", cluster=Cluster(refusal))
    assert (answer.status, answer.json()["code"]) == (503, "UPSTREAM_UNAVAILABLE")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "retry-after" in answer.headers


async def test_however_many_ask_the_api_server_is_asked_once_a_second(clock: SimpleNamespace) -> None:
    cluster = Cluster()
    readiness = Readiness(cluster)
    await asyncio.gather(*(readiness.check() for _ in range(50)))
    clock.now += 1.0
    await readiness.check()
    assert cluster.asked == 1


async def test_a_second_later_it_is_asked_again(clock: SimpleNamespace) -> None:
    cluster = Cluster()
    readiness = Readiness(cluster)
    await readiness.check()
    clock.now += 1.1
    cluster.refusal = UpstreamUnavailableError()
    with pytest.raises(UpstreamUnavailableError):
        await readiness.check()
    assert cluster.asked == 2


async def test_that_it_is_not_ready_is_remembered_as_long(clock: SimpleNamespace) -> None:
    cluster = Cluster(UpstreamUnavailableError())
    readiness = Readiness(cluster)
    outcomes = await asyncio.gather(*(readiness.check() for _ in range(10)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {UpstreamUnavailableError}
    assert cluster.asked == 1


async def test_the_counts_are_given_in_the_text_format_of_prometheus() -> None:
    metrics = Metrics()
    metrics.revealed()
    answer = await get("/metrics", metrics=metrics)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert b"secretspace_reveals_total 1.0" in answer.body
