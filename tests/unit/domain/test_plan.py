import pytest

from app.domain.absent import ABSENT
from app.domain.change import InfoChange, KeyChange, SecretChange
from app.domain.content import RawContent
from app.domain.diff import Fate, MapDiff
from app.domain.edit import ContentEdit, DraftEdit, Edit, InfoEdit, KeyEdit, ManifestEdit
from app.domain.errors import InvalidError, NotApplicableError
from app.domain.fault import Fault, Violation
from app.domain.manifest import SecretManifest
from app.domain.name import Key
from app.domain.new_secret import NewSecretDraft
from app.domain.plan import Plan
from tests.unit.sample import REF, stored

A, B, C = Key("a"), Key("b"), Key("c")
RAW = RawContent("Opaque", {"a": b"2", "c": b"3"})
THE_SAME: dict[str, Edit] = {
    "content": ContentEdit(RAW, 8),
    "draft": DraftEdit(NewSecretDraft(REF, RAW), 8),
    "document": ManifestEdit(SecretManifest(REF.name, data={"a": b"2", "c": b"3"}), frozenset(), 8),
    "keys": KeyEdit(KeyChange({A: b"2", C: b"3"}, remove=frozenset({B}))),
}


@pytest.mark.parametrize("edit", THE_SAME.values(), ids=THE_SAME)
def test_whichever_edit_says_it_the_plan_tells_the_same(edit: Edit) -> None:
    plan = Plan.over(stored({"a": b"1", "b": b"2"}), edit)

    assert plan.diff is not None
    assert plan.diff.data == MapDiff(added=("c",), changed=("a",), removed=("b",))
    assert plan.keys == ("a", "b", "c")
    assert not plan.changes_nothing


def test_a_plan_for_what_was_not_read_names_the_keys_that_were_sent() -> None:
    change = KeyChange({A: b"2"}, remove=frozenset({B}))

    plan = Plan(change)

    assert (plan.keys, plan.diff) == (("a", "b"), None)


def test_a_plan_for_keys_of_a_secret_that_was_read_tells_those_that_change() -> None:
    change = KeyChange({A: b"1"}, remove=frozenset({B}), rename={C: Key("d")})

    plan = Plan.over(stored({"a": b"1", "c": b"3"}), KeyEdit(change))

    assert plan.step == change
    assert plan.keys == ("c", "d")


@pytest.mark.parametrize(
    "change",
    [
        KeyChange(set_if_absent={A: b""}),
        KeyChange(rename={B: C}),
        KeyChange(rename={C: A}),
    ],
    ids=["there", "missing", "taken"],
)
def test_a_guard_that_does_not_hold_is_found_before_anything_is_sent(change: KeyChange) -> None:
    with pytest.raises(NotApplicableError):
        Plan.over(stored({"a": b"1", "c": b"2"}), KeyEdit(change))


def test_a_rename_may_overwrite_where_it_says_so() -> None:
    plan = Plan.over(stored({"a": b"1", "b": b"2"}), KeyEdit(KeyChange(rename={A: B}, overwrite=True)))

    assert plan.diff is not None
    assert plan.diff.data == MapDiff(changed=("b",), removed=("a",))


def test_information_is_sent_as_it_is_said_and_told_as_it_changes() -> None:
    edit = InfoEdit(InfoChange("Demo", ABSENT, {"app": "demo", "old": None}))

    plan = Plan.over(stored({"a": b"1"}, labels={"app": "demo"}), edit)

    assert isinstance(plan.step, SecretChange)
    assert plan.step.labels == {"app": "demo", "old": None}
    assert plan.diff is not None
    assert (plan.diff.labels, plan.diff.alias) == (MapDiff(same=("app",)), Fate.ADDED)


def test_what_says_the_same_changes_nothing() -> None:
    assert Plan.over(stored(RAW.data), THE_SAME["content"]).changes_nothing


@pytest.mark.parametrize(
    ("change", "breaks"),
    [
        (SecretChange({"a": b"1"}), True),
        (SecretChange(immutable=False), True),
        (SecretChange(labels={"a": "b"}, immutable=True), False),
    ],
)
def test_the_seal_of_an_immutable_secret_is_on_its_values_and_on_itself(change: SecretChange, breaks: bool) -> None:
    assert Plan(change).breaks_seal is breaks


def test_what_the_cluster_has_against_an_edit_is_told_at_its_place() -> None:
    error = InvalidError([Violation("/content", Fault.VALUES_TOO_LARGE)])
    manifest = SecretManifest(REF.name, positions={"/data": (4, 1)})

    located = {name: edit.located(error).violations[0].pointer for name, edit in THE_SAME.items()}

    assert located == {"content": "/content", "draft": "/content", "document": "/data", "keys": ""}
    assert ManifestEdit(manifest, frozenset(), 8).located(error).violations[0].line == 4
