"""Who is calling is not known, not allowed, or too much at once."""

from app.domain.errors.app_error import AppError


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


class TooManyRequestsError(AppError):
    """A limit on how much at once, or how often; worth another try in `retry_after` seconds."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(str(retry_after))
        self.retry_after = retry_after


class TooManyAttemptsError(TooManyRequestsError):
    """Too many sign-ins failed, for this account or from this address; it is open again in `retry_after` seconds."""

    code = "TOO_MANY_ATTEMPTS"
