"""What is answered about Secrets; values are in no model but `SecretData`, which only a reveal gives."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.domain.access import Action
from app.domain.change import Severity, Warning, Written
from app.domain.detail import Created, Deleted, Revealed, SecretDetail
from app.domain.facts import KeyFacts, RegistryFacts
from app.domain.kind import Kind, kind_of
from app.domain.listing import SecretPage
from app.domain.managed_by import Controller, ManagedBy, Reverts, managed_by
from app.domain.secret import ProjectRef, SecretRow
from app.domain.tls import CertificateFacts, TlsFacts, TlsState
from app.domain.version import Version
from app.schemas.base import WireModel
from app.schemas.content_view import ContentView, content_view
from app.schemas.secret_diff import SecretChanges

Changes = Annotated[
    SecretChanges | None, Field(description="What changes, by key; null where the Secret was not read for it.")
]
ETag = Annotated[str, Field(description="The version, as in the ETag header; empty in a dry run.", examples=['"MTIz"'])]
PreviousETag = Annotated[str | None, Field(description="The version before the write, null where it is not known.")]
Workspace = Annotated[str, Field(examples=["demo-workspace"])]
Project = Annotated[str, Field(examples=["demo-project"])]
Creator = Annotated[
    str, Field(description="Who made it, empty where unknown.", examples=["secretspace:project-regular"])
]
Type = Annotated[str, Field(description="The Kubernetes type.", examples=["Opaque"])]


class WarningView(WireModel):
    """Something to know about a write that took place."""

    pointer: Annotated[str, Field(description='Where in the body, `""` for the whole of it.')]
    code: Annotated[str, Field(examples=["TRAILING_NEWLINE"])]
    message: str
    severity: Annotated[Severity, Field(description="`info`: may well be meant; `warning`: will hardly work.")]


class ManagedByView(WireModel):
    """The controller that keeps a Secret; writes are refused unless `override=managed`."""

    controller: Controller
    source: Annotated[
        str,
        Field(
            description="Kind and name of what the Secret is made from, empty where that is not to be seen.",
            examples=["ExternalSecret demo"],
        ),
    ]
    edit_at: Annotated[
        str,
        Field(
            description="Where to make the change instead.",
            examples=["Change the ExternalSecret demo, or the value in the store that it reads."],
        ),
    ]
    reverts: Annotated[Reverts, Field(description="Whether the controller sets back what is edited here.")]

    @classmethod
    def from_domain(cls, found: ManagedBy) -> "ManagedByView":
        """The view of what was found."""
        return cls(controller=found.controller, source=found.source, edit_at=found.edit_at, reverts=found.reverts)


class SecretSummary(WireModel):
    """A Secret as a list shows it."""

    name: Annotated[str, Field(examples=["demo-secret"])]
    workspace: Workspace
    project: Project
    kind: Kind
    type: Type
    alias: str
    description: str
    creator: Creator
    created_at: datetime
    labels: dict[str, str]
    key_count: int
    managed_by: Annotated[ManagedByView | None, Field(description="Who keeps it, null where nobody but people does.")]
    etag: ETag
    allowed_actions: Annotated[list[Action], Field(description="What the caller may do with it.")]

    @classmethod
    def from_domain(cls, row: SecretRow, project: ProjectRef, allowed: Iterable[Action]) -> "SecretSummary":
        """The view of a row."""
        metadata = row.metadata
        keeper = managed_by(metadata)
        return cls(
            name=metadata.name,
            workspace=project.workspace,
            project=project.name,
            kind=kind_of(row.type),
            type=row.type,
            alias=metadata.alias,
            description=metadata.description,
            creator=metadata.creator,
            created_at=metadata.created_at,
            labels=dict(metadata.labels),
            key_count=row.key_count,
            managed_by=None if keeper is None else ManagedByView.from_domain(keeper),
            etag=metadata.version.etag,
            allowed_actions=list(allowed),
        )


class SecretList(WireModel):
    """A page of Secrets."""

    items: list[SecretSummary]
    total: Annotated[int, Field(description="How many match, on all pages.", examples=[1])]
    page: Annotated[int, Field(description="This page, from 1.", examples=[1])]
    limit: Annotated[int, Field(description="The size of a page.", examples=[10])]
    hidden_helm_releases: Annotated[int, Field(description="Helm releases that match and are left out.")]

    @classmethod
    def from_domain(cls, found: SecretPage, project: ProjectRef) -> "SecretList":
        """The view of a page."""
        page = found.page
        return cls(
            items=[
                SecretSummary.from_domain(row, project, allowed)
                for row, allowed in zip(page.items, found.rules.actions_on_each(page.items), strict=True)
            ],
            total=page.total,
            page=page.page,
            limit=page.limit,
            hidden_helm_releases=found.hidden_helm_releases,
        )


class SecretKey(WireModel):
    """A key of a Secret, without its value."""

    name: Annotated[str, Field(examples=["username"])]
    size: Annotated[int, Field(description="Bytes of the value.", examples=[5])]
    binary: Annotated[bool, Field(description="Whether the value is other than text.")]

    @classmethod
    def from_domain(cls, facts: KeyFacts) -> "SecretKey":
        """The view of a key."""
        return cls(name=facts.name, size=facts.size, binary=facts.binary)


class Certificate(WireModel):
    """What a certificate says of itself."""

    subject: Annotated[str, Field(examples=["CN=example.com"])]
    issuer: str
    serial_number: Annotated[str, Field(description="Hexadecimal.")]
    subject_alternative_names: list[str]
    not_before: datetime
    not_after: datetime
    sha256_fingerprint: Annotated[str, Field(alias="sha256Fingerprint", description="Hexadecimal.")]
    key_type: Annotated[str, Field(examples=["ECDSA secp256r1"])]

    @classmethod
    def from_domain(cls, facts: CertificateFacts) -> "Certificate":
        """The view of a certificate."""
        return cls(
            subject=facts.subject,
            issuer=facts.issuer,
            serial_number=facts.serial_number,
            subject_alternative_names=list(facts.subject_alternative_names),
            not_before=facts.not_before,
            not_after=facts.not_after,
            sha256_fingerprint=facts.sha256_fingerprint,
            key_type=facts.key_type,
        )


class TlsView(WireModel):
    """What a TLS Secret's certificate says, and whether the key belongs to it."""

    leaf: Certificate
    chain: Annotated[list[Certificate], Field(description="All certificates in their order, the leaf among them.")]
    pair_matches: bool
    chain_ok: Annotated[bool, Field(description="Whether the leaf is first, and each is signed by the next.")]
    state: TlsState

    @classmethod
    def from_domain(cls, facts: TlsFacts) -> "TlsView":
        """The view of the facts."""
        return cls(
            leaf=Certificate.from_domain(facts.leaf),
            chain=[Certificate.from_domain(each) for each in facts.chain],
            pair_matches=facts.pair_matches,
            chain_ok=facts.chain_ok,
            state=facts.state,
        )


class RegistrySummary(WireModel):
    """A registry and the user name for it; its password is never answered here."""

    server: str
    username: str
    email: str | None

    @classmethod
    def from_domain(cls, facts: RegistryFacts) -> "RegistrySummary":
        """The view of a registry."""
        return cls(server=facts.server, username=facts.username, email=facts.email)


class SecretView(SecretSummary):
    """A Secret in full, but for its values."""

    annotations: Annotated[dict[str, str], Field(repr=False)]
    immutable: Annotated[bool | None, Field(description="Null where the caller may see the Secret and not read it.")]
    deletion_pending: Annotated[bool, Field(description="Whether it is deleted, and held by a finalizer.")]
    keys: Annotated[
        list[SecretKey] | None, Field(description="Null where the caller may see the Secret and not read it.")
    ]
    values_visible: Annotated[bool, Field(description="Whether the caller may reveal the values.")]
    tls: Annotated[TlsView | None, Field(description="For kind `tls`, where the certificate can be read.")]
    registries: Annotated[
        list[RegistrySummary] | None, Field(description="For kind `image-registry`, where the file can be read.")
    ]

    @classmethod
    def of(cls, detail: SecretDetail, project: ProjectRef) -> "SecretView":
        """The view of a detail."""
        facts = detail.facts
        summary = SecretSummary.from_domain(detail.secret, project, detail.allowed_actions)
        return cls(
            **dict(summary),
            annotations=dict(detail.annotations),
            immutable=detail.immutable,
            deletion_pending=detail.secret.metadata.deletion_pending,
            keys=None if facts is None else [SecretKey.from_domain(key) for key in facts.keys],
            values_visible=Action.REVEAL in detail.allowed_actions,
            tls=None if facts is None or facts.tls is None else TlsView.from_domain(facts.tls),
            registries=None if facts is None else _registries(facts.registries),
        )


class SecretCreated(SecretView):
    """The Secret that was made, or with `dryRun` would have been."""

    changes: SecretChanges
    warnings: list[WarningView]

    @classmethod
    def from_outcome(cls, created: Created, project: ProjectRef) -> "SecretCreated":
        """The view of what was made."""
        view = SecretView.of(created.detail, project)  # its field `keys` keeps dict() from reading it
        return cls(
            **vars(view), changes=SecretChanges.from_domain(created.diff), warnings=warning_views(created.warnings)
        )


class SecretWritten(WireModel):
    """What a write came to, or with `dryRun` would come to."""

    etag: ETag
    previous_etag: PreviousETag
    changed_keys: Annotated[list[str], Field(description="Keys whose values are set or removed.")]
    changes: Changes
    warnings: list[WarningView]

    @classmethod
    def from_domain(cls, written: Written) -> "SecretWritten":
        """The view of a write."""
        return cls(
            etag="" if written.version is None else written.version.etag,
            previous_etag=_etag(written.previous),
            changed_keys=list(written.changed_keys),
            changes=SecretChanges.known(written.diff),
            warnings=warning_views(written.warnings),
        )


class SecretDeleted(WireModel):
    """What a delete came to, or with `dryRun` would come to."""

    previous_etag: PreviousETag
    deletion_pending: Annotated[bool, Field(description="Whether a finalizer still holds it.")]
    changes: Changes
    warnings: list[WarningView]

    @classmethod
    def from_domain(cls, deleted: Deleted) -> "SecretDeleted":
        """The view of a delete."""
        return cls(
            previous_etag=_etag(deleted.previous),
            deletion_pending=deleted.pending,
            changes=SecretChanges.known(deleted.diff),
            warnings=warning_views(deleted.warnings),
        )


class SecretData(WireModel):
    """The values of a Secret."""

    content: ContentView
    etag: ETag

    @classmethod
    def from_domain(cls, revealed: Revealed) -> "SecretData":
        """The view of a reveal."""
        return cls(content=content_view(revealed.content), etag=revealed.version.etag)


def _registries(facts: Iterable[RegistryFacts] | None) -> list[RegistrySummary] | None:
    return None if facts is None else [RegistrySummary.from_domain(each) for each in facts]


def _etag(version: Version | None) -> str | None:
    return None if version is None else version.etag


def warning_views(warnings: Iterable[Warning]) -> list[WarningView]:
    """The view of warnings."""
    return [
        WarningView(pointer=each.pointer, code=each.code, message=each.message, severity=each.severity)
        for each in warnings
    ]
