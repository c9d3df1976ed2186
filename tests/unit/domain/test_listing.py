from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.access import Rules
from app.domain.kind import Kind
from app.domain.listing import NEWEST_FIRST, SecretQuery, SortField, SortKey, cut, secret_page
from app.domain.managed_by import Controller
from app.domain.name import ALIAS
from tests.unit.sample import NOW, row

SECOND = timedelta(seconds=1)
HELM = "helm.sh/release.v1"
ROWS = [
    row("bravo", "kubernetes.io/tls", 2, created_at=NOW, labels={"kubefed.io/managed": "true"}),
    row("alpha", "Opaque", 2, created_at=NOW),
    row("charlie", "Opaque", 10, created_at=NOW - SECOND, annotations={ALIAS: "The Straße"}),
    row("delta", "kubernetes.io/dockercfg", 0, created_at=NOW + SECOND),
]


def names(query: SecretQuery, rows: Any = ROWS) -> list[str]:
    return [found.metadata.name for found in secret_page(rows, query, Rules()).page.items]


def test_the_newest_come_first_and_those_of_one_moment_by_name() -> None:
    assert names(SecretQuery()) == ["delta", "alpha", "bravo", "charlie"]


@pytest.mark.parametrize(
    ("field", "ascending", "descending"),
    [
        (SortField.NAME, "alpha bravo charlie delta", "delta charlie bravo alpha"),
        (SortField.CREATED_AT, "charlie alpha bravo delta", "delta alpha bravo charlie"),
        (SortField.TYPE, "alpha charlie delta bravo", "bravo delta alpha charlie"),
        (SortField.KEY_COUNT, "delta alpha bravo charlie", "charlie alpha bravo delta"),
    ],
)
def test_each_field_sorts_in_both_directions_with_ties_by_name(
    field: SortField, ascending: str, descending: str
) -> None:
    by_name = SortKey(SortField.NAME)

    assert names(SecretQuery(sort=(SortKey(field), by_name))) == ascending.split()
    assert names(SecretQuery(sort=(SortKey(field, descending=True), by_name))) == descending.split()


def test_several_fields_sort_one_within_the_other() -> None:
    sort = (SortKey(SortField.KEY_COUNT), SortKey(SortField.TYPE, descending=True))

    assert names(SecretQuery(sort=sort)) == ["delta", "bravo", "alpha", "charlie"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"managed_by": Controller.KUBEFED}, ["bravo"]),
        ({"managed_by": Controller.FLUX}, []),
        ({"name": "RAV"}, ["bravo"]),
        ({"name": "strasse"}, ["charlie"]),
        ({"name": "a"}, ["delta", "alpha", "bravo", "charlie"]),
        ({"name": ""}, ["delta", "alpha", "bravo", "charlie"]),
        ({"name": "nothing"}, []),
        ({"kind": Kind.DEFAULT}, ["alpha", "charlie"]),
        ({"kind": Kind.IMAGE_REGISTRY}, ["delta"]),
        ({"kind": Kind.CUSTOM}, []),
        ({"type": "kubernetes.io/tls"}, ["bravo"]),
        ({"type": "tls"}, []),
        ({"created_before": NOW}, ["charlie"]),
        ({"created_after": NOW}, ["delta"]),
        ({"created_after": NOW - SECOND, "created_before": NOW + SECOND}, ["alpha", "bravo"]),
        ({"name": "a", "kind": Kind.DEFAULT, "created_before": NOW}, ["charlie"]),
    ],
    ids=str,
)
def test_filters_narrow_the_list(filters: dict[str, Any], expected: list[str]) -> None:
    assert names(SecretQuery(**filters)) == expected
    assert secret_page(ROWS, SecretQuery(**filters), Rules()).page.total == len(expected)


def test_helm_releases_are_counted_and_not_shown() -> None:
    rows = [*ROWS, row("sh.helm.release.v1.a.v1", HELM), row("sh.helm.release.v1.b.v1", HELM)]

    hidden = secret_page(rows, SecretQuery(), Rules())
    shown = secret_page(rows, SecretQuery(include_helm=True), Rules())

    assert (hidden.page.total, hidden.hidden_helm_releases) == (4, 2)
    assert (shown.page.total, shown.hidden_helm_releases) == (6, 0)


def test_only_helm_releases_that_match_are_counted() -> None:
    rows = [*ROWS, row("sh.helm.release.v1.a.v1", HELM), row("sh.helm.release.v1.b.v1", HELM)]

    assert secret_page(rows, SecretQuery(name="release.v1.a"), Rules()).hidden_helm_releases == 1
    assert secret_page(rows, SecretQuery(type=HELM), Rules()).hidden_helm_releases == 2


def test_the_rows_that_are_handed_in_stay_in_their_order() -> None:
    rows = list(ROWS)

    secret_page(rows, SecretQuery(), Rules())

    assert rows == ROWS


def test_a_page_beyond_the_end_is_empty_and_has_the_right_total() -> None:
    page = secret_page(ROWS, SecretQuery(page=1_000_000, limit=3), Rules()).page

    assert (page.items, page.total, page.page, page.limit) == ((), 4, 1_000_000, 3)


@given(st.lists(st.integers(), max_size=60), st.integers(1, 20))
def test_pages_put_together_are_the_whole(items: list[int], limit: int) -> None:
    pages = [cut(items, number, limit) for number in range(1, len(items) // limit + 2)]

    assert [item for page in pages for item in page.items] == items
    assert {page.total for page in pages} == {len(items)}
    assert all(len(page.items) == limit for page in pages[:-1])


def test_the_default_order_is_that_of_the_console() -> None:
    assert SecretQuery().sort == NEWEST_FIRST
    assert (SecretQuery().page, SecretQuery().limit) == (1, 10)
