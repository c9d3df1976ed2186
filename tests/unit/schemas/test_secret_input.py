from typing import Any

import pytest

from app.domain.absent import ABSENT
from app.domain.change import InfoChange, KeyChange, SecretChange
from app.domain.content import DefaultContent, RawContent
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.name import Key
from app.domain.new_secret import NewSecretDraft
from app.schemas.secret_input import (
    SecretCreate,
    SecretDataPatch,
    SecretDataReplace,
    SecretInfoPatch,
    SecretUpsert,
)
from tests.support.canary import canary
from tests.unit.sample import PROJECT, REF
from tests.unit.schemas.finding import faults

CONTENT = {"kind": "default", "data": {"a": "x"}}
FIELDS: dict[str, Any] = {
    "alias": "Demo",
    "description": "first",
    "labels": {"app": "demo"},
    "annotations": {"note": "x"},
    "immutable": True,
    "content": CONTENT,
}
DRAFT = NewSecretDraft(
    REF, DefaultContent({"a": b"x"}), "Demo", "first", {"app": "demo"}, {"note": "x"}, immutable=True
)
EMPTY = NewSecretDraft(REF, DefaultContent({"a": b"x"}))


def keys(document: dict[str, Any]) -> KeyChange:
    return SecretDataPatch.model_validate(document).to_domain()


def refused(document: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        keys(document)
    return [(violation.pointer, violation.fault.code) for violation in caught.value.violations]


def test_a_new_secret_is_read_whole() -> None:
    assert SecretCreate.model_validate({"name": "demo", **FIELDS}).to_domain(PROJECT) == DRAFT


def test_a_new_secret_needs_a_name_and_a_content_only() -> None:
    assert SecretCreate.model_validate({"name": "demo", "content": CONTENT}).to_domain(PROJECT) == EMPTY
    assert faults(SecretCreate, {}) == [("/name", "REQUIRED"), ("/content", "REQUIRED")]
    assert faults(SecretCreate, {"name": None, "content": CONTENT}) == [("/name", "NULL_NOT_ALLOWED")]


@pytest.mark.parametrize("value", ["true", 1, "yes"])
def test_immutable_is_a_truth_value(value: Any) -> None:
    assert faults(SecretCreate, {"name": "demo", "content": CONTENT, "immutable": value}) == [
        ("/immutable", "WRONG_TYPE")
    ]


@pytest.mark.parametrize("named", [{}, {"name": "demo"}], ids=["without", "with"])
def test_a_secret_to_put_may_repeat_its_name(named: dict[str, str]) -> None:
    assert SecretUpsert.model_validate(named | FIELDS).to_domain(REF) == DRAFT


def test_a_secret_to_put_may_not_bear_another_name_than_its_path() -> None:
    with pytest.raises(InvalidError) as caught:
        SecretUpsert.model_validate({"name": "other", "content": CONTENT}).to_domain(REF)

    assert [(each.pointer, each.fault.code) for each in caught.value.violations] == [("/name", "NAME_MISMATCH")]


def test_a_secret_to_put_may_be_raw_and_one_to_create_may_not() -> None:
    raw = {"kind": "raw", "type": "a/b", "data": {}}

    assert SecretUpsert.model_validate({"content": raw}).to_domain(REF).content == RawContent("a/b", {})
    assert SecretDataReplace.model_validate({"content": raw}).to_domain() == RawContent("a/b", {})
    assert faults(SecretCreate, {"name": "demo", "content": raw}) == [("/content/kind", "INVALID_VALUE")]


@pytest.mark.parametrize(
    ("document", "change"),
    [
        ({}, InfoChange(ABSENT, ABSENT)),
        ({"alias": None, "description": ""}, InfoChange(None, "")),
        (
            {"alias": "Demo", "labels": {"app": "demo", "old": None}, "annotations": {"note": None}},
            InfoChange("Demo", ABSENT, {"app": "demo", "old": None}, {"note": None}),
        ),
    ],
)
def test_information_that_is_left_out_stays_and_null_removes(document: Any, change: InfoChange) -> None:
    assert SecretInfoPatch.model_validate(document).to_domain() == change


def test_an_edit_of_information_has_no_other_fields() -> None:
    assert faults(SecretInfoPatch, {"name": "b", "content": {}}) == [
        ("/name", "UNKNOWN_FIELD"),
        ("/content", "UNKNOWN_FIELD"),
    ]


def test_a_change_of_keys_is_read_whole() -> None:
    change = keys(
        {
            "set": {"a": "x"},
            "setIfAbsent": {"b": {"base64": "/w=="}},
            "remove": ["c"],
            "rename": {"d": "e"},
            "overwrite": True,
        }
    )

    assert change == KeyChange(
        {Key("a"): b"x"}, {Key("b"): b"\xff"}, frozenset({Key("c")}), {Key("d"): Key("e")}, overwrite=True
    )


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, [("", "NOTHING_TO_CHANGE")]),
        ({"remove": ["a", "a"]}, [("/remove", "KEY_NAMED_TWICE")]),
        ({"set": {"a": ""}, "remove": ["a"]}, [("/set/a", "KEY_NAMED_TWICE"), ("/remove", "KEY_NAMED_TWICE")]),
        ({"rename": {"a": "a"}}, [("/rename/a", "KEY_NAMED_TWICE")]),
    ],
)
def test_a_change_of_keys_that_is_no_single_step_is_refused(document: Any, expected: list[tuple[str, str]]) -> None:
    assert refused(document) == expected


def test_every_key_of_a_change_has_to_be_one() -> None:
    document = {"set": {"a b": ""}, "setIfAbsent": {"..": ""}, "remove": ["ok", "/"], "rename": {"a": "b b", "é": "c"}}

    assert faults(SecretDataPatch, document) == [
        ("/set/a b", "KEY_INVALID"),
        ("/setIfAbsent/..", "KEY_INVALID"),
        ("/remove/1", "KEY_INVALID"),
        ("/rename/a", "KEY_INVALID"),
        ("/rename/é", "KEY_INVALID"),
    ]


@pytest.mark.parametrize("field", ["set", "setIfAbsent", "remove", "rename"])
def test_null_is_no_change_of_keys(field: str) -> None:
    assert faults(SecretDataPatch, {field: None}) == [(f"/{field}", "NULL_NOT_ALLOWED")]


def test_no_body_shows_its_values() -> None:
    text = canary("body")
    content = {"kind": "default", "data": {"a": text}}
    bodies = [
        SecretCreate.model_validate({"name": "demo", "annotations": {"note": text}, "content": content}),
        SecretUpsert.model_validate({"content": content}),
        SecretDataReplace.model_validate({"content": content}),
        SecretDataPatch.model_validate({"set": {"a": text}, "setIfAbsent": {"b": {"text": text}}}),
        SecretInfoPatch.model_validate({"annotations": {"note": text}}),
    ]

    assert text not in repr(bodies)


class TestMark:
    def test_making_a_secret_immutable_is_an_edit_of_its_own(self) -> None:
        change = SecretInfoPatch.model_validate({"immutable": True}).to_domain()

        assert change == InfoChange(ABSENT, ABSENT, seals=True)
        assert change.to_change() == SecretChange(immutable=True)

    @pytest.mark.parametrize("more", [{"alias": "Demo"}, {"description": None}, {"labels": {}}, {"annotations": {}}])
    def test_nothing_else_is_changed_by_the_way(self, more: dict[str, Any]) -> None:
        with pytest.raises(InvalidError) as caught:
            SecretInfoPatch.model_validate({"immutable": True, **more}).to_domain()

        assert caught.value.violations == (Violation("/immutable", Fault.IMMUTABLE_ALONE),)

    @pytest.mark.parametrize(
        ("value", "code"),
        [(False, "INVALID_VALUE"), (None, "NULL_NOT_ALLOWED"), ("true", "WRONG_TYPE"), (1, "WRONG_TYPE")],
    )
    def test_the_mark_is_not_taken_off(self, value: Any, code: str) -> None:
        assert faults(SecretInfoPatch, {"immutable": value}) == [("/immutable", code)]
