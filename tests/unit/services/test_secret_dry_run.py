"""A dry run goes the way of the write up to its last step, which the cluster only tries."""

from typing import Any

import pytest

from app.domain.change import KeyChange, Written
from app.domain.content import DefaultContent
from app.domain.detail import Deleted
from app.domain.diff import MapDiff
from app.domain.errors import (
    AlreadyExistsError,
    ForbiddenError,
    ImmutableSecretError,
    InvalidError,
    NotApplicableError,
    PreconditionFailedError,
    ReadOnlySecretError,
    SecretNotFoundError,
)
from app.domain.fault import Fault, Violation
from app.domain.name import Key
from app.domain.new_secret import NewSecretDraft
from app.domain.terms import Terms, UpsertTerms
from app.domain.version import ANY
from tests.unit.sample import REF, stored, version
from tests.unit.services.in_memory import House
from tests.unit.services.write import READING, WRITES, write

SEVEN, STALE = version(7), version(6)
DRAFT = NewSecretDraft(REF, DefaultContent({"a": b"1"}))
BLIND = ["info", "keys", "delete"]


async def tried(house: House, how: str, *, expected: Any = ANY) -> Any:
    return await write(house, how, expected, dry_run=True)


@pytest.mark.parametrize("how", WRITES)
async def test_it_writes_nothing_and_tells_what_it_is_based_on(house: House, how: str) -> None:
    secret = house.secrets.put(stored({"a": b"1"}))

    outcome = await tried(house, how)

    assert house.secrets.secrets == {REF.name: secret}
    assert outcome.previous == SEVEN
    assert getattr(outcome, "version", None) is None
    assert [call for call in house.secrets.calls if "dry" in call] == house.secrets.calls[1:]


@pytest.mark.parametrize("how", ["keys", "data", "yaml", "replace"])
async def test_it_tells_each_key_with_what_becomes_of_it(house: House, how: str) -> None:
    house.secrets.put(stored({"a": b"1"}))

    written = await tried(house, how)

    assert written.diff.data == MapDiff(changed=("a",))
    assert written.changed_keys == ("a",)


async def test_a_delete_removes_all(house: House) -> None:
    house.secrets.put(stored({"a": b"1", "b": b"2"}, labels={"app": "demo"}))

    deleted = await tried(house, "delete")

    assert isinstance(deleted, Deleted)
    assert deleted.diff is not None
    assert (deleted.diff.data.removed, deleted.diff.labels.removed) == (("a", "b"), ("app",))


@pytest.mark.parametrize("how", WRITES)
async def test_the_write_after_it_does_what_it_told(house: House, how: str) -> None:
    house.secrets.put(stored({"a": b"1"}))
    told = await tried(house, how)

    done = await write(house, how, (told.previous,))

    assert done.previous == told.previous
    assert getattr(done, "changed_keys", ()) == getattr(told, "changed_keys", ())


@pytest.mark.parametrize("how", BLIND)
async def test_who_may_not_read_is_told_what_they_sent_and_no_more(house: House, how: str) -> None:
    house.secrets.put(stored({"a": b"1", "b": b"2"}))
    house.secrets.forbidden = {"get"}

    outcome = await tried(house, how)

    assert outcome.diff is None
    assert set(getattr(outcome, "changed_keys", ())) <= {"a"}
    assert house.secrets.calls[:2] == ["get", "look"]


@pytest.mark.parametrize("how", READING)
async def test_who_may_not_read_cannot_try_what_needs_it(house: House, how: str) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.secrets.forbidden = {"get"}

    with pytest.raises(ForbiddenError):
        await tried(house, how)


@pytest.mark.parametrize("how", WRITES)
async def test_who_may_not_write_may_not_try_either(house: House, how: str) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.secrets.forbidden = {"patch", "delete"}

    with pytest.raises(ForbiddenError):
        await tried(house, how)


@pytest.mark.parametrize("how", WRITES)
async def test_it_is_held_to_the_version(house: House, how: str) -> None:
    house.secrets.put(stored({"a": b"1"}))

    with pytest.raises(PreconditionFailedError):
        await tried(house, how, expected=(STALE,))


@pytest.mark.parametrize("how", WRITES)
async def test_it_is_held_to_the_guards(house: House, how: str) -> None:
    house.secrets.put(stored({"a": b"1"}, "helm.sh/release.v1"))

    with pytest.raises(ReadOnlySecretError):
        await tried(house, how)


@pytest.mark.parametrize("how", READING)
async def test_it_finds_the_seal_of_an_immutable_secret(house: House, how: str) -> None:
    house.secrets.put(stored({"a": b"1"}, immutable=True))

    with pytest.raises(ImmutableSecretError):
        await tried(house, how)


@pytest.mark.parametrize("how", [*READING, "info", "keys"])
async def test_it_tells_what_the_cluster_has_against_it(house: House, how: str) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.secrets.refusal = InvalidError([Violation("/content", Fault.VALUES_TOO_LARGE)])

    with pytest.raises(InvalidError):
        await tried(house, how)


async def test_it_finds_a_guard_that_does_not_hold(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))
    change = KeyChange(set_if_absent={Key("a"): b"2"})

    with pytest.raises(NotApplicableError):
        await house.writer.edit(REF, change, Terms(ANY, dry_run=True))


async def test_what_would_change_nothing_is_not_even_tried(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))

    written = await house.writer.edit(REF, DRAFT.content, Terms(ANY, dry_run=True))

    assert (written.version, written.changed_keys) == (None, ())
    assert written.diff is not None
    assert written.diff.data == MapDiff(same=("a",))
    assert house.secrets.calls == ["get"]


@pytest.mark.parametrize("only_create", [True, False])
async def test_an_upsert_that_would_create_says_so(house: House, only_create: bool) -> None:
    written = await house.writer.upsert(DRAFT, UpsertTerms(only_create=only_create, dry_run=True))

    assert isinstance(written, Written)
    assert (written.version, written.previous, written.changed_keys) == (None, None, ("a",))
    assert written.diff is not None
    assert written.diff.data == MapDiff(added=("a",))
    assert house.secrets.secrets == {}


async def test_an_upsert_that_would_only_create_finds_the_name_taken(house: House) -> None:
    house.secrets.put(stored({"a": b"0"}))

    with pytest.raises(PreconditionFailedError):
        await house.writer.upsert(DRAFT, UpsertTerms(only_create=True, dry_run=True))


async def test_a_create_tells_all_as_added(house: House) -> None:
    created = await house.writer.create(DRAFT, dry_run=True)

    assert created.diff.data == MapDiff(added=("a",))
    house.secrets.put(stored({}))
    with pytest.raises(AlreadyExistsError):
        await house.writer.create(DRAFT, dry_run=True)


@pytest.mark.parametrize("how", WRITES)
async def test_what_is_not_there_cannot_be_tried(house: House, how: str) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.secrets.meanwhile.append(house.secrets.secrets.clear)

    with pytest.raises(SecretNotFoundError):
        await tried(house, how)
