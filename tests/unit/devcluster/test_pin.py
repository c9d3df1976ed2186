"""Pinning another version."""

import json
from pathlib import Path

import pytest

from devcluster import pin as pinning
from devcluster.errors import PinError

KUBERNETES_GO_MOD = """\
module k8s.io/kubernetes
replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/client-go => ./staging/src/k8s.io/client-go
)
"""


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where versions are pinned for the length of a test."""
    monkeypatch.setattr(pinning, "VERSIONS_DIR", tmp_path / "versions")
    return tmp_path / "versions"


def scripted(tmp_path: Path, script: str) -> Path:
    go = tmp_path / "go"
    go.write_text(f"#!/bin/sh\n{script}\n")
    go.chmod(0o755)
    return go


def test_each_staging_module_is_replaced_by_its_published_copy(tmp_path: Path, versions: Path) -> None:
    (tmp_path / "downloaded.mod").write_text(KUBERNETES_GO_MOD)
    answer = json.dumps({"GoMod": str(tmp_path / "downloaded.mod")})
    go = scripted(tmp_path, f"echo \"$@\" >> {tmp_path}/calls\ncase $2 in download) echo '{answer}';; esac")

    target = pinning.pin("1.38.1", etcd_version="3.6.16", go=go)

    edit = next(
        line for line in (tmp_path / "calls").read_text().splitlines() if "k8s.io/kubernetes@v1.38.1 -replace" in line
    )
    assert target == versions / "1.38.1"
    assert "-replace=k8s.io/api=k8s.io/api@v0.38.1 -replace=k8s.io/client-go=k8s.io/client-go@v0.38.1 " in edit
    assert "-tool=k8s.io/kubernetes/cmd/kube-controller-manager" in edit


def test_what_go_says_against_it_is_passed_on(tmp_path: Path, versions: Path) -> None:
    go = scripted(tmp_path, "echo 'unknown revision v9.9.9' >&2; exit 1")

    with pytest.raises(PinError, match=r"`go mod download` failed: unknown revision v9\.9\.9"):
        pinning.pin("9.9.9", etcd_version="3.6.16", go=go)

    assert not (versions / "9.9.9" / "kubernetes" / "go.mod").exists()
