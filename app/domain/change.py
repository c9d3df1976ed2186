"""Changes to a Secret, as values: what is to be set, removed, renamed; what they do not name stays, unread."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from app.domain.absent import Absent
from app.domain.diff import SecretDiff
from app.domain.errors import InvalidError, NotApplicableError
from app.domain.fault import Fault, Violation, pointer
from app.domain.name import ALIAS, DESCRIPTION, Key
from app.domain.secret import MAX_VALUES
from app.domain.version import Version

T = TypeVar("T", str, bytes)


@dataclass(frozen=True, slots=True)
class SecretChange:
    """What differs between a Secret and what it shall be; None removes.

    Kubernetes applies it as one step: all of it, or nothing.
    """

    data: Mapping[str, bytes | None] = field(default_factory=dict, repr=False)
    labels: Mapping[str, str | None] = field(default_factory=dict)
    annotations: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    immutable: bool | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that it sets or removes, sorted."""
        return tuple(sorted(self.data))

    @property
    def changes_nothing(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.data or self.labels or self.annotations) and self.immutable is None


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A change to single keys of a Secret; keys it does not name stay as they are, unread.

    Kubernetes applies it as one step: all of it, or nothing. Removing a key that is not there is no fault; renaming one
    that is not there, renaming onto one that is (unless `overwrite`), and setting one that was to be absent is.

    Raises:
        InvalidError: it names nothing, or one key twice, or values that no Secret can hold.
    """

    set: Mapping[Key, bytes] = field(default_factory=dict, repr=False)
    set_if_absent: Mapping[Key, bytes] = field(default_factory=dict, repr=False)
    remove: frozenset[Key] = frozenset()
    rename: Mapping[Key, Key] = field(default_factory=dict)
    overwrite: bool = False

    def __post_init__(self) -> None:
        """Refuse a change that cannot be applied as one step."""
        violations = list(dict.fromkeys(self._violations()))
        if violations:
            raise InvalidError(violations)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that it names, sorted."""
        return tuple(sorted(key for key, _ in self._named()))

    @property
    def adds(self) -> tuple[str, ...]:
        """The keys that may be there afterwards and not before."""
        return (*self.set, *self.set_if_absent)

    @property
    def guarded(self) -> bool:
        """Whether it only applies in a certain state of the keys."""
        return bool(self.set_if_absent or self.rename)

    def to_change(self, data: Mapping[str, bytes]) -> SecretChange:
        """What each key that it names is to be, where these are the keys that are there.

        Raises:
            NotApplicableError: one to rename is missing, or its target, or one that was to be absent, is there.
        """
        failed = list(self._failed_guards(data))
        if failed:
            raise NotApplicableError(failed)
        keys: dict[str, bytes | None] = dict.fromkeys([*self.remove, *self.rename])
        keys.update((target, data[source]) for source, target in self.rename.items())
        keys.update([*self.set.items(), *self.set_if_absent.items()])
        return SecretChange(keys)

    def _failed_guards(self, data: Mapping[str, bytes]) -> Iterator[Violation]:
        for source, target in self.rename.items():
            if source not in data:
                yield Violation(pointer("rename", source), Fault.KEY_ABSENT)
            if target in data and not self.overwrite:
                yield Violation(pointer("rename", source), Fault.RENAME_TARGET_PRESENT)
        for key in self.set_if_absent:
            if key in data:
                yield Violation(pointer("setIfAbsent", key), Fault.KEY_PRESENT)

    def _named(self) -> Iterator[tuple[str, str]]:
        """Every key with the place where the change names it."""
        yield from ((key, pointer("set", key)) for key in self.set)
        yield from ((key, pointer("setIfAbsent", key)) for key in self.set_if_absent)
        yield from ((key, "/remove") for key in self.remove)
        for source, target in self.rename.items():
            yield source, pointer("rename", source)
            yield target, pointer("rename", source)

    def _violations(self) -> Iterator[Violation]:
        named = list(self._named())
        if not named:
            yield Violation("", Fault.NOTHING_TO_CHANGE)
        counts = Counter(key for key, _ in named)
        yield from (Violation(at, Fault.KEY_NAMED_TWICE) for key, at in named if counts[key] > 1)
        if sum(map(len, [*self.set.values(), *self.set_if_absent.values()])) > MAX_VALUES:
            yield Violation("", Fault.VALUES_TOO_LARGE)


@dataclass(frozen=True, slots=True)
class InfoChange:
    """Edit Information: what is absent stays, None removes."""

    alias: str | Absent | None
    description: str | Absent | None
    labels: Mapping[str, str | None] = field(default_factory=dict)
    annotations: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    seals: bool = False
    """Whether the Secret becomes immutable, which cannot be undone."""

    def to_change(self) -> SecretChange:
        """The same as a change to metadata; an empty alias or description is removed, not stored empty."""
        own = {ALIAS: self.alias, DESCRIPTION: self.description}
        texts = {key: value or None for key, value in own.items() if not isinstance(value, Absent)}
        return SecretChange(
            labels=self.labels, annotations={**self.annotations, **texts}, immutable=True if self.seals else None
        )


class Severity(StrEnum):
    """How much a warning matters: it may well be meant, or it will hardly work."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Warning:
    """Something a person should know about a write that took place; never with a value in it."""

    pointer: str
    code: str
    message: str
    severity: Severity = Severity.INFO


@dataclass(frozen=True, slots=True)
class Written:
    """What a write came to, or would come to."""

    version: Version | None
    """The version that it made, None where it was a dry run."""
    previous: Version | None
    """The version it replaced, None where there was none, or the caller could not learn it."""
    changed_keys: tuple[str, ...] = ()
    warnings: tuple[Warning, ...] = ()
    diff: SecretDiff | None = None
    """What becomes of each part, None where the Secret was not read for it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What an edit would change of the version that it was compared with."""

    version: Version
    diff: SecretDiff
    warnings: tuple[Warning, ...] = ()

    def under(self, place: str) -> "Compared":
        """The same of an edit that stands at a place of the body."""
        return replace(self, warnings=tuple(replace(each, pointer=place + each.pointer) for each in self.warnings))


def difference(before: Mapping[str, T], after: Mapping[str, T]) -> dict[str, T | None]:
    """What turns `before` into `after`: values to set, None for what is to go."""
    gone: dict[str, T | None] = {key: None for key in before if key not in after}
    return gone | {key: value for key, value in after.items() if before.get(key) != value}
