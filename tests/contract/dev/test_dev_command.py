"""`secretspace dev` as a person runs it: in a folder, until Ctrl-C."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.dev.port import LOOPBACK
from app.manifests import profile_for
from devcluster import resolve_version
from tests.support.dev_run import ROOT, STOP_SECONDS, DevRun, dev_running

SECRETS = "/api/v1/workspaces/demo-workspace/projects/demo-project/secrets"


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


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A port that is taken as long as these tests run."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[DevRun]:
    """A run for the tests that let it go on."""
    with dev_running(tmp_path_factory.mktemp("dev"), "--port", str(port)) as started:
        yield started


def test_where_the_port_is_taken_the_next_free_one_is_used_and_said(run: DevRun, port: int) -> None:
    chosen = int(run.credentials["baseUrl"].rpartition(":")[2])

    assert chosen > port
    assert f"Port {port} is taken; the service listens on {chosen}." in run.screen


def test_the_first_screen_tells_each_password_that_the_file_has(run: DevRun) -> None:
    assert all(account["password"] in run.screen for account in run.credentials["accounts"].values())


def test_people_sign_in_and_the_audit_log_names_them_for_what_they_do(run: DevRun) -> None:
    with run.client("project-regular") as person:
        made = person.post(SECRETS, json={"name": "made", "content": {"kind": "default", "data": {"k": "v"}}})
        listed = person.get(SECRETS)

    assert made.status_code == 201
    assert "made" in {item["name"] for item in listed.json()["items"]}
    assert run.callers_on_secrets("demo-project") == {"secretspace:project-regular"}


def test_the_doctor_finds_nothing_wrong(run: DevRun) -> None:
    command = [sys.executable, "-m", "app.cli", "doctor", "--strict", "--kubeconfig", ".secretspace/dev/kubeconfig"]

    done = subprocess.run(
        command,
        cwd=run.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert f"Profile in force: {profile_for(resolve_version())}. " in done.stdout


def test_the_commands_of_the_readme_work_as_pasted(run: DevRun) -> None:
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
    with dev_running(tmp_path, "--port", str(port)) as first, first.client("project-admin") as person:
        person.post(
            SECRETS, json={"name": "kept", "content": {"kind": "default", "data": {"k": "v"}}}
        ).raise_for_status()
        accounts = first.credentials["accounts"]
        components = set(_processes_naming(tmp_path))
        after_ctrl_c = first.stop(signal.SIGINT), _processes_naming(tmp_path)

    with dev_running(tmp_path, "--port", str(port)) as second, second.client("project-admin") as person:
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
    with dev_running(tmp_path, "--port", str(port)) as run:
        os.kill(_processes_naming(tmp_path)["kube-apiserver"], signal.SIGKILL)
        status = run.process.wait(STOP_SECONDS)

    assert status == 1
    assert "secretspace: kube-apiserver ended" in run.screen
    assert _processes_naming(tmp_path) == {}
