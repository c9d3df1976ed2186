"""The content of a Secret in the words of its kind.

Each class is used both ways: as what a reveal shows, and as what a write asks for. In a write an absent optional field
stays as it is, None removes it; `extra` are the keys that the kind does not name, absent keeps them all. Bytes in are
bytes out: nothing is trimmed, decoded or guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.absent import ABSENT, Absent
from app.domain.docker_config import RegistryEdit
from app.domain.kind import Kind

Data = Mapping[str, bytes]
Extra = Data | Absent
Optional = bytes | Absent | None


@dataclass(frozen=True, slots=True)
class DefaultContent:
    """`Opaque`: any keys; `data` is the whole map."""

    data: Data = field(repr=False)


@dataclass(frozen=True, slots=True)
class CustomContent:
    """Any type without a kind of its own; `data` is the whole map."""

    type: str
    data: Data = field(repr=False)


@dataclass(frozen=True, slots=True)
class TlsContent:
    """`kubernetes.io/tls`: a PEM chain, its private key, perhaps the CA's certificate (`ca.crt`)."""

    certificate: bytes = field(repr=False)
    private_key: bytes = field(repr=False)
    ca_certificate: Optional = field(default=ABSENT, repr=False)
    extra: Extra = field(default=ABSENT, repr=False)


@dataclass(frozen=True, slots=True)
class RegistryContent:
    """`kubernetes.io/dockerconfigjson`, or the legacy `dockercfg`, which is written back in its own form."""

    registries: tuple[RegistryEdit, ...] = field(repr=False)
    extra: Extra = field(default=ABSENT, repr=False)
    file: bytes | None = field(default=None, repr=False)
    """The file that the registries of a new Secret were read from, to be kept byte for byte."""


@dataclass(frozen=True, slots=True)
class AccountPasswordContent:
    """`kubernetes.io/basic-auth`: one of the two may be missing."""

    username: Optional = field(default=ABSENT, repr=False)
    password: Optional = field(default=ABSENT, repr=False)
    extra: Extra = field(default=ABSENT, repr=False)


@dataclass(frozen=True, slots=True)
class SshAuthContent:
    """`kubernetes.io/ssh-auth`: a private key, perhaps the known hosts."""

    private_key: bytes = field(repr=False)
    known_hosts: Optional = field(default=ABSENT, repr=False)
    extra: Extra = field(default=ABSENT, repr=False)


@dataclass(frozen=True, slots=True)
class ServiceAccountTokenContent:
    """`kubernetes.io/service-account-token`: whose it is; the cluster fills in the token, which shows as `extra`."""

    service_account: str
    extra: Extra = field(default=ABSENT, repr=False)


@dataclass(frozen=True, slots=True)
class RawContent:
    """The keys and values as they are stored; `problem` says why the kind's own form could not be used, if so."""

    type: str
    data: Data = field(repr=False)
    problem: str | None = None


TypedContent = (
    DefaultContent
    | TlsContent
    | RegistryContent
    | AccountPasswordContent
    | SshAuthContent
    | ServiceAccountTokenContent
    | CustomContent
)
Content = TypedContent | RawContent


def kind_of_content(content: TypedContent) -> Kind:
    """The kind that a typed content is of."""
    match content:
        case DefaultContent():
            return Kind.DEFAULT
        case TlsContent():
            return Kind.TLS
        case RegistryContent():
            return Kind.IMAGE_REGISTRY
        case AccountPasswordContent():
            return Kind.ACCOUNT_PASSWORD
        case SshAuthContent():
            return Kind.SSH_AUTH
        case ServiceAccountTokenContent():
            return Kind.SERVICE_ACCOUNT_TOKEN
        case CustomContent():
            return Kind.CUSTOM
