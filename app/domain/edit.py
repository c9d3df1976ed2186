"""What a caller can want of a Secret that is there: each edit tells, for what is stored, what is to change."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field

from typing_extensions import override

from app.domain.change import InfoChange, KeyChange, SecretChange, Warning, difference
from app.domain.content import Content, Data
from app.domain.content_write import data_of, required_key_violations
from app.domain.errors import InvalidError, TypeDiffersError
from app.domain.fault import Fault, Violation
from app.domain.manifest import PLACES, SecretManifest, resolve
from app.domain.new_secret import NewSecretDraft
from app.domain.secret import StoredSecret

Step = SecretChange | KeyChange
Proposal = Content | InfoChange | KeyChange | SecretManifest | NewSecretDraft
"""What a caller says that a Secret is to become."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to change of a stored Secret, and what to tell about it."""

    change: SecretChange
    warnings: tuple[Warning, ...] = ()


class Edit(ABC):
    """An edit of a Secret that is there."""

    __slots__ = ()

    @abstractmethod
    def wanted(self, stored: StoredSecret) -> Wanted:
        """What is to change of this Secret.

        Raises:
            InvalidError: the edit does not fit it, or breaks rules.
            NotApplicableError: a guard of the edit does not hold.
            ImmutableSecretError: the edit would undo the mark.
        """

    @property
    def unseen(self) -> Step | None:
        """What does the same without having read the Secret; None where the edit follows from what is stored."""
        return None

    def located(self, error: InvalidError) -> InvalidError:
        """What the cluster has against the edit, at its place in the body."""
        return error


@dataclass(frozen=True, slots=True)
class ContentEdit(Edit):
    """The values of its kind are replaced."""

    content: Content
    max_keys: int

    @override
    def wanted(self, stored: StoredSecret) -> Wanted:
        data = data_of(self.content, stored, max_keys=self.max_keys)
        return Wanted(SecretChange(difference(stored.data, data)))


@dataclass(frozen=True, slots=True)
class DraftEdit(Edit):
    """It becomes as a draft says; what the draft does not name stays."""

    draft: NewSecretDraft
    max_keys: int

    @override
    def wanted(self, stored: StoredSecret) -> Wanted:
        return Wanted(self.draft.over(stored, max_keys=self.max_keys))


@dataclass(frozen=True, slots=True)
class ManifestEdit(Edit):
    """It becomes as a document says, which is the whole of what the view shows; masked values stay."""

    manifest: SecretManifest
    hidden_annotations: frozenset[str] = field(repr=False)
    max_keys: int

    @override
    def wanted(self, stored: StoredSecret) -> Wanted:
        found = resolve(self.manifest, stored, self.hidden_annotations)
        faults = list(self._faults_of(found.data, stored)) if found.changed_keys else []
        if faults:
            raise InvalidError([self.manifest.violation(each.pointer, each.fault) for each in faults])
        return Wanted(found.change, found.warnings)

    @override
    def located(self, error: InvalidError) -> InvalidError:
        moved = error.relocated(PLACES).violations
        return InvalidError([self.manifest.violation(each.pointer, each.fault) for each in moved])

    def _faults_of(self, data: Data, stored: StoredSecret) -> Iterator[Violation]:
        """What is wrong with new data as a whole: what kubectl made larger than allowed may be edited, but not grow."""
        yield from required_key_violations(stored.type, data, "/data")
        if len(data) > max(self.max_keys, len(stored.data)):
            yield Violation("/data", Fault.TOO_MANY_KEYS)


@dataclass(frozen=True, slots=True)
class Restoring(Edit):
    """It becomes what it, or one of its name, was before."""

    earlier: StoredSecret

    @override
    def wanted(self, stored: StoredSecret) -> Wanted:
        """What is to change of this Secret.

        Raises:
            TypeDiffersError: it is of another type, which cannot be changed.
        """
        earlier = self.earlier
        if stored.type != earlier.type:
            raise TypeDiffersError
        change = SecretChange(
            data=difference(stored.data, earlier.data),
            labels=difference(stored.metadata.labels, earlier.metadata.labels),
            annotations=difference(stored.metadata.annotations, earlier.metadata.annotations),
            immutable=None if stored.immutable == earlier.immutable else earlier.immutable,
        )
        return Wanted(change)


@dataclass(frozen=True, slots=True)
class InfoEdit(Edit):
    """Alias, description, labels, annotations change; values are not needed for it."""

    change: InfoChange

    @override
    def wanted(self, stored: StoredSecret) -> Wanted:
        return Wanted(self.change.to_change())

    @property
    @override
    def unseen(self) -> Step:
        return self.change.to_change()


@dataclass(frozen=True, slots=True)
class KeyEdit(Edit):
    """Single keys change; the others are not needed for it."""

    change: KeyChange

    @override
    def wanted(self, stored: StoredSecret) -> Wanted:
        return Wanted(self.change.to_change(stored.data))

    @property
    @override
    def unseen(self) -> Step:
        return self.change

    @override
    def located(self, error: InvalidError) -> InvalidError:
        return error.relocated({})  # what the keys come to is at fault, not any one of them


def edit_of(proposal: Proposal, max_keys: int, hidden_annotations: frozenset[str]) -> Edit:
    """The edit that makes a Secret what is proposed.

    Raises:
        InvalidError: it brings more keys than a Secret may have.
    """
    match proposal:
        case InfoChange():
            return InfoEdit(proposal)
        case KeyChange():
            if len(proposal.adds) > max_keys:
                raise InvalidError([Violation("/set", Fault.TOO_MANY_KEYS)])
            return KeyEdit(proposal)
        case SecretManifest():
            return ManifestEdit(proposal, hidden_annotations, max_keys)
        case NewSecretDraft():
            return DraftEdit(proposal, max_keys)
        case _:
            return ContentEdit(proposal, max_keys)
