from dataclasses import replace
from typing import Any

import pytest

from app.domain.change import Written
from app.domain.detail import Created
from app.domain.diff import MapDiff
from app.domain.errors import (
    AppError,
    ForbiddenError,
    ImmutableSecretError,
    InvalidError,
    PreconditionFailedError,
    ProjectNotFoundError,
    ReadOnlySecretError,
    SecretNotFoundError,
    TypeDiffersError,
    VersionGoneError,
)
from app.domain.name import ALIAS, CREATOR
from app.domain.override import Override
from app.domain.secret import StoredSecret
from app.domain.terms import UpsertTerms
from app.domain.version import ANY, Version
from app.services.secret_restoring import SecretRestorer
from tests.unit.sample import OTHER_UID, REF, stored, version
from tests.unit.services.in_memory import House

SIX, SEVEN = version(6), version(7)
WAS = {"a": b"0", "b": b"0"}
OVER, ANEW = UpsertTerms(ANY), UpsertTerms(only_create=True)
HELM, TOKEN = "helm.sh/release.v1", "kubernetes.io/service-account-token"


@pytest.fixture(autouse=True)
def was(house: House) -> StoredSecret:
    """What there was, before it was changed beyond recognition."""
    annotations = {ALIAS: "Was", CREATOR: "bob", "note": "x", "last-applied": "old"}
    was = house.secrets.put(stored(WAS, version=SIX, labels={"app": "was"}, annotations=annotations))
    house.secrets.put(stored({"b": b"1", "c": b"1"}, version=SEVEN, labels={"tier": "x"}, annotations={CREATOR: "bob"}))
    return was


async def restored(house: House, terms: UpsertTerms = OVER, at: Version = SIX) -> Any:
    return await SecretRestorer(house.writer).restore(REF, at, terms)


async def refused(house: House, error: type[AppError], terms: UpsertTerms = OVER, at: Version = SIX) -> AppError:
    before = dict(house.secrets.secrets)
    with pytest.raises(error) as caught:
        await restored(house, terms, at)
    assert house.secrets.secrets == before
    return caught.value


@pytest.mark.parametrize("terms", [OVER, UpsertTerms((SEVEN,))], ids=["whatever is there", "at its version"])
async def test_what_is_there_becomes_what_it_was(house: House, was: StoredSecret, terms: UpsertTerms) -> None:
    written = await restored(house, terms)

    now = house.secrets.secrets[REF.name]
    assert isinstance(written, Written)
    assert (now.data, now.metadata.labels) == (WAS, {"app": "was"})
    assert now.metadata.annotations == {ALIAS: "Was", CREATOR: "bob", "note": "x"}
    assert (written.previous, written.version) == (SEVEN, now.metadata.version)
    assert written.diff is not None
    assert written.diff.data == MapDiff(added=("a",), changed=("b",), removed=("c",))


async def test_an_undo_can_be_undone(house: House) -> None:
    before = house.secrets.secrets[REF.name]
    written = await restored(house)

    await restored(house, at=written.previous)

    assert house.secrets.secrets[REF.name].data == before.data


async def test_what_is_as_it_was_is_not_written(house: House) -> None:
    written = await restored(house, at=SEVEN)

    assert (written.version, written.changed_keys) == (SEVEN, ())
    assert house.secrets.calls == ["get at", "get"]


async def test_what_is_deleted_is_made_anew_with_all_that_it_had(house: House, was: StoredSecret) -> None:
    house.secrets.secrets.clear()

    created = await restored(house, ANEW)

    now = house.secrets.secrets[REF.name]
    assert isinstance(created, Created)
    assert (now.type, now.data, now.immutable) == (was.type, was.data, was.immutable)
    assert (now.metadata.labels, now.metadata.annotations) == (was.metadata.labels, was.metadata.annotations)
    assert created.diff.annotations == MapDiff(added=(CREATOR, "note"))


async def test_the_mark_of_an_immutable_secret_comes_back(house: House) -> None:
    house.secrets.put(stored(WAS, version=version(8), immutable=True))
    house.secrets.secrets.clear()

    await restored(house, ANEW, version(8))

    assert house.secrets.secrets[REF.name].immutable is True


@pytest.mark.parametrize("terms", [replace(OVER, dry_run=True), replace(ANEW, dry_run=True)])
async def test_a_dry_run_tells_what_would_become_of_it(house: House, terms: UpsertTerms) -> None:
    before = {} if terms.only_create else dict(house.secrets.secrets)
    house.secrets.secrets = dict(before)

    written = await restored(house, terms)

    assert isinstance(written, Written)
    assert written.version is None
    assert written.diff is not None
    assert "a" in written.diff.data.added
    assert house.secrets.secrets == before


async def test_only_what_is_deleted_is_made_anew(house: House) -> None:
    await refused(house, PreconditionFailedError, ANEW)


async def test_nothing_is_both_there_and_not_there(house: House) -> None:
    await refused(house, PreconditionFailedError, UpsertTerms(ANY, only_create=True))


async def test_only_what_is_there_is_written_over(house: House) -> None:
    house.secrets.secrets.clear()

    await refused(house, SecretNotFoundError)


async def test_it_is_held_to_the_version_of_what_is_there(house: House) -> None:
    error = await refused(house, PreconditionFailedError, UpsertTerms((SIX,)))

    assert isinstance(error, PreconditionFailedError)
    assert error.overtaken is not None
    assert error.overtaken.meanwhile is not None


@pytest.mark.parametrize("terms", [OVER, ANEW])
async def test_a_version_that_is_forgotten_is_gone(house: House, terms: UpsertTerms) -> None:
    house.secrets.forgetful = True

    await refused(house, VersionGoneError, terms)


@pytest.mark.parametrize("at", [version(5), version(6, OTHER_UID)], ids=["never there", "of another Secret"])
async def test_a_version_that_never_was_is_no_version(house: House, at: Version) -> None:
    error = await refused(house, InvalidError, at=at)

    assert isinstance(error, InvalidError)
    assert [(each.pointer, each.fault.code) for each in error.violations] == [("/etag", "NOT_A_VERSION")]


async def test_a_namesake_of_another_type_is_not_written_over(house: House) -> None:
    house.secrets.put(stored({}, "example.com/other", version=version(8, OTHER_UID)))

    await refused(house, TypeDiffersError)


async def test_a_namesake_of_the_same_type_becomes_what_was(house: House) -> None:
    house.secrets.put(stored({}, version=version(8, OTHER_UID)))

    await restored(house)

    assert house.secrets.secrets[REF.name].data == WAS


@pytest.mark.parametrize("data", [{"b": b"1"}, WAS], ids=["its values", "its mark"])
async def test_what_is_immutable_by_now_stays(house: House, data: dict[str, bytes]) -> None:
    house.secrets.put(stored(data, version=version(8), immutable=True))

    await refused(house, ImmutableSecretError)


@pytest.mark.parametrize("secret_type", [HELM, TOKEN])
async def test_the_guards_hold_for_what_is_made_anew(house: House, secret_type: str) -> None:
    house.secrets.put(stored(WAS, secret_type, version=version(8)))
    house.secrets.secrets.clear()

    await refused(house, ReadOnlySecretError, ANEW, version(8))


async def test_a_guard_can_be_set_aside(house: House) -> None:
    house.secrets.put(stored(WAS, HELM, version=version(8)))
    house.secrets.secrets.clear()

    await restored(house, replace(ANEW, override={Override.READ_ONLY}), version(8))

    assert house.secrets.secrets[REF.name].type == HELM


async def test_a_kind_that_is_switched_off_does_not_come_back(house: House) -> None:
    house.secrets.put(stored(WAS, TOKEN, version=version(8)))
    house.secrets.secrets.clear()

    error = await refused(house, InvalidError, replace(ANEW, override={Override.READ_ONLY}), version(8))

    assert isinstance(error, InvalidError)
    assert [(each.pointer, each.fault.code) for each in error.violations] == [("/etag", "KIND_DISABLED")]


@pytest.mark.parametrize("verb", ["list", "get", "patch"])
async def test_who_may_not_look_back_read_or_write_cannot_restore(house: House, verb: str) -> None:
    house.secrets.forbidden = {verb}

    await refused(house, ForbiddenError)


async def test_who_may_not_create_cannot_make_anew(house: House) -> None:
    house.secrets.secrets.clear()
    house.secrets.forbidden = {"create"}

    await refused(house, ForbiddenError, ANEW)


async def test_who_sees_nothing_of_the_project_is_told_that_it_is_not_there(house: House) -> None:
    house.blind()

    await refused(house, ProjectNotFoundError)
