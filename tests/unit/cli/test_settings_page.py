"""The page on settings says all there is to set, and is the one in the documentation."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from typer.testing import CliRunner

from app.cli.program import program
from app.cli.settings_page import settings_page
from app.settings import Settings

ROOT = Path(__file__).parents[3]
ROWS = [line.strip("|").split(" | ") for line in settings_page().splitlines() if line.startswith("| `")]


def _variables(part: BaseModel, prefix: str = "SECRETSPACE_") -> Iterator[str]:
    """The environment variable of every field that is not itself a part."""
    for name, value in part:
        variable = prefix + name.upper()
        yield from _variables(value, f"{variable}__") if isinstance(value, BaseModel) else [variable]


def test_the_page_is_the_one_in_the_documentation() -> None:
    committed = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")

    assert CliRunner().invoke(program, ["settings"]).output == committed, "run `make docs`, and commit it"


def test_it_names_every_field_of_every_part_once() -> None:
    assert [row[0].strip(" `") for row in ROWS] == list(_variables(Settings.model_construct()))


def test_it_says_of_every_field_what_it_means() -> None:
    assert [row[0] for row in ROWS if not row[2].strip().endswith(".")] == []


def test_a_duration_stands_there_as_it_is_set() -> None:
    (lifetime,) = [row for row in ROWS if "TOKEN_LIFETIME" in row[0]]

    assert lifetime[1] == "`PT1H`"


def test_it_can_be_written_to_a_file(tmp_path: Path) -> None:
    CliRunner().invoke(program, ["settings", "--output", str(tmp_path / "settings.md")])

    assert (tmp_path / "settings.md").read_text(encoding="utf-8") == settings_page()
