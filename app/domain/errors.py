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
    │  ├ AlreadyExistsError  ConflictError  ImmutableSecretError  ReadOnlySecretError  NotApplicableError
    │  ├ PreconditionFailedError  PreconditionRequiredError
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

Errors are raised where the fact is known, with fields; they are worded once, in `app/problems.py`. None of them can
hold a value, a token, or a text of the API server: those quote Secrets (kube-apiserver's 422 of a merge patch that does
not decode holds the whole stored object).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from app.domain.fault import Fault, Violation


class AppError(Exception):
    """Anything Secretspace refuses or cannot do; `code` is stable and part of the API."""

    code: ClassVar[str]


class InvalidError(AppError):
    """The payload breaks rules; all of them that could be found are in `violations`."""

    code = "INVALID"

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(", ".join(sorted({violation.fault.code for violation in violations})))
        self.violations = tuple(violations)

    def relocated(self, places: Mapping[str, str]) -> "InvalidError":
        """The same faults at their places in another body; what has none there is a fault of the whole of it."""
        moved = (replace(each, pointer=places.get(each.pointer, "")) for each in self.violations)
        return InvalidError(list(dict.fromkeys(moved)))


class InvalidFieldError(InvalidError, ValueError):
    """A value object refused to be built; the schema that knows the place catches it and adds the pointer."""

    def __init__(self, fault: Fault, at: str = "") -> None:
        super().__init__([Violation(at, fault)])
        self.fault = fault


class MalformedRequestError(AppError):
    """The request cannot be read at all."""

    code = "MALFORMED_REQUEST"


class ForbiddenHeaderError(MalformedRequestError):
    """The caller sent a header that only a proxy in front of Kubernetes may send."""

    code = "FORBIDDEN_HEADER"


class UnsupportedMediaTypeError(MalformedRequestError):
    """The body's media type is not one of those accepted."""

    code = "UNSUPPORTED_MEDIA_TYPE"

    def __init__(self, accepted: Sequence[str]) -> None:
        super().__init__(", ".join(accepted))
        self.accepted = tuple(accepted)


class UnsupportedEncodingError(MalformedRequestError):
    """The body is compressed, or encoded in another way (RFC 9110 section 15.5.16)."""

    code = "UNSUPPORTED_ENCODING"


class BodyTooLargeError(MalformedRequestError):
    """The body is longer than `limit` bytes."""

    code = "BODY_TOO_LARGE"

    def __init__(self, limit: int) -> None:
        super().__init__(str(limit))
        self.limit = limit


class HeadersTooLargeError(MalformedRequestError):
    """The header block is larger than `limit` bytes."""

    code = "HEADERS_TOO_LARGE"

    def __init__(self, limit: int) -> None:
        super().__init__(str(limit))
        self.limit = limit


class BodyTimeoutError(MalformedRequestError):
    """The body did not arrive in time."""

    code = "BODY_TIMEOUT"


class UnauthenticatedError(AppError):
    """No credential was sent."""

    code = "UNAUTHENTICATED"


class InvalidTokenError(UnauthenticatedError):
    """A bearer token was sent, and is not good; why is for the log, not for the sender."""

    code = "INVALID_TOKEN"


class InvalidGrantError(UnauthenticatedError):
    """No such account, a disabled one, a wrong password or refresh token: one answer for all (RFC 6749 section 5.2)."""

    code = "INVALID_GRANT"


class UnsupportedGrantTypeError(AppError):
    """`/oauth/token` was asked for a grant it does not have (RFC 6749 section 5.2)."""

    code = "UNSUPPORTED_GRANT_TYPE"


class InvalidTokenRequestError(AppError):
    """`/oauth/*` got a form with a parameter missing or repeated (RFC 6749 section 5.2)."""

    code = "INVALID_REQUEST"


class UnsupportedTokenTypeError(AppError):
    """A token of a kind that ends by itself, and cannot be revoked alone (RFC 7009 section 2.2.1)."""

    code = "UNSUPPORTED_TOKEN_TYPE"


class ForbiddenError(AppError):
    """Kubernetes does not allow it to this caller."""

    code = "FORBIDDEN"

    def __init__(self, verb: str = "", resource: str = "") -> None:
        super().__init__(f"{verb} {resource}".strip())
        self.verb = verb
        self.resource = resource


class PasswordChangeRequiredError(ForbiddenError):
    """The account's password has to be changed by its owner before anything else is open to them."""

    code = "PASSWORD_CHANGE_REQUIRED"


class NotFoundError(AppError):
    """What was asked for is not there, or not to be seen by this caller."""

    code = "NOT_FOUND"


class RouteNotFoundError(NotFoundError):
    """No operation has this path."""

    code = "ROUTE_NOT_FOUND"


class WorkspaceNotFoundError(NotFoundError):
    """There is no such workspace for this caller."""

    code = "WORKSPACE_NOT_FOUND"


class ProjectNotFoundError(NotFoundError):
    """There is no such project in this workspace for this caller."""

    code = "PROJECT_NOT_FOUND"


class SecretNotFoundError(NotFoundError):
    """There is no such Secret."""

    code = "SECRET_NOT_FOUND"


class KeyNotFoundError(NotFoundError):
    """The Secret has no such key."""

    code = "KEY_NOT_FOUND"


class AccountNotFoundError(NotFoundError):
    """There is no such local account."""

    code = "ACCOUNT_NOT_FOUND"


class MemberNotFoundError(NotFoundError):
    """There is no such member."""

    code = "MEMBER_NOT_FOUND"


class MethodNotAllowedError(AppError):
    """The path has no such method; `allowed` are those that it has."""

    code = "METHOD_NOT_ALLOWED"

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        super().__init__(", ".join(allowed))
        self.allowed = tuple(allowed)


class StateError(AppError):
    """The request is well formed, and does not fit the state of things."""

    code = "STATE"


class AlreadyExistsError(StateError):
    """Something of this name is already there."""

    code = "ALREADY_EXISTS"


class ConflictError(StateError):
    """Others changed the same object at the same time, more than once."""

    code = "CONFLICT"


class ImmutableSecretError(StateError):
    """The Secret is immutable: its values, and the mark itself, stay as they are."""

    code = "IMMUTABLE"


class ReadOnlySecretError(StateError):
    """Helm releases and service-account tokens are not edited here unless told so."""

    code = "READ_ONLY"


class NotApplicableError(StateError):
    """A guard of the change failed: a key to rename is missing, or its target, or a key to add, is there."""

    code = "PATCH_NOT_APPLICABLE"


class PreconditionFailedError(StateError):
    """The Secret is no longer at the version that `If-Match` names (RFC 9110 section 13.1.1)."""

    code = "PRECONDITION_FAILED"


class PreconditionRequiredError(StateError):
    """A write came without `If-Match` (RFC 6585 section 3)."""

    code = "PRECONDITION_REQUIRED"


class NameReservedError(StateError):
    """The name stands for something else: a workspace that others keep, or one that namespaces name already."""

    code = "NAME_RESERVED"


class NotManagedError(StateError):
    """Somebody else keeps it: a workspace known by a label alone, a role binding made by hand. Shown, not changed."""

    code = "NOT_MANAGED"


class WorkspaceInUseError(StateError):
    """The workspace still has projects."""

    code = "WORKSPACE_IN_USE"


class NameRetiredError(StateError):
    """An account of this name was deleted; role bindings name people, so nobody else gets its name."""

    code = "NAME_RETIRED"


class InheritedError(StateError):
    """The role in the project comes from a role in its workspace, and changes with that."""

    code = "INHERITED"


class LastAdminError(StateError):
    """Nobody would be left to run the project, or the workspace."""

    code = "LAST_ADMIN"


class NotWorkspaceMemberError(StateError):
    """Who is to be invited to a project is not in its workspace."""

    code = "NOT_WORKSPACE_MEMBER"


class IsManagerError(StateError):
    """They manage a workspace, which makes them an admin of it whatever else is said."""

    code = "IS_MANAGER"


class TooManyMembersError(StateError):
    """The workspace has as many members as one can have."""

    code = "TOO_MANY_MEMBERS"


class QuotaExceededError(StateError):
    """A ResourceQuota of the project is used up."""

    code = "QUOTA_EXCEEDED"


class ProjectTerminatingError(StateError):
    """The project is being deleted; nothing can be made in it."""

    code = "PROJECT_TERMINATING"


class RefusedByAdmissionError(AppError):
    """An admission policy or webhook of the cluster said no; `policy` is its name, where it is known."""

    code = "REFUSED_BY_ADMISSION"

    def __init__(self, policy: str = "") -> None:
        super().__init__(policy)
        self.policy = policy


class TooManyRequestsError(AppError):
    """A limit on how much at once, or how often; worth another try in `retry_after` seconds."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(str(retry_after))
        self.retry_after = retry_after


class TooManyAttemptsError(TooManyRequestsError):
    """Too many sign-ins failed, for this account or from this address; it is open again in `retry_after` seconds."""

    code = "TOO_MANY_ATTEMPTS"


class UpstreamError(AppError):
    """The API server, or our own access to it, is the trouble; the caller did nothing wrong."""

    code = "UPSTREAM"


class UpstreamUnavailableError(UpstreamError):
    """The API server cannot be reached, is overloaded, or does not accept our own credential."""

    code = "UPSTREAM_UNAVAILABLE"

    def __init__(self, retry_after: int = 2) -> None:
        super().__init__(str(retry_after))
        self.retry_after = retry_after


class UpstreamExpiredError(UpstreamUnavailableError):
    """A list took so long that the API server forgot the version it began with; starting anew helps."""


class UpstreamTimeoutError(UpstreamError):
    """The API server did not answer in time; a write may have taken place."""

    code = "UPSTREAM_TIMEOUT"


class UpstreamAnswerError(UpstreamError):
    """The API server answered with something that makes no sense to us; `status` is its HTTP status."""

    code = "UPSTREAM_ANSWER"

    def __init__(self, status: int = 0, reason: str = "") -> None:
        super().__init__(f"{status} {reason}".strip())
        self.status = status
        self.reason = reason


class OwnAccessError(UpstreamError):
    """Our own service account lacks a right: an operator's matter. `verb` and `resource` are for the log."""

    code = "SERVICE_MISCONFIGURED"

    def __init__(self, verb: str = "", resource: str = "") -> None:
        super().__init__(f"{verb} {resource}".strip())
        self.verb = verb
        self.resource = resource


class AuditUnavailableError(UpstreamError):
    """The line that a reveal must leave behind could not be written, so nothing was revealed."""

    code = "AUDIT_UNAVAILABLE"

    retry_after = 5


class IdentityProviderUnavailableError(UpstreamError):
    """The OpenID Connect provider of a token does not tell its keys, so whether the token is good is not known."""

    code = "IDENTITY_PROVIDER_UNAVAILABLE"

    def __init__(self, retry_after: int = 10) -> None:
        super().__init__(str(retry_after))
        self.retry_after = retry_after
