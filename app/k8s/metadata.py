"""Kubernetes metadata as domain values; what must not be answered is dropped right here."""

from collections.abc import Collection, Iterable, Iterator

from app.domain.errors import UpstreamAnswerError
from app.domain.secret import Metadata, Owner, Writer
from app.domain.version import Version
from app.k8s.wire import ManagedFields, ObjectMeta, OwnerReference


def to_version(meta: ObjectMeta) -> Version:
    """The version of an object."""
    return Version(meta.uid, meta.resource_version)


def to_metadata(meta: ObjectMeta, hidden_annotations: Collection[str]) -> Metadata:
    """The metadata without annotations that other tools fill with whole objects, values included.

    Of `managedFields` only the names of those who wrote values stay; the rest lists keys, and is the larger half.

    Raises:
        UpstreamAnswerError: an object without a creation time, which the API server always sets.
    """
    if meta.creation_timestamp is None:
        raise UpstreamAnswerError(200, "NoCreationTimestamp")
    annotations = meta.annotations or {}
    return Metadata(
        name=meta.name,
        namespace=meta.namespace,
        version=to_version(meta),
        created_at=meta.creation_timestamp,
        labels=meta.labels or {},
        annotations={key: value for key, value in annotations.items() if key not in hidden_annotations},
        deletion_pending=meta.deletion_timestamp is not None,
        generation=meta.generation,
        owner=_owner(meta.owner_references or ()),
        writers=tuple(_writers(meta.managed_fields or ())),
    )


def _owner(references: Iterable[OwnerReference]) -> Owner | None:
    """The one that controls the object; the API server takes no two of them."""
    controller = next((each for each in references if each.controller), None)
    if controller is None:
        return None
    group, slash, _ = controller.api_version.partition("/")
    return Owner(group if slash else "", controller.kind, controller.name)


def _writers(managed: Iterable[ManagedFields]) -> Iterator[Writer]:
    for each in managed:
        if each.fields_v1 is not None and each.fields_v1.has_values:
            yield Writer(each.manager, each.operation == "Apply")
