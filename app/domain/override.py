"""Guards that a caller may set aside."""

from collections.abc import Collection
from enum import StrEnum


class Override(StrEnum):
    """Guards that a caller may set aside, by name; `inUse` guards nothing yet."""

    IN_USE = "inUse"
    MANAGED = "managed"
    READ_ONLY = "readOnly"


Overrides = Collection[Override]
