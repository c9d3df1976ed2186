"""Every way in which Secretspace says no.

    AppError
    ├ InvalidError                  this payload            violations
    │  └ InvalidFieldError          one value object refused to be built: a fault, not yet a place
    ├ MalformedRequestError         not readable as HTTP or JSON asked for
    │  ├ ForbiddenHeaderError       an inbound Impersonate-* or X-Remote-*
    │  └ UnsupportedMediaTypeError  UnsupportedEncodingError  BodyTooLargeError  HeadersTooLargeError  BodyTimeoutError
    ├ UnauthenticatedError          who is calling is not known
    │  └ InvalidTokenError  InvalidGrantError
    ├ UnsupportedGrantTypeError  UnsupportedTokenTypeError  InvalidTokenRequestError   of `/oauth/*`
    ├ ForbiddenError                known, and not allowed
    │  └ PasswordChangeRequiredError
    ├ NotFoundError                 what was asked for is not there, or not to be seen
    │  └ RouteNotFoundError  WorkspaceNotFoundError  ProjectNotFoundError  SecretNotFoundError  KeyNotFoundError
    │    AccountNotFoundError
    ├ MethodNotAllowedError
    ├ StateError                    the payload is fine, the state is not
    │  ├ AlreadyExistsError  ConflictError  ImmutableSecretError  ReadOnlySecretError  ManagedByControllerError
    │  ├ NotApplicableError
    │  ├ NotExportableError
    │  ├ PreconditionFailedError  PreconditionRequiredError  VersionGoneError  TypeDiffersError
    │  ├ NameReservedError  NotManagedError  WorkspaceInUseError  NameRetiredError
    │  └ QuotaExceededError  ProjectTerminatingError
    ├ RefusedByAdmissionError
    ├ TooManyRequestsError
    │  └ TooManyAttemptsError       signing in, after many failures
    └ UpstreamError                 the API server, or our own way to it, is the trouble
       ├ UpstreamTimeoutError  UpstreamAnswerError  OwnAccessError  AuditUnavailableError
       └ UpstreamUnavailableError
          └ UpstreamExpiredError

Errors are raised where the fact is known, with fields; they are worded once, in `app/problems.py`. None of them can
hold a value, a token, or a text of the API server: those quote Secrets (kube-apiserver's 422 of a merge patch that does
not decode holds the whole stored object).
"""

from app.domain.errors.app_error import (
    AppError,
)
from app.domain.errors.caller_error import (
    ForbiddenError,
    InvalidGrantError,
    InvalidTokenError,
    InvalidTokenRequestError,
    PasswordChangeRequiredError,
    TooManyAttemptsError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnsupportedGrantTypeError,
    UnsupportedTokenTypeError,
)
from app.domain.errors.request_error import (
    BodyTimeoutError,
    BodyTooLargeError,
    ForbiddenHeaderError,
    HeadersTooLargeError,
    InvalidError,
    InvalidFieldError,
    MalformedRequestError,
    MethodNotAllowedError,
    UnsupportedEncodingError,
    UnsupportedMediaTypeError,
)
from app.domain.errors.state_error import (
    AccountNotFoundError,
    AlreadyExistsError,
    ConflictError,
    ImmutableSecretError,
    KeyNotFoundError,
    ManagedByControllerError,
    NameReservedError,
    NameRetiredError,
    NotApplicableError,
    NotExportableError,
    NotFoundError,
    NotManagedError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ProjectNotFoundError,
    ProjectTerminatingError,
    QuotaExceededError,
    ReadOnlySecretError,
    RefusedByAdmissionError,
    RouteNotFoundError,
    SecretNotFoundError,
    StateError,
    TypeDiffersError,
    VersionGoneError,
    WorkspaceInUseError,
    WorkspaceNotFoundError,
)
from app.domain.errors.upstream_error import (
    AuditUnavailableError,
    OwnAccessError,
    UpstreamAnswerError,
    UpstreamError,
    UpstreamExpiredError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)

__all__ = [
    "AccountNotFoundError",
    "AlreadyExistsError",
    "AppError",
    "AuditUnavailableError",
    "BodyTimeoutError",
    "BodyTooLargeError",
    "ConflictError",
    "ForbiddenError",
    "ForbiddenHeaderError",
    "HeadersTooLargeError",
    "ImmutableSecretError",
    "InvalidError",
    "InvalidFieldError",
    "InvalidGrantError",
    "InvalidTokenError",
    "InvalidTokenRequestError",
    "KeyNotFoundError",
    "MalformedRequestError",
    "ManagedByControllerError",
    "MethodNotAllowedError",
    "NameReservedError",
    "NameRetiredError",
    "NotApplicableError",
    "NotExportableError",
    "NotFoundError",
    "NotManagedError",
    "OwnAccessError",
    "PasswordChangeRequiredError",
    "PreconditionFailedError",
    "PreconditionRequiredError",
    "ProjectNotFoundError",
    "ProjectTerminatingError",
    "QuotaExceededError",
    "ReadOnlySecretError",
    "RefusedByAdmissionError",
    "RouteNotFoundError",
    "SecretNotFoundError",
    "StateError",
    "TooManyAttemptsError",
    "TooManyRequestsError",
    "TypeDiffersError",
    "UnauthenticatedError",
    "UnsupportedEncodingError",
    "UnsupportedGrantTypeError",
    "UnsupportedMediaTypeError",
    "UnsupportedTokenTypeError",
    "UpstreamAnswerError",
    "UpstreamError",
    "UpstreamExpiredError",
    "UpstreamTimeoutError",
    "UpstreamUnavailableError",
    "VersionGoneError",
    "WorkspaceInUseError",
    "WorkspaceNotFoundError",
]
