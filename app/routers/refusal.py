"""The refusals that several routes share, for what they declare."""

from typing import Final

from app.domain.errors import (
    AlreadyExistsError,
    AuditUnavailableError,
    ConflictError,
    ForbiddenError,
    ImmutableSecretError,
    ManagedByControllerError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ProjectNotFoundError,
    ProjectTerminatingError,
    QuotaExceededError,
    ReadOnlySecretError,
    RefusedByAdmissionError,
    SecretNotFoundError,
    TooManyRequestsError,
)

IN_PROJECT: Final = (ForbiddenError, ProjectNotFoundError)
"""Of everything that is done in a project."""
ON_SECRET: Final = (*IN_PROJECT, SecretNotFoundError)
"""Of everything that is done with a Secret."""
REVEAL: Final = (*ON_SECRET, TooManyRequestsError, AuditUnavailableError)
"""Of everything that shows values."""
CREATE: Final = (
    *IN_PROJECT,
    AlreadyExistsError,
    QuotaExceededError,
    ProjectTerminatingError,
    RefusedByAdmissionError,
)
"""Of making a Secret."""
PUT_OVER: Final = (
    *ON_SECRET,
    PreconditionFailedError,
    ConflictError,
    ReadOnlySecretError,
    ManagedByControllerError,
    RefusedByAdmissionError,
)
"""Of writing over a Secret that is there."""
WRITE: Final = (*PUT_OVER, PreconditionRequiredError)
"""The same, where the write has to name the version that it expects."""
WRITE_VALUES: Final = (*WRITE, ImmutableSecretError)
"""Of changing values."""
