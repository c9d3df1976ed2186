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
    │    AccountNotFoundError  MemberNotFoundError
    ├ MethodNotAllowedError
    ├ StateError                    the payload is fine, the state is not
    │  ├ AlreadyExistsError  ConflictError  ImmutableSecretError  ReadOnlySecretError  ManagedByControllerError
    │  ├ NotApplicableError
    │  ├ NotExportableError
    │  ├ PreconditionFailedError  PreconditionRequiredError  VersionGoneError  TypeDiffersError
    │  ├ NameReservedError  NotManagedError  WorkspaceInUseError  NameRetiredError
    │  ├ InheritedError  LastAdminError  NotWorkspaceMemberError  IsManagerError  TooManyMembersError
    │  └ QuotaExceededError  ProjectTerminatingError
    ├ RefusedByAdmissionError
    ├ TooManyRequestsError
    │  └ TooManyAttemptsError       signing in, after many failures
    └ UpstreamError                 the API server, or our own way to it, is the trouble
       ├ UpstreamTimeoutError  UpstreamAnswerError  OwnAccessError  AuditUnavailableError
       ├ IdentityProviderUnavailableError
       └ UpstreamUnavailableError
          └ UpstreamExpiredError

Errors are raised where the fact is known, with fields; they are worded once, in `app/problem_kind.py`. None of them can
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
    InheritedError,
    IsManagerError,
    KeyNotFoundError,
    LastAdminError,
    ManagedByControllerError,
    MemberNotFoundError,
    NameReservedError,
    NameRetiredError,
    NotApplicableError,
    NotExportableError,
    NotFoundError,
    NotManagedError,
    NotWorkspaceMemberError,
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
    TooManyMembersError,
    TypeDiffersError,
    VersionGoneError,
    WorkspaceInUseError,
    WorkspaceNotFoundError,
)
from app.domain.errors.upstream_error import (
    AuditUnavailableError,
    IdentityProviderUnavailableError,
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
    "IdentityProviderUnavailableError",
    "ImmutableSecretError",
    "InheritedError",
    "InvalidError",
    "InvalidFieldError",
    "InvalidGrantError",
    "InvalidTokenError",
    "InvalidTokenRequestError",
    "IsManagerError",
    "KeyNotFoundError",
    "LastAdminError",
    "MalformedRequestError",
    "ManagedByControllerError",
    "MemberNotFoundError",
    "MethodNotAllowedError",
    "NameReservedError",
    "NameRetiredError",
    "NotApplicableError",
    "NotExportableError",
    "NotFoundError",
    "NotManagedError",
    "NotWorkspaceMemberError",
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
    "TooManyMembersError",
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
