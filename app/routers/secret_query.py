"""The query of a list of Secrets, read from its parameters."""

import re
from typing import Annotated, Final

from fastapi import Depends, Query
from pydantic import AwareDatetime

from app.dependencies import PageNumber, ServicesDep, joined_by_commas
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.kind import Kind
from app.domain.listing import NEWEST_FIRST, SecretQuery, SortField, SortKey
from app.domain.managed_by import Controller
from app.schemas.base import checked_by

_DEFAULT_LIMIT: Final = 10
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", re.ASCII | re.IGNORECASE
)


def _time_fault(text: str) -> Fault | None:
    """Pydantic takes more than RFC 3339 has: `0` for the beginning of 1970, a time without seconds."""
    return None if _DATE_TIME.fullmatch(text) else Fault.INVALID_TIME


Time = Annotated[AwareDatetime, checked_by(_time_fault)]
Limit = Annotated[int, Query(ge=1, description="The size of a page; 500 at most, unless set otherwise.")]


async def secret_query(
    *,
    services: ServicesDep,
    page: PageNumber = 1,
    limit: Limit = _DEFAULT_LIMIT,
    sort: Annotated[
        str | None,
        Query(
            description="name, createdAt, type, keyCount; joined by commas, `-` before one for descending.",
            examples=["-createdAt,name"],
            json_schema_extra={"pattern": joined_by_commas(f"-?({'|'.join(SortField)})")},
        ),
    ] = None,
    name: Annotated[str | None, Query(description="A part of the name or the alias.", max_length=253)] = None,
    kind: Annotated[Kind | None, Query(description="Only this kind.")] = None,
    secret_type: Annotated[
        str | None, Query(alias="type", description="Only this Kubernetes type.", max_length=253)
    ] = None,
    label_selector: Annotated[
        str | None,
        Query(alias="labelSelector", description="As Kubernetes writes it.", examples=["app=demo"], max_length=4096),
    ] = None,
    managed_by: Annotated[
        Controller | None, Query(alias="managedBy", description="Only what this controller keeps.")
    ] = None,
    created_before: Annotated[Time | None, Query(alias="createdBefore", description="Made before then.")] = None,
    created_after: Annotated[Time | None, Query(alias="createdAfter", description="Made after then.")] = None,
    include_helm: Annotated[bool, Query(alias="includeHelm", description="Show Helm releases too.")] = False,
) -> SecretQuery:
    """What to list.

    Raises:
        InvalidError: a page too large, or a field that cannot be sorted by.
    """
    require_page_size(limit, services.settings.limits.page)
    return SecretQuery(
        page=page,
        limit=limit,
        sort=_sort(sort),
        name=name,
        kind=kind,
        type=secret_type,
        label_selector=label_selector,
        managed_by=managed_by,
        created_before=created_before,
        created_after=created_after,
        include_helm=include_helm,
    )


SecretQueryDep = Annotated[SecretQuery, Depends(secret_query)]


def require_page_size(limit: int, most: int) -> None:
    """Refuse a page larger than the settings allow.

    Raises:
        InvalidError: it is.
    """
    if limit > most:
        raise InvalidError([Violation("?limit", Fault.OUT_OF_RANGE)])


async def page_size(services: ServicesDep, limit: Limit = 100) -> int:
    """The size of a page of other things than Secrets.

    Raises:
        InvalidError: a page too large.
    """
    require_page_size(limit, services.settings.limits.page)
    return limit


PageSize = Annotated[int, Depends(page_size)]


def _sort(text: str | None) -> tuple[SortKey, ...]:
    if text is None:
        return NEWEST_FIRST
    try:
        keys = tuple(SortKey(SortField(part.removeprefix("-")), part.startswith("-")) for part in text.split(","))
    except ValueError:
        raise InvalidError([Violation("?sort", Fault.INVALID_VALUE)]) from None
    return (*keys, SortKey(SortField.NAME))
