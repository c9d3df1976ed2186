"""What the documentation points to is there."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.page import PAGES, ROOT, prose

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def _links(page: Path) -> list[tuple[Path, str]]:
    """File and fragment of every link that leads to another page or a place in this one."""
    targets = [
        link.partition("#") for link in _LINK.findall(prose(page.read_text(encoding="utf-8"))) if "://" not in link
    ]
    return [((page.parent / path).resolve() if path else page, fragment) for path, _, fragment in targets]


def _anchors(page: Path) -> set[str]:
    """The fragments of a page: of its headings as GitHub makes them, and those that it names itself."""
    text = prose(page.read_text(encoding="utf-8"))
    headings = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(text))
    return {*headings, *re.findall(r'<a id="([^"]+)">', text)}


@every_page
def test_every_link_leads_to_a_file(page: Path) -> None:
    assert [target for target, _ in _links(page) if not target.exists()] == []


@every_page
def test_every_fragment_leads_to_a_heading(page: Path) -> None:
    assert [
        (target, fragment) for target, fragment in _links(page) if fragment and fragment not in _anchors(target)
    ] == []
