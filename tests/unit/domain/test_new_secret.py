from typing import Any

import pytest

from app.domain.change import SecretChange
from app.domain.content import AccountPasswordContent, DefaultContent, ServiceAccountTokenContent
from app.domain.errors import InvalidError
from app.domain.name import ALIAS, CREATOR, DESCRIPTION, SERVICE_ACCOUNT_NAME
from app.domain.new_secret import NewSecretDraft
from app.domain.secret import NewSecret, StoredSecret
from tests.support.canary import canary
from tests.unit.sample import REF, stored

CONTENT = DefaultContent({"a": b"1"})


def draft(content: Any = CONTENT, **fields: Any) -> NewSecretDraft:
    return NewSecretDraft(REF, content, **fields)


def over(secret: StoredSecret, **fields: Any) -> SecretChange:
    return draft(**fields).over(secret, max_keys=8)


def test_a_draft_becomes_a_secret_with_its_creator() -> None:
    whole = draft(alias="Demo", description="first", labels={"app": "demo"}, annotations={"note": "x"}, immutable=True)

    assert whole.to_secret("secretspace:alice", max_keys=8) == NewSecret(
        ref=REF,
        type="Opaque",
        data={"a": b"1"},
        labels={"app": "demo"},
        annotations={"note": "x", ALIAS: "Demo", DESCRIPTION: "first", CREATOR: "secretspace:alice"},
        immutable=True,
    )


@pytest.mark.parametrize("empty", [None, ""])
def test_what_is_left_empty_is_not_stored(empty: str | None) -> None:
    secret = draft(alias=empty, description=empty).to_secret("alice", max_keys=8)

    assert secret.annotations == {CREATOR: "alice"}
    assert not secret.immutable


def test_nobody_can_be_named_as_the_creator_but_the_caller() -> None:
    assert draft(annotations={CREATOR: "bob"}).to_secret("alice", max_keys=8).annotations[CREATOR] == "alice"


def test_a_token_says_in_an_annotation_whose_it_is() -> None:
    secret = draft(ServiceAccountTokenContent("builder")).to_secret("alice", max_keys=8)

    assert secret.type == "kubernetes.io/service-account-token"
    assert secret.annotations[SERVICE_ACCOUNT_NAME] == "builder"


def test_a_draft_that_breaks_rules_becomes_nothing() -> None:
    with pytest.raises(InvalidError):
        draft(AccountPasswordContent()).to_secret("alice", max_keys=8)
    with pytest.raises(InvalidError):
        over(stored({}, "a/b"))
    with pytest.raises(InvalidError):
        draft(DefaultContent({"a": b"", "b": b""})).over(stored({}), max_keys=1)


def test_over_a_secret_that_says_the_same_a_draft_changes_nothing() -> None:
    secret = stored({"a": b"1"}, labels={"app": "demo"}, annotations={ALIAS: "Demo", CREATOR: "bob"}, immutable=True)

    same = over(secret, alias="Demo", labels={"app": "demo"}, immutable=True)

    assert same.changes_nothing
    assert over(secret).changes_nothing


def test_over_a_secret_a_draft_replaces_the_values_and_adds_to_the_rest() -> None:
    secret = stored(
        {"a": b"0", "old": b"x"},
        labels={"app": "other", "team": "blue"},
        annotations={ALIAS: "Old", "note": "x", CREATOR: "bob"},
    )

    change = over(secret, alias="New", description="first", labels={"app": "demo"}, annotations={"more": "y"})

    assert change == SecretChange(
        data={"a": b"1", "old": None},
        labels={"app": "demo"},
        annotations={ALIAS: "New", DESCRIPTION: "first", "more": "y"},
    )


def test_over_a_secret_an_empty_text_removes_and_a_missing_one_stays() -> None:
    secret = stored({"a": b"1"}, annotations={ALIAS: "Old", DESCRIPTION: "old"})

    assert over(secret, alias="", description=None) == SecretChange(annotations={ALIAS: None})


def test_over_a_secret_an_absent_password_stays() -> None:
    secret = stored({"username": b"u", "password": b"p"}, "kubernetes.io/basic-auth")

    assert over(secret, content=AccountPasswordContent(b"v")).data == {"username": b"v"}


@pytest.mark.parametrize(
    ("asked", "is_immutable", "change"),
    [
        (None, False, None),
        (None, True, None),
        (False, False, None),
        (True, True, None),
        (True, False, True),
        (False, True, False),
    ],
)
def test_the_mark_of_immutability_changes_where_another_is_asked_for(
    asked: bool | None, is_immutable: bool, change: bool | None
) -> None:
    assert over(stored({"a": b"1"}, immutable=is_immutable), immutable=asked).immutable is change


def test_a_draft_does_not_show_its_values() -> None:
    text = canary("draft")
    whole = draft(DefaultContent({"a": text.encode()}), annotations={"note": text})

    assert text not in repr(whole)
    assert text not in repr(whole.to_secret("alice", max_keys=8))
