"""The commands as a person types them, as far as they need no cluster."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from app.cli.openapi import openapi_document
from app.cli.program import program
from app.manifests import Profile, manifest_objects

ROOT = Path(__file__).parents[3]


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(program, arguments)


def test_help_names_every_command() -> None:
    said = _run("--help").output

    commands = ("serve", "dev", "doctor", "manifests", "openapi", "settings", "problems", "accounts")

    assert all(command in said for command in commands)


@pytest.mark.parametrize("profile", list(Profile))
def test_manifests_prints_what_can_be_applied_in_order(profile: Profile) -> None:
    result = _run("manifests", "--profile", profile)

    assert result.exit_code == 0
    assert list(yaml.safe_load_all(result.output)) == list(manifest_objects(profile))


def test_manifests_are_constrained_unless_asked_otherwise() -> None:
    assert "impersonate:user-info" in _run("manifests").output


def test_a_profile_that_does_not_exist_is_refused_with_those_that_do() -> None:
    result = _run("manifests", "--profile", "none")

    assert result.exit_code == 2
    assert "constrained" in result.output


def test_openapi_writes_the_same_bytes_whatever_the_environment_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRETSPACE_SERVER__ROOT_PATH", "/elsewhere")

    _run("openapi", "--output", str(tmp_path / "new" / "openapi.json"))

    assert (tmp_path / "new" / "openapi.json").read_text(encoding="utf-8") == openapi_document()
    assert "/elsewhere" not in openapi_document()


def test_openapi_check_passes_only_when_the_committed_file_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    missing = _run("openapi", "--check")
    _run("openapi", "--output", "openapi/openapi.json")

    same = _run("openapi", "--check")

    assert (missing.exit_code, same.exit_code, same.output) == (1, 0, "")


@pytest.mark.parametrize("command", [("accounts", "bootstrap"), ("serve",)])
@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("SECRETSPACE_SERVER__PORT", "canary", "SECRETSPACE_SERVER__PORT"),
        ("SECRETSPACE_KUBERNETES__KUBECONFIG", "/nowhere/kubeconfig", "/nowhere/kubeconfig"),
    ],
)
def test_a_failure_is_one_sentence_and_exit_code_1(
    command: tuple[str, ...], variable: str, value: str, said: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *command],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), variable: value},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("secretspace: ")
    assert said in done.stderr
    assert "canary" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_password_comes_from_the_first_line_of_a_file_and_rules_hold_for_it(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes(b"\xff\xfe")

    result = _run("accounts", "bootstrap", "--password-file", str(path))

    assert result.exit_code == 1
    assert str(result.exception) == f"{path} cannot be read as text."
