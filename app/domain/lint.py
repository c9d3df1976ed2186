"""What would be stored as it is, and should be looked at: remarks that never block, and never quote.

Each rule looks at what a write brings, not at what was there before. A remark is a code, a severity and a key; its
words are constant, so no value can get into them.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import chain, islice
from typing import Any, Final

from app.domain.change import Severity
from app.domain.content_view import docker_config_key
from app.domain.docker_config import BrokenDockerConfigError, DockerConfig
from app.domain.facts import is_binary
from app.domain.kind import (
    DOCKER_CFG,
    SSH_AUTH,
    SSH_PRIVATE_KEY,
    TLS_CERTIFICATE,
    TLS_PRIVATE_KEY,
    Kind,
    kind_of,
)
from app.domain.secret import MAX_VALUES
from app.domain.tls import TlsFacts, TlsState, tls_facts, weak_keys

MAX_REMARKS: Final = 100
"""More than a person reads."""
NEAR: Final = MAX_VALUES * 9 // 10
"""Bytes of values from which on a Secret is close to what it may hold."""
_MIN_BASE64: Final = 8
"""Characters below which base64 is not told from a word."""

_MAX_PLACEHOLDER: Final = 64
"""Characters of a password up to which it may be a placeholder; also bounds the work of looking."""

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What every shell takes for a name (POSIX.1-2017, 3.235)."""
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}\s?")
_BOM: Final = b"\xef\xbb\xbf"
_PEM: Final = b"-----BEGIN "
_OPENSSH: Final = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_PLACEHOLDER = re.compile(
    r"<.*>|\$\{.*\}|\$\(.*\)|\{\{.*\}\}|%.*%|x{3,}|\*+|\.{3,}|todo|tbd|fixme|secret|passw(or)?d|token|placeholder|dummy"
    r"|change[-_ ]?(me|it|this)|replace[-_ ]?(me|this)"
    r"|(my|your|the|insert|enter)[-_ ]?.*(passw(or)?d|token|secret|key).*",
    re.IGNORECASE,
)


class Lint(Enum):
    """One kind of remark; the member's name is the wire code, its value severity and words."""

    EMPTY_VALUE = (Severity.INFO, "The value is empty.")
    KEY_NOT_ENV = (Severity.INFO, "The key cannot be used as the name of an environment variable by every shell.")
    TRAILING_NEWLINE = (Severity.INFO, "The value is one line with a line break at its end, as `echo` leaves one.")
    BASE64_TWICE = (Severity.INFO, "The value is base64 of a text: it will be encoded once more when it is stored.")
    BYTE_ORDER_MARK = (Severity.WARNING, "The value begins with a byte order mark, which few programs expect.")
    CRLF_IN_PEM = (Severity.WARNING, "The PEM has line breaks as Windows writes them, which not every program reads.")
    JSON_BROKEN = (Severity.WARNING, "The key ends in .json, and the value is no JSON.")
    NEAR_LIMIT = (Severity.INFO, "All values together are close to 1,048,576 bytes, which is the most a Secret holds.")
    SSH_KEY_WITHOUT_NEWLINE = (Severity.WARNING, "OpenSSH does not read a private key without a line break at its end.")
    CERTIFICATE_UNREADABLE = (Severity.WARNING, "The certificate is no PEM chain that can be read.")
    PAIR_MISMATCH = (Severity.WARNING, "The private key does not belong to the certificate, or cannot be read.")
    CHAIN_ORDER = (
        Severity.WARNING,
        "The chain is not in order: the leaf comes first, and each certificate is signed by the next.",
    )
    CERTIFICATE_EXPIRED = (Severity.WARNING, "The certificate has expired.")
    CERTIFICATE_EXPIRING = (Severity.INFO, "The certificate expires in less than 30 days.")
    CERTIFICATE_NOT_YET_VALID = (Severity.WARNING, "The certificate is not valid yet.")
    WEAK_KEY = (Severity.WARNING, "A key of the chain is weak: RSA below 2048 bits, a curve below 224, or DSA.")
    DOCKER_CONFIG_BROKEN = (Severity.WARNING, "The docker configuration cannot be read as a list of registries.")
    REGISTRY_PASSWORD_PLACEHOLDER = (Severity.WARNING, "The password of the registry looks like a placeholder.")

    CANNOT_BE_UNDONE = (
        Severity.WARNING,
        "The Secret is immutable from now on, which cannot be undone: other values need a new Secret.",
    )

    @property
    def code(self) -> str:
        """The stable, upper-case code."""
        return self.name

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return self.value[0]

    @property
    def message(self) -> str:
        """The words for a person; constant, never with the value in them."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark and the key that it is about, None for all of them; `server` names the registry, where it is of one."""

    lint: Lint
    key: str | None
    server: str | None = None


def lint(secret_type: str, data: Mapping[str, bytes], brought: Collection[str], now: datetime) -> list[Remark]:
    """What there is to remark on the keys that a write brings, at a time (UTC).

    `data` is all that is known of what the Secret will hold, the keys that are `brought` among it.
    """
    each = ((key, data[key]) for key in sorted(brought) if key in data)
    remarks = chain(
        (Remark(found, key) for key, value in each for found in _of_value(secret_type, key, value)),
        _of_size(data, brought),
        _of_pair(data, brought, now),
        _of_registries(secret_type, data, brought),
    )
    return list(islice(remarks, MAX_REMARKS))


def _of_value(secret_type: str, key: str, value: bytes) -> Iterator[Lint]:
    if kind_of(secret_type) in {Kind.DEFAULT, Kind.CUSTOM} and _ENV_NAME.fullmatch(key) is None:
        yield Lint.KEY_NOT_ENV
    if not value:
        yield Lint.EMPTY_VALUE
        return
    yield from (found for found, holds in _RULES.items() if holds(secret_type, key, value))


def _of_size(data: Mapping[str, bytes], brought: Collection[str]) -> Iterator[Remark]:
    if brought and sum(map(len, data.values())) > NEAR:
        yield Remark(Lint.NEAR_LIMIT, None)


def _of_pair(data: Mapping[str, bytes], brought: Collection[str], now: datetime) -> Iterator[Remark]:
    """What a certificate and its key come to, whatever the type: both have to be known, and one of them new."""
    certificate, private_key = data.get(TLS_CERTIFICATE), data.get(TLS_PRIVATE_KEY)
    if not certificate or not private_key or not {TLS_CERTIFICATE, TLS_PRIVATE_KEY} & set(brought):
        return
    facts = tls_facts(certificate, private_key, now)
    if facts is None:
        yield Remark(Lint.CERTIFICATE_UNREADABLE, TLS_CERTIFICATE)
        return
    if not facts.pair_matches:
        yield Remark(Lint.PAIR_MISMATCH, TLS_PRIVATE_KEY)
    yield from (Remark(found, TLS_CERTIFICATE) for found in _of_chain(facts, certificate))


def _of_chain(facts: TlsFacts, certificate: bytes) -> Iterator[Lint]:
    if not facts.chain_ok:
        yield Lint.CHAIN_ORDER
    if facts.state in _STATES:
        yield _STATES[facts.state]
    if weak_keys(certificate):
        yield Lint.WEAK_KEY


def _of_registries(secret_type: str, data: Mapping[str, bytes], brought: Collection[str]) -> Iterator[Remark]:
    key = docker_config_key(secret_type)
    if kind_of(secret_type) is not Kind.IMAGE_REGISTRY or key not in brought or key not in data:
        return
    try:
        config = DockerConfig.parse(data[key], legacy=secret_type == DOCKER_CFG)
    except BrokenDockerConfigError:
        yield Remark(Lint.DOCKER_CONFIG_BROKEN, key)
        return
    for registry in config.registries:
        if len(registry.password) <= _MAX_PLACEHOLDER and _PLACEHOLDER.fullmatch(registry.password.strip()):
            yield Remark(Lint.REGISTRY_PASSWORD_PLACEHOLDER, key, registry.server)


def _has_trailing_newline(_type: str, _key: str, value: bytes) -> bool:
    return value.find(b"\n") == len(value) - 1 and len(value) > 1 and not is_binary(value)


def _is_base64_of_text(_type: str, _key: str, value: bytes) -> bool:
    """Whether it is base64 of something that people read; of random letters, hardly ever."""
    text = value.rstrip()
    if len(text) < _MIN_BASE64 or _BASE64.fullmatch(value) is None:
        return False
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return not is_binary(decoded)


def _is_broken_json(_type: str, key: str, value: bytes) -> bool:
    if not key.lower().endswith(".json"):
        return False
    try:
        json.loads(value.decode().removeprefix("\ufeff"), parse_int=str, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return True
    return False


def _refuse(_constant: str) -> Any:
    """NaN and Infinity are Python's, not JSON's (RFC 8259 section 6)."""
    raise ValueError


def _lacks_newline(secret_type: str, key: str, value: bytes) -> bool:
    is_ssh = (secret_type, key) == (SSH_AUTH, SSH_PRIVATE_KEY) or _OPENSSH in value
    return is_ssh and not value.endswith(b"\n")


_RULES: Final[Mapping[Lint, Callable[[str, str, bytes], bool]]] = {
    Lint.TRAILING_NEWLINE: _has_trailing_newline,
    Lint.BASE64_TWICE: _is_base64_of_text,
    Lint.BYTE_ORDER_MARK: lambda _type, _key, value: value.startswith(_BOM),
    Lint.CRLF_IN_PEM: lambda _type, _key, value: _PEM in value and b"\r\n" in value,
    Lint.JSON_BROKEN: _is_broken_json,
    Lint.SSH_KEY_WITHOUT_NEWLINE: _lacks_newline,
}
"""Rules that look at one value, given the type of the Secret and the key."""
_STATES: Final[Mapping[TlsState, Lint]] = {
    TlsState.EXPIRED: Lint.CERTIFICATE_EXPIRED,
    TlsState.EXPIRING: Lint.CERTIFICATE_EXPIRING,
    TlsState.NOT_YET_VALID: Lint.CERTIFICATE_NOT_YET_VALID,
}
