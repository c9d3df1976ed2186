import base64

from app.domain.access import METADATA, Action, Rule, Rules
from app.domain.content import DefaultContent
from app.domain.detail import Created, Deleted, Revealed, SecretDetail
from app.domain.name import ALIAS, CREATOR
from app.domain.state import NOTHING, State
from tests.support.canary import canary
from tests.unit.sample import NOW, row, stored, version

READER = Rules((Rule(frozenset({"get"}), frozenset({""}), frozenset({"secrets"})),))


def test_a_detail_tells_everything_but_the_values() -> None:
    text = canary("detail")
    secret = stored(
        {"b": text.encode(), "a": b"\xff"},
        labels={"app": "demo"},
        annotations={ALIAS: "Demo", CREATOR: "alice", "note": "x"},
    )

    detail = SecretDetail.of(secret, READER, NOW)

    assert detail.secret.metadata.alias == "Demo"
    assert detail.secret.metadata.creator == "alice"
    assert detail.secret.metadata.description == ""
    assert detail.annotations == {ALIAS: "Demo", CREATOR: "alice", "note": "x"}
    assert detail.facts is not None
    assert [(key.name, key.size, key.binary) for key in detail.facts.keys] == [("a", 1, True), ("b", len(text), False)]
    assert detail.allowed_actions == (Action.VIEW, Action.REVEAL)
    assert text not in repr(detail)


def test_an_annotation_that_repeats_a_value_is_left_out() -> None:
    text = canary("detail")
    copies = {"plain": f"is {text}", "encoded": base64.b64encode(text.encode()).decode(), "other": "x"}

    assert SecretDetail.of(stored({"a": text.encode()}, annotations=copies), READER, NOW).annotations == {"other": "x"}


def test_a_detail_for_who_may_not_read_tells_what_a_list_does() -> None:
    rules = Rules((Rule(frozenset({"list"}), frozenset({""}), frozenset({METADATA})),))
    own = {ALIAS: "Demo", CREATOR: "alice"}

    detail = SecretDetail.unread(row(key_count=3, annotations=own | {"copy": canary()}), rules)

    assert detail == SecretDetail(row(key_count=3, annotations=detail.secret.metadata.annotations), own, (Action.VIEW,))
    assert (detail.facts, detail.immutable) == (None, None)


def test_what_operations_come_to_does_not_show_values() -> None:
    text = canary("outcome")
    secret = stored({"a": text.encode()}, annotations={"copy": text})
    detail = SecretDetail.of(secret, Rules(), NOW)

    created = Created(detail, NOTHING.diff_to(State.of(secret)))
    shown = repr([Revealed(DefaultContent(secret.data), version()), created, created.tried, Deleted(version(), False)])

    assert text not in shown
