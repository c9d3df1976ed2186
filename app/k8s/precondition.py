"""A write held to one version by the API server itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.errors import ConflictError, PreconditionFailedError
from app.domain.version import Version


def guarded(expected: Version) -> dict[str, str]:
    """The members of a patch's metadata, or of a delete's preconditions, that name the version."""
    return {"uid": expected.uid, "resourceVersion": expected.resource_version}


@contextmanager
def precondition_failed() -> Iterator[None]:
    """The API server's conflict as what it means for who expected a version."""
    try:
        yield
    except ConflictError:
        raise PreconditionFailedError from None
