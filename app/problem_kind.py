"""How each class of errors is answered: the only table of HTTP statuses, and the one place that words errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from app.domain import errors as e

_BEARER: Final = 'Bearer realm="secretspace"'


@dataclass(frozen=True, slots=True)
class Kind:
    """How one class of errors is answered."""

    status: HTTPStatus
    title: str
    detail: str | Callable[[Any], str] = ""
    """In words; a function where the error's fields belong into them. Empty: the title."""
    headers: Callable[[Any], Mapping[str, str]] = lambda _: {}
    oauth: str = "invalid_request"
    """The error code of RFC 6749 section 5.2 that stands for it at `/oauth/*`."""


def retry_after(
    error: e.TooManyRequestsError
    | e.UpstreamUnavailableError
    | e.AuditUnavailableError
    | e.IdentityProviderUnavailableError,
) -> dict[str, str]:
    """The header that says when to come again, for errors that know it."""
    return {"Retry-After": str(error.retry_after)}


def _accept(error: e.UnsupportedMediaTypeError) -> dict[str, str]:
    return {"Accept": ", ".join(error.accepted)}


_S: Final = HTTPStatus
FORGOTTEN: Final = " Kubernetes does not remember that version any more, so nobody can say what changed since."
"""What is added where the version that a write is based on cannot be read any more."""
_PERHAPS_WRITTEN: Final = "If this was a write, it may have taken place: read before you repeat it."

KINDS: Final[Mapping[type[e.AppError], Kind]] = {
    e.InvalidError: Kind(
        _S.UNPROCESSABLE_ENTITY, "The request breaks rules", "See `errors` for what is wrong, and where."
    ),
    e.MalformedRequestError: Kind(_S.BAD_REQUEST, "The request cannot be read"),
    e.ForbiddenHeaderError: Kind(
        _S.BAD_REQUEST, "A header is not accepted", "Impersonate-* and X-Remote-* headers are never accepted here."
    ),
    e.UnsupportedMediaTypeError: Kind(
        _S.UNSUPPORTED_MEDIA_TYPE,
        "The media type is not supported",
        lambda error: "Send the body as " + " or ".join(error.accepted) + ".",
        _accept,
    ),
    e.UnsupportedEncodingError: Kind(
        _S.UNSUPPORTED_MEDIA_TYPE,
        "The body is compressed",
        "Send it as it is, without Content-Encoding.",
        lambda _: {"Accept-Encoding": "identity"},
    ),
    e.BodyTooLargeError: Kind(
        _S.REQUEST_ENTITY_TOO_LARGE,
        "The body is too large",
        lambda error: f"At most {error.limit:,} bytes are accepted.",
    ),
    e.HeadersTooLargeError: Kind(
        _S.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The headers are too large",
        lambda error: f"At most {error.limit:,} bytes of headers are accepted.",
    ),
    e.BodyTimeoutError: Kind(_S.REQUEST_TIMEOUT, "The body did not arrive in time"),
    e.UnauthenticatedError: Kind(
        _S.UNAUTHORIZED,
        "Sign in first",
        "Send a bearer token; `POST /oauth/token` gives one.",
        lambda _: {"WWW-Authenticate": _BEARER},
    ),
    e.InvalidTokenError: Kind(
        _S.UNAUTHORIZED,
        "The token is not valid",
        "It is malformed, has expired, or is not one of those accepted here.",
        lambda _: {"WWW-Authenticate": f'{_BEARER}, error="invalid_token"'},
        oauth="invalid_grant",
    ),
    e.InvalidGrantError: Kind(
        _S.BAD_REQUEST,
        "Sign-in refused",
        "There is no such account, or the password or refresh token is not good.",
        oauth="invalid_grant",
    ),
    e.UnsupportedGrantTypeError: Kind(
        _S.BAD_REQUEST,
        "The grant type is not supported",
        "Use grant_type=password, or refresh_token.",
        oauth="unsupported_grant_type",
    ),
    e.InvalidTokenRequestError: Kind(
        _S.BAD_REQUEST,
        "The token request cannot be read",
        "It has grant_type with username and password, or with refresh_token, or else token; each once.",
    ),
    e.UnsupportedTokenTypeError: Kind(
        _S.BAD_REQUEST,
        "This token cannot be revoked alone",
        "An access token ends by itself, or with its session: revoke the refresh token, or sign out everywhere.",
        oauth="unsupported_token_type",
    ),
    e.ForbiddenError: Kind(
        _S.FORBIDDEN,
        "Not allowed",
        lambda error: f"Kubernetes does not allow you to {error.verb} {error.resource} here." if error.verb else "",
    ),
    e.PasswordChangeRequiredError: Kind(
        _S.FORBIDDEN,
        "Change the password first",
        "The password was set by somebody else; set your own at `PUT /api/v1/accounts/{account}/password`.",
    ),
    e.NotFoundError: Kind(_S.NOT_FOUND, "Not found"),
    e.RouteNotFoundError: Kind(_S.NOT_FOUND, "There is no such path"),
    e.WorkspaceNotFoundError: Kind(
        _S.NOT_FOUND, "Workspace not found", "There is no such workspace, or you have no role in it."
    ),
    e.ProjectNotFoundError: Kind(
        _S.NOT_FOUND, "Project not found", "There is no such project in this workspace, or you have no role in it."
    ),
    e.SecretNotFoundError: Kind(_S.NOT_FOUND, "Secret not found", "There is no Secret of this name in the project."),
    e.KeyNotFoundError: Kind(_S.NOT_FOUND, "Key not found", "The Secret has no such key."),
    e.AccountNotFoundError: Kind(_S.NOT_FOUND, "Account not found", "There is no local account of this name."),
    e.MemberNotFoundError: Kind(_S.NOT_FOUND, "Member not found", "There is no member of this id."),
    e.MethodNotAllowedError: Kind(
        _S.METHOD_NOT_ALLOWED,
        "The method is not allowed",
        "The path has other methods; see the Allow header.",
        lambda error: {"Allow": ", ".join(error.allowed)} if error.allowed else {},
    ),
    e.StateError: Kind(_S.CONFLICT, "The state of things does not allow it"),
    e.AlreadyExistsError: Kind(
        _S.CONFLICT, "It is already there", "Something of this name, or this member, is there; nothing was overwritten."
    ),
    e.NameReservedError: Kind(
        _S.CONFLICT, "The name is reserved", "It stands for something that is not kept here; choose another one."
    ),
    e.NotManagedError: Kind(
        _S.CONFLICT, "It is kept elsewhere", "It was not made by this service: it is shown, and not changed here."
    ),
    e.WorkspaceInUseError: Kind(_S.CONFLICT, "The workspace is in use", "It still has projects; delete these first."),
    e.NameRetiredError: Kind(
        _S.CONFLICT,
        "The name is not given out again",
        "An account of this name was deleted; what is bound to the name must not become somebody else's.",
    ),
    e.InheritedError: Kind(
        _S.CONFLICT,
        "The role comes from the workspace",
        "It is a member of the workspace, and changes with its role there.",
    ),
    e.LastAdminError: Kind(
        _S.CONFLICT, "The last admin stays", "Nobody would be left to run it; make somebody else an admin first."
    ),
    e.NotWorkspaceMemberError: Kind(
        _S.CONFLICT,
        "Not a member of the workspace",
        "Only members of the workspace can be invited to its projects; a group, if it is a member itself.",
    ),
    e.IsManagerError: Kind(
        _S.CONFLICT,
        "This is the manager of a workspace",
        "The manager is an admin in every respect: give the workspace another manager first.",
    ),
    e.TooManyMembersError: Kind(
        _S.CONFLICT, "The workspace is full", "It has 250 members, which is as many as there can be."
    ),
    e.ConflictError: Kind(
        _S.CONFLICT, "Others changed it at the same time", "Read it again, then try once more; nothing was written."
    ),
    e.ImmutableSecretError: Kind(
        _S.CONFLICT, "The Secret is immutable", "Its values, and the mark itself, cannot be changed any more."
    ),
    e.ReadOnlySecretError: Kind(
        _S.CONFLICT,
        "The Secret is read-only",
        "Helm releases and service-account tokens are not edited here; ?override=readOnly sets this aside.",
    ),
    e.ManagedByControllerError: Kind(
        _S.CONFLICT,
        "A controller keeps the Secret",
        lambda error: (
            f"{error.edit_at} ?override=managed sets this aside; what is written "
            f"{'is' if error.reverts == 'yes' else 'may be'} set back then."
        ),
    ),
    e.NotApplicableError: Kind(
        _S.CONFLICT,
        "The change does not apply",
        "A key to rename is missing, or a key that was to be absent is there. Nothing was written.",
    ),
    e.NotExportableError: Kind(
        _S.CONFLICT, "A file of this form cannot hold the Secret", "See `errors` for the keys; another form can."
    ),
    e.PreconditionFailedError: Kind(
        _S.PRECONDITION_FAILED,
        "It has changed meanwhile",
        "It is no longer at the version that was expected; nothing was written.",
    ),
    e.VersionGoneError: Kind(
        _S.GONE, "The version is forgotten", "Kubernetes does not remember it any more; nothing was written."
    ),
    e.TypeDiffersError: Kind(
        _S.CONFLICT, "The type differs", "What is there now is a Secret of another type, which cannot be changed."
    ),
    e.PreconditionRequiredError: Kind(
        _S.PRECONDITION_REQUIRED,
        "A precondition is needed",
        "Send If-Match with the ETag that you saw, or If-Match: * for whatever is there.",
    ),
    e.QuotaExceededError: Kind(
        _S.CONFLICT, "The quota is used up", "A ResourceQuota of the project does not allow it."
    ),
    e.ProjectTerminatingError: Kind(_S.CONFLICT, "The project is being deleted", "Nothing can be made in it any more."),
    e.RefusedByAdmissionError: Kind(
        _S.UNPROCESSABLE_ENTITY,
        "Refused by a policy of the cluster",
        lambda error: f"The admission policy or webhook {error.policy} refused it." if error.policy else "",
    ),
    e.TooManyRequestsError: Kind(_S.TOO_MANY_REQUESTS, "Too much at once", "Try again in a moment.", retry_after),
    e.TooManyAttemptsError: Kind(
        _S.TOO_MANY_REQUESTS,
        "Too many sign-ins have failed",
        "Wait as long as Retry-After says; the right password is taken then.",
        retry_after,
    ),
    e.UpstreamError: Kind(_S.BAD_GATEWAY, "Kubernetes is the trouble"),
    e.UpstreamUnavailableError: Kind(
        _S.SERVICE_UNAVAILABLE,
        "Kubernetes cannot be reached",
        f"Try again in a moment. {_PERHAPS_WRITTEN}",
        retry_after,
    ),
    e.UpstreamTimeoutError: Kind(
        _S.GATEWAY_TIMEOUT,
        "Kubernetes did not answer in time",
        _PERHAPS_WRITTEN,
    ),
    e.UpstreamAnswerError: Kind(
        _S.BAD_GATEWAY,
        "Kubernetes gave an unexpected answer",
        _PERHAPS_WRITTEN,
    ),
    e.OwnAccessError: Kind(
        _S.INTERNAL_SERVER_ERROR,
        "The service is not set up rightly",
        "It lacks a right of its own in the cluster; its operator finds the reason in the log.",
    ),
    e.AuditUnavailableError: Kind(
        _S.SERVICE_UNAVAILABLE,
        "The reveal could not be recorded",
        "No value is shown or copied without a record of it.",
        retry_after,
    ),
    e.IdentityProviderUnavailableError: Kind(
        _S.SERVICE_UNAVAILABLE,
        "The identity provider cannot be reached",
        "Whether the token is good is not known, so nothing was done.",
        retry_after,
    ),
}
"""Every class of errors; one that is not here is answered as its base class, `code` aside."""

INTERNAL: Final = "INTERNAL"
INTERNAL_KIND: Final = Kind(
    _S.INTERNAL_SERVER_ERROR, "Something is broken here", "The operator finds it in the log, by the requestId."
)
"""What nobody foresaw; it has a code, and no class."""


def kind_of(error: type[e.AppError]) -> Kind:
    """How a class of errors is answered: its own entry, or that of the nearest base class that has one."""
    return next(KINDS[base] for base in error.__mro__ if base in KINDS)
