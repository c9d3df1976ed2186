from typing import Any

import pytest
from pydantic import TypeAdapter

from app.domain.change import Severity, Warning
from app.domain.content import DefaultContent
from app.domain.fault import Fault, Violation
from app.domain.new_secret import NewSecretDraft
from app.schemas.secret_validation import DraftInput, JudgedDraft, SecretValidation
from tests.support.canary import canary
from tests.unit.sample import PROJECT, REF
from tests.unit.schemas.finding import faults

CONTENT = {"kind": "default", "data": {"a": "x"}}


def judged(document: dict[str, Any]) -> JudgedDraft:
    draft: JudgedDraft = TypeAdapter(DraftInput).validate_python(document)
    return draft


def found(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(violation.pointer, violation.fault.code) for violation in judged(document).violations]


def test_a_whole_draft_can_be_tried() -> None:
    draft = judged({"name": "demo", "alias": "Demo", "content": CONTENT})

    assert draft.whole(PROJECT) == NewSecretDraft(REF, DefaultContent({"a": b"x"}), "Demo")
    assert (draft.violations, draft.name) == ((), "demo")


@pytest.mark.parametrize("content", [{}, {"content": None}], ids=["left out", "null"])
def test_the_first_step_can_be_judged_alone(content: dict[str, None]) -> None:
    draft = judged({"name": "demo", "labels": {"app": "demo"}} | content)

    assert (draft.whole(PROJECT), draft.violations, draft.name) == (None, (), "demo")


def test_what_is_wrong_with_the_form_is_kept_all_of_it() -> None:
    document = {
        "name": "Demo",
        "alias": "x" * 64,
        "labels": {"-": "x"},
        "content": {"kind": "default", "data": {"a b": "x"}},
        "more": 1,
    }

    assert sorted(found(document)) == [
        ("/alias", "ALIAS_TOO_LONG"),
        ("/content/data/a b", "KEY_INVALID"),
        ("/labels/-", "LABEL_KEY_INVALID"),
        ("/more", "UNKNOWN_FIELD"),
        ("/name", "NAME_INVALID"),
    ]
    assert judged(document).whole(PROJECT) is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, [("/content/kind", "REQUIRED")]),
        ({"kind": "raw", "type": "a/b", "data": {}}, [("/content/kind", "INVALID_VALUE")]),
        ({"kind": "tls"}, [("/content/certificate", "REQUIRED"), ("/content/privateKey", "REQUIRED")]),
        (5, [("/content", "WRONG_TYPE")]),
    ],
)
def test_what_is_wrong_with_the_content_is_told_at_its_place(content: Any, expected: list[tuple[str, str]]) -> None:
    assert found({"name": "demo", "content": content}) == expected


@pytest.mark.parametrize("name", [None, 5, "Demo", "", "a" * 254])
def test_a_name_that_is_none_is_not_tried(name: Any) -> None:
    assert judged({"name": name}).name is None
    assert judged({}).name is None


def test_a_good_name_is_tried_though_the_rest_is_wrong() -> None:
    draft = judged({"name": "demo", "alias": 5})

    assert (draft.name, draft.draft) == ("demo", None)


def test_a_good_content_is_judged_though_the_rest_is_wrong() -> None:
    assert judged({"name": "Demo", "content": CONTENT}).content == DefaultContent({"a": b"x"})
    assert judged({"name": "Demo", "content": {"kind": "default"}}).content is None
    assert judged({"name": "Demo"}).content is None


@pytest.mark.parametrize("document", [None, 5, "text", [], True])
def test_what_is_no_object_is_refused(document: Any) -> None:
    assert faults(DraftInput, document) == [("", "WRONG_TYPE")]


def test_a_judgement_lists_everything_that_is_wrong() -> None:
    violations = [Violation("/name", Fault.NAME_TAKEN), Violation("/content/data/a b", Fault.KEY_INVALID)]

    assert SecretValidation.from_domain(violations).model_dump(exclude_none=True) == {
        "valid": False,
        "errors": [
            {"pointer": "/name", "code": "NAME_TAKEN", "message": Fault.NAME_TAKEN.message},
            {"pointer": "/content/data/a b", "code": "KEY_INVALID", "message": Fault.KEY_INVALID.message},
        ],
        "warnings": [],
    }
    assert SecretValidation.from_domain([]).valid


def test_a_remark_leaves_a_draft_valid() -> None:
    remark = Warning("/content/data/a", "EMPTY_VALUE", "Words.", Severity.WARNING)

    view = SecretValidation.from_domain([], [remark])

    assert view.valid
    assert view.model_dump()["warnings"] == [
        {"pointer": "/content/data/a", "code": "EMPTY_VALUE", "message": "Words.", "severity": Severity.WARNING}
    ]


def test_no_judgement_holds_a_value() -> None:
    text = canary("draft")
    whole = judged({"name": "demo", "content": {"kind": "default", "data": {"a": text}}})
    broken = judged({"name": text + "!", "alias": text * 9, "content": {"kind": "tls", "certificate": [text]}})

    assert text not in f"{whole!r} {broken!r}"
