import time
from datetime import UTC, datetime, timedelta

from app.dev.attendant import Attendant
from tests.contract.dev.conftest import DevCluster

NOBODY_LISTENS = "http://127.0.0.1:9/readyz"
SECONDS = 20.0


def test_a_token_that_is_due_is_replaced_while_the_service_runs(cluster: DevCluster) -> None:
    before = cluster.home.service_token.read_text()
    announced: list[str] = []
    deadline = time.monotonic() + SECONDS

    with Attendant(
        cluster.plane,
        cluster.home,
        next_token_due=datetime.now(UTC) - timedelta(seconds=1),
        ready_url=NOBODY_LISTENS,
        announce=lambda: announced.append("ready"),
    ) as attendant:
        while cluster.home.service_token.read_text() == before and time.monotonic() < deadline:
            time.sleep(0.05)

    assert cluster.home.service_token.read_text() != before
    assert announced == []
    assert attendant.failure is None
