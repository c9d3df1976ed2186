"""The page on problems says all that can be answered, and the same as `/docs/problems` of the service."""

import re
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.problems_page import problems_page
from app.cli.program import program
from app.domain.fault import Fault
from app.domain.lint import Lint
from app.openapi import kinds_by_code
from app.problems import problem_type
from app.routers.problem_page import problem_page
from app.routers.problem_reference import ADVICE, problem_entries

ROOT = Path(__file__).parents[3]
CODES = sorted(kinds_by_code())


def _words(page: str) -> str:
    """A page without its markup, blanks as one."""
    text = unescape(re.sub(r"<[^>]+>", " ", page))
    return " ".join(re.sub(r"[`#|]|---", " ", text).split())


def test_the_page_is_the_one_in_the_documentation() -> None:
    committed = (ROOT / "docs/reference/problems.md").read_text(encoding="utf-8")

    assert CliRunner().invoke(program, ["problems"]).output == committed, "run `make docs`, and commit it"


@pytest.mark.parametrize("page", [problems_page(), problem_page()], ids=["documentation", "service"])
@pytest.mark.parametrize("code", CODES)
def test_what_type_leads_to_is_there(page: str, code: str) -> None:
    assert page.count(f'id="{problem_type(code).partition("#")[2]}"') == 1


@pytest.mark.parametrize("page", [problems_page(), problem_page()], ids=["documentation", "service"])
def test_both_pages_say_the_same_of_every_problem_fault_and_remark(page: str) -> None:
    said = _words(page)

    assert [entry.code for entry in problem_entries() if _words(f"{entry.title}. {entry.detail}") not in said] == []
    assert [entry.code for entry in problem_entries() if _words(entry.advice) not in said] == []
    assert [fault.code for fault in Fault if _words(f"{fault.code} {fault.message}") not in said] == []
    assert [each.code for each in Lint if _words(f"{each.message}") not in said] == []
    assert [each.code for each in Lint if f"{each.code} {each.severity}" not in said] == []


def test_every_code_has_advice_in_a_sentence_and_no_other_has() -> None:
    assert sorted(ADVICE) == CODES
    assert [code for code, advice in ADVICE.items() if not advice.endswith(".")] == []


def test_the_page_of_the_service_holds_no_markup_of_the_other() -> None:
    assert "`" not in problem_page()


def test_it_can_be_written_to_a_file(tmp_path: Path) -> None:
    CliRunner().invoke(program, ["problems", "--output", str(tmp_path / "problems.md")])

    assert (tmp_path / "problems.md").read_text(encoding="utf-8") == problems_page()
