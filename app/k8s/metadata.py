"""Kubernetes metadata as domain values; what must not be answered is dropped right here."""

from collections.abc import Collection

from app.domain.errors import UpstreamAnswerError
from app.domain.secret import Metadata
from app.domain.version import Version
from app.k8s.wire import ObjectMeta


def to_version(meta: ObjectMeta) -> Version:
    """The version of an object."""
    return Version(meta.uid, meta.resource_version)


def to_metadata(meta: ObjectMeta, hidden_annotations: Collection[str]) -> Metadata:
    """The metadata without annotations that other tools fill with whole objects, values included.

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
    )
