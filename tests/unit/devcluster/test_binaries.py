"""Where the binaries come from."""

from pathlib import Path

import pytest

from devcluster import Binaries, ensure_binaries
from devcluster.errors import AssetsUnusableError
from tests.unit.devcluster.fake_go import install_go

NAMES = ("etcd", "kube-apiserver", "kube-controller-manager")


def program(file: Path, says: str = "Kubernetes v1.35.4") -> None:
    file.write_text(f"#!/bin/sh\necho {says}\n")
    file.chmod(0o755)


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    for name in NAMES:
        program(tmp_path / name)
    return tmp_path


def test_a_directory_of_ready_binaries_is_used_and_tells_its_version(assets: Path) -> None:
    binaries = ensure_binaries("1.37.2", {"KUBEBUILDER_ASSETS": str(assets)})

    assert binaries == Binaries(
        assets / "kube-apiserver", assets / "kube-controller-manager", assets / "etcd", "1.35.4"
    )


@pytest.mark.parametrize("missing", NAMES)
def test_a_binary_that_is_missing_is_named(assets: Path, missing: str) -> None:
    (assets / missing).unlink()

    with pytest.raises(AssetsUnusableError) as refused:
        ensure_binaries("1.37.2", {"KUBEBUILDER_ASSETS": str(assets)})

    assert f"{assets}, which has no executable {missing};" in str(refused.value)


def test_a_binary_of_another_platform_is_told(assets: Path) -> None:
    (assets / "kube-apiserver").write_bytes(b"\x00no program")

    with pytest.raises(AssetsUnusableError, match="whose kube-apiserver does not run"):
        ensure_binaries("1.37.2", {"KUBEBUILDER_ASSETS": str(assets)})


def test_something_that_is_no_kube_apiserver_is_told(assets: Path) -> None:
    program(assets / "kube-apiserver", says="hello")

    with pytest.raises(AssetsUnusableError, match="does not tell its version"):
        ensure_binaries("1.37.2", {"KUBEBUILDER_ASSETS": str(assets)})


def test_without_ready_ones_they_are_built_into_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_go(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")

    binaries = ensure_binaries("1.37.2", {"XDG_CACHE_HOME": str(tmp_path)})

    assert binaries.etcd.read_text() == "built\n"
    assert binaries.etcd.parent.parent == tmp_path / "secretspace" / "devcluster"
    assert binaries.version == "1.37.2"


def test_versions_do_not_share_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_go(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")

    newer = ensure_binaries("1.37.2", {"XDG_CACHE_HOME": str(tmp_path)})
    older = ensure_binaries("1.36.3", {"XDG_CACHE_HOME": str(tmp_path)})

    assert newer.etcd != older.etcd
