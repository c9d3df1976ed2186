"""A Secret in full, but for its values; and what operations on Secrets come to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.domain.access import Action, Rules
from app.domain.annotation import shown_annotations
from app.domain.change import Warning, Written
from app.domain.content import Content
from app.domain.diff import SecretDiff
from app.domain.facts import SecretFacts, facts_of
from app.domain.name import OWN_ANNOTATIONS
from app.domain.secret import SecretRow, StoredSecret
from app.domain.version import Version


@dataclass(frozen=True, slots=True)
class SecretDetail:
    """All that can be said of a Secret without saying a value; of one that was not read, less is known."""

    secret: SecretRow
    annotations: Mapping[str, str] = field(repr=False)
    allowed_actions: tuple[Action, ...]
    facts: SecretFacts | None = None
    """What its values tell; None where they were not read."""
    immutable: bool | None = None
    """Whether its values are sealed; None where that is not known, since it stands beside them."""

    @classmethod
    def of(cls, stored: StoredSecret, rules: Rules, now: datetime) -> "SecretDetail":
        """The detail of a Secret at a time (UTC), for a caller of these rules."""
        annotations = shown_annotations(stored.metadata.annotations, (), stored.data.values())
        return cls(stored.row, annotations, rules.actions_on(stored), facts_of(stored, now), stored.immutable)

    @classmethod
    def unread(cls, row: SecretRow, rules: Rules) -> "SecretDetail":
        """The detail for a caller who may see the Secret and not read it.

        An annotation may repeat a value, and without the values that cannot be told: so there are only those that a
        list shows, too.
        """
        annotations = {key: text for key, text in row.metadata.annotations.items() if key in OWN_ANNOTATIONS}
        return cls(row, annotations, rules.actions_on(row))


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a reveal shows, and the version it shows."""

    content: Content
    version: Version


@dataclass(frozen=True, slots=True)
class Created:
    """A Secret that was made, or would have been."""

    detail: SecretDetail
    diff: SecretDiff
    warnings: tuple[Warning, ...] = ()

    def under(self, place: str) -> "Created":
        """The same of an edit that stands at a place of the body."""
        return self.moved(lambda pointer: place + pointer)

    def moved(self, place_of: Callable[[str], str]) -> "Created":
        """The same, each warning where `place_of` says that its pointer leads in another body."""
        return replace(self, warnings=tuple(replace(each, pointer=place_of(each.pointer)) for each in self.warnings))

    @property
    def tried(self) -> Written:
        """The same in the words of a write, for a dry run that might have come to one."""
        return Written(None, None, self.diff.data.touched, self.warnings, self.diff)


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a delete came to; `pending` where a finalizer still holds the Secret."""

    previous: Version | None
    pending: bool
    warnings: tuple[Warning, ...] = ()
    diff: SecretDiff | None = None
    """What becomes of each part, None where the Secret was not read for it."""
