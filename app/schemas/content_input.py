"""What a Secret shall hold, in the words of its kind.

In an edit an optional field that is left out stays as it is, null removes it; `extra` are keys that the kind does not
name: left out they stay, given they replace those that are there.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from app.domain.absent import ABSENT, Absent
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
from app.domain.name import KEY, MAX_NAME, Key
from app.schemas.base import InputModel, checked_by, documented
from app.schemas.value import ValueInput, to_bytes

KeyName = Annotated[
    str,
    Field(description="A key of the Secret.", examples=["password"], json_schema_extra=documented(KEY, MAX_NAME)),
    checked_by(Key.fault),
]
DataInput = Annotated[
    dict[KeyName, ValueInput],
    Field(description="All keys and their values.", examples=[{"username": "admin"}], repr=False),
]
Extra = Annotated[
    dict[KeyName, ValueInput],
    Field(default_factory=dict, description="Keys that the kind does not name.", repr=False),
]


class _ContentInput(InputModel):
    def _optional(self, name: str) -> bytes | Absent | None:
        if name not in self.model_fields_set:
            return ABSENT
        value = getattr(self, name)
        return None if value is None else to_bytes(value)

    def _extra(self) -> Mapping[str, bytes] | Absent:
        return _bytes(self.extra) if "extra" in self.model_fields_set else ABSENT  # type: ignore[attr-defined]


class DefaultContentInput(_ContentInput):
    """Any keys, of Kubernetes type `Opaque`."""

    kind: Literal[Kind.DEFAULT]
    data: DataInput

    def to_domain(self) -> Content:
        """The same for the domain."""
        return DefaultContent(_bytes(self.data))


class TlsContentInput(_ContentInput):
    """A certificate and its private key, of type `kubernetes.io/tls`; the two must match."""

    kind: Literal[Kind.TLS]
    certificate: Annotated[ValueInput, Field(description="PEM chain, the leaf first.", repr=False)]
    private_key: Annotated[ValueInput, Field(description="Unencrypted PEM private key.", repr=False)]
    ca_certificate: Annotated[ValueInput | None, Field(description="The CA's certificate (`ca.crt`).", repr=False)] = (
        None
    )
    extra: Extra

    def to_domain(self) -> Content:
        """The same for the domain."""
        return TlsContent(
            to_bytes(self.certificate), to_bytes(self.private_key), self._optional("ca_certificate"), self._extra()
        )


class RegistryInput(InputModel):
    """An image registry and the credential for it."""

    server: Annotated[
        str, Field(description="host[:port][/path], with or without a scheme.", examples=["harbor.example.com"])
    ]
    username: Annotated[str, Field(examples=["robot"], repr=False)]
    password: Annotated[
        str | None, Field(description="Left out: the stored one stays.", examples=["s3cret"], repr=False)
    ] = None
    email: Annotated[str | None, Field(description="Left out: stays; null removes it.", repr=False)] = None

    def to_domain(self) -> RegistryEdit:
        """The same for the domain."""
        return RegistryEdit(
            server=self.server,
            username=self.username,
            password=ABSENT if self.password is None else self.password,
            email=self.email if "email" in self.model_fields_set else ABSENT,
        )


class ImageRegistryContentInput(_ContentInput):
    """Credentials of image registries, of type `kubernetes.io/dockerconfigjson`."""

    kind: Literal[Kind.IMAGE_REGISTRY]
    registries: Annotated[list[RegistryInput], Field(description="All registries; one that is missing is removed.")]
    extra: Extra

    def to_domain(self) -> Content:
        """The same for the domain."""
        return RegistryContent(tuple(registry.to_domain() for registry in self.registries), self._extra())


class AccountPasswordContentInput(_ContentInput):
    """A user name and a password, of type `kubernetes.io/basic-auth`; one of the two may be missing."""

    kind: Literal[Kind.ACCOUNT_PASSWORD]
    username: Annotated[ValueInput | None, Field(examples=["admin"], repr=False)] = None
    password: Annotated[ValueInput | None, Field(examples=["s3cret"], repr=False)] = None
    extra: Extra

    def to_domain(self) -> Content:
        """The same for the domain."""
        return AccountPasswordContent(self._optional("username"), self._optional("password"), self._extra())


class SshAuthContentInput(_ContentInput):
    """A private key for SSH, of type `kubernetes.io/ssh-auth`."""

    kind: Literal[Kind.SSH_AUTH]
    private_key: Annotated[ValueInput, Field(description="The private key.", repr=False)]
    known_hosts: Annotated[ValueInput | None, Field(description="Known hosts.", repr=False)] = None
    extra: Extra

    def to_domain(self) -> Content:
        """The same for the domain."""
        return SshAuthContent(to_bytes(self.private_key), self._optional("known_hosts"), self._extra())


class ServiceAccountTokenContentInput(_ContentInput):
    """A token that the cluster makes for a ServiceAccount; refused unless the operator allows it."""

    kind: Literal[Kind.SERVICE_ACCOUNT_TOKEN]
    service_account: Annotated[str, Field(description="The ServiceAccount's name.", examples=["builder"])]
    extra: Extra

    def to_domain(self) -> Content:
        """The same for the domain."""
        return ServiceAccountTokenContent(self.service_account, self._extra())


class CustomContentInput(_ContentInput):
    """Any type that has no kind of its own."""

    kind: Literal[Kind.CUSTOM]
    type: Annotated[str, Field(description="The Kubernetes type.", examples=["example.com/license"])]
    data: DataInput

    def to_domain(self) -> Content:
        """The same for the domain."""
        return CustomContent(self.type, _bytes(self.data))


class RawContentInput(_ContentInput):
    """The keys and values of any type, as a raw reveal shows them; its `problem` is passed over."""

    kind: Literal["raw"]
    type: Annotated[
        str, Field(description="The Kubernetes type; it cannot be changed.", examples=["kubernetes.io/tls"])
    ]
    data: DataInput
    problem: Annotated[str | None, Field(description="As revealed; of no meaning here.")] = None

    def to_domain(self) -> Content:
        """The same for the domain."""
        return RawContent(self.type, _bytes(self.data))


_Kinds = (
    DefaultContentInput
    | TlsContentInput
    | ImageRegistryContentInput
    | AccountPasswordContentInput
    | SshAuthContentInput
    | ServiceAccountTokenContentInput
    | CustomContentInput
)

ContentInput = TypeAliasType("ContentInput", Annotated[_Kinds, Field(discriminator="kind")])
"""The content of a new Secret, by `kind`."""
ContentEdit = TypeAliasType("ContentEdit", Annotated[_Kinds | RawContentInput, Field(discriminator="kind")])
"""The content of a Secret that is there, by `kind`; `raw` for what a reveal showed raw."""


def _bytes(data: Mapping[str, ValueInput]) -> dict[str, bytes]:
    return {key: to_bytes(value) for key, value in data.items()}
