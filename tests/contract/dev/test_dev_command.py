"""`secretspace dev` as a person runs it: in a folder, until Ctrl-C."""

import json
import os
import re
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


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A port that is taken as long as these tests run."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Run]:
    """A run for the tests that let it go on."""
    with _running(tmp_path_factory.mktemp("dev"), "--port", str(port)) as started:
        yield started


def test_where_the_port_is_taken_the_next_free_one_is_used_and_said(run: Run, port: int) -> None:
    chosen = int(run.credentials["baseUrl"].rpartition(":")[2])

    assert chosen > port
    assert f"Port {port} is taken; the service listens on {chosen}." in run.screen


def test_the_first_screen_tells_each_password_that_the_file_has(run: Run) -> None:
    assert all(account["password"] in run.screen for account in run.credentials["accounts"].values())


def test_people_sign_in_and_the_audit_log_names_them_for_what_they_do(run: Run) -> None:
    with run.client("project-regular") as person:
        made = person.post(SECRETS, json={"name": "made", "content": {"kind": "default", "data": {"k": "v"}}})
        listed = person.get(SECRETS)

    assert made.status_code == 201
    assert "made" in {item["name"] for item in listed.json()["items"]}
    assert _callers_on_secrets(run.folder) == {"secretspace:project-regular"}


def test_the_commands_of_the_readme_work_as_pasted(run: Run) -> None:
    blocks = re.findall(r"^```bash\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    (pasted,) = [block for block in blocks if "curl" in block]

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", pasted], cwd=run.folder, capture_output=True, text=True, check=False
    )
    created, listed = done.stdout.splitlines()

    assert done.returncode == 0, done.stderr
    assert json.loads(created)["name"] == "first-secret"
    assert "first-secret" in {item["name"] for item in json.loads(listed)["items"]}
    assert "not told to anyone" not in done.stdout


def test_nothing_is_left_running_and_a_second_run_has_the_same_people_and_data(tmp_path: Path, port: int) -> None:
    with _running(tmp_path, "--port", str(port)) as first, first.client("project-admin") as person:
        person.post(
            SECRETS, json={"name": "kept", "content": {"kind": "default", "data": {"k": "v"}}}
        ).raise_for_status()
        accounts = first.credentials["accounts"]
        components = set(_processes_naming(tmp_path))
        after_ctrl_c = first.stop(signal.SIGINT), _processes_naming(tmp_path)

    with _running(tmp_path, "--port", str(port)) as second, second.client("project-admin") as person:
        again = second.credentials["accounts"]
        kept = person.get(f"{SECRETS}/kept")
        after_sigterm = second.stop(signal.SIGTERM), _processes_naming(tmp_path)

    assert components >= {"etcd", "kube-apiserver", "kube-controller-manager"}
    assert (after_ctrl_c, after_sigterm) == ((0, {}), (143, {}))
    assert again == accounts
    assert kept.status_code == 200
    assert second.screen.count("(as before)") == len(accounts)
    assert not [account for account in accounts.values() if account["password"] in second.screen]


def test_when_the_control_plane_ends_the_service_ends_and_says_why(tmp_path: Path, port: int) -> None:
    with _running(tmp_path, "--port", str(port)) as run:
        os.kill(_processes_naming(tmp_path)["kube-apiserver"], signal.SIGKILL)
        status = run.process.wait(STOP_SECONDS)

    assert status == 1
    assert "secretspace: kube-apiserver ended" in run.screen
    assert _processes_naming(tmp_path) == {}
