"""How a control plane starts, stops, fails and comes back; each test has its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devcluster import Binaries, ControlPlane
from devcluster.data_dir import DataDir
from devcluster.errors import ComponentFailedError
from tests.contract.devcluster.conftest import client_of, namespace, secret
from tests.unit.devcluster.processes import still_running

PARENT = """
import json, sys, time
from pathlib import Path
from devcluster import ControlPlane, ensure_binaries, resolve_version
plane = ControlPlane.start(ensure_binaries(resolve_version()), Path(sys.argv[1]), durable=False)
print(json.dumps(plane.pids), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("binaries")
def test_when_the_parent_dies_nothing_is_left_running_nor_locked(tmp_path: Path, death: signal.Signals) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True) as parent:
        pids = json.loads(next(iter(parent.stdout or [])))

        os.killpg(parent.pid, death)  # as a terminal does it: to the whole group

    assert set(pids) == {"supervisor", "etcd", "kube-apiserver", "kube-controller-manager"}
    assert still_running(pids.values()) == set()
    with DataDir(tmp_path).locked() as held:
        assert held > 0


def test_data_keys_and_tokens_outlive_a_restart(binaries: Binaries, tmp_path: Path) -> None:
    with ControlPlane.start(binaries, tmp_path) as first, client_of(first) as admin:
        path = namespace(admin, "kept")
        admin.post(f"{path}/secrets", json=secret("kept", password="x")).raise_for_status()
        authority = first.ca_file.read_bytes()
        token = admin.post("/api/v1/namespaces/default/serviceaccounts/default/token", json={"spec": {}}).json()[
            "status"
        ]["token"]
        pids = first.pids.values()

    gone = still_running(pids, 0)

    with ControlPlane.start(binaries, tmp_path) as second, client_of(second) as admin:
        review = admin.post("/apis/authentication.k8s.io/v1/tokenreviews", json={"spec": {"token": token}}).json()[
            "status"
        ]
        assert gone == set()
        assert admin.get(f"{path}/secrets/kept").status_code == 200
        assert second.url in second.kubeconfig.read_text()
        assert second.ca_file.read_bytes() == authority
        assert review["authenticated"] is True


def test_a_component_that_cannot_start_is_named_with_its_log(binaries: Binaries, tmp_path: Path) -> None:
    with pytest.raises(ComponentFailedError) as failed:
        ControlPlane.start(binaries, tmp_path, durable=False, apiserver_flags=["--no-such-flag"])

    assert failed.value.component == "kube-apiserver"
    assert str(tmp_path / "logs" / "kube-apiserver.log") in str(failed.value)
    assert "unknown flag: --no-such-flag" in str(failed.value)


def test_a_start_that_failed_leaves_the_data_directory_free(binaries: Binaries, tmp_path: Path) -> None:
    broken = Binaries(binaries.kube_apiserver, binaries.kube_controller_manager, tmp_path / "missing", binaries.version)

    with pytest.raises(ComponentFailedError, match="etcd cannot be started"):
        ControlPlane.start(broken, tmp_path)

    with DataDir(tmp_path).locked() as held:
        assert held > 0


def test_a_component_that_dies_takes_the_others_along_and_is_named(binaries: Binaries, tmp_path: Path) -> None:
    with ControlPlane.start(binaries, tmp_path, durable=False) as plane:
        os.kill(plane.pids["etcd"], signal.SIGKILL)
        left = still_running(plane.pids.values())
        failure = plane.failure()

    assert left == set()
    assert str(failure).startswith(f"etcd ended with status -9. Its log is {tmp_path}/logs/etcd.log")
    assert plane.failure() is failure


def test_run_on_the_command_line_prints_the_kubeconfig_and_ends_well_at_ctrl_c(
    binaries: Binaries, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "devcluster", "run", "--data-dir", str(tmp_path), "--kubernetes", binaries.version]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        printed = next(iter(running.stdout or []))
        time.sleep(0.2)
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=30)

    assert printed == f"{tmp_path / 'kubeconfig'}\n"
    assert f"Kubernetes {binaries.version} at https://127.0.0.1:" in said
    assert running.returncode == 0
