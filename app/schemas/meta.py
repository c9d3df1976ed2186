"""Who is calling, and what this service knows and allows."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.domain import kind as kinds
from app.domain import name as names
from app.domain.fault import Fault
from app.domain.identity import Identity, Source
from app.domain.kind import Kind
from app.domain.secret import MAX_VALUES, SERVICE_ACCOUNT_TOKEN
from app.schemas.base import WireModel
from app.settings import Settings


class Me(WireModel):
    """The caller, as Kubernetes sees them."""

    username: Annotated[str, Field(examples=["secretspace:project-regular"])]
    groups: list[str]
    display_name: Annotated[str, Field(examples=["project-regular"])]
    source: Annotated[Source, Field(description="Which way in the caller took.")]
    expires_at: Annotated[datetime | None, Field(description="When the token ends, null where that is not known.")]

    @classmethod
    def from_domain(cls, identity: Identity) -> "Me":
        """The view of an identity."""
        return cls(
            username=identity.username,
            groups=list(identity.groups),
            display_name=identity.display_name or identity.username,
            source=identity.source,
            expires_at=identity.expires_at,
        )


class KindMeta(WireModel):
    """A kind of Secrets."""

    kind: Kind
    title: Annotated[str, Field(description="In the words people use.", examples=["Account Password"])]
    types: Annotated[list[str], Field(description="Its Kubernetes types; empty for any other.")]
    required_fields: Annotated[list[str], Field(description="Fields of `content` that a new Secret needs.")]
    optional_fields: list[str]
    enabled: Annotated[bool, Field(description="Whether such Secrets may be created here.")]


class FieldRule(WireModel):
    """What a field may hold."""

    field: Annotated[str, Field(examples=["alias"])]
    max_length: Annotated[int, Field(description="Characters at most.")]
    rule: Annotated[str, Field(description="In words.")]


class LimitsMeta(WireModel):
    """Limits that hold here."""

    body_bytes: int
    yaml_bytes: int
    value_bytes: Annotated[int, Field(description="All values of a Secret together.")]
    annotation_bytes: int
    keys: int
    page: int


class Meta(WireModel):
    """What a console needs to know to draw its forms."""

    version: Annotated[str, Field(examples=["0.1.0"])]
    kinds: list[KindMeta]
    fields: list[FieldRule]
    limits: LimitsMeta
    sign_in: Annotated[list[Source], Field(description="The ways in that are on.")]

    @classmethod
    def from_settings(cls, settings: Settings, version: str) -> "Meta":
        """What these settings come to."""
        limits = settings.limits
        ways = {
            Source.LOCAL: settings.identity.local.enabled,
            Source.KUBERNETES: settings.identity.kubernetes.enabled,
            Source.OIDC: bool(settings.identity.oidc.issuers),
        }
        return cls(
            version=version,
            kinds=_kinds(allow_tokens=settings.secrets.allow_service_account_tokens),
            fields=_FIELDS,
            limits=LimitsMeta(
                body_bytes=limits.body_bytes,
                yaml_bytes=limits.yaml_bytes,
                value_bytes=MAX_VALUES,
                annotation_bytes=names.MAX_ANNOTATIONS,
                keys=limits.keys,
                page=limits.page,
            ),
            sign_in=[way for way, on in ways.items() if on],
        )


_FIELDS = [
    FieldRule(field="name", max_length=names.MAX_NAME, rule=Fault.NAME_INVALID.message),
    FieldRule(field="alias", max_length=names.MAX_ALIAS, rule=Fault.ALIAS_TOO_LONG.message),
    FieldRule(field="description", max_length=names.MAX_DESCRIPTION, rule=Fault.DESCRIPTION_TOO_LONG.message),
    FieldRule(field="content.data.key", max_length=names.MAX_NAME, rule=Fault.KEY_INVALID.message),
    FieldRule(field="labels.value", max_length=names.MAX_LABEL, rule=Fault.LABEL_VALUE_INVALID.message),
]


def _kinds(*, allow_tokens: bool) -> list[KindMeta]:
    return [
        _kind(Kind.DEFAULT, "Default", [kinds.OPAQUE], ["data"], []),
        _kind(Kind.TLS, "TLS", [kinds.TLS], ["certificate", "privateKey"], ["caCertificate", "extra"]),
        _kind(
            Kind.IMAGE_REGISTRY,
            "Image Registry",
            [kinds.DOCKER_CONFIG_JSON, kinds.DOCKER_CFG],
            ["registries"],
            ["extra"],
        ),
        _kind(Kind.ACCOUNT_PASSWORD, "Account Password", [kinds.BASIC_AUTH], [], ["username", "password", "extra"]),
        _kind(Kind.SSH_AUTH, "SSH Key", [kinds.SSH_AUTH], ["privateKey"], ["knownHosts", "extra"]),
        _kind(
            Kind.SERVICE_ACCOUNT_TOKEN,
            "Service Account Token",
            [SERVICE_ACCOUNT_TOKEN],
            ["serviceAccount"],
            ["extra"],
            enabled=allow_tokens,
        ),
        _kind(Kind.CUSTOM, "Custom", [], ["type", "data"], []),
    ]


def _kind(
    kind: Kind, title: str, types: list[str], required: list[str], optional: list[str], *, enabled: bool = True
) -> KindMeta:
    return KindMeta(
        kind=kind, title=title, types=types, required_fields=required, optional_fields=optional, enabled=enabled
    )
