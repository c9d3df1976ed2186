"""That of a Secret which can be edited, apart from where it stands and at which version."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Self

from app.domain.change import SecretChange, T
from app.domain.diff import Fate, MapDiff, SecretDiff
from app.domain.name import ALIAS, DESCRIPTION
from app.domain.secret import NewSecret, StoredSecret

_IN_WORDS = frozenset({ALIAS, DESCRIPTION})
"""Annotations that have a place of their own in a diff."""


@dataclass(frozen=True, slots=True)
class State:
    """What a diff and a merge compare."""

    data: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict, repr=False)
    immutable: bool = False

    @classmethod
    def of(cls, stored: StoredSecret) -> Self:
        """The state of a Secret that is stored."""
        return cls(stored.data, stored.metadata.labels, stored.metadata.annotations, stored.immutable)

    @classmethod
    def of_new(cls, secret: NewSecret, hidden: Collection[str] = ()) -> Self:
        """The state of a Secret that is to be made, without the annotations that are never told of."""
        annotations = {key: text for key, text in secret.annotations.items() if key not in hidden}
        return cls(secret.data, secret.labels, annotations, secret.immutable)

    def changed_by(self, change: SecretChange) -> "State":
        """The state after a change."""
        return State(
            data=_applied(self.data, change.data),
            labels=_applied(self.labels, change.labels),
            annotations=_applied(self.annotations, change.annotations),
            immutable=self.immutable if change.immutable is None else change.immutable,
        )

    def diff_to(self, after: "State") -> SecretDiff:
        """What becomes of each part on the way to another state."""
        before, now = self.annotations, after.annotations
        return SecretDiff(
            data=MapDiff.between(self.data, after.data),
            labels=MapDiff.between(self.labels, after.labels),
            annotations=MapDiff.between(_named(before), _named(now)),
            alias=Fate.between(before.get(ALIAS), now.get(ALIAS)),
            description=Fate.between(before.get(DESCRIPTION), now.get(DESCRIPTION)),
            immutable=Fate.between(self.immutable or None, after.immutable or None),
        )


NOTHING = State()
"""The state of a Secret that is not there."""


def _applied(before: Mapping[str, T], change: Mapping[str, T | None]) -> dict[str, T]:
    return {key: value for key, value in {**before, **change}.items() if value is not None}


def _named(annotations: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in annotations.items() if key not in _IN_WORDS}
