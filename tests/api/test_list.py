"""Lists of Secrets: pages, order, filters, and never a value."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from time import time
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from app.domain.call import Caller
from app.domain.identity import Identity
from app.k8s.impersonation import AsCaller
from app.k8s.secret_request import list_rows
from app.k8s.transport import Transport
from tests.support.canary import canary, leaks
from tests.support.cluster import Admin, a_trace
from tests.support.people import LISTER, People, Person, Project, new_project
from tests.support.secret import Stored, faults, made, made_elsewhere, without_actions

HELM = "helm.sh/release.v1"
ALIAS = "kubesphere.io/alias-name"
SHOWN = ["apple", "banana", "cherry", "date", "elder"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def filled(admin: Admin) -> Project:
    """A project with Secrets that differ in all that a list can tell apart; cherry and what follows are newer."""
    project = await new_project(admin)
    fruit = {"app": "fruit"}
    kirsche, pie = {ALIAS: "Süße KIRSCHE"}, {ALIAS: "Apple pie"}
    password, release = {"username": canary()}, {"release": canary()}
    await within_one_second(
        made_elsewhere(admin, project, {}, name="apple", labels={**fruit, "tier": "a"}),
        made_elsewhere(admin, project, {"k": canary(), "l": canary()}, name="banana", labels=fruit),
        made_elsewhere(admin, project, release, HELM, "sh.helm.release.v1.apple.v1"),
    )
    await within_one_second(
        made_elsewhere(admin, project, {"k": canary()}, "example.com/x", "cherry", annotations=kirsche),
        made_elsewhere(admin, project, password, "kubernetes.io/basic-auth", "date", labels=fruit),
        made_elsewhere(admin, project, {"k": canary()}, "example.com/x", "elder", annotations=pie),
        made_elsewhere(admin, project, release, HELM, "sh.helm.release.v1.fig.v1", labels=fruit),
    )
    return project


async def within_one_second(*making: Coroutine[Any, Any, Stored]) -> None:
    """Make Secrets that are equally old: their times are in whole seconds, so begin where one begins."""
    await asyncio.sleep(1.02 - time() % 1)
    await asyncio.gather(*making)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crowded(admin: Admin) -> Project:
    """A project with more Secrets than the API server is asked for at once."""
    project = await new_project(admin)
    for tens in range(0, 500, 20):
        making = (made_elsewhere(admin, project, {}, name=f"s{number:03}") for number in range(tens, tens + 20))
        await asyncio.gather(*making)
    await made_elsewhere(admin, project, {}, name="s500", labels={"last": "yes"})
    return project


async def listed(person: Person, project: Project, **query: Any) -> dict[str, Any]:
    """A page."""
    response = await person.get(project.secrets, params=query)
    page: dict[str, Any] = response.raise_for_status().json()
    return page


async def names(person: Person, project: Project, **query: Any) -> list[str]:
    """The names on a page."""
    return [item["name"] for item in (await listed(person, project, **query))["items"]]


async def test_an_item_says_what_can_be_known_without_reading_a_value(operator: Person, project: Project) -> None:
    fields: dict[str, Any] = {
        "alias": "Demo",
        "description": "first",
        "labels": {"app": "demo"},
        "annotations": {"note": "x"},
    }
    created = await made(operator, project, {"kind": "account-password", "username": canary()}, **fields)
    detail = (await operator.get(f"{project.secrets}/demo")).json()

    page = await listed(operator, project)

    assert page == {
        "items": [
            {
                "name": "demo",
                "workspace": project.workspace,
                "project": project.name,
                "kind": "account-password",
                "type": "kubernetes.io/basic-auth",
                "alias": "Demo",
                "description": "first",
                "creator": operator.username,
                "createdAt": detail["createdAt"],
                "labels": {"app": "demo"},
                "keyCount": 1,
                "managedBy": None,
                "etag": created.headers["ETag"],
                "allowedActions": detail["allowedActions"],
            }
        ],
        "total": 1,
        "page": 1,
        "limit": 10,
        "hiddenHelmReleases": 0,
    }


async def test_an_empty_project_has_an_empty_page(operator: Person, project: Project) -> None:
    assert await listed(operator, project) == {
        "items": [],
        "total": 0,
        "page": 1,
        "limit": 10,
        "hiddenHelmReleases": 0,
    }


async def test_newest_come_first_and_names_decide_between_the_equally_old(operator: Person, filled: Project) -> None:
    newer, older = sorted(["cherry", "date", "elder"]), ["apple", "banana"]
    assert await names(operator, filled) == newer + older


_ORDERS = {
    "name": SHOWN,
    "-name": SHOWN[::-1],
    "createdAt": ["apple", "banana", "cherry", "date", "elder"],
    "-createdAt": ["cherry", "date", "elder", "apple", "banana"],
    "type": ["apple", "banana", "cherry", "elder", "date"],
    "-type": ["date", "cherry", "elder", "apple", "banana"],
    "keyCount": ["apple", "cherry", "date", "elder", "banana"],
    "-keyCount": ["banana", "cherry", "date", "elder", "apple"],
    "type,-name": ["banana", "apple", "elder", "cherry", "date"],
    "-createdAt,keyCount,-name": ["elder", "date", "cherry", "apple", "banana"],
}


@pytest.mark.parametrize(("sort", "expected"), _ORDERS.items(), ids=_ORDERS)
async def test_a_list_is_sorted_as_asked_and_then_by_name(
    operator: Person, filled: Project, sort: str, expected: list[str]
) -> None:
    assert await names(operator, filled, sort=sort) == expected


@pytest.mark.parametrize(
    ("page", "limit", "expected"),
    [(1, 2, SHOWN[:2]), (2, 2, SHOWN[2:4]), (3, 2, SHOWN[4:]), (4, 2, []), (1, 5, SHOWN), (1_000_000, 500, [])],
)
async def test_every_page_tells_the_total(
    operator: Person, filled: Project, page: int, limit: int, expected: list[str]
) -> None:
    found = await listed(operator, filled, sort="name", page=page, limit=limit)
    assert [item["name"] for item in found["items"]] == expected
    assert (found["total"], found["page"], found["limit"]) == (5, page, limit)


_FILTERS: dict[str, tuple[dict[str, str], list[str]]] = {
    "a part of the name": ({"name": "an"}, ["banana"]),
    "a name in upper case, or in an alias": ({"name": "APPLE"}, ["apple", "elder"]),
    "an alias, whatever its case": ({"name": "süsse kirsche"}, ["cherry"]),
    "a name that nothing has": ({"name": "zebra"}, []),
    "a kind": ({"kind": "account-password"}, ["date"]),
    "the kind of all other types": ({"kind": "custom"}, ["cherry", "elder"]),
    "a type": ({"type": "example.com/x"}, ["cherry", "elder"]),
    "no such type": ({"type": "example.com"}, []),
    "a label": ({"labelSelector": "app=fruit"}, ["apple", "banana", "date"]),
    "a set of labels": ({"labelSelector": "app in (fruit,x),!tier"}, ["banana", "date"]),
    "no label": ({"labelSelector": "app!=fruit"}, ["cherry", "elder"]),
    "several at once": ({"labelSelector": "app=fruit", "kind": "default", "name": "ban"}, ["banana"]),
}


@pytest.mark.parametrize(("query", "expected"), _FILTERS.values(), ids=_FILTERS)
async def test_a_filter_leaves_what_matches_and_counts_it(
    operator: Person, filled: Project, query: dict[str, str], expected: list[str]
) -> None:
    page = await listed(operator, filled, sort="name", limit=1, **query)
    everything = await names(operator, filled, sort="name", **query)
    assert everything == expected
    assert (page["total"], len(page["items"])) == (len(expected), min(len(expected), 1))


async def test_times_part_the_older_from_the_newer(operator: Person, filled: Project) -> None:
    items = (await listed(operator, filled, sort="name"))["items"]
    created = {item["name"]: item["createdAt"] for item in items}
    within = (datetime.fromisoformat(created["banana"]) + timedelta(milliseconds=500)).isoformat()

    older = await names(operator, filled, sort="name", createdBefore=within)
    newer = await names(operator, filled, sort="name", createdAfter=within)
    neither = await names(operator, filled, createdAfter=created["elder"])
    between = await names(operator, filled, createdAfter=within, createdBefore=created["cherry"])

    assert (older, newer) == (["apple", "banana"], ["cherry", "date", "elder"])
    assert (neither, between) == ([], [])


async def test_helm_releases_are_counted_and_shown_when_asked_for(operator: Person, filled: Project) -> None:
    hidden = await listed(operator, filled)
    matching = await listed(operator, filled, name="apple")
    selected = await listed(operator, filled, labelSelector="app=fruit")
    shown = await listed(operator, filled, includeHelm=True, limit=50)

    assert (hidden["hiddenHelmReleases"], hidden["total"]) == (2, 5)
    assert (matching["hiddenHelmReleases"], matching["total"]) == (1, 2)
    assert (selected["hiddenHelmReleases"], selected["total"]) == (1, 3)
    assert (shown["hiddenHelmReleases"], shown["total"]) == (0, 7)
    assert [item["type"] for item in shown["items"]].count(HELM) == 2


_REFUSED: dict[str, tuple[str, dict[str, str]]] = {
    "page 0": ("page=0", {"?page": "OUT_OF_RANGE"}),
    "no page": ("page=x", {"?page": "WRONG_TYPE"}),
    "no limit": ("limit=0", {"?limit": "OUT_OF_RANGE"}),
    "over the limit": ("limit=501", {"?limit": "OUT_OF_RANGE"}),
    "another field": ("sort=name,age", {"?sort": "INVALID_VALUE"}),
    "an empty field": ("sort=", {"?sort": "INVALID_VALUE"}),
    "another kind": ("kind=raw", {"?kind": "INVALID_VALUE"}),
    "no selector": ("labelSelector=app%20in", {"?labelSelector": "LABEL_SELECTOR_INVALID"}),
    "no label": ("labelSelector=-a%3Db", {"?labelSelector": "LABEL_SELECTOR_INVALID"}),
    "a time without a zone": ("createdAfter=2026-01-01T00:00:00", {"?createdAfter": "INVALID_TIME"}),
    "no time": ("createdBefore=yesterday", {"?createdBefore": "INVALID_TIME"}),
    "unknown": (
        "fieldSelector=x&continue=y",
        {"?fieldSelector": "UNKNOWN_PARAMETER", "?continue": "UNKNOWN_PARAMETER"},
    ),
    "twice": ("name=a&name=b", {"?name": "REPEATED_PARAMETER"}),
}


@pytest.mark.parametrize(("query", "expected"), _REFUSED.values(), ids=_REFUSED)
async def test_a_query_that_makes_no_sense_is_refused_with_its_parameter(
    operator: Person, filled: Project, query: str, expected: dict[str, str]
) -> None:
    response = await operator.get(f"{filled.secrets}?{query}")
    assert response.status_code == 422
    assert faults(response) == expected


async def test_more_secrets_than_come_at_once_are_all_counted_and_paged(operator: Person, crowded: Project) -> None:
    first = await listed(operator, crowded, sort="name", limit=500)
    last = await listed(operator, crowded, sort="-name", limit=1)
    second = await names(operator, crowded, sort="name", limit=500, page=2)

    assert (first["total"], last["total"]) == (501, 501)
    assert [item["name"] for item in first["items"]] == [f"s{number:03}" for number in range(500)]
    assert ([item["name"] for item in last["items"]], second) == (["s500"], ["s500"])


async def test_the_chunk_that_holds_a_match_does_not_matter(operator: Person, crowded: Project) -> None:
    assert await names(operator, crowded, name="000") == ["s000"]
    assert await names(operator, crowded, name="500") == ["s500"]
    assert await names(operator, crowded, labelSelector="last=yes") == ["s500"]


async def test_who_may_only_list_sees_the_same_list(people: People, operator: Person, filled: Project) -> None:
    lister = await listed(people[LISTER], filled, limit=50)

    assert without_actions(lister) == without_actions(await listed(operator, filled, limit=50))
    assert {tuple(item["allowedActions"]) for item in lister["items"]} == {()}


async def test_no_value_reaches_the_service_for_a_list(own_transport: Transport, filled: Project) -> None:
    caller = Caller(Identity(f"secretspace:{LISTER}"), a_trace())
    answer = await own_transport.send(list_rows(filled.name, None, ""), AsCaller(caller))
    table = msgspec.json.decode(answer.body)
    assert table["kind"] == "Table"
    assert [row["cells"][0] for row in table["rows"]][:5] == SHOWN
    assert leaks(answer.body) == []
