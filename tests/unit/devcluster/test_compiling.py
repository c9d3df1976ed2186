"""What is compiled, and what we make of Go's complaints."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devcluster.compiling import compile_into, module_files
from devcluster.errors import BuildError, CompileError, ModulesUnreachableError, NoDiskSpaceError
from tests.unit.devcluster.fake_go import install_go
from tests.unit.devcluster.processes import still_running

BUILD = """
import sys
from pathlib import Path
from devcluster.compiling import compile_into
compile_into(Path(sys.argv[1]), "1.37.2")
"""
FAILS = "echo '{said}' >&2; exit 1"


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """First on PATH."""
    directory = tmp_path / "bin"
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")
    return directory


def test_the_three_binaries_are_compiled(tmp_path: Path, bin_dir: Path) -> None:
    install_go(bin_dir)
    target = tmp_path / "target"
    target.mkdir()

    compile_into(target, "1.37.2")

    assert sorted(file.name for file in target.iterdir()) == ["etcd", "kube-apiserver", "kube-controller-manager"]


def test_kubernetes_is_told_its_version(tmp_path: Path, bin_dir: Path) -> None:
    install_go(bin_dir, building=f'echo "$@" >> {tmp_path}/calls')

    compile_into(tmp_path, "1.36.3")

    first = (tmp_path / "calls").read_text().splitlines()[0]
    assert "version.gitVersion=v1.36.3 " in first
    assert "version.gitMinor=36 " in first
    assert first.endswith("k8s.io/kubernetes/cmd/kube-apiserver")


@pytest.mark.parametrize(
    ("said", "error", "worded"),
    [
        ("link: write /tmp/x: no space left on device", NoDiskSpaceError, "free some"),
        (
            'Get "https://proxy.golang.org/x": dial tcp: lookup proxy.golang.org: no such host',
            ModulesUnreachableError,
            "check the network",
        ),
        ("x.go:1:2: undefined: y", CompileError, "undefined: y"),
    ],
)
def test_a_failed_build_says_what_to_do(
    tmp_path: Path, bin_dir: Path, said: str, error: type[BuildError], worded: str
) -> None:
    install_go(bin_dir, building=FAILS.format(said=said))

    with pytest.raises(error) as failed:
        compile_into(tmp_path, "1.37.2")

    assert worded in str(failed.value)
    assert "kube-apiserver 1.37.2" in str(failed.value)


def test_modules_that_cannot_be_fetched_are_told_before_anything_is_compiled(tmp_path: Path, bin_dir: Path) -> None:
    install_go(bin_dir, listing=FAILS.format(said="dial tcp: i/o timeout"), building=f"touch {tmp_path}/compiled")

    with pytest.raises(ModulesUnreachableError):
        compile_into(tmp_path, "1.37.2")

    assert not (tmp_path / "compiled").exists()


def test_a_build_that_is_ended_early_takes_its_compilers_along_and_leaves_nothing(
    tmp_path: Path, bin_dir: Path
) -> None:
    install_go(
        bin_dir,
        building=f"sleep 600 & echo $! > {tmp_path}/compiler.new; mv {tmp_path}/compiler.new {tmp_path}/compiler; wait",
    )
    target = tmp_path / "target"
    target.mkdir()
    command = [sys.executable, "-c", BUILD, str(target)]

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as building:
        wait_for(tmp_path / "compiler")
        building.send_signal(signal.SIGINT)

    assert still_running([int((tmp_path / "compiler").read_text())], 5) == set()
    assert list(target.iterdir()) == []


def wait_for(file: Path) -> None:
    """Return when there is such a file, or after ten seconds."""
    deadline = time.monotonic() + 10
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def test_what_is_compiled_is_decided_by_four_files_that_exist() -> None:
    files = module_files("1.37.2")

    assert [(file.parent.name, file.name) for file in files] == [
        ("kubernetes", "go.mod"),
        ("kubernetes", "go.sum"),
        ("etcd", "go.mod"),
        ("etcd", "go.sum"),
    ]
    assert all(file.is_file() for file in files)
