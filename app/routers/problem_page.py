"""The page that the `type` of a problem document leads to."""

import re
from functools import cache
from html import escape
from typing import Final

from app.domain.fault import Fault
from app.domain.lint import Lint
from app.routers.problem_reference import ABOUT_FAULTS, ABOUT_PROBLEMS, ABOUT_REMARKS, Entry, problem_entries

_CODE: Final = re.compile(r"`([^`]+)`")


@cache
def problem_page() -> str:
    """HTML that says what each kind of problem is and what to do about it, and each fault of a payload, each remark."""
    problems = "".join(map(_section, problem_entries()))
    faults = "".join(f"<dt>{fault.code}</dt><dd>{_text(fault.message)}</dd>" for fault in Fault)
    remarks = "".join(f"<dt>{remark.code}</dt><dd>{remark.severity}: {_text(remark.message)}</dd>" for remark in Lint)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Problems</title>'
        '<link rel="stylesheet" href="page.css"><link rel="icon" href="data:,"></head>'
        '<body class="problems"><h1>Problems</h1>'
        f"<p>{_text(ABOUT_PROBLEMS)}</p>{problems}"
        f"<h2>Faults in <code>errors</code></h2><p>{_text(ABOUT_FAULTS)}</p><dl>{faults}</dl>"
        f"<h2>Remarks in <code>warnings</code></h2><p>{_text(ABOUT_REMARKS)}</p><dl>{remarks}</dl></body></html>\n"
    )


def _section(entry: Entry) -> str:
    return (
        f'<h2 id="{entry.anchor}"><code>{entry.code}</code></h2>'
        f"<p>{entry.status}: {_text(f'{entry.title}. {entry.detail}'.strip())}</p>"
        f"<p>{_text(entry.advice)}</p>"
    )


def _text(text: str) -> str:
    """A text of ours as HTML, what stands between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))
