"""What a write is about to do: the write itself and its dry run carry out the same plan."""

from dataclasses import dataclass
from typing import Self

from app.domain.change import SecretChange, Warning
from app.domain.diff import SecretDiff
from app.domain.edit import Edit, Step
from app.domain.merge import merge
from app.domain.secret import StoredSecret
from app.domain.state import State

_MERGED = Warning("", "MERGED", "Others changed the Secret meanwhile; this edit was made to what is there now.")


@dataclass(frozen=True, slots=True)
class Plan:
    """One step for the cluster, and what it will come to.

    `diff` is None where the Secret was not read, since the edit does not need it, or the caller may not.
    """

    step: Step
    diff: SecretDiff | None = None
    warnings: tuple[Warning, ...] = ()

    @classmethod
    def over(cls, stored: StoredSecret, edit: Edit) -> Self:
        """The plan for an edit of a Secret that was read; raises as the edit does."""
        wanted, before = edit.wanted(stored), State.of(stored)
        diff = before.diff_to(before.changed_by(wanted.change))
        return cls(edit.unseen or wanted.change, diff, wanted.warnings)

    @classmethod
    def merged(cls, base: StoredSecret, current: StoredSecret, edit: Edit) -> tuple[Self, tuple[str, ...]]:
        """The plan for an edit of `base`, made to `current`; and what of it others have changed too, if anything.

        Raises as the edit does.
        """
        wanted, before = edit.wanted(base), State.of(current)
        found = merge(State.of(base), before, wanted.change, current.type)
        diff = before.diff_to(before.changed_by(found.change))
        told = () if found.change.changes_nothing else (_MERGED,)
        return cls(found.change, diff, (*wanted.warnings, *told)), found.overlap

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the data that change, sorted; all that the step names where it is not known which of them do."""
        return self.step.keys if self.diff is None else self.diff.data.touched

    @property
    def breaks_seal(self) -> bool:
        """Whether an immutable Secret stands against it, by what is known of it."""
        return isinstance(self.step, SecretChange) and (bool(self.step.data) or self.step.immutable is False)

    @property
    def changes_nothing(self) -> bool:
        """Whether there is nothing to write."""
        return isinstance(self.step, SecretChange) and self.step.changes_nothing
