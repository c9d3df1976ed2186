"""Values that must be seen nowhere but in a reveal: each carries a mark that is looked for in everything written."""

import base64
from secrets import token_hex
from typing import Final

MARK: Final = "canary-"


def canary(label: str = "value") -> str:
    """A new value with the mark."""
    return f"{MARK}{label}-{token_hex(8)}"


def leaks(text: bytes) -> list[str]:
    """The forms of the mark that a text holds: as it is, and as base64 at each of the three offsets."""
    return [form for form in _FORMS if form.encode() in text]


def _forms() -> tuple[str, ...]:
    aligned = (base64.b64encode(b"x" * offset + MARK.encode()).decode() for offset in range(3))
    return (MARK, *(form[4 if offset else 0 : -4] for offset, form in enumerate(aligned)))


_FORMS: Final = _forms()
