"""What becomes of each part of a Secret, by name: never a value, no mask to compare two answers by."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeVar

T = TypeVar("T", str, bytes, bool)


class Fate(StrEnum):
    """What becomes of one thing; what was not there and will not be is the same."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    SAME = "same"

    @classmethod
    def between(cls, before: T | None, after: T | None) -> "Fate":
        """The fate of a thing; None stands for what is not there."""
        if before == after:
            return cls.SAME
        if before is None:
            return cls.ADDED
        return cls.REMOVED if after is None else cls.CHANGED


@dataclass(frozen=True, slots=True)
class MapDiff:
    """What becomes of the keys of a map; each is in one of these, sorted."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()

    @classmethod
    def between(cls, before: Mapping[str, T], after: Mapping[str, T]) -> Self:
        """What becomes of each key of either."""
        keys: dict[Fate, list[str]] = {fate: [] for fate in Fate}
        for key in sorted({*before, *after}):
            keys[Fate.between(before.get(key), after.get(key))].append(key)
        return cls(**{fate.value: tuple(named) for fate, named in keys.items()})

    @property
    def touched(self) -> tuple[str, ...]:
        """The keys that do not stay as they are, sorted."""
        return tuple(sorted((*self.added, *self.changed, *self.removed)))


@dataclass(frozen=True, slots=True)
class SecretDiff:
    """What becomes of a Secret; alias and description are not told among the annotations too."""

    data: MapDiff
    labels: MapDiff
    annotations: MapDiff
    alias: Fate
    description: Fate
    immutable: Fate


@dataclass(frozen=True, slots=True)
class Overtaken:
    """What is known of a Secret that others have changed since the version that a write is based on."""

    meanwhile: SecretDiff | None = None
    """What they changed; None where that version, or the one that is there, may not or cannot be read."""
    overlap: tuple[str, ...] = ()
    """JSON pointers to what both they and the edit changed, where the two were to be merged."""
    version_gone: bool = False
    """Whether the API server does not remember that version any more."""
