"""Edit Information: alias, description, labels and annotations, as a merge patch; values are out of it."""

from typing import Any

import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import PATCHER, People, Person, Project
from tests.support.secret import faults, made, made_elsewhere, refusal, stored

ALIAS, DESCRIPTION, CREATOR = "kubesphere.io/alias-name", "kubesphere.io/description", "kubesphere.io/creator"
LABELS = {"app": "demo", "tier": "backend"}
ANNOTATIONS = {"note": "x", "example.com/more": "y"}
BEFORE = {ALIAS: "Demo", DESCRIPTION: "first", CREATOR: "somebody", **ANNOTATIONS}


async def edited(person: Person, project: Project, change: object, if_match: str = "*") -> Any:
    """The answer to an edit of the information."""
    return await person.patch(f"{project.secrets}/demo", change, if_match)


_EDITS: dict[str, tuple[dict[str, Any], dict[str, str], dict[str, str]]] = {
    "another alias": ({"alias": "New"}, LABELS, {**BEFORE, ALIAS: "New"}),
    "no alias": ({"alias": None}, LABELS, {key: text for key, text in BEFORE.items() if key != ALIAS}),
    "an empty description": (
        {"description": ""},
        LABELS,
        {key: text for key, text in BEFORE.items() if key != DESCRIPTION},
    ),
    "labels": (
        {"labels": {"app": "new", "tier": None, "more": "", "absent": None}},
        {"app": "new", "more": ""},
        BEFORE,
    ),
    "annotations": (
        {"annotations": {"note": None, "example.com/more": "{}", "Example.com/New": "\u2028é"}},
        LABELS,
        {
            ALIAS: "Demo",
            DESCRIPTION: "first",
            CREATOR: "somebody",
            "example.com/more": "{}",
            "Example.com/New": "\u2028é",
        },
    ),
    "everything": (
        {"alias": "é" * 63, "description": "d" * 256, "labels": {"tier": "x"}, "annotations": {"note": "z"}},
        {"app": "demo", "tier": "x"},
        {**BEFORE, ALIAS: "é" * 63, DESCRIPTION: "d" * 256, "note": "z"},
    ),
}


@pytest.mark.parametrize(("change", "labels", "annotations"), _EDITS.values(), ids=_EDITS)
@pytest.mark.parametrize("who", ["operator", PATCHER])
async def test_what_is_left_out_stays_and_null_removes(
    people: People,
    project: Project,
    admin: Admin,
    who: str,
    change: dict[str, Any],
    labels: dict[str, str],
    annotations: dict[str, str],
) -> None:
    value = canary()
    await made_elsewhere(admin, project, {"k": value}, labels=LABELS, annotations=BEFORE)

    response = await edited(people[who], project, change)

    after = await stored(admin, project)
    assert response.status_code == 200
    assert (after.labels, after.annotations, after.data) == (labels, annotations, {"k": value.encode()})


async def test_the_answer_tells_both_versions_and_no_keys(operator: Person, project: Project) -> None:
    created = await made(operator, project, {"kind": "default", "data": {"k": canary()}})
    response = await edited(operator, project, {"alias": "New"}, created.headers["ETag"])
    read = await operator.get(f"{project.secrets}/demo")
    assert response.json() == {
        "etag": read.headers["ETag"],
        "previousEtag": created.headers["ETag"],
        "changedKeys": [],
        "changes": None,
        "warnings": [],
    }
    assert read.json()["alias"] == "New"


@pytest.mark.parametrize(
    "media_type", ["application/json", "application/merge-patch+json", "Application/JSON; charset=utf-8"]
)
async def test_both_media_types_mean_the_same(
    operator: Person, project: Project, admin: Admin, media_type: str
) -> None:
    await made(operator, project, {"kind": "default", "data": {}})
    headers = {"If-Match": "*", "Content-Type": media_type}
    response = await operator.request("PATCH", f"{project.secrets}/demo", content=b'{"alias": "New"}', headers=headers)
    assert response.status_code == 200
    assert (await stored(admin, project)).annotations[ALIAS] == "New"


async def test_a_json_patch_is_not_taken(operator: Person, project: Project) -> None:
    headers = {"If-Match": "*", "Content-Type": "application/json-patch+json"}
    response = await operator.request("PATCH", f"{project.secrets}/demo", content=b"[]", headers=headers)
    assert refusal(response) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert response.headers["Accept-Patch"] == "application/json, application/merge-patch+json"


@pytest.mark.parametrize(
    "change",
    [{}, {"alias": "Demo", "labels": {"app": "demo", "absent": None}}, {"annotations": {"note": "x", "absent": None}}],
)
async def test_an_edit_without_effect_writes_nothing(
    operator: Person, project: Project, admin: Admin, change: dict[str, Any]
) -> None:
    before = await made_elsewhere(admin, project, {"k": canary()}, labels=LABELS, annotations=BEFORE)
    read = await operator.get(f"{project.secrets}/demo")
    response = await edited(operator, project, change)
    assert response.status_code == 200
    assert response.headers["ETag"] == read.headers["ETag"]
    assert await stored(admin, project) == before


_REFUSED: dict[str, tuple[Any, dict[str, str]]] = {
    "an alias too long": ({"alias": "a" * 64}, {"/alias": "ALIAS_TOO_LONG"}),
    "a description too long": ({"description": "a" * 257}, {"/description": "DESCRIPTION_TOO_LONG"}),
    "control characters": (
        {"alias": "a\x00", "description": "\x1b[0m"},
        {"/alias": "CONTROL_CHARACTER", "/description": "CONTROL_CHARACTER"},
    ),
    "the service's own annotations": (
        {"annotations": {ALIAS: "x", DESCRIPTION: None, CREATOR: "me", "note": "y"}},
        {
            "/annotations/kubesphere.io~1alias-name": "RESERVED_ANNOTATION",
            "/annotations/kubesphere.io~1description": "RESERVED_ANNOTATION",
            "/annotations/kubesphere.io~1creator": "RESERVED_ANNOTATION",
        },
    ),
    "keys and values of labels": (
        {"labels": {"Prefix/x": "y", "a": "b c", "": None}},
        {"/labels/Prefix~1x": "LABEL_KEY_INVALID", "/labels/a": "LABEL_VALUE_INVALID", "/labels/": "LABEL_KEY_INVALID"},
    ),
    "keys of annotations": ({"annotations": {"a b": None}}, {"/annotations/a b": "LABEL_KEY_INVALID"}),
    "annotations too large": ({"annotations": {"a": "x" * 262_144}}, {"/annotations": "ANNOTATIONS_TOO_LARGE"}),
    "wrong types": (
        {"alias": 7, "labels": [], "annotations": {"a": {}}},
        {"/alias": "WRONG_TYPE", "/labels": "WRONG_TYPE", "/annotations/a": "WRONG_TYPE"},
    ),
    "null for all labels": ({"labels": None}, {"/labels": "NULL_NOT_ALLOWED"}),
    "what is edited elsewhere": (
        {"name": "new", "content": {}, "type": "Opaque", "creator": "me"},
        dict.fromkeys(("/name", "/content", "/type", "/creator"), "UNKNOWN_FIELD"),
    ),
    "a list": ([], {"": "WRONG_TYPE"}),
}


@pytest.mark.parametrize(("change", "expected"), _REFUSED.values(), ids=_REFUSED)
async def test_what_is_no_information_is_refused_with_its_place(
    operator: Person, project: Project, admin: Admin, change: Any, expected: dict[str, str]
) -> None:
    before = await made_elsewhere(admin, project, {"k": canary()})
    response = await edited(operator, project, change)
    assert refusal(response) == (422, "INVALID")
    assert faults(response) == expected
    assert await stored(admin, project) == before


async def test_annotations_that_grow_too_large_with_those_that_are_there_are_refused(
    operator: Person, project: Project, admin: Admin
) -> None:
    before = await made_elsewhere(admin, project, {}, annotations={"there": "x" * 200_000})
    response = await edited(operator, project, {"annotations": {"more": "y" * 100_000}})
    assert faults(response) == {"/annotations": "REFUSED"}
    assert await stored(admin, project) == before
