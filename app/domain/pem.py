"""PEM files with a certificate, its chain and its private key, in whichever order (RFC 7468).

The blocks are told apart by their labels, and kept byte for byte; text around them, such as `Bag Attributes`, is left
out, as RFC 7468 section 5.2 has it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from app.domain.content import TlsContent
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.tls import UnreadableTlsError, load_chain, load_private_key, matching

MAX_FINDINGS: Final = 100
"""Faults that are looked for in one file."""

_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 .]{1,64})-----")
_CERTIFICATE: Final = "CERTIFICATE"
_PRIVATE_KEY: Final = "PRIVATE KEY"
_SAID_BY_THE_KEY: Final = "EC PARAMETERS"
"""What `openssl ecparam -genkey` writes before a key; the key says the same."""
_ENCRYPTED: Final = (b"ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED")
"""How PKCS#8 and the older PEM say that a password is needed (RFC 7468 section 11, RFC 1421 section 4.6.1.1)."""


@dataclass(frozen=True, slots=True)
class _Block:
    label: str
    text: bytes = field(repr=False)
    line: int

    @property
    def is_key(self) -> bool:
        return self.label.endswith(_PRIVATE_KEY)

    def fault(self, fault: Fault) -> Violation:
        return Violation("", fault, self.line, 1)


def read_pem(content: bytes) -> TlsContent:
    """The certificate, with the others behind it in their order, and the key that a file holds.

    Whether the two belong together is judged where a Secret is made of them.

    Raises:
        InvalidError: there is no certificate, or not exactly one key that can be read without a password, or something
            else that would be lost; each fault with its line.
    """
    blocks = [block for block in _blocks(content) if block.label != _SAID_BY_THE_KEY]
    keys = [block for block in blocks if block.is_key]
    certificates = [block for block in blocks if block.label == _CERTIFICATE]
    faults = list(islice(_faults(blocks, keys, certificates), MAX_FINDINGS))
    if faults:
        raise InvalidError(faults)
    key = keys[0].text
    return TlsContent(b"".join(_leaf_first([block.text for block in certificates], key)), key)


def _faults(blocks: Sequence[_Block], keys: Sequence[_Block], certificates: Sequence[_Block]) -> Iterator[Violation]:
    for block in blocks:
        if not block.is_key and block.label != _CERTIFICATE:
            yield block.fault(Fault.PEM_BLOCK_UNKNOWN)
    if not certificates:
        yield Violation("", Fault.PEM_CERTIFICATE_MISSING)
    if not keys:
        yield Violation("", Fault.PEM_KEY_MISSING)
    for block in keys[1:]:
        yield block.fault(Fault.PEM_SEVERAL_KEYS)
    for block in keys:
        if any(said in block.text for said in _ENCRYPTED):
            yield block.fault(Fault.PEM_KEY_ENCRYPTED)


def _blocks(content: bytes) -> Iterator[_Block]:
    """The blocks, each with the end of its last line.

    Raises:
        InvalidError: one does not end before the next begins.
    """
    at, line, counted = 0, 1, 0
    while begin := _BEGIN.search(content, at):
        line, counted = line + content.count(b"\n", counted, begin.start()), begin.start()
        end_mark = b"-----END " + begin[1] + b"-----"
        following = _BEGIN.search(content, begin.end())
        end = content.find(end_mark, begin.end(), following.start() if following else len(content))
        if end < 0:
            raise InvalidError([Violation("", Fault.PEM_BLOCK_OPEN, line, 1)])
        at = end + len(end_mark)
        yield _Block(begin[1].decode(), content[begin.start() : at] + _line_end(content, at), line)


def _line_end(content: bytes, at: int) -> bytes:
    return b"\r\n" if content.startswith(b"\r\n", at) else b"\n"


def _leaf_first(certificates: Sequence[bytes], key: bytes) -> Sequence[bytes]:
    """The certificate that the key belongs to before the others; as they stand where that cannot be told."""
    try:
        chain = load_chain(b"".join(certificates))
        leaf = matching(chain, load_private_key(key))
    except UnreadableTlsError:
        return certificates
    if leaf is None or len(chain) != len(certificates):
        return certificates
    index = chain.index(leaf)
    return [certificates[index], *certificates[:index], *certificates[index + 1 :]]
