from typing import Any

import pytest

from app.domain.absent import ABSENT
from app.domain.change import InfoChange, KeyChange
from app.domain.content import DefaultContent
from app.domain.diff import MapDiff, Overtaken
from app.domain.edit import Proposal
from app.domain.errors import (
    ConflictError,
    ForbiddenError,
    ImmutableSecretError,
    InvalidError,
    NotApplicableError,
    PreconditionFailedError,
    ReadOnlySecretError,
    SecretNotFoundError,
)
from app.domain.manifest import Masked, SecretManifest
from app.domain.name import Key
from app.domain.terms import Terms
from app.domain.version import ANY, Precondition
from app.services.precondition import LOST_RACES
from tests.unit.sample import OTHER_UID, REF, stored, version
from tests.unit.services.in_memory import House

SIX, SEVEN = version(6), version(7)
A, B, C = Key("a"), Key("b"), Key("c")
BASE, THEIRS = {"a": b"0", "b": b"0"}, {"a": b"0", "b": b"1"}
EDITS: dict[str, Proposal] = {
    "content": DefaultContent({"a": b"2", "b": b"0"}),
    "document": SecretManifest(REF.name, data={"a": b"2", "b": Masked(1)}),
    "keys": KeyChange({A: b"2"}),
    "guarded keys": KeyChange({A: b"2"}, set_if_absent={C: b""}),
    "information": InfoChange("Ours", ABSENT),
}


@pytest.fixture(autouse=True)
def _past(house: House) -> None:
    """A Secret of which others have changed `b`, the description and a label since version 6."""
    house.secrets.put(stored(BASE, version=SIX))
    house.secrets.put(stored(THEIRS, version=SEVEN, labels={"theirs": "x"}))


async def merged(house: House, proposal: Proposal, expected: Precondition = (SIX,), **how: Any) -> Any:
    return await house.writer.edit(REF, proposal, Terms(expected, merge=True, **how))


async def refused(house: House, proposal: Proposal, expected: Precondition = (SIX,)) -> Overtaken:
    before = dict(house.secrets.secrets)
    with pytest.raises(PreconditionFailedError) as caught:
        await merged(house, proposal, expected)
    assert house.secrets.secrets == before
    assert caught.value.overtaken is not None
    return caught.value.overtaken


@pytest.mark.parametrize("how", EDITS)
async def test_an_edit_of_something_else_is_made_to_what_is_there(house: House, how: str) -> None:
    written = await merged(house, EDITS[how])

    after = house.secrets.secrets[REF.name]
    assert after.data["b"] == b"1"
    assert after.metadata.labels["theirs"] == "x"
    assert (after.data["a"], after.metadata.alias) != (b"0", "")
    assert (written.previous, written.version) == (SEVEN, after.metadata.version)
    assert "MERGED" in [warning.code for warning in written.warnings]


async def test_the_answer_tells_what_the_edit_changed_and_not_what_others_did(house: House) -> None:
    written = await merged(house, EDITS["content"])

    assert written.changed_keys == ("a",)
    assert written.diff.data == MapDiff(changed=("a",), same=("b",))


async def test_a_dry_run_of_it_writes_nothing(house: House) -> None:
    written = await merged(house, EDITS["keys"], dry_run=True)

    assert (written.version, written.previous, written.changed_keys) == (None, SEVEN, ("a",))
    assert house.secrets.secrets[REF.name].data == THEIRS


@pytest.mark.parametrize(
    "proposal",
    [
        DefaultContent({"a": b"0", "b": b"2"}),
        SecretManifest(REF.name, data={"a": Masked(1), "b": b"2"}),
        KeyChange({B: b"2"}),
        KeyChange(remove=frozenset({B})),
        KeyChange(rename={B: C}),
    ],
)
async def test_an_edit_of_the_same_is_refused_and_told_where_it_meets(house: House, proposal: Proposal) -> None:
    overtaken = await refused(house, proposal)

    assert overtaken.overlap == ("/data/b",)
    assert overtaken.meanwhile is not None
    assert overtaken.meanwhile.data.changed == ("b",)


async def test_the_same_edit_once_more_changes_nothing(house: House) -> None:
    first = await merged(house, EDITS["guarded keys"])
    before = house.secrets.secrets[REF.name]

    again = await merged(house, EDITS["guarded keys"])

    assert (again.version, again.changed_keys, again.warnings) == (first.version, (), ())
    assert house.secrets.secrets[REF.name] == before


@pytest.mark.parametrize("expected", [ANY, (SEVEN,)])
async def test_where_there_is_nothing_to_merge_it_is_a_plain_edit(house: House, expected: Precondition) -> None:
    written = await merged(house, EDITS["keys"], expected)

    assert written.warnings == ()
    assert house.secrets.calls == ["look", "patch"]


async def test_a_guard_is_held_against_the_version_that_the_edit_is_based_on(house: House) -> None:
    with pytest.raises(NotApplicableError):
        await merged(house, KeyChange(set_if_absent={A: b""}))


async def test_what_does_not_fit_that_version_is_refused(house: House) -> None:
    with pytest.raises(InvalidError):
        await merged(house, SecretManifest(REF.name, data={"c": Masked(1)}))


async def test_a_version_that_is_forgotten_stays_a_refusal_and_says_so(house: House) -> None:
    house.secrets.forgetful = True

    assert await refused(house, EDITS["keys"]) == Overtaken(version_gone=True)


@pytest.mark.parametrize("verb", ["get", "list"])
async def test_who_may_not_read_both_versions_cannot_merge(house: House, verb: str) -> None:
    house.secrets.forbidden = {verb}

    assert await refused(house, EDITS["keys"]) == Overtaken()


async def test_who_may_not_write_cannot_merge(house: House) -> None:
    house.secrets.forbidden = {"patch"}

    with pytest.raises(ForbiddenError):
        await merged(house, EDITS["content"])


@pytest.mark.parametrize("expected", [(), (version(9),), (version(6, OTHER_UID),), (version(5),)])
async def test_a_version_that_is_no_earlier_one_cannot_be_merged(house: House, expected: Precondition) -> None:
    assert await refused(house, EDITS["keys"], expected) == Overtaken()


async def test_the_guards_hold(house: House) -> None:
    house.secrets.put(stored(THEIRS, "helm.sh/release.v1"))

    with pytest.raises(ReadOnlySecretError):
        await merged(house, EDITS["keys"])


async def test_a_secret_that_was_sealed_meanwhile_keeps_its_values(house: House) -> None:
    house.secrets.put(stored(THEIRS, immutable=True))

    with pytest.raises(ImmutableSecretError):
        await merged(house, EDITS["keys"])
    assert (await merged(house, EDITS["information"])).changed_keys == ()


async def test_what_is_gone_meanwhile_is_not_there(house: House) -> None:
    house.secrets.secrets.clear()

    with pytest.raises(SecretNotFoundError):
        await merged(house, EDITS["keys"])


async def test_a_merge_that_is_overtaken_is_made_anew(house: House) -> None:
    house.secrets.meanwhile.extend([house.secrets.touch] * 2)

    written = await merged(house, EDITS["content"])

    assert written.previous == version(102)
    assert house.secrets.calls == ["get", "get", "get at", "patch", "get", "get at", "patch"]


async def test_a_merge_that_is_overtaken_again_and_again_is_a_conflict(house: House) -> None:
    house.secrets.meanwhile.extend([house.secrets.touch] * (LOST_RACES + 1))

    with pytest.raises(ConflictError):
        await merged(house, EDITS["content"])


async def test_an_edit_that_was_overtaken_while_it_was_made_is_merged_too(house: House) -> None:
    house.secrets.meanwhile.append(house.secrets.touch)

    written = await merged(house, EDITS["content"], (SEVEN,))

    assert written.previous == version(101)
