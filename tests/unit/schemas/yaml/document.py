"""Documents to read, and what is refused of them."""

import pytest

from app.domain.errors import InvalidError
from app.schemas.yaml import Limits, read_secret

HEAD = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: demo\n"
"""The four lines that every Secret needs; what is appended begins on line 5."""

Refusal = tuple[str, str, int | None, int | None]
"""Code, pointer, line, column."""


def refusal_of(text: str | bytes, limits: Limits | None = None) -> InvalidError:
    """The error that reading the text ends in."""
    source = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(InvalidError) as refused:
        read_secret(source, limits or Limits())
    return refused.value


def refusals(text: str | bytes, limits: Limits | None = None) -> list[Refusal]:
    """All that is refused of a text."""
    return [(each.fault.code, each.pointer, each.line, each.column) for each in refusal_of(text, limits).violations]
