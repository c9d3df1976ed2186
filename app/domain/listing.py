"""Pages of lists: filtered, sorted and cut here, since the API server can do none of it but by name."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from app.domain.access import Rules
from app.domain.kind import Kind, kind_of
from app.domain.managed_by import Controller, managed_by
from app.domain.secret import HELM_RELEASE, SecretRow

T = TypeVar("T")


class SortField(StrEnum):
    """What a list of Secrets can be sorted by."""

    NAME = "name"
    CREATED_AT = "createdAt"
    TYPE = "type"
    KEY_COUNT = "keyCount"


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field and its direction."""

    field: SortField
    descending: bool = False


NEWEST_FIRST = (SortKey(SortField.CREATED_AT, descending=True), SortKey(SortField.NAME))


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page; `total` counts all that match, on whichever page."""

    items: tuple[T, ...]
    total: int
    page: int
    limit: int


@dataclass(frozen=True, slots=True)
class SecretQuery:
    """What to list; `name` is a part of the name or the alias, whatever its case."""

    page: int = 1
    limit: int = 10
    sort: tuple[SortKey, ...] = NEWEST_FIRST
    name: str | None = None
    kind: Kind | None = None
    type: str | None = None
    label_selector: str | None = None
    managed_by: Controller | None = None
    created_before: datetime | None = None
    created_after: datetime | None = None
    include_helm: bool = False

    def matches(self, row: SecretRow) -> bool:
        """Whether the row is asked for; the label selector is the API server's matter."""
        metadata = row.metadata
        return (
            (self.name is None or _has(metadata.name, self.name) or _has(metadata.alias, self.name))
            and (self.kind is None or kind_of(row.type) is self.kind)
            and (self.type is None or row.type == self.type)
            and (self.managed_by is None or _keeper(row) is self.managed_by)
            and (self.created_before is None or metadata.created_at < self.created_before)
            and (self.created_after is None or metadata.created_at > self.created_after)
        )


@dataclass(frozen=True, slots=True)
class SecretPage:
    """A page of Secrets, and how many Helm releases it leaves out."""

    page: Page[SecretRow]
    hidden_helm_releases: int
    rules: Rules
    """What the caller may do in the project."""


def secret_page(rows: Iterable[SecretRow], query: SecretQuery, rules: Rules) -> SecretPage:
    """The page of `rows` that is asked for, for a caller of these rules."""
    matching = [row for row in rows if query.matches(row)]
    shown = matching if query.include_helm else [row for row in matching if row.type != HELM_RELEASE]
    for key in reversed(query.sort):
        shown.sort(key=_SORT_VALUES[key.field], reverse=key.descending)
    return SecretPage(cut(shown, query.page, query.limit), len(matching) - len(shown), rules)


def cut(items: Sequence[T], page: int, limit: int) -> Page[T]:
    """Page number `page`, counted from 1; one beyond the end is empty."""
    start = (page - 1) * limit
    return Page(tuple(items[start : start + limit]), len(items), page, limit)


def _keeper(row: SecretRow) -> Controller | None:
    found = managed_by(row.metadata)
    return None if found is None else found.controller


def _has(text: str, part: str) -> bool:
    return part.casefold() in text.casefold()


_SORT_VALUES: dict[SortField, Callable[[SecretRow], Any]] = {
    SortField.NAME: lambda row: row.metadata.name,
    SortField.CREATED_AT: lambda row: row.metadata.created_at,
    SortField.TYPE: lambda row: row.type,
    SortField.KEY_COUNT: lambda row: row.key_count,
}
