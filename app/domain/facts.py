"""What can be told of a Secret's content without telling a value."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.content_view import docker_config
from app.domain.docker_config import BrokenDockerConfigError
from app.domain.kind import TLS_CERTIFICATE, TLS_PRIVATE_KEY, Kind, kind_of
from app.domain.secret import StoredSecret
from app.domain.tls import TlsFacts, tls_facts

_TEXT_CONTROLS = frozenset("\t\r\n")


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A key, the size of its value in bytes, and whether it is other than text."""

    name: str
    size: int
    binary: bool


@dataclass(frozen=True, slots=True)
class RegistryFacts:
    """A registry and the user name for it; the password is never told."""

    server: str
    username: str
    email: str | None


@dataclass(frozen=True, slots=True)
class SecretFacts:
    """The keys, and what the kind adds; None where it adds nothing or cannot be read."""

    keys: tuple[KeyFacts, ...]
    tls: TlsFacts | None = None
    registries: tuple[RegistryFacts, ...] | None = None


def facts_of(stored: StoredSecret, now: datetime) -> SecretFacts:
    """The facts of a Secret at a time (UTC)."""
    keys = tuple(KeyFacts(name, len(value), is_binary(value)) for name, value in sorted(stored.data.items()))
    match kind_of(stored.type):
        case Kind.TLS:
            data = stored.data
            return SecretFacts(keys, tls=tls_facts(data.get(TLS_CERTIFICATE, b""), data.get(TLS_PRIVATE_KEY, b""), now))
        case Kind.IMAGE_REGISTRY:
            return SecretFacts(keys, registries=_registries(stored))
        case _:
            return SecretFacts(keys)


def is_binary(value: bytes) -> bool:
    """Whether a value is other than text: not UTF-8, or with control characters other than tab, LF, CR."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return True
    return any(character < " " and character not in _TEXT_CONTROLS for character in text)


def _registries(stored: StoredSecret) -> tuple[RegistryFacts, ...] | None:
    try:
        config = docker_config(stored)
    except BrokenDockerConfigError:
        return None
    return tuple(RegistryFacts(each.server, each.username, each.email) for each in config.registries)
