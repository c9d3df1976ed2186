"""What the API server answers, decoded into just the fields in use; everything else is dropped at the edge."""

from datetime import datetime
from typing import Any, TypeVar

import msgspec
from typing_extensions import override

from app.domain.errors import UpstreamAnswerError


class Wire(msgspec.Struct, rename="camel", gc=False, frozen=True):
    """Base of all answers; unknown fields are ignored."""


class OwnerReference(Wire, frozen=True):
    api_version: str = ""
    kind: str = ""
    name: str = ""
    controller: bool | None = None


class _Fields(Wire, frozen=True):
    """Names of fields, none of which is kept: those of a Secret are its keys."""


class OwnedFields(Wire, frozen=True):
    """The fields that a manager owns, as far as they are values; an apply may name `stringData`."""

    data: _Fields | None = msgspec.field(default=None, name="f:data")
    string_data: _Fields | None = msgspec.field(default=None, name="f:stringData")

    @property
    def has_values(self) -> bool:
        """Whether any value is among them."""
        return self.data is not None or self.string_data is not None


class ManagedFields(Wire, frozen=True):
    manager: str = ""
    operation: str = ""
    fields_v1: OwnedFields | None = msgspec.field(default=None, name="fieldsV1")


class ObjectMeta(Wire, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    generation: int = 0
    owner_references: list[OwnerReference] | None = None
    managed_fields: list[ManagedFields] | None = None

    @override
    def __repr__(self) -> str:
        return f"ObjectMeta({self.namespace}/{self.name})"  # an annotation may hold a whole Secret


class MetadataOnly(Wire, frozen=True):
    """A PartialObjectMetadata, as every write is answered."""

    metadata: ObjectMeta


class ListMeta(Wire, frozen=True):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class MetadataList(Wire, frozen=True):
    items: list[MetadataOnly] | None  # null where there are none
    metadata: ListMeta = ListMeta()


class SecretObject(Wire, frozen=True):
    metadata: ObjectMeta
    type: str = "Opaque"
    data: dict[str, str] | None = None
    immutable: bool | None = None

    @override
    def __repr__(self) -> str:
        return f"SecretObject({self.metadata})"


class SecretObjectList(Wire, frozen=True):
    items: list[SecretObject] | None = None


class TableRow(Wire, frozen=True):
    cells: list[Any]
    object: MetadataOnly


class Table(Wire, frozen=True):
    rows: list[TableRow] | None = None
    metadata: ListMeta = ListMeta()


class StatusCause(Wire, frozen=True):
    reason: str = ""
    field: str = ""


class StatusDetails(Wire, frozen=True):
    name: str = ""
    kind: str = ""
    causes: list[StatusCause] | None = None
    retry_after_seconds: int | None = None


class Status(Wire, frozen=True):
    """A refusal. `message` can quote a whole Secret: it is looked at, and goes nowhere."""

    reason: str = ""
    message: str = ""
    details: StatusDetails | None = None

    @override
    def __repr__(self) -> str:
        return f"Status({self.reason})"


T = TypeVar("T")


def decode(body: bytes, kind: type[T]) -> T:
    """Decode an answer.

    Raises:
        UpstreamAnswerError: it is not of this shape; the decoder's own text, which may quote, is dropped.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UpstreamAnswerError(200, "Undecodable") from None
