"""A Secret of a shape that people have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.canary import MARK, canary

Text = bytes | str
Data = Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Shape:
    """What somebody stored, and all else that was left on it."""

    data: Data = field(repr=False)
    type: str = "Opaque"
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict, repr=False)
    owners: tuple[Mapping[str, object], ...] = ()
    immutable: bool = False

    @property
    def renamable(self) -> str | None:
        """A key that the type does not ask for, if there is any."""
        return next((key for key in self.data if key not in _ASKED_FOR), None)


Shapes = Mapping[str, Shape]
"""By what they are, in words."""

_ASKED_FOR = {"tls.crt", "tls.key", ".dockerconfigjson", ".dockercfg", "ssh-privatekey", "username", "password"}


def opaque(**data: Text) -> Shape:
    """One of no type of its own."""
    return Shape(data)


def blob(head: bytes, tail: bytes = b"\x00\xff") -> bytes:
    """Bytes that are no text, with the mark between them."""
    return head + canary().encode() + tail


def marked(pem: bytes) -> bytes:
    """A PEM file with a line before its first block, where text may stand (RFC 7468 section 2)."""
    return f"{canary('pem')}\n".encode() + pem


__all__ = ["MARK", "Data", "Shape", "Shapes", "Text", "blob", "canary", "marked", "opaque"]
