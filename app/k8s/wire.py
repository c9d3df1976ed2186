"""What the API server answers, decoded into just the fields in use; everything else is dropped at the edge."""

from datetime import datetime
from typing import Any, TypeVar

import msgspec
from typing_extensions import override

from app.domain.errors import UpstreamAnswerError


class Wire(msgspec.Struct, rename="camel", gc=False, frozen=True):
    """Base of all answers; unknown fields are ignored."""


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
