"""Which Go is chosen."""

from importlib import metadata
from pathlib import Path

import pytest

from devcluster.errors import NoGoError
from devcluster.toolchain import find_go, go_environment
from tests.unit.devcluster.fake_go import install_go


@pytest.fixture
def module(tmp_path: Path) -> Path:
    directory = tmp_path / "module"
    directory.mkdir()
    (directory / "go.mod").write_text("module example.com/x\n\ngo 1.26.0\n")
    return directory


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on PATH."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    return directory


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)


@pytest.mark.parametrize("version", ["go1.26.0", "go1.26.8", "go1.100.0"])
def test_the_go_on_path_is_taken_when_it_is_new_enough(module: Path, bin_dir: Path, version: str) -> None:
    go = install_go(bin_dir, version=version)

    assert find_go(module) == go


def test_the_wheel_is_taken_when_the_go_on_path_is_too_old(module: Path, bin_dir: Path) -> None:
    install_go(bin_dir, version="go1.25.9")

    chosen = find_go(module)

    assert chosen.parts[-3:] == ("go", "bin", "go")


@pytest.mark.usefixtures("bin_dir")
def test_the_wheel_is_taken_when_there_is_no_go_on_path(module: Path) -> None:
    assert find_go(module).parts[-3:] == ("go", "bin", "go")


@pytest.mark.usefixtures("no_wheel", "bin_dir")
def test_without_any_go_the_error_says_what_is_needed_and_what_to_do(module: Path) -> None:
    with pytest.raises(NoGoError) as refused:
        find_go(module)

    assert "needs Go 1.26.0 or newer (found none)" in str(refused.value)
    assert "https://go.dev/dl" in str(refused.value)


@pytest.mark.usefixtures("no_wheel")
def test_a_go_that_is_too_old_is_named_with_its_version(module: Path, bin_dir: Path) -> None:
    go = install_go(bin_dir, version="go1.25.9")

    with pytest.raises(NoGoError, match=f"found only 1.25.9 at {go}"):
        find_go(module)


@pytest.mark.usefixtures("no_wheel")
def test_a_go_that_does_not_run_is_passed_over(module: Path, bin_dir: Path) -> None:
    go = bin_dir / "go"
    go.write_text("not a program\n")
    go.chmod(0o755)

    with pytest.raises(NoGoError, match="something that does not run"):
        find_go(module)


def test_the_most_demanding_module_decides(module: Path, bin_dir: Path, tmp_path: Path) -> None:
    demanding = tmp_path / "demanding"
    demanding.mkdir()
    (demanding / "go.mod").write_text("module example.com/y\n\ngo 1.98.0\n")
    install_go(bin_dir, version="go1.97.0")

    with pytest.raises(NoGoError, match=r"needs Go 1\.98\.0"):
        find_go(module, demanding)


def test_flags_of_the_person_have_no_say_in_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    monkeypatch.setenv("GOPROXY", "https://proxy.example")

    environment = go_environment()

    assert environment["GOFLAGS"] == "-mod=readonly"
    assert environment["GOTOOLCHAIN"] == "local"
    assert environment["GOPROXY"] == "https://proxy.example"
