"""The pages of the documentation, and what stands in them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
PAGES: Final = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "openapi").glob("*.md"))]

_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def text_of(path: str) -> str:
    """A page, by its path from the root of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What a page says under a heading, up to the next."""
    (found,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    return str(found)


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a page: what stands behind the fence, and the block."""
    yield from _BLOCK.findall(text)


def prose(text: str) -> str:
    """A page without its blocks."""
    return _BLOCK.sub("", text)


def rows(text: str) -> list[list[str]]:
    """The rows of the only table of a text, without its head; backticks and blanks around a cell left out."""
    lines = [line for line in prose(text).splitlines() if line.startswith("|")]
    return [[cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in lines[2:]]
