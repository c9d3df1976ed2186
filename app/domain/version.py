"""One version of one Secret, and its form as an ETag (RFC 9110 section 8.8.3)."""

import base64
import re
from dataclasses import dataclass
from typing import Final, Literal, Self

_TOKEN = re.compile(r'(?:W/)?"([A-Za-z0-9_-]{4,200})"')
_DIGITS = re.compile(r"[1-9][0-9]{0,19}")
_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Version:
    """`uid` tells a Secret from a later one of the same name, `resource_version` its states apart."""

    uid: str
    resource_version: str

    @property
    def etag(self) -> str:
        """The strong entity tag, with its quotes; opaque to clients. Empty where nothing was stored: a dry run."""
        if not self.resource_version:
            return ""
        raw = f"{self.uid}:{self.resource_version}".encode()
        return '"' + base64.urlsafe_b64encode(raw).decode().rstrip("=") + '"'

    def precedes(self, other: "Version") -> bool:
        """Whether it is an earlier state of the same Secret; resource versions of a cluster count up."""
        return self.uid == other.uid and int(self.resource_version) < int(other.resource_version)

    @classmethod
    def from_etag(cls, etag: str) -> Self | None:
        """The version inside of a tag of ours; None for anything else, which hence never matches.

        The `W/` that a compressing proxy adds is tolerated. Only digits ever go upstream as a resourceVersion: "" and
        "0" would be written unconditionally, and letters are a 500 of the API server.
        """
        match = _TOKEN.fullmatch(etag.strip())
        if match is None:
            return None
        token = match[1]
        try:
            uid, _, resource_version = (
                base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii").partition(":")
            )
        except ValueError:
            return None
        if not _UID.fullmatch(uid) or not _DIGITS.fullmatch(resource_version):
            return None
        version = cls(uid, resource_version)
        return version if version.etag == f'"{token}"' else None  # base64 has other spellings of the same bytes


ANY: Final = "*"
"""`If-Match: *`: whatever is there."""

Precondition = tuple[Version, ...] | Literal["*"]
"""What a write expects: one of these versions, or anything that is there. An empty tuple matches nothing."""
