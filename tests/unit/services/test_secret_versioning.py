"""Successors: made beside what stays, of an edit that its mark does not hold back, and never of what is read-only."""

import pytest

from app.domain.absent import ABSENT
from app.domain.change import InfoChange, KeyChange
from app.domain.content import DefaultContent, RawContent
from app.domain.edit import Proposal
from app.domain.errors import (
    AlreadyExistsError,
    ForbiddenError,
    InvalidError,
    ManagedByControllerError,
    NotApplicableError,
    ReadOnlySecretError,
    SecretNotFoundError,
)
from app.domain.manifest import SecretManifest
from app.domain.name import Key
from app.domain.override import Override
from app.domain.secret import Owner
from app.services.secret_versioning import SecretVersioner
from tests.unit.sample import REF, stored
from tests.unit.services.in_memory import House

A, B = Key("a"), Key("b")
EDIT = KeyChange({A: b"2"})
EVERY = set(Override)


@pytest.mark.parametrize(
    "proposal",
    [EDIT, DefaultContent({"a": b"2"}), SecretManifest(REF.name, data={"a": b"2"})],
    ids=["keys", "content", "document"],
)
async def test_the_old_one_stays_and_the_new_one_stands_beside_it(house: House, proposal: Proposal) -> None:
    old = house.secrets.put(stored({"a": b"1"}, immutable=True, labels={"app": "demo"}))

    created = await SecretVersioner(house.writer).succeed(REF, proposal)

    shown = created.detail.secret
    new = house.secrets.secrets[shown.metadata.name]
    assert house.secrets.secrets[REF.name] == old
    assert new.row == shown
    assert new.metadata.name.startswith(f"{REF.name}-")
    assert (new.data, new.immutable) == ({"a": b"2"}, True)
    assert created.diff.data.changed == ("a",)


async def test_an_edit_of_information_keeps_the_values(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}, immutable=True))

    shown = (await SecretVersioner(house.writer).succeed(REF, InfoChange("Demo", ABSENT))).detail.secret

    new = house.secrets.secrets[shown.metadata.name]
    assert (new.data, new.metadata.alias) == ({"a": b"1"}, "Demo")


async def test_a_dry_run_makes_none(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))

    await SecretVersioner(house.writer).succeed(REF, EDIT, dry_run=True)

    assert [*house.secrets.secrets] == [REF.name]


async def test_equal_contents_make_no_second_one(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))
    await SecretVersioner(house.writer).succeed(REF, EDIT)

    with pytest.raises(AlreadyExistsError):
        await SecretVersioner(house.writer).succeed(REF, EDIT)


async def test_values_are_remarked_on(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}, immutable=True))

    created = await SecretVersioner(house.writer).succeed(REF, KeyChange({A: b""}, {B: b"x\n"}))

    assert [(each.pointer, each.code) for each in created.under("/edit").warnings] == [
        ("/edit/set/a", "EMPTY_VALUE"),
        ("/edit/setIfAbsent/b", "TRAILING_NEWLINE"),
    ]


@pytest.mark.parametrize("secret_type", ["helm.sh/release.v1", "kubernetes.io/service-account-token"])
async def test_what_is_read_only_has_none_whatever_is_set_aside(house: House, secret_type: str) -> None:
    house.secrets.put(stored({"a": b"1"}, secret_type))

    with pytest.raises(ReadOnlySecretError):
        await SecretVersioner(house.writer).succeed(REF, EDIT, override=EVERY)


async def test_what_a_controller_keeps_has_one_for_who_insists(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}, owner=Owner("bitnami.com", "SealedSecret", "demo")))

    with pytest.raises(ManagedByControllerError):
        await SecretVersioner(house.writer).succeed(REF, EDIT, override=EVERY - {Override.MANAGED})
    await SecretVersioner(house.writer).succeed(REF, EDIT, override={Override.MANAGED})

    assert len(house.secrets.secrets) == 2


async def test_an_edit_that_does_not_fit_makes_none(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))
    versioner = SecretVersioner(house.writer)

    with pytest.raises(NotApplicableError):
        await versioner.succeed(REF, KeyChange(rename={B: A}))
    with pytest.raises(InvalidError):
        await versioner.succeed(REF, RawContent("example.com/x", {}))

    assert [*house.secrets.secrets] == [REF.name]


async def test_what_the_cluster_has_against_it_is_of_the_edit(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.secrets.refusal = InvalidError([])

    with pytest.raises(InvalidError):
        await SecretVersioner(house.writer).succeed(REF, EDIT)


@pytest.mark.parametrize("verb", ["get", "create"])
async def test_both_rights_are_needed(house: House, verb: str) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.secrets.forbidden = {verb}

    with pytest.raises(ForbiddenError):
        await SecretVersioner(house.writer).succeed(REF, EDIT)


async def test_of_what_is_not_there_none_is_made(house: House) -> None:
    with pytest.raises(SecretNotFoundError):
        await SecretVersioner(house.writer).succeed(REF, EDIT)
