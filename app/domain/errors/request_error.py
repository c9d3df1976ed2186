"""The request itself is at fault."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from app.domain.errors.app_error import AppError
from app.domain.fault import Fault, Violation


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

    def under(self, place: str) -> "InvalidError":
        """The same faults in a body that holds this one at a place."""
        return self.moved(lambda pointer: place + pointer)

    def moved(self, place_of: Callable[[str], str]) -> "InvalidError":
        """The same faults, each where `place_of` says that its pointer leads in another body."""
        return InvalidError([replace(each, pointer=place_of(each.pointer)) for each in self.violations])


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


class MethodNotAllowedError(AppError):
    """The path has no such method; `allowed` are those that it has."""

    code = "METHOD_NOT_ALLOWED"

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        super().__init__(", ".join(allowed))
        self.allowed = tuple(allowed)
