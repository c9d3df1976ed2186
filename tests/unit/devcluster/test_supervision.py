"""The supervisor, with components of a few lines of shell."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster.errors import SupervisorLostError
from devcluster.supervision import CommandFailedError, Ended, Supervision
from tests.unit.devcluster.processes import still_running

SLEEP = ["/bin/sleep", "600"]

OWNER = """
import os, sys, time
from pathlib import Path
from devcluster.supervision import Supervision
supervision = Supervision.begin(os.open(os.devnull, os.O_RDONLY), Path(sys.argv[1]))
component = supervision.start("sleeper", ["/bin/sleep", "600"], Path(sys.argv[1]))
print(supervision.pid, component, flush=True)
time.sleep(600)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def supervision(log: Path) -> Iterator[Supervision]:
    lock = os.open(os.devnull, os.O_RDONLY)
    supervision = Supervision.begin(lock, log)
    yield supervision
    supervision.end()
    os.close(lock)


def traced(name: str, log: Path) -> list[str]:
    """A component that writes its name when it is asked to end."""
    return [
        "/bin/sh",
        "-c",
        f"trap 'echo {name} >> {log}; exit 0' TERM; echo up >> {log}; while :; do sleep 0.02; done",
    ]


def lines_of(log: Path, count: int) -> list[str]:
    """The first lines of a log, once it has `count` of them."""
    deadline = time.monotonic() + 10
    while len(lines := log.read_text().splitlines()) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    return lines


def verdict(supervision: Supervision) -> Ended | SupervisorLostError | None:
    """What has gone wrong, once something has."""
    deadline = time.monotonic() + 10
    while (told := supervision.poll()) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return told


def test_nothing_is_wrong_while_the_components_run(supervision: Supervision, log: Path) -> None:
    supervision.start("sleeper", SLEEP, log)

    assert supervision.poll() is None


def test_components_are_stopped_last_started_first(supervision: Supervision, log: Path) -> None:
    for name in ("first", "second", "third"):
        supervision.start(name, traced(name, log), log)
    lines_of(log, 3)

    supervision.end()

    assert log.read_text().split() == ["up", "up", "up", "third", "second", "first"]


def test_a_component_started_again_keeps_its_place_in_the_order(supervision: Supervision, log: Path) -> None:
    for name in ("first", "second"):
        supervision.start(name, SLEEP, log)
    supervision.tell("stop", "first")
    supervision.tell("stop", "second")
    for name in ("second", "first"):
        supervision.start(name, traced(name, log), log)
    lines_of(log, 2)

    supervision.end()

    assert log.read_text().split() == ["up", "up", "second", "first"]


def test_a_component_that_ends_by_itself_is_told_and_takes_the_others_along(
    supervision: Supervision, log: Path
) -> None:
    sleeper = supervision.start("sleeper", SLEEP, log)
    supervision.start("brief", ["/bin/sh", "-c", "exit 7"], log)

    assert verdict(supervision) == Ended("brief", 7)
    assert still_running([sleeper]) == set()


def test_a_component_that_was_stopped_has_not_failed(supervision: Supervision, log: Path) -> None:
    sleeper = supervision.start("sleeper", SLEEP, log)

    supervision.tell("stop", "sleeper")

    assert still_running([sleeper], 0) == set()
    assert supervision.poll() is None


def test_a_frozen_component_can_be_stopped(supervision: Supervision, log: Path) -> None:
    component = supervision.start("frozen", traced("ended", log), log)
    lines_of(log, 1)
    supervision.tell("pause", "frozen")

    supervision.tell("stop", "frozen")

    assert log.read_text().split() == ["up", "ended"]
    assert still_running([component], 0) == set()


def test_a_program_that_does_not_exist_is_told(supervision: Supervision, log: Path) -> None:
    with pytest.raises(CommandFailedError, match="No such file"):
        supervision.start("missing", ["/no/such/program"], log)


def test_a_component_that_was_never_started_cannot_be_stopped(supervision: Supervision) -> None:
    with pytest.raises(CommandFailedError, match="etcd"):
        supervision.tell("stop", "etcd")


def test_variables_that_would_configure_a_component_do_not_reach_it(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETCD_NAME", "mine")
    supervision = Supervision.begin(os.open(os.devnull, os.O_RDONLY), log)

    supervision.start("env", ["/usr/bin/env"], log)
    verdict(supervision)
    supervision.end()

    assert "ETCD_NAME" not in log.read_text()
    assert "PATH=" in log.read_text()


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_when_the_owner_dies_nothing_is_left(log: Path, death: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(log)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as owner:
        pids = [int(pid) for pid in next(iter(owner.stdout or [])).split()]

        owner.send_signal(death)

    assert len(pids) == 2
    assert still_running(pids) == set()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills children with their parent")
def test_when_the_supervisor_is_killed_its_components_die_with_it(supervision: Supervision, log: Path) -> None:
    sleeper = supervision.start("sleeper", SLEEP, log)

    os.kill(supervision.pid, signal.SIGKILL)

    assert still_running([sleeper]) == set()
    assert isinstance(verdict(supervision), SupervisorLostError)


def test_a_supervisor_that_is_asked_to_end_takes_its_components_along(supervision: Supervision, log: Path) -> None:
    sleeper = supervision.start("sleeper", SLEEP, log)

    os.kill(supervision.pid, signal.SIGTERM)

    assert still_running([sleeper]) == set()


def test_ctrl_c_does_not_reach_the_components(supervision: Supervision, log: Path) -> None:
    sleeper = supervision.start("sleeper", SLEEP, log)

    os.kill(supervision.pid, signal.SIGINT)
    supervision.start("other", SLEEP, log)

    assert os.getsid(sleeper) == sleeper
    assert supervision.poll() is None
