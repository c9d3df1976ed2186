"""What a scalar of YAML says, by every version of YAML that may read it.

A plain scalar is a string only if YAML 1.1 (kubectl, PyYAML), YAML 1.2 and Go's reading of both agree on that: `no`,
`0777`, `1e3` and `12:30` are strings to some readers and something else to others.
Sources: https://yaml.org/type/ (1.1), https://yaml.org/spec/1.2.2/#103-core-schema, go-yaml's resolve.go.
"""

import base64
import binascii
import re
from typing import Final

from app.domain.manifest import Masked

_NULL = re.compile(r"|~|null", re.IGNORECASE)
_WORD = re.compile(r"y|n|yes|no|true|false|on|off|[-+]?\.inf|\.nan|=|<<", re.IGNORECASE)
"""Booleans, floats that are no numbers, and YAML 1.1's default value and merge key."""
_INTEGER = re.compile(r"[-+]?(0b[-+]?[01]*|0o[0-7]*|0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_FLOAT = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[-+]?[0-9]+)?", re.IGNORECASE)
_SEXAGESIMAL = re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?")
_NUMBERS: Final = (_INTEGER, _FLOAT, _SEXAGESIMAL)
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:?[0-9]{2})?))?)?"
)

_KEPT = re.compile(r"<kept: (0|[1-9][0-9]{0,7}) bytes>")


def is_null(plain: str) -> bool:
    """Whether a plain scalar says that there is nothing."""
    return _NULL.fullmatch(plain) is not None


def is_string(plain: str) -> bool:
    """Whether a plain scalar is a string to every reader of YAML."""
    digits = plain if plain.startswith("_") else plain.replace("_", "")  # Go drops "_" wherever it stands in a number
    return not (
        is_null(plain)
        or _WORD.fullmatch(plain)
        or _TIMESTAMP.fullmatch(plain)
        or any(each.fullmatch(digits) for each in _NUMBERS)
    )


def kept_bytes(text: str) -> Masked | None:
    """The mask that a text is, None where it is another text."""
    match = _KEPT.fullmatch(text)
    return Masked(int(match[1])) if match else None


def kept_text(masked: Masked) -> str:
    """A mask as text: no base64, so that kubectl refuses it, and it can never become a value by accident."""
    return f"<kept: {masked.size} bytes>"


def base64_bytes(text: str) -> bytes | None:
    """What standard base64 with padding (RFC 4648 section 4) stands for, None where the text is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
