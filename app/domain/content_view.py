"""Stored keys and values, shown in the words of their kind; raw where these cannot say it."""

from app.domain.absent import ABSENT
from app.domain.content import (
    AccountPasswordContent,
    Content,
    CustomContent,
    Data,
    DefaultContent,
    RawContent,
    RegistryContent,
    ServiceAccountTokenContent,
    SshAuthContent,
    TlsContent,
)
from app.domain.docker_config import BrokenDockerConfigError, DockerConfig, RegistryEdit
from app.domain.kind import (
    CA_CERTIFICATE,
    DOCKER_CFG,
    DOCKER_CFG_KEY,
    DOCKER_CONFIG_JSON_KEY,
    KNOWN_HOSTS,
    PASSWORD,
    SSH_PRIVATE_KEY,
    TLS_CERTIFICATE,
    TLS_PRIVATE_KEY,
    USERNAME,
    Kind,
    kind_of,
)
from app.domain.name import SERVICE_ACCOUNT_NAME
from app.domain.secret import StoredSecret
from app.domain.tls import UnreadableTlsError, load_chain, load_private_key


def content_of(stored: StoredSecret) -> Content:
    """What the Secret holds, in its kind's words."""
    data = stored.data
    match kind_of(stored.type):
        case Kind.DEFAULT:
            return DefaultContent(data)
        case Kind.TLS:
            return _tls(stored)
        case Kind.IMAGE_REGISTRY:
            return _registry(stored)
        case Kind.ACCOUNT_PASSWORD:
            extra = _extra(data, USERNAME, PASSWORD)
            return AccountPasswordContent(data.get(USERNAME, ABSENT), data.get(PASSWORD, ABSENT), extra)
        case Kind.SSH_AUTH:
            return _ssh(stored)
        case Kind.SERVICE_ACCOUNT_TOKEN:
            return ServiceAccountTokenContent(stored.metadata.annotations.get(SERVICE_ACCOUNT_NAME, ""), dict(data))
        case Kind.CUSTOM:
            return CustomContent(stored.type, data)


def docker_config(stored: StoredSecret) -> DockerConfig:
    """The docker configuration inside of a registry Secret.

    Raises:
        BrokenDockerConfigError: it cannot be read.
    """
    return DockerConfig.parse(stored.data.get(docker_config_key(stored.type), b""), legacy=stored.type == DOCKER_CFG)


def docker_config_key(secret_type: str) -> str:
    """The key under which a registry Secret of this type keeps its file."""
    return DOCKER_CFG_KEY if secret_type == DOCKER_CFG else DOCKER_CONFIG_JSON_KEY


def _tls(stored: StoredSecret) -> TlsContent | RawContent:
    data = stored.data
    certificate, private_key = data.get(TLS_CERTIFICATE, b""), data.get(TLS_PRIVATE_KEY, b"")
    try:
        load_chain(certificate)
        load_private_key(private_key)
    except UnreadableTlsError as error:
        return RawContent(stored.type, data, f"The {error} is not PEM that can be read.")
    extra = _extra(data, TLS_CERTIFICATE, TLS_PRIVATE_KEY, CA_CERTIFICATE)
    return TlsContent(certificate, private_key, data.get(CA_CERTIFICATE, ABSENT), extra)


def _registry(stored: StoredSecret) -> RegistryContent | RawContent:
    try:
        config = docker_config(stored)
    except BrokenDockerConfigError as error:
        return RawContent(stored.type, stored.data, str(error))
    registries = tuple(
        RegistryEdit(each.server, each.username, each.password, each.email) for each in config.registries
    )
    return RegistryContent(registries, _extra(stored.data, docker_config_key(stored.type)))


def _ssh(stored: StoredSecret) -> SshAuthContent | RawContent:
    data = stored.data
    if SSH_PRIVATE_KEY not in data:
        return RawContent(stored.type, data, "The private key is missing.")
    extra = _extra(data, SSH_PRIVATE_KEY, KNOWN_HOSTS)
    return SshAuthContent(data[SSH_PRIVATE_KEY], data.get(KNOWN_HOSTS, ABSENT), extra)


def _extra(data: Data, *named: str) -> Data:
    return {key: value for key, value in data.items() if key not in named}
