"""The API server, or our own way to it, is the trouble."""

from app.domain.errors.app_error import AppError


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
