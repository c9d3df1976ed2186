"""A Secret as one document says it, and what an update by such a document means.

The document is the whole of what the view shows: a key, label or annotation that the view shows and the document lacks
is removed. What the view hides stays, and so do an absent `type` and `immutable`, and the creator's annotation.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.domain.annotation import shown_annotations
from app.domain.change import SecretChange, Warning, difference
from app.domain.errors import ImmutableSecretError, InvalidError
from app.domain.fault import Fault, Violation, pointer
from app.domain.kind import OPAQUE
from app.domain.name import (
    ALIAS,
    CREATOR,
    DESCRIPTION,
    MAX_ANNOTATIONS,
    SERVICE_ACCOUNT_NAME,
    Key,
    alias_fault,
    description_fault,
    label_value_fault,
    metadata_key_fault,
)
from app.domain.secret import MAX_VALUES, StoredSecret

LABELS: Final = "/metadata/labels"
ANNOTATIONS: Final = "/metadata/annotations"
PLACES: Final = {"/content": "/data", "/labels": LABELS, "/annotations": ANNOTATIONS}
"""Where a document has what the other bodies have in these places."""
_TEXT_FAULTS: Final = {ALIAS: alias_fault, DESCRIPTION: description_fault}


@dataclass(frozen=True, slots=True)
class Masked:
    """Stands for the value that is stored under a key; tells no more than its length in bytes."""

    size: int


Value = bytes | Masked
Position = tuple[int, int]
"""Line and column, both from 1."""


@dataclass(frozen=True, slots=True)
class SecretManifest:
    """What one document says; None is what it leaves open.

    `data` holds what the document gives as `data` and as `stringData`, which wins, as in Kubernetes. `positions` tells
    where the parts stood, by JSON pointer; two manifests that say the same are equal, wherever they say it.
    """

    name: str
    namespace: str | None = None
    type: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict, repr=False)
    data: Mapping[str, Value] = field(default_factory=dict, repr=False)
    immutable: bool | None = None
    warnings: tuple[Warning, ...] = ()
    positions: Mapping[str, Position] = field(default_factory=dict, repr=False, compare=False)

    def violation(self, at: str, fault: Fault) -> Violation:
        """The fault at a pointer, with its position or that of the nearest part around it."""
        around = at
        while around and around not in self.positions:
            around = around.rpartition("/")[0]
        line, column = self.positions.get(around, (None, None))
        return Violation(at, fault, line, column)

    def place_of(self, key: str) -> str:
        """The pointer of a key of `data`, which may have stood under `stringData`."""
        as_text = pointer("stringData", key)
        return as_text if as_text in self.positions else pointer("data", key)


@dataclass(frozen=True, slots=True)
class Document:
    """One of several documents: where it begins, the name in it (`""`: none), what it says or what is wrong with it."""

    line: int
    name: str
    read: SecretManifest | InvalidError


@dataclass(frozen=True, slots=True)
class ManifestChange:
    """What an update by a document comes to: all the data as it will be, and what differs from what is stored."""

    data: Mapping[str, bytes] = field(repr=False)
    change: SecretChange
    warnings: tuple[Warning, ...] = ()

    @property
    def changed_keys(self) -> tuple[str, ...]:
        """The keys of the data that are set or removed, sorted."""
        return self.change.keys

    @property
    def changes_nothing(self) -> bool:
        """Whether the document says what is stored already."""
        return self.change.changes_nothing


def manifest_of(stored: StoredSecret, hidden: Collection[str]) -> SecretManifest:
    """What the view of a Secret shows; `hidden` are annotations that are never answered."""
    metadata = stored.metadata
    return SecretManifest(
        name=metadata.name,
        namespace=metadata.namespace,
        type=stored.type,
        labels=metadata.labels,
        annotations=shown_annotations(metadata.annotations, hidden, stored.data.values()),
        data=stored.data,
        immutable=stored.immutable or None,
    )


def resolve(manifest: SecretManifest, stored: StoredSecret, hidden: Collection[str]) -> ManifestChange:
    """What an update of the stored Secret by the document means.

    Only what differs from what is stored is judged, so that a Secret made elsewhere can be edited as it is.

    Raises:
        InvalidError: the document does not fit the Secret; all that is wrong with it.
        ImmutableSecretError: the Secret is immutable, and the values, or the mark itself, would change.
    """
    labels = difference(stored.metadata.labels, manifest.labels)
    annotations = _annotation_change(manifest, stored, hidden)
    violations = [
        *_identity_violations(manifest, stored),
        *_label_violations(manifest, labels),
        *_annotation_violations(manifest, stored, annotations),
        *_data_violations(manifest, stored),
    ]
    if violations:
        raise InvalidError(violations)
    data = {key: stored.data[key] if isinstance(value, Masked) else value for key, value in manifest.data.items()}
    becomes_immutable = bool(manifest.immutable) and not stored.immutable
    change = SecretChange(difference(stored.data, data), labels, annotations, becomes_immutable or None)
    if stored.immutable and (change.data or manifest.immutable is False):
        raise ImmutableSecretError
    return ManifestChange(data, change, (*manifest.warnings, *_hidden_warnings(manifest, hidden)))


def _annotation_change(
    manifest: SecretManifest, stored: StoredSecret, hidden: Collection[str]
) -> dict[str, str | None]:
    before = stored.metadata.annotations
    wanted = {key: text for key, text in manifest.annotations.items() if key not in hidden}
    shown = shown_annotations(before, hidden, stored.data.values())
    gone: dict[str, str | None] = {key: None for key in shown if key not in wanted and key != CREATOR}
    return gone | {key: text for key, text in wanted.items() if before.get(key) != text}


def _identity_violations(manifest: SecretManifest, stored: StoredSecret) -> Iterator[Violation]:
    if manifest.name != stored.metadata.name:
        yield manifest.violation("/metadata/name", Fault.NAME_MISMATCH)
    if manifest.namespace not in (None, stored.metadata.namespace):
        yield manifest.violation("/metadata/namespace", Fault.PROJECT_MISMATCH)
    if manifest.type is not None and (manifest.type or OPAQUE) != stored.type:
        yield manifest.violation("/type", Fault.TYPE_IMMUTABLE)


def _label_violations(manifest: SecretManifest, changed: Mapping[str, str | None]) -> Iterator[Violation]:
    for key, value in changed.items():
        fault = None if value is None else metadata_key_fault(key) or label_value_fault(value)
        if fault is not None:
            yield manifest.violation(LABELS + pointer(key), fault)


def _annotation_violations(
    manifest: SecretManifest, stored: StoredSecret, changed: Mapping[str, str | None]
) -> Iterator[Violation]:
    for key, text in changed.items():
        fault = None if text is None else _annotation_fault(key, text)
        if fault is not None:
            yield manifest.violation(ANNOTATIONS + pointer(key), fault)
    after = {**stored.metadata.annotations, **changed}
    if sum(len(key.encode()) + len(text.encode()) for key, text in after.items() if text is not None) > MAX_ANNOTATIONS:
        yield manifest.violation(ANNOTATIONS, Fault.ANNOTATIONS_TOO_LARGE)


def _annotation_fault(key: str, text: str) -> Fault | None:
    if key in {CREATOR, SERVICE_ACCOUNT_NAME}:
        return Fault.RESERVED_ANNOTATION
    if key in _TEXT_FAULTS:
        return _TEXT_FAULTS[key](text)
    return metadata_key_fault(key.lower())  # Kubernetes allows upper case in an annotation's prefix


def _data_violations(manifest: SecretManifest, stored: StoredSecret) -> Iterator[Violation]:
    for key, value in manifest.data.items():
        fault = Key.fault(key)
        if fault is not None:
            yield manifest.violation(manifest.place_of(key), fault)
        if isinstance(value, Masked) and (key not in stored.data or value.size != len(stored.data[key])):
            yield manifest.violation(manifest.place_of(key), Fault.MASK_NOT_ALLOWED)
    if sum(v.size if isinstance(v, Masked) else len(v) for v in manifest.data.values()) > MAX_VALUES:
        yield manifest.violation("/data", Fault.VALUES_TOO_LARGE)


def _hidden_warnings(manifest: SecretManifest, hidden: Collection[str]) -> Iterator[Warning]:
    for key in manifest.annotations:
        if key in hidden:
            message = "This annotation belongs to another tool and was ignored."
            yield Warning(ANNOTATIONS + pointer(key), "HIDDEN_ANNOTATION", message)
