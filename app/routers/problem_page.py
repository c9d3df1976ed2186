"""The page that the `type` of a problem document leads to."""

from functools import cache
from html import escape

from app.domain.fault import Fault
from app.openapi import kinds_by_code
from app.problems import problem_type


@cache
def problem_page() -> str:
    """HTML that says what each kind of problem is, and each fault of a payload."""
    kinds = "".join(
        f'<h2 id="{problem_type(code).partition("#")[2]}"><code>{code}</code></h2>'
        f"<p>{int(kind.status)}: {escape(kind.title)}."
        f"{' ' + escape(kind.detail) if isinstance(kind.detail, str) and kind.detail else ''}</p>"
        for code, kind in kinds_by_code().items()
    )
    faults = "".join(f"<dt>{fault.code}</dt><dd>{escape(fault.message)}</dd>" for fault in Fault)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Problems</title>'
        '<link rel="stylesheet" href="page.css"><link rel="icon" href="data:,"></head>'
        '<body class="problems"><h1>Problems</h1>'
        "<p>Every error is a problem document (RFC 9457); its <code>code</code> says which of these it is.</p>"
        f"{kinds}<h2>Faults in <code>errors</code></h2><dl>{faults}</dl></body></html>\n"
    )
