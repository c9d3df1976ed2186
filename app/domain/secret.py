"""What a Secret is here: where it stands, what is known of it without its values, and the whole of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.domain.name import ALIAS, CREATOR, DESCRIPTION, ProjectName, SecretName
from app.domain.version import Version

MAX_VALUES: Final = 1024 * 1024
"""Bytes of all decoded values together; the keys do not count (k8s.io/api/core/v1 MaxSecretSize)."""

HELM_RELEASE: Final = "helm.sh/release.v1"
SERVICE_ACCOUNT_TOKEN: Final = "kubernetes.io/service-account-token"
READ_ONLY_TYPES: Final = frozenset({HELM_RELEASE, SERVICE_ACCOUNT_TOKEN})
"""Types that are not edited here unless told so: their writers keep them consistent, not people."""


@dataclass(frozen=True, slots=True)
class ProjectRef:
    """A project of a workspace; `name` is that of its namespace."""

    workspace: str
    name: ProjectName


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Where a Secret stands."""

    project: ProjectRef
    name: SecretName

    @property
    def namespace(self) -> ProjectName:
        """The Kubernetes namespace."""
        return self.project.name


@dataclass(frozen=True, slots=True)
class Owner:
    """The object that controls another one: its owner reference that says `controller: true`."""

    group: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote values, by the name they gave themselves (`managedFields`); `applies` if by server-side apply."""

    name: str
    applies: bool


@dataclass(frozen=True, slots=True)
class Metadata:
    """Of an object's metadata what is used here; annotations that hold whole objects are gone already."""

    name: str
    namespace: str
    version: Version
    created_at: datetime
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict, repr=False)
    deletion_pending: bool = False
    generation: int = 0
    """Counts the changes of the spec, where the kind of object has one that is counted; else 0."""
    owner: Owner | None = None
    writers: tuple[Writer, ...] = ()

    @property
    def alias(self) -> str:
        """The display name, `""` where there is none."""
        return self.annotations.get(ALIAS, "")

    @property
    def description(self) -> str:
        """What it is for, `""` where nothing is said."""
        return self.annotations.get(DESCRIPTION, "")

    @property
    def creator(self) -> str:
        """Who made it through Secretspace or KubeSphere, `""` where unknown."""
        return self.annotations.get(CREATOR, "")


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A Secret without its values, as a list, or a look before a write, sees it."""

    metadata: Metadata
    type: str
    key_count: int

    @property
    def read_only(self) -> bool:
        """Whether it is of a type that is not edited here by default."""
        return self.type in READ_ONLY_TYPES


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A whole Secret, values decoded; read as the caller, kept for one request."""

    metadata: Metadata
    type: str
    data: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    immutable: bool = False

    @property
    def read_only(self) -> bool:
        """Whether it is of a type that is not edited here by default."""
        return self.type in READ_ONLY_TYPES

    @property
    def row(self) -> SecretRow:
        """The same without its values."""
        return SecretRow(self.metadata, self.type, len(self.data))


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A Secret to be created."""

    ref: SecretRef
    type: str
    data: Mapping[str, bytes] = field(repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict, repr=False)
    immutable: bool = False
