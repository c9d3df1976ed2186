"""What a reveal shows of a Secret, in the words of its kind."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, assert_never

from pydantic import Field
from typing_extensions import TypeAliasType

from app.domain.absent import Absent
from app.domain.content import (
    AccountPasswordContent,
    Content,
    CustomContent,
    DefaultContent,
    RawContent,
    RegistryContent,
    ServiceAccountTokenContent,
    SshAuthContent,
    TlsContent,
)
from app.domain.docker_config import RegistryEdit
from app.domain.kind import Kind
from app.schemas.base import WireModel
from app.schemas.value import Base64Value, TextValue, ValueView, to_view

DataView = Annotated[dict[str, ValueView], Field(description="Keys and their values.", repr=False)]
ExtraView = Annotated[dict[str, ValueView], Field(description="Keys that the kind does not name.", repr=False)]
Value = Annotated[ValueView, Field(repr=False)]
OptionalValue = Annotated[ValueView | None, Field(description="Missing where the Secret has none.", repr=False)]


class DefaultContentView(WireModel):
    """Any keys, of Kubernetes type `Opaque`."""

    kind: Literal[Kind.DEFAULT]
    data: DataView


class TlsContentView(WireModel):
    """A certificate and its private key."""

    kind: Literal[Kind.TLS]
    certificate: Value
    private_key: Value
    ca_certificate: OptionalValue = None
    extra: ExtraView


class RegistryView(WireModel):
    """An image registry and the credential for it."""

    server: str
    username: Annotated[str, Field(repr=False)]
    password: Annotated[str, Field(repr=False)]
    email: Annotated[str | None, Field(description="Missing where there is none.", repr=False)] = None


class ImageRegistryContentView(WireModel):
    """Credentials of image registries."""

    kind: Literal[Kind.IMAGE_REGISTRY]
    registries: list[RegistryView]
    extra: ExtraView


class AccountPasswordContentView(WireModel):
    """A user name and a password."""

    kind: Literal[Kind.ACCOUNT_PASSWORD]
    username: OptionalValue = None
    password: OptionalValue = None
    extra: ExtraView


class SshAuthContentView(WireModel):
    """A private key for SSH."""

    kind: Literal[Kind.SSH_AUTH]
    private_key: Value
    known_hosts: OptionalValue = None
    extra: ExtraView


class ServiceAccountTokenContentView(WireModel):
    """A token that the cluster made for a ServiceAccount; the token itself is under `extra`."""

    kind: Literal[Kind.SERVICE_ACCOUNT_TOKEN]
    service_account: str
    extra: ExtraView


class CustomContentView(WireModel):
    """Any type that has no kind of its own."""

    kind: Literal[Kind.CUSTOM]
    type: str
    data: DataView


class RawContentView(WireModel):
    """Keys and values as they are stored."""

    kind: Literal["raw"]
    type: str
    data: DataView
    problem: Annotated[
        str | None, Field(description="Why the kind's own form could not be used, where that is so.")
    ] = None


ContentView = TypeAliasType(
    "ContentView",
    Annotated[
        DefaultContentView
        | TlsContentView
        | ImageRegistryContentView
        | AccountPasswordContentView
        | SshAuthContentView
        | ServiceAccountTokenContentView
        | CustomContentView
        | RawContentView,
        Field(discriminator="kind"),
    ],
)
"""The content of a Secret, by `kind`."""


def content_view(content: Content) -> Any:
    """The view of a content; an optional field that is not there is left out, never null."""
    match content:
        case DefaultContent():
            return DefaultContentView(kind=Kind.DEFAULT, data=_data(content.data))
        case TlsContent():
            return TlsContentView(
                kind=Kind.TLS,
                certificate=to_view(content.certificate),
                private_key=to_view(content.private_key),
                ca_certificate=_optional(content.ca_certificate),
                extra=_data(content.extra),
            )
        case RegistryContent():
            registries = [_registry(registry) for registry in content.registries]
            return ImageRegistryContentView(kind=Kind.IMAGE_REGISTRY, registries=registries, extra=_data(content.extra))
        case AccountPasswordContent():
            return AccountPasswordContentView(
                kind=Kind.ACCOUNT_PASSWORD,
                username=_optional(content.username),
                password=_optional(content.password),
                extra=_data(content.extra),
            )
        case SshAuthContent():
            return SshAuthContentView(
                kind=Kind.SSH_AUTH,
                private_key=to_view(content.private_key),
                known_hosts=_optional(content.known_hosts),
                extra=_data(content.extra),
            )
        case ServiceAccountTokenContent():
            return ServiceAccountTokenContentView(
                kind=Kind.SERVICE_ACCOUNT_TOKEN, service_account=content.service_account, extra=_data(content.extra)
            )
        case CustomContent():
            return CustomContentView(kind=Kind.CUSTOM, type=content.type, data=_data(content.data))
        case RawContent():
            return RawContentView(kind="raw", type=content.type, data=_data(content.data), problem=content.problem)
        case _:
            assert_never(content)


def _data(data: Mapping[str, bytes] | Absent) -> dict[str, TextValue | Base64Value]:
    return {} if isinstance(data, Absent) else {key: to_view(value) for key, value in sorted(data.items())}


def _optional(value: bytes | Absent | None) -> TextValue | Base64Value | None:
    return to_view(value) if isinstance(value, bytes) else None


def _registry(registry: RegistryEdit) -> RegistryView:
    password = registry.password if isinstance(registry.password, str) else ""  # a stored one always is
    email = registry.email if isinstance(registry.email, str) else None
    return RegistryView(server=registry.server, username=registry.username, password=password, email=email)
