"""A directory is built once, and appears whole or not at all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from devcluster.cache import cache_dir, fingerprint, obtain


class Builder:
    """Writes a file, counts its runs, and can be held up in the middle."""

    def __init__(self) -> None:
        self.runs = 0
        self.begun = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self, directory: Path) -> None:
        self.runs += 1
        (directory / "half").write_text("built")
        self.begun.set()
        self.may_end.wait(10)
        (directory / "other-half").write_text("built")


class Waiting:
    """Notes that somebody had to wait."""

    def __init__(self) -> None:
        self.begun = threading.Event()

    def __call__(self) -> AbstractContextManager[None]:
        self.begun.set()
        return nullcontext()


def test_what_is_there_is_not_built_again(tmp_path: Path) -> None:
    builder = Builder()

    first = obtain(tmp_path / "entry", builder, Waiting())
    second = obtain(tmp_path / "entry", builder, Waiting())

    assert first == second == tmp_path / "entry"
    assert builder.runs == 1


def test_a_second_build_waits_and_uses_the_result_of_the_first(tmp_path: Path) -> None:
    builder, waiting = Builder(), Waiting()
    builder.may_end.clear()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(obtain, tmp_path / "entry", builder, Waiting())
        builder.begun.wait(10)
        second = pool.submit(obtain, tmp_path / "entry", builder, waiting)
        waited = waiting.begun.wait(10)
        builder.may_end.set()

    assert waited
    assert first.result() == second.result()
    assert builder.runs == 1


def test_a_build_under_way_cannot_be_seen(tmp_path: Path) -> None:
    builder = Builder()
    builder.may_end.clear()

    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(obtain, tmp_path / "entry", builder, Waiting())
        builder.begun.wait(10)
        seen_before = (tmp_path / "entry").exists()
        builder.may_end.set()
        building.result()

    assert not seen_before
    assert sorted(file.name for file in (tmp_path / "entry").iterdir()) == ["half", "other-half"]


def test_the_directory_that_was_built_is_moved_into_place_in_one_step(tmp_path: Path) -> None:
    built: list[int] = []

    obtain(tmp_path / "entry", lambda directory: built.append(directory.stat().st_ino), Waiting())

    assert built == [(tmp_path / "entry").stat().st_ino]


def test_a_build_that_fails_leaves_nothing_and_can_be_tried_again(tmp_path: Path) -> None:
    def failing(directory: Path) -> None:
        (directory / "half").write_text("built")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        obtain(tmp_path / "entry", failing, Waiting())

    assert [file.name for file in tmp_path.iterdir()] == ["entry.lock"]
    assert obtain(tmp_path / "entry", Builder(), Waiting()).is_dir()


def test_what_a_killed_build_left_behind_is_cleared_away(tmp_path: Path) -> None:
    leftover = tmp_path / ".entry.abandoned"
    leftover.mkdir()
    (leftover / "half").write_text("built")

    obtain(tmp_path / "entry", Builder(), Waiting())

    assert not leftover.exists()


def test_whoever_waited_for_a_build_that_failed_builds_itself(tmp_path: Path) -> None:
    waiting, begun, may_end = Waiting(), threading.Event(), threading.Event()

    def failing(_: Path) -> None:
        begun.set()
        may_end.wait(10)
        raise RuntimeError

    builder = Builder()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(obtain, tmp_path / "entry", failing, Waiting())
        begun.wait(10)
        second = pool.submit(obtain, tmp_path / "entry", builder, waiting)
        waiting.begun.wait(10)
        may_end.set()

    assert isinstance(first.exception(), RuntimeError)
    assert second.result().is_dir()
    assert builder.runs == 1


def test_the_fingerprint_changes_with_any_source(tmp_path: Path) -> None:
    source, other = tmp_path / "go.mod", tmp_path / "go.sum"
    source.write_text("one")
    other.write_text("two")
    before = fingerprint([source, other])

    other.write_text("three")

    assert fingerprint([source, other]) != before


@pytest.mark.parametrize("relative", ["", "relative/cache"])
def test_a_cache_home_that_is_not_absolute_does_not_count(relative: str) -> None:
    assert cache_dir({"XDG_CACHE_HOME": relative}) == Path.home() / ".cache" / "secretspace" / "devcluster"


def test_the_cache_home_of_the_person_is_respected(tmp_path: Path) -> None:
    assert cache_dir({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "secretspace" / "devcluster"
