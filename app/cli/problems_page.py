"""`secretspace problems`: a page on every error, in the words of the page that the service shows."""

from collections.abc import Iterator
from typing import Final

from app.cli.page import Output, put
from app.domain.fault import Fault
from app.domain.lint import Lint
from app.routers.problem_reference import ABOUT_FAULTS, ABOUT_PROBLEMS, ABOUT_REMARKS, Entry, problem_entries

_SOURCES: Final = (
    "`app/problem_kind.py`, `app/routers/problem_reference.py`, `app/domain/fault.py` and `app/domain/lint.py`"
)


def problems(output: Output = None) -> None:
    """Print all problems and what to do about them, as Markdown."""
    put(problems_page(), output)


def problems_page() -> str:
    """The page; `docs/reference/problems.md` is the same."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield from ("# Problems", "", ABOUT_PROBLEMS, "")
    yield from (f"Written by `make docs` out of {_SOURCES}; a running service shows it at `/docs/problems`.", "")
    for entry in problem_entries():
        yield from _section(entry)
    yield from ("## Faults in `errors`", "", ABOUT_FAULTS, "", "| code | message |", "|---|---|")
    yield from (f"| `{fault.code}` | {fault.message} |" for fault in Fault)
    yield from ("", "## Remarks in `warnings`", "", ABOUT_REMARKS, "", "| code | severity | message |", "|---|---|---|")
    yield from (f"| `{remark.code}` | {remark.severity} | {remark.message} |" for remark in Lint)
    yield ""


def _section(entry: Entry) -> Iterator[str]:
    yield from (f'## <a id="{entry.anchor}"></a>`{entry.code}`', "")
    yield from (f"{entry.status}: {entry.title}. {entry.detail}".strip(), "")
    yield from (entry.advice, "")
