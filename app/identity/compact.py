"""The compact form of a JWT (RFC 7515 section 7.1), looked at before anything is verified."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from app.domain.errors import InvalidTokenError

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def part(token: str, index: int) -> Mapping[str, Any]:
    """The header (0) or the payload (1); to be believed once the signature is verified.

    Raises:
        InvalidTokenError: the token is not of this form, or the part is no JSON object.
    """
    if not _COMPACT.fullmatch(token):
        raise InvalidTokenError("form")
    encoded = token.split(".")[index]
    try:
        return json_object(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except ValueError:
        raise InvalidTokenError("form") from None


def json_object(document: bytes) -> Mapping[str, Any]:
    """The object that this is.

    Raises:
        InvalidTokenError: it is none.
    """
    try:
        value = json.loads(document)
    except (ValueError, RecursionError):
        raise InvalidTokenError("form") from None
    if not isinstance(value, dict):
        raise InvalidTokenError("form")
    return value
