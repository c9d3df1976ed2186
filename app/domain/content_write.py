"""A content as the keys and values to be stored: on create, and over what is stored already.

Only what a write changes is checked: a pair that kubectl stored broken can be sent back unchanged. Faults point into
the body (`/content/…`), and all of them are found at once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain

from app.domain.absent import ABSENT, Absent
from app.domain.content import (
    AccountPasswordContent,
    Content,
    CustomContent,
    Data,
    DefaultContent,
    Extra,
    Optional,
    RawContent,
    RegistryContent,
    ServiceAccountTokenContent,
    SshAuthContent,
    TlsContent,
    kind_of_content,
)
from app.domain.content_view import docker_config, docker_config_key
from app.domain.docker_config import BrokenDockerConfigError, DockerConfig, Registry, RegistryEdit, server_fault
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation, pointer
from app.domain.kind import (
    BASIC_AUTH,
    CA_CERTIFICATE,
    DOCKER_CFG,
    DOCKER_CONFIG_JSON,
    KNOWN_HOSTS,
    OPAQUE,
    PASSWORD,
    REQUIRED_KEYS,
    SSH_AUTH,
    SSH_PRIVATE_KEY,
    TLS,
    TLS_CERTIFICATE,
    TLS_PRIVATE_KEY,
    USERNAME,
    Kind,
    kind_of,
)
from app.domain.name import SERVICE_ACCOUNT_NAME, Key, is_subdomain
from app.domain.secret import MAX_VALUES, SERVICE_ACCOUNT_TOKEN, StoredSecret
from app.domain.tls import UnreadableTlsError, load_chain, load_private_key, matching

_AT = "/content"
_MAX_TYPE = 253


def type_of(content: Content) -> str:
    """The Kubernetes type that a new Secret of this content has."""
    match content:
        case DefaultContent():
            return OPAQUE
        case TlsContent():
            return TLS
        case RegistryContent():
            return DOCKER_CONFIG_JSON
        case AccountPasswordContent():
            return BASIC_AUTH
        case SshAuthContent():
            return SSH_AUTH
        case ServiceAccountTokenContent():
            return SERVICE_ACCOUNT_TOKEN
        case CustomContent(type=secret_type) | RawContent(type=secret_type):
            return secret_type


def data_of(content: Content, stored: StoredSecret | None, *, max_keys: int) -> Data:
    """All keys and values that the Secret shall have; `stored` is None on create.

    Raises:
        InvalidError: the content breaks rules of its kind, of keys or of size, or is of another kind than `stored`.
    """
    other = _other_kind(content, stored)
    if other is not None:
        raise InvalidError([other])
    before: Data = {} if stored is None else stored.data
    faults: list[Violation] = []
    data = _build(content, stored, before, faults)
    if data != before:
        whole_map = isinstance(content, DefaultContent | CustomContent | RawContent)
        most = max(max_keys, len(before))  # what kubectl made larger may be edited, but not grow
        faults.extend(data_violations(data, _AT + "/data" if whole_map else _AT, max_keys=most))
    if data != before and not faults:
        secret_type = type_of(content) if stored is None else stored.type
        faults.extend(required_key_violations(secret_type, data, _AT + "/data"))
    if faults:
        raise InvalidError(faults)
    return data


def data_violations(data: Mapping[str, bytes], at: str, *, max_keys: int) -> Iterator[Violation]:
    """Faults that data of any kind can have: keys, their number, the size of all values."""
    for key in data:
        fault = Key.fault(key)
        if fault is not None:
            yield Violation(at + pointer(key), fault)
    if len(data) > max_keys:
        yield Violation(at, Fault.TOO_MANY_KEYS)
    if sum(map(len, data.values())) > MAX_VALUES:
        yield Violation(at, Fault.VALUES_TOO_LARGE)


def _other_kind(content: Content, stored: StoredSecret | None) -> Violation | None:
    """What speaks against the type of a new Secret, or against another type than the stored one."""
    if isinstance(content, CustomContent) and not _keeps_custom_type(content, stored):
        fault = _custom_type_fault(content.type)
        if fault is not None:
            return Violation(_AT + "/type", fault)
    if stored is None:
        return Violation(_AT + "/kind", Fault.INVALID_VALUE) if isinstance(content, RawContent) else None
    if isinstance(content, RawContent | CustomContent):
        same = content.type == stored.type
        return None if same else Violation(_AT + "/type", Fault.TYPE_IMMUTABLE)
    same = kind_of_content(content) is kind_of(stored.type)
    return None if same else Violation(_AT + "/kind", Fault.TYPE_IMMUTABLE)


def _keeps_custom_type(content: CustomContent, stored: StoredSecret | None) -> bool:
    return stored is not None and content.type == stored.type and kind_of(stored.type) is Kind.CUSTOM


def _custom_type_fault(secret_type: str) -> Fault | None:
    if not secret_type.strip():
        return Fault.TYPE_REQUIRED
    if kind_of(secret_type) is not Kind.CUSTOM:
        return Fault.TYPE_HAS_KIND
    return type_text_fault(secret_type)


def type_text_fault(secret_type: str) -> Fault | None:
    """What is wrong with the text of a type, whatever its kind."""
    good = len(secret_type) <= _MAX_TYPE and secret_type == secret_type.strip() and secret_type.isprintable()
    return None if good else Fault.TYPE_INVALID


def _build(content: Content, stored: StoredSecret | None, before: Data, faults: list[Violation]) -> dict[str, bytes]:
    match content:
        case DefaultContent(data=data) | CustomContent(data=data) | RawContent(data=data):
            return dict(data)
        case TlsContent():
            named: dict[str, Optional] = {
                TLS_CERTIFICATE: content.certificate,
                TLS_PRIVATE_KEY: content.private_key,
                CA_CERTIFICATE: content.ca_certificate,
            }
            faults.extend(_tls_faults(content, before))
            return _merged(named, content.extra, before, faults)
        case RegistryContent():
            key = docker_config_key(DOCKER_CONFIG_JSON if stored is None else stored.type)
            return _merged({key: _registry_file(content, stored, faults)}, content.extra, before, faults)
        case AccountPasswordContent():
            data = _merged({USERNAME: content.username, PASSWORD: content.password}, content.extra, before, faults)
            if USERNAME not in data and PASSWORD not in data:
                faults.append(Violation(_AT, Fault.CREDENTIAL_REQUIRED))
            return data
        case SshAuthContent():
            if not content.private_key:
                faults.append(Violation(_AT + "/privateKey", Fault.SSH_KEY_REQUIRED))
            named = {SSH_PRIVATE_KEY: content.private_key, KNOWN_HOSTS: content.known_hosts}
            return _merged(named, content.extra, before, faults)
        case ServiceAccountTokenContent():
            fault = _service_account_fault(content.service_account, stored)
            if fault is not None:
                faults.append(Violation(_AT + "/serviceAccount", fault))
            return _merged({}, content.extra, before, faults)


def _service_account_fault(name: str, stored: StoredSecret | None) -> Fault | None:
    """What is wrong with whose token it is; the cluster deletes a token whose ServiceAccount becomes another."""
    if stored is None:
        return None if is_subdomain(name) else Fault.NAME_INVALID
    same = stored.metadata.annotations.get(SERVICE_ACCOUNT_NAME, "") == name
    return None if same else Fault.SERVICE_ACCOUNT_IMMUTABLE


def _merged(named: Mapping[str, Optional], extra: Extra, before: Data, faults: list[Violation]) -> dict[str, bytes]:
    """The keys of the kind over the others, absent ones as they were before."""
    others = {key: value for key, value in before.items() if key not in named} if isinstance(extra, Absent) else extra
    faults.extend(Violation(_AT + pointer("extra", key), Fault.EXTRA_KEY_TAKEN) for key in others if key in named)
    own = {key: before.get(key) if isinstance(value, Absent) else value for key, value in named.items()}
    return {key: value for key, value in chain(others.items(), own.items()) if value is not None}


def _tls_faults(content: TlsContent, before: Data) -> Iterator[Violation]:
    if (content.certificate, content.private_key) == (before.get(TLS_CERTIFICATE), before.get(TLS_PRIVATE_KEY)):
        return
    certificates, key = None, None
    try:
        certificates = load_chain(content.certificate)
    except UnreadableTlsError:
        yield Violation(_AT + "/certificate", Fault.CERTIFICATE_INVALID)
    try:
        key = load_private_key(content.private_key)
    except UnreadableTlsError:
        yield Violation(_AT + "/privateKey", Fault.PRIVATE_KEY_INVALID)
    if certificates is not None and key is not None and matching(certificates, key) is None:
        yield Violation(_AT + "/privateKey", Fault.KEY_PAIR_MISMATCH)


def _registry_file(content: RegistryContent, stored: StoredSecret | None, faults: list[Violation]) -> bytes | Absent:
    """The file to store, or absent where it stays byte for byte."""
    config = _config_before(stored)
    now = {registry.server: registry for registry in config.registries}
    found = list(_registry_faults(content.registries, now))
    if not content.registries and (now or stored is None):
        found.append(Violation(_AT + "/registries", Fault.REGISTRY_REQUIRED))
    if found:
        faults.extend(found)
        return ABSENT
    if stored is None and content.file is not None:
        return content.file
    return config.edited(content.registries) or ABSENT


def _config_before(stored: StoredSecret | None) -> DockerConfig:
    """What is stored; a broken file counts as an empty one, since the caller replaces it on purpose."""
    if stored is None:
        return DockerConfig(())
    try:
        return docker_config(stored)
    except BrokenDockerConfigError:
        return DockerConfig((), legacy=stored.type == DOCKER_CFG)


def _registry_faults(edits: tuple[RegistryEdit, ...], now: Mapping[str, Registry]) -> Iterator[Violation]:
    counts = Counter(edit.server for edit in edits)
    for index, edit in enumerate(edits):
        at = _AT + pointer("registries", index)
        registry = now.get(edit.server)
        if counts[edit.server] > 1:
            yield Violation(at + "/server", Fault.REGISTRY_REPEATED)
        if registry is not None and edit.leaves(registry):
            continue
        fault = None if registry is not None else server_fault(edit.server)
        if fault is not None:
            yield Violation(at + "/server", fault)
        if not edit.username or ":" in edit.username:
            yield Violation(at + "/username", Fault.REGISTRY_USERNAME_INVALID)
        if registry is None and edit.password is ABSENT:
            yield Violation(at + "/password", Fault.REGISTRY_PASSWORD_REQUIRED)


def required_key_violations(secret_type: str, data: Data, at: str) -> Iterator[Violation]:
    """Keys that Kubernetes asks for in a Secret of this type, and that are not there."""
    for key in REQUIRED_KEYS.get(secret_type, ()):
        if key not in data:
            yield Violation(at + pointer(key), Fault.DATA_REQUIRED_BY_TYPE)
    if secret_type == BASIC_AUTH and USERNAME not in data and PASSWORD not in data:
        yield Violation(at, Fault.CREDENTIAL_REQUIRED)
