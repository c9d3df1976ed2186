"""`secretspace dev` as a person runs it: in a folder, until Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.dev.port import LOOPBACK

ROOT = Path(__file__).parents[3]
SECRETS = "/api/v1/workspaces/demo-workspace/projects/demo-project/secrets"
READY_SECONDS = 120.0
STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Run:
    """One run of the command."""

    process: subprocess.Popen[str]
    folder: Path

    @property
    def credentials(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.folder / ".secretspace/dev/credentials.json").read_text())
        return document

    @property
    def screen(self) -> str:
        return (self.folder / "screen").read_text()

    def await_screen(self, words: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while words not in self.screen:
            assert self.process.poll() is None, self.screen
            assert time.monotonic() < deadline, self.screen
            time.sleep(0.1)

    def client(self, account: str) -> httpx.Client:
        """A client that has signed in."""
        base_url = self.credentials["baseUrl"]
        form = {
            "grant_type": "password",
            "username": account,
            "password": self.credentials["accounts"][account]["password"],
        }
        token = (
            httpx.post(f"{base_url}/oauth/token", data=form, trust_env=False).raise_for_status().json()["access_token"]
        )
        return httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def _running(folder: Path, *arguments: str) -> Iterator[Run]:
    with (folder / "screen").open("w") as screen:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "dev", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=screen,
            stderr=subprocess.STDOUT,
            text=True,
        )
    run = Run(process, folder)
    try:
        run.await_screen("Secretspace is ready")
        yield run
    finally:
        if process.poll() is None:
            run.stop()


def _processes_naming(folder: Path) -> dict[str, int]:
    """Processes whose command line names the folder, by the name of their program."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
        except (OSError, NotADirectoryError):
            continue
        if entry.name.isdigit() and str(folder) in command:
            found[Path(command.partition("\0")[0]).name] = int(entry.name)
    return found


def _callers_on_secrets(folder: Path) -> set[str]:
    """Who touched Secrets of the project, by the cluster's own audit log."""
    events = map(json.loads, (folder / ".secretspace/dev/audit.log").read_text().splitlines())
    wanted = {"resource": "secrets", "namespace": "demo-project"}
    on_secrets = [event for event in events if wanted.items() <= event.get("objectRef", {}).items()]
    return {event.get("impersonatedUser", event["user"])["username"] for event in on_secrets}


@pytest.fixture
def port() -> Iterator[int]:
    """A port that is taken for the length of the test."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield int(server.getsockname()[1])


def test_people_sign_in_and_work_as_themselves_and_nothing_is_left_after_ctrl_c(tmp_path: Path, port: int) -> None:
    with _running(tmp_path, "--port", str(port)) as run, run.client("project-regular") as person:
        made = person.post(SECRETS, json={"name": "made", "content": {"kind": "default", "data": {"k": "v"}}})
        listed = person.get(SECRETS)
        components = set(_processes_naming(tmp_path))
        status = run.stop()

    assert (made.status_code, [item["name"] for item in listed.json()["items"]]) == (201, ["made"])
    assert f"Port {port} is taken; the service listens on " in run.screen
    assert components >= {"etcd", "kube-apiserver", "kube-controller-manager"}
    assert _callers_on_secrets(tmp_path) == {"secretspace:project-regular"}
    assert status == 0
    assert _processes_naming(tmp_path) == {}


def test_a_second_run_after_a_sigterm_has_the_same_people_and_the_same_data(tmp_path: Path, port: int) -> None:
    with _running(tmp_path, "--port", str(port)) as run, run.client("project-admin") as person:
        person.post(
            SECRETS, json={"name": "kept", "content": {"kind": "default", "data": {"k": "v"}}}
        ).raise_for_status()
        first = run.credentials["accounts"]
        run.stop(signal.SIGTERM)
    shown = [account["password"] in run.screen for account in first.values()]

    with _running(tmp_path, "--port", str(port)) as run, run.client("project-admin") as person:
        again = run.credentials["accounts"]
        kept = person.get(f"{SECRETS}/kept")

    assert shown == [True] * 5
    assert again == first
    assert kept.status_code == 200
    assert run.screen.count("(as before)") == 5
    assert not [account for account in first.values() if account["password"] in run.screen]


def test_when_the_control_plane_ends_the_service_ends_and_says_why(tmp_path: Path, port: int) -> None:
    with _running(tmp_path, "--port", str(port)) as run:
        os.kill(_processes_naming(tmp_path)["kube-apiserver"], signal.SIGKILL)
        status = run.process.wait(STOP_SECONDS)

    assert status == 1
    assert "secretspace: kube-apiserver ended" in run.screen
    assert _processes_naming(tmp_path) == {}
