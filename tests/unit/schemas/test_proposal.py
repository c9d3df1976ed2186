import json
from typing import Any

import pytest

from app.domain.change import Compared, InfoChange, KeyChange
from app.domain.content import DefaultContent
from app.domain.errors import InvalidError
from app.domain.name import Key
from app.domain.new_secret import NewSecretDraft
from app.domain.state import NOTHING, State
from app.schemas.proposal import SecretComparison, SecretProposal
from tests.support.canary import canary
from tests.unit.sample import REF, stored, version

CONTENT: dict[str, Any] = {"kind": "default", "data": {"a": "1"}}


def read(document: object) -> Any:
    return SecretProposal.read(json.dumps(document).encode(), REF)


def faults(document: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        read(document)
    return [(violation.pointer, violation.fault.code) for violation in caught.value.violations]


def test_the_edit_is_that_of_the_operation() -> None:
    whole = {"operation": "upsertSecret", "alias": "Demo", "content": CONTENT}

    assert read({"edit": {"operation": "replaceSecretData", "content": CONTENT}}) == DefaultContent({"a": b"1"})
    assert read({"edit": {"operation": "patchSecretData", "set": {"a": "1"}}}) == KeyChange({Key("a"): b"1"})
    assert read({"edit": {"operation": "updateSecretInfo", "alias": None, "description": ""}}) == InfoChange(None, "")
    assert read({"edit": whole}) == NewSecretDraft(REF, DefaultContent({"a": b"1"}), alias="Demo")


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        ({}, [("/edit/operation", "REQUIRED")]),
        ({"operation": "deleteSecret"}, [("/edit/operation", "INVALID_VALUE")]),
        ({"operation": "replaceSecretData"}, [("/edit/content", "REQUIRED")]),
        ({"operation": "replaceSecretData", "content": {}}, [("/edit/content/kind", "REQUIRED")]),
        (
            {"operation": "replaceSecretData", "content": {"kind": "default", "data": {"a": 1}}},
            [("/edit/content/data/a", "VALUE_AMBIGUOUS")],
        ),
        ({"operation": "patchSecretData", "set": {"a/b": "1"}}, [("/edit/set/a~1b", "KEY_INVALID")]),
        ({"operation": "patchSecretData"}, [("/edit", "NOTHING_TO_CHANGE")]),
        ({"operation": "patchSecretData", "remove": ["a", "a"]}, [("/edit/remove", "KEY_NAMED_TWICE")]),
        ({"operation": "updateSecretInfo", "labels": {"a": "?"}}, [("/edit/labels/a", "LABEL_VALUE_INVALID")]),
        ({"operation": "upsertSecret", "name": "other", "content": CONTENT}, [("/edit/name", "NAME_MISMATCH")]),
    ],
)
def test_what_is_no_edit_is_refused_at_its_place(edit: object, found: list[tuple[str, str]]) -> None:
    assert faults({"edit": edit}) == found


@pytest.mark.parametrize(
    ("document", "found"),
    [({}, [("/edit", "REQUIRED")]), ([], [("", "WRONG_TYPE")]), ({"edit": None}, [("/edit", "NULL_NOT_ALLOWED")])],
)
def test_what_is_no_proposal_is_refused(document: object, found: list[tuple[str, str]]) -> None:
    assert faults(document) == found


def test_json_is_read_as_strictly_as_elsewhere() -> None:
    with pytest.raises(InvalidError) as caught:
        SecretProposal.read(b'{"edit": 1, "edit": 2}', REF)

    assert [violation.fault.code for violation in caught.value.violations] == ["DUPLICATE_MEMBER"]


def test_no_fault_shows_what_was_sent() -> None:
    text = canary("proposal")

    with pytest.raises(InvalidError) as caught:
        read({"edit": {"operation": "patchSecretData", "set": {"a": {"base64": text}}}})

    assert text not in f"{caught.value!r} {caught.value.violations!r}"


def test_a_comparison_tells_the_version_and_what_changes() -> None:
    diff = NOTHING.diff_to(State.of(stored({"a": b"1"})))

    view = SecretComparison.from_domain(Compared(version(), diff))

    assert (view.etag, view.changed_keys, view.changes.data.added) == (version().etag, ["a"], ["a"])
