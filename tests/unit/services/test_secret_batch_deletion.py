"""Deleting several Secrets: under the terms of each, in a project that is there."""

import pytest

from app.domain.detail import Deleted
from app.domain.errors import (
    PreconditionFailedError,
    ProjectNotFoundError,
    ReadOnlySecretError,
    SecretNotFoundError,
    UpstreamUnavailableError,
)
from app.domain.name import SecretName
from app.domain.override import Override
from app.domain.version import ANY
from app.services.secret_batch_deletion import SecretBatchDeletion
from tests.unit.sample import PROJECT, stored, version
from tests.unit.services.in_memory import House

ONE, TWO, THREE = map(SecretName, ("one", "two", "three"))


@pytest.fixture
def house() -> House:
    house = House()
    for name in (ONE, TWO):
        house.secrets.put(stored({"a": b"1"}, name=name))
    return house


async def test_each_is_deleted_at_the_version_that_is_expected_of_it(house: House) -> None:
    outcomes = await SecretBatchDeletion(house.writer).delete(PROJECT, {TWO: (version(),), ONE: ANY})

    assert outcomes == {name: Deleted(version(), pending=False) for name in (TWO, ONE)}
    assert house.secrets.secrets == {}


async def test_what_fails_is_told_by_name_and_stays(house: House) -> None:
    outcomes = await SecretBatchDeletion(house.writer).delete(PROJECT, {ONE: (version(1),), THREE: ANY, TWO: ANY})

    assert [type(outcome) for outcome in outcomes.values()] == [PreconditionFailedError, SecretNotFoundError, Deleted]
    assert [*house.secrets.secrets] == [ONE]


async def test_guards_are_set_aside_only_where_that_is_asked_for(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}, "helm.sh/release.v1", name=ONE))
    deletion = SecretBatchDeletion(house.writer)

    kept = await deletion.delete(PROJECT, {ONE: ANY})
    gone = await deletion.delete(PROJECT, {ONE: ANY}, override={Override.READ_ONLY})

    assert isinstance(kept[ONE], ReadOnlySecretError)
    assert isinstance(gone[ONE], Deleted)


async def test_a_dry_run_deletes_nothing(house: House) -> None:
    await SecretBatchDeletion(house.writer).delete(PROJECT, {ONE: ANY, TWO: ANY}, dry_run=True)

    assert [*house.secrets.secrets] == [ONE, TWO]


async def test_a_project_that_is_not_to_be_seen_is_not_there_for_all_of_them(house: House) -> None:
    house.blind()

    with pytest.raises(ProjectNotFoundError):
        await SecretBatchDeletion(house.writer).delete(PROJECT, {ONE: ANY})
    assert house.secrets.calls == []


async def test_a_cluster_that_is_away_is_no_matter_of_single_ones(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise UpstreamUnavailableError

    monkeypatch.setattr(house.secrets, "look", fail)

    with pytest.raises(UpstreamUnavailableError):
        await SecretBatchDeletion(house.writer).delete(PROJECT, {ONE: ANY, TWO: ANY})
