"""One control plane at a time uses a data directory."""

import os
from pathlib import Path

import pytest

from devcluster.data_dir import DataDir
from devcluster.errors import ComponentFailedError, DataDirTakenError


def test_a_taken_directory_is_refused_and_its_user_named(tmp_path: Path) -> None:
    with DataDir(tmp_path).locked(), pytest.raises(DataDirTakenError) as refused, DataDir(tmp_path).locked():
        pass

    assert f"{tmp_path} is in use by another control plane (process {os.getpid()})" in str(refused.value)


def test_a_directory_is_free_again_after_use(tmp_path: Path) -> None:
    with DataDir(tmp_path).locked():
        pass

    with DataDir(tmp_path).locked() as held:
        assert held > 0


def test_a_copy_of_the_lock_keeps_the_directory_taken(tmp_path: Path) -> None:
    with DataDir(tmp_path).locked() as held:
        copy = os.dup(held)

    with os.fdopen(copy), pytest.raises(DataDirTakenError), DataDir(tmp_path).locked():
        pass


def test_logs_of_an_earlier_run_are_dropped_and_data_are_kept(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    data.prepare()
    data.log_of("etcd").write_text("old")
    data.audit_log.write_text("kept")

    data.prepare()

    assert not data.log_of("etcd").exists()
    assert data.audit_log.read_text() == "kept"


def test_a_failed_component_is_told_with_its_log_and_the_last_lines_of_it(tmp_path: Path) -> None:
    log = tmp_path / "etcd.log"
    log.write_text("".join(f"line {number}\n" for number in range(100)))

    told = str(ComponentFailedError("etcd", "ended with status 1", log))

    assert told.startswith(f"etcd ended with status 1. Its log is {log}, and ends:\nline 88\n")
    assert told.endswith("line 99")


def test_a_component_that_wrote_nothing_is_told_too(tmp_path: Path) -> None:
    assert str(ComponentFailedError("etcd", "cannot be started", tmp_path / "no.log")).endswith(", and is empty.")
