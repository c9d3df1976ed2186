"""How a write is to be done, whatever it writes."""

from dataclasses import dataclass

from app.domain.override import Overrides
from app.domain.version import Precondition


@dataclass(frozen=True, slots=True)
class Terms:
    """What a write is based on, which guards it sets aside, and whether it takes place."""

    expected: Precondition
    override: Overrides = ()
    dry_run: bool = False
    """Whether only to tell what it would change."""
    merge: bool = False
    """Whether an edit may be merged with what others have changed since the version that it is based on."""


@dataclass(frozen=True, slots=True)
class UpsertTerms:
    """The same for a write that may create; None expects nothing."""

    expected: Precondition | None = None
    only_create: bool = False
    override: Overrides = ()
    dry_run: bool = False

    def over(self, expected: Precondition) -> Terms:
        """The terms of writing over what is there."""
        return Terms(expected, self.override, self.dry_run)
