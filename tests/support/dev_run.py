"""`secretspace dev` as a person runs it: in a folder, until it is stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
READY_SECONDS = 120.0
STOP_SECONDS = 60.0


@dataclass(frozen=True)
class DevRun:
    """One run of the command."""

    process: "subprocess.Popen[str]"
    folder: Path

    @property
    def credentials(self) -> dict[str, Any]:
        """What it has written for people and scripts."""
        document: dict[str, Any] = json.loads((self.folder / ".secretspace/dev/credentials.json").read_text())
        return document

    @property
    def screen(self) -> str:
        """What it has said so far."""
        return (self.folder / "screen").read_text()

    def await_screen(self, words: str) -> None:
        """Wait until it has said this."""
        deadline = time.monotonic() + READY_SECONDS
        while words not in self.screen:
            assert self.process.poll() is None, self.screen
            assert time.monotonic() < deadline, self.screen
            time.sleep(0.1)

    def client(self, account: str) -> httpx.Client:
        """A client that has signed in."""
        base_url = self.credentials["baseUrl"]
        password = self.credentials["accounts"][account]["password"]
        form = {"grant_type": "password", "username": account, "password": password}
        signed_in = httpx.post(f"{base_url}/oauth/token", data=form, trust_env=False).raise_for_status()
        headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
        return httpx.Client(base_url=base_url, headers=headers, trust_env=False)

    def callers_on_secrets(self, project: str) -> set[str]:
        """Who touched Secrets of a project, by the cluster's own audit log."""
        events = map(json.loads, (self.folder / ".secretspace/dev/audit.log").read_text().splitlines())
        wanted = {"resource": "secrets", "namespace": project}
        on_secrets = [event for event in events if wanted.items() <= event.get("objectRef", {}).items()]
        return {event.get("impersonatedUser", event["user"])["username"] for event in on_secrets}

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it, and return its status."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def dev_running(folder: Path, *arguments: str) -> Iterator[DevRun]:
    """Run it in a folder until the block ends."""
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
    run = DevRun(process, folder)
    try:
        run.await_screen("Secretspace is ready")
        yield run
    finally:
        if process.poll() is None:
            run.stop()
