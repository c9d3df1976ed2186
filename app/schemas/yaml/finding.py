"""What is found wrong while a document is read, gathered so that all of it is told at once."""

from typing import Final

from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.manifest import Position

MAX_FINDINGS: Final = 100
"""After so many, reading ends: nobody reads further, and the answer stays small."""


def refused(at: str, fault: Fault, position: Position) -> InvalidError:
    """The error for a text that cannot be read any further."""
    return InvalidError([Violation(at, fault, *position)])


class Findings:
    """Violations, each with its pointer and position, never with the text that is wrong."""

    def __init__(self) -> None:
        self._violations: list[Violation] = []

    def add(self, at: str, fault: Fault, position: Position) -> None:
        """Note a fault.

        Raises:
            InvalidError: enough was found.
        """
        self._violations.append(Violation(at, fault, *position))
        if len(self._violations) >= MAX_FINDINGS:
            self.raise_any()

    def clear(self) -> None:
        """Begin anew, as with the next document."""
        self._violations = []

    def raise_any(self) -> None:
        """Go on only where nothing was found.

        Raises:
            InvalidError: something was; in the order of the text.
        """
        if self._violations:
            raise InvalidError(sorted(self._violations, key=lambda each: (each.line or 0, each.column or 0)))
