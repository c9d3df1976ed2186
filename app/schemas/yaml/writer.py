"""A Secret's manifest, written as YAML that every reader understands alike: sorted, and quoted wherever in doubt."""

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Final

from app.domain.manifest import Masked, SecretManifest, Value
from app.schemas.yaml.scalar import is_string, kept_text

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+=-]*")
"""Characters that mean nothing to YAML where they stand here."""
_DOUBTFUL = re.compile(r'["\\]|[^ -~]')
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def write_secret(manifest: SecretManifest, *, masked: bool) -> str:
    """Write a manifest that reads back as the same; the fields in the order of Kubernetes, the keys sorted.

    Args:
        manifest: What to write.
        masked: Whether to write `"<kept: 24 bytes>"` in place of each value, or the values, in base64.
    """
    return "".join(f"{line}\n" for line in _lines(manifest, masked=masked))


def _lines(manifest: SecretManifest, *, masked: bool) -> Iterator[str]:
    yield "apiVersion: v1"
    yield "kind: Secret"
    yield "metadata:"
    yield f"  name: {_scalar(manifest.name)}"
    if manifest.namespace is not None:
        yield f"  namespace: {_scalar(manifest.namespace)}"
    yield from _map("labels", manifest.labels, indent="  ")
    yield from _map("annotations", manifest.annotations, indent="  ")
    if manifest.type is not None:
        yield f"type: {_scalar(manifest.type)}"
    if manifest.immutable is not None:
        yield f"immutable: {str(manifest.immutable).lower()}"
    yield from _map("data", {key: _value(value, masked=masked) for key, value in manifest.data.items()})


def _map(name: str, texts: Mapping[str, str], indent: str = "") -> Iterator[str]:
    if texts:
        yield f"{indent}{name}:"
    for key, text in sorted(texts.items()):
        yield f"{indent}  {_scalar(key)}: {_scalar(text)}"


def _value(value: Value, *, masked: bool) -> str:
    if isinstance(value, Masked):
        return kept_text(value)
    return kept_text(Masked(len(value))) if masked else base64.b64encode(value).decode()


def _scalar(text: str) -> str:
    """The text plain where no reader can mistake it, else in double quotes, which can hold anything."""
    if _PLAIN.fullmatch(text) and is_string(text):
        return text
    return '"' + _DOUBTFUL.sub(_escaped, text) + '"'


def _escaped(match: re.Match[str]) -> str:
    """A character as it stands in double quotes; what does not print is escaped, lest it be folded or overlooked."""
    character = match[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 1 << 8 else f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"
