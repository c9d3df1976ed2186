"""Changes of single keys: set, set if absent, remove, rename; the others stay as they are, unread."""

from typing import Any

import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import PATCHER, People, Person, Project
from tests.support.secret import encoded, faults, made, made_elsewhere, refusal, stored

BINARY = b"\xff\x00\xfe"
BEFORE = {"a": b"1", "b": b"2", "binary": BINARY}


async def changed(person: Person, project: Project, change: object, if_match: str = "*") -> Any:
    """The answer to a change of keys."""
    return await person.patch(f"{project.secrets}/demo/data", change, if_match)


_CHANGES: dict[str, tuple[dict[str, Any], dict[str, bytes], list[str]]] = {
    "set a new key": ({"set": {"c": "3"}}, {**BEFORE, "c": b"3"}, ["c"]),
    "set a key that is there": ({"set": {"a": {"text": "3"}}}, {**BEFORE, "a": b"3"}, ["a"]),
    "set any bytes": ({"set": {"a": {"base64": encoded(BINARY)}}}, {**BEFORE, "a": BINARY}, ["a"]),
    "set an empty value": ({"set": {"a": ""}}, {**BEFORE, "a": b""}, ["a"]),
    "set what is absent": ({"setIfAbsent": {"c": {"base64": "/w=="}}}, {**BEFORE, "c": b"\xff"}, ["c"]),
    "remove": ({"remove": ["a", "binary"]}, {"b": b"2"}, ["a", "binary"]),
    "remove what is not there": ({"remove": ["c"]}, BEFORE, []),
    "rename": ({"rename": {"a": "c"}}, {"b": b"2", "binary": BINARY, "c": b"1"}, ["a", "c"]),
    "rename bytes": ({"rename": {"binary": "c"}}, {"a": b"1", "b": b"2", "c": BINARY}, ["binary", "c"]),
    "rename over a key": (
        {"rename": {"a": "b"}, "overwrite": True},
        {"b": b"1", "binary": BINARY},
        ["a", "b"],
    ),
    "rename over nothing": (
        {"rename": {"a": "c"}, "overwrite": True},
        {"b": b"2", "binary": BINARY, "c": b"1"},
        ["a", "c"],
    ),
    "everything in one step": (
        {"set": {"d": "4"}, "setIfAbsent": {"e": "5"}, "remove": ["b", "x"], "rename": {"a": "c"}},
        {"binary": BINARY, "c": b"1", "d": b"4", "e": b"5"},
        ["a", "b", "c", "d", "e", "x"],
    ),
    "keys with all that a key may have": ({"set": {"A-b_c.1": "x"}}, {**BEFORE, "A-b_c.1": b"x"}, ["A-b_c.1"]),
}


@pytest.mark.parametrize(("change", "after", "keys"), _CHANGES.values(), ids=_CHANGES)
@pytest.mark.parametrize("who", ["operator", PATCHER])
async def test_a_change_touches_the_keys_it_names_and_no_other(
    people: People,
    project: Project,
    admin: Admin,
    who: str,
    change: dict[str, Any],
    after: dict[str, bytes],
    keys: list[str],
) -> None:
    await made_elsewhere(admin, project, BEFORE)
    response = await changed(people[who], project, change)
    assert response.status_code == 200
    assert response.json()["changedKeys"] == keys
    assert (await stored(admin, project)).data == after


_UNFIT: dict[str, dict[str, Any]] = {
    "renaming a key that is not there": {"rename": {"c": "d"}},
    "renaming over a key": {"rename": {"a": "b"}},
    "setting what is there already": {"setIfAbsent": {"a": "x"}},
    "one of several": {"set": {"d": "4"}, "remove": ["b"], "setIfAbsent": {"a": "x"}},
    "one of several renames": {"rename": {"a": "c", "x": "d"}},
    "overwriting with nothing": {"rename": {"x": "b"}, "overwrite": True},
}


@pytest.mark.parametrize("change", _UNFIT.values(), ids=_UNFIT)
@pytest.mark.parametrize("who", ["operator", PATCHER])
async def test_a_change_that_does_not_fit_changes_nothing_at_all(
    people: People, project: Project, admin: Admin, who: str, change: dict[str, Any]
) -> None:
    before = await made_elsewhere(admin, project, BEFORE)
    response = await changed(people[who], project, change, "*")
    assert refusal(response) == (409, "PATCH_NOT_APPLICABLE")
    assert await stored(admin, project) == before


async def test_who_may_read_is_told_what_does_not_fit_and_who_may_not_is_told_no_more_than_that(
    people: People, project: Project, admin: Admin
) -> None:
    await made_elsewhere(admin, project, BEFORE)
    change = {"rename": {"a": "b", "x": "d"}, "setIfAbsent": {"binary": canary()}}
    told, blind = [(await changed(people[who], project, change, "*")).json() for who in ("operator", PATCHER)]
    assert {(error["pointer"], error["code"]) for error in told["errors"]} == {
        ("/rename/a", "RENAME_TARGET_PRESENT"),
        ("/rename/x", "KEY_ABSENT"),
        ("/setIfAbsent/binary", "KEY_PRESENT"),
    }
    assert (blind["code"], blind.get("errors", [])) == ("PATCH_NOT_APPLICABLE", [])


_FIRST: dict[str, tuple[dict[str, Any], dict[str, bytes]]] = {
    "set": ({"set": {"a": "1"}}, {"a": b"1"}),
    "set what is absent": ({"setIfAbsent": {"a": "1"}}, {"a": b"1"}),
    "both, and a removal": ({"set": {"a": "1"}, "setIfAbsent": {"b": "2"}, "remove": ["c"]}, {"a": b"1", "b": b"2"}),
    "a removal alone": ({"remove": ["a"]}, {}),
}


@pytest.mark.parametrize(("change", "after"), _FIRST.values(), ids=_FIRST)
async def test_a_secret_without_any_data_takes_its_first_keys(
    operator: Person, project: Project, admin: Admin, change: dict[str, Any], after: dict[str, bytes]
) -> None:
    await made_elsewhere(admin, project, {})
    response = await changed(operator, project, change)
    assert response.status_code == 200
    assert (await stored(admin, project)).data == after


async def test_in_a_secret_without_any_data_there_is_nothing_to_rename(
    operator: Person, project: Project, admin: Admin
) -> None:
    before = await made_elsewhere(admin, project, {})
    response = await changed(operator, project, {"rename": {"a": "b"}})
    assert refusal(response) == (409, "PATCH_NOT_APPLICABLE")
    assert await stored(admin, project) == before


async def test_a_change_without_effect_writes_nothing(operator: Person, project: Project, admin: Admin) -> None:
    before = await made_elsewhere(admin, project, BEFORE)
    read = await operator.get(f"{project.secrets}/demo")
    answers = [
        await changed(operator, project, {"set": {"a": "1"}, "remove": ["x"]}),
        await changed(operator, project, {"remove": ["x"]}),
    ]
    assert {answer.headers["ETag"] for answer in answers} == {read.headers["ETag"]}
    assert await stored(admin, project) == before


async def test_the_answer_tells_both_versions(operator: Person, project: Project) -> None:
    created = await made(operator, project, {"kind": "default", "data": {"a": canary()}})
    response = await changed(operator, project, {"rename": {"a": "b"}}, created.headers["ETag"])
    read = await operator.get(f"{project.secrets}/demo")
    assert response.json() == {
        "etag": read.headers["ETag"],
        "previousEtag": created.headers["ETag"],
        "changedKeys": ["a", "b"],
        "changes": None,
        "warnings": [],
    }


async def test_information_and_what_others_wrote_stay(operator: Person, project: Project, admin: Admin) -> None:
    before = await made_elsewhere(admin, project, BEFORE, labels={"theirs": "x"}, annotations={"example.com/x": "y"})
    await changed(operator, project, {"set": {"a": "x"}})
    await changed(operator, project, {"rename": {"a": "c"}})
    after = await stored(admin, project)
    assert (after.labels, after.annotations) == (before.labels, before.annotations)


_REFUSED: dict[str, tuple[Any, dict[str, str]]] = {
    "nothing": ({}, {"": "NOTHING_TO_CHANGE"}),
    "empty lists": ({"set": {}, "remove": [], "rename": {}}, {"": "NOTHING_TO_CHANGE"}),
    "a key twice": (
        {"set": {"a": "x"}, "remove": ["a"]},
        {"/set/a": "KEY_NAMED_TWICE", "/remove": "KEY_NAMED_TWICE"},
    ),
    "a key twice in one list": ({"remove": ["a", "a"]}, {"/remove": "KEY_NAMED_TWICE"}),
    "a key renamed into itself": ({"rename": {"a": "a"}}, {"/rename/a": "KEY_NAMED_TWICE"}),
    "keys changing places": (
        {"rename": {"a": "b", "b": "a"}},
        {"/rename/a": "KEY_NAMED_TWICE", "/rename/b": "KEY_NAMED_TWICE"},
    ),
    "keys that are none": (
        {"set": {"a b": ""}, "setIfAbsent": {"..": ""}, "remove": ["a/b"], "rename": {"~": "c", "a": "?"}},
        {
            "/set/a b": "KEY_INVALID",
            "/setIfAbsent/..": "KEY_INVALID",
            "/remove/0": "KEY_INVALID",
            "/rename/~0": "KEY_INVALID",
            "/rename/a": "KEY_INVALID",
        },
    ),
    "null, which would be a removal elsewhere": ({"set": {"a": None}}, {"/set/a": "VALUE_AMBIGUOUS"}),
    "an operation of JSON Patch": ([{"op": "remove", "path": "/data/a"}], {"": "WRONG_TYPE"}),
    "a field that is not known": ({"set": {"a": "x"}, "copy": {"a": "b"}}, {"/copy": "UNKNOWN_FIELD"}),
    "a word for a truth": ({"rename": {"a": "b"}, "overwrite": "yes"}, {"/overwrite": "WRONG_TYPE"}),
    "more than a mebibyte": ({"set": {"a": "x" * 1_048_577}}, {"": "VALUES_TOO_LARGE"}),
}


@pytest.mark.parametrize(("change", "expected"), _REFUSED.values(), ids=_REFUSED)
async def test_what_is_no_change_is_refused_with_its_place(
    operator: Person, project: Project, admin: Admin, change: Any, expected: dict[str, str]
) -> None:
    before = await made_elsewhere(admin, project, BEFORE)
    response = await changed(operator, project, change)
    assert refusal(response) == (422, "INVALID")
    assert faults(response) == expected
    assert await stored(admin, project) == before


async def test_what_grows_over_a_mebibyte_is_refused_with_what_made_it_grow(
    operator: Person, project: Project, admin: Admin
) -> None:
    before = await made_elsewhere(admin, project, {"large": "x" * 1_000_000})
    response = await changed(operator, project, {"set": {"more": "y" * 100_000}})
    assert faults(response) == {"": "VALUES_TOO_LARGE"}
    assert await stored(admin, project) == before


async def test_a_key_that_the_type_asks_for_cannot_be_removed(
    operator: Person, people: People, project: Project, admin: Admin
) -> None:
    before = await made_elsewhere(admin, project, {"tls.crt": "", "tls.key": "", "x": ""}, "kubernetes.io/tls")
    answers = [
        await changed(operator, project, {"remove": ["tls.key", "x"]}),
        await changed(people[PATCHER], project, {"rename": {"tls.key": "key"}}),
    ]
    assert [faults(answer) for answer in answers] == [{"": "DATA_REQUIRED_BY_TYPE"}] * 2
    assert await stored(admin, project) == before
