"""What a refusal of the API server means for the caller.

Its words are looked at here and never passed on: the 422 of a merge patch that does not decode quotes the whole stored
Secret, a failed precondition the etcd key, a bad label its value.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from app.domain.errors import (
    AlreadyExistsError,
    AppError,
    ConflictError,
    ForbiddenError,
    ImmutableSecretError,
    InvalidError,
    InvalidTokenError,
    NotApplicableError,
    NotFoundError,
    OwnAccessError,
    PreconditionFailedError,
    ProjectNotFoundError,
    ProjectTerminatingError,
    QuotaExceededError,
    RefusedByAdmissionError,
    SecretNotFoundError,
    UpstreamAnswerError,
    UpstreamExpiredError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from app.domain.fault import Fault, Violation
from app.domain.identity import OwnToken
from app.k8s.impersonation import Acting, AsCaller, AsReserved, AsService, AsToken
from app.k8s.request import JSON_PATCH, KubeRequest
from app.k8s.wire import Status, StatusCause, StatusDetails

_FORBIDDEN = re.compile(r'[a-z0-9./-]+( "(?:[^"\\]|\\.)*")? is forbidden: ')
"""How every 403 begins, and a 422 of a policy: the resource, and perhaps the name, Go-quoted."""
_CANNOT_IMPERSONATE = re.compile(r'User "[^"\\]*" cannot impersonate')
"""Names are Go-quoted in the message, so that no caller's name can forge the quotation marks."""
_POLICY = re.compile(r"ValidatingAdmissionPolicy '([a-z0-9.-]{1,253})'")
_WEBHOOK = re.compile(r'admission webhook "([a-z0-9.-]{1,253})" denied the request')
_QUOTA = re.compile(r"(exceeded|failed) quota: ")
_SECONDS = re.compile(r"[0-9]{1,9}")

_REASONS: Final = frozenset(
    """
    Unauthorized Forbidden NotFound AlreadyExists Conflict Gone Invalid ServerTimeout StoreReadError Timeout
    TooManyRequests BadRequest MethodNotAllowed NotAcceptable RequestEntityTooLarge UnsupportedMediaType InternalError
    Expired ServiceUnavailable
    """.split()
)
"""k8s.io/apimachinery/pkg/apis/meta/v1, StatusReason."""
_FIELDS: Final[Mapping[str, tuple[str, Fault]]] = {
    "metadata.name": ("/name", Fault.NAME_INVALID),
    "metadata.labels": ("/labels", Fault.LABEL_KEY_INVALID),
    "metadata.annotations": ("/annotations", Fault.REFUSED),
    "type": ("/content/type", Fault.TYPE_IMMUTABLE),
}
"""Fields of a Secret as kube-apiserver names them, and where they stand in our bodies."""
_DATA_FAULTS: Final[Mapping[str, Fault]] = {
    "FieldValueRequired": Fault.DATA_REQUIRED_BY_TYPE,
    "FieldValueTooLong": Fault.VALUES_TOO_LARGE,
}
"""What is wrong with `data` or one of its keys, by the reason of the cause."""


def to_error(status_code: int, body: bytes, retry_after: str | None, request: KubeRequest, acting: Acting) -> AppError:
    """The error for an answer that is not 2xx."""
    status = _parse(body)
    if isinstance(acting, AsCaller) and (refused := _admission(status)):
        return refused  # whatever the status: a webhook chooses its own
    return _by_code(status_code, status, retry_after, request, acting)


def _by_code(
    status_code: int, status: Status, retry_after: str | None, request: KubeRequest, acting: Acting
) -> AppError:
    match status_code:
        case 401:
            return _unauthorized(acting)
        case 403:
            return _forbidden(status, request, acting)
        case 404:
            return _not_found(status, request)
        case 409:
            return AlreadyExistsError() if status.reason == "AlreadyExists" else _conflict(status)
        case 410:
            return UpstreamExpiredError()
        case 413:
            return InvalidError([Violation("/content", Fault.VALUES_TOO_LARGE)])
        case 422:
            return _unprocessable(status, request)
        case 429 | 503:
            return UpstreamUnavailableError(_seconds(retry_after, status))
        case 504:
            return SecretNotFoundError() if _asks_ahead(status, request) else UpstreamTimeoutError()
        case _:
            return UpstreamAnswerError(status_code, _reason(status))


def _parse(body: bytes) -> Status:
    try:
        return msgspec.json.decode(body, type=Status)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Status()


def _unauthorized(acting: Acting) -> AppError:
    match acting:
        case AsToken():
            return InvalidTokenError("cluster")
        case AsCaller(caller=caller) if isinstance(caller.identity.credential, OwnToken):
            return InvalidTokenError("cluster")
        case _:
            return UpstreamUnavailableError()


def _forbidden(status: Status, request: KubeRequest, acting: Acting) -> AppError:
    if any(cause.reason == "NamespaceTerminating" for cause in _causes(status)):
        return ProjectTerminatingError()
    if isinstance(acting, AsService | AsReserved) or _CANNOT_IMPERSONATE.match(_why(status)):
        return OwnAccessError(request.verb, request.resource)
    if _QUOTA.match(_why(status)):
        return QuotaExceededError()
    return ForbiddenError(request.verb, request.resource)


def _not_found(status: Status, request: KubeRequest) -> AppError:
    kind = (status.details or StatusDetails()).kind
    if kind == "namespaces":
        return ProjectNotFoundError()
    return SecretNotFoundError() if request.resource == "secrets" else NotFoundError()


def _conflict(status: Status) -> AppError:
    if any(cause.reason == "NamespaceTerminating" for cause in _causes(status)):
        return ProjectTerminatingError()
    return ConflictError()


def _unprocessable(status: Status, request: KubeRequest) -> AppError:
    fields = [cause.field for cause in _causes(status)]
    if request.content_type == JSON_PATCH and not fields:
        return NotApplicableError()
    if "patch" in fields or not fields:
        return UpstreamAnswerError(422, _reason(status))
    if "metadata.uid" in fields:
        return PreconditionFailedError()
    if any(_is_immutable(cause.field, cause.reason) for cause in _causes(status)):
        return ImmutableSecretError()
    return InvalidError(list(dict.fromkeys(_violation(cause) for cause in _causes(status))))  # 1.36 says some twice


def _asks_ahead(status: Status, request: KubeRequest) -> bool:
    """Whether a Secret was asked for at a version that is yet to come, so that waiting for it would be in vain."""
    ahead = any(cause.reason == "ResourceVersionTooLarge" for cause in _causes(status))
    return ahead and request.resource == "secrets" and "resourceVersionMatch" in request.query


def _is_immutable(field: str, reason: str) -> bool:
    """Whether a cause says that an immutable Secret was to be changed; k8s.io/kubernetes ValidateSecretUpdate."""
    return field in {"immutable", "data"} and reason == "FieldValueForbidden"


def _violation(cause: StatusCause) -> Violation:
    """Only the field's name is used, and nothing in brackets: there stands what the caller sent."""
    name = cause.field.partition("[")[0]
    if name == "data":
        return Violation("/content", _DATA_FAULTS.get(cause.reason, Fault.REFUSED))
    at, fault = _FIELDS.get(name, ("", Fault.REFUSED))
    return Violation(at, fault)


def _admission(status: Status) -> AppError | None:
    match = _POLICY.match(_why(status)) or _WEBHOOK.match(status.message)
    return RefusedByAdmissionError(match[1]) if match else None


def _why(status: Status) -> str:
    """What stands right behind "is forbidden"; further on there may be anything, such as what a policy quotes."""
    match = _FORBIDDEN.match(status.message)
    return status.message[match.end() :] if match else ""


def _reason(status: Status) -> str:
    """The reason, if it is one of Kubernetes' own; a webhook may put any text there, a value too."""
    return status.reason if status.reason in _REASONS else ""


def _causes(status: Status) -> list[StatusCause]:
    return (status.details.causes if status.details else None) or []


def _seconds(header: str | None, status: Status) -> int:
    """How long to wait, between 1 and 60 seconds."""
    asked = int(header) if header and _SECONDS.fullmatch(header) else None
    if asked is None and status.details is not None:
        asked = status.details.retry_after_seconds
    return min(max(asked or 1, 1), 60)
