"""What is not for people to write, whichever way; each guard is set aside by its own name alone."""

import pytest

from app.domain.errors import ManagedByControllerError, ReadOnlySecretError
from app.domain.override import Override
from app.domain.secret import Owner, SecretRow, StoredSecret
from app.domain.version import ANY
from app.services.secret_guard import guard
from tests.unit.sample import REF, row, stored
from tests.unit.services.in_memory import House
from tests.unit.services.write import WRITES, write

OWNER = Owner("external-secrets.io", "ExternalSecret", "db")
HELM = "helm.sh/release.v1"
EVERY = set(Override)


@pytest.mark.parametrize("secret", [row(owner=OWNER), stored({}, owner=OWNER)], ids=["seen", "read"])
def test_what_a_controller_keeps_is_refused_with_where_to_go_instead(secret: SecretRow | StoredSecret) -> None:
    with pytest.raises(ManagedByControllerError) as caught:
        guard(secret, EVERY - {Override.MANAGED})

    assert caught.value.args == ("external-secrets",)
    assert caught.value.edit_at.startswith("Change the ExternalSecret db")
    assert caught.value.reverts == "yes"


def test_what_is_both_needs_both_names() -> None:
    release = row(secret_type=HELM, owner=OWNER)

    with pytest.raises(ReadOnlySecretError):
        guard(release, {Override.MANAGED})
    with pytest.raises(ManagedByControllerError):
        guard(release, {Override.READ_ONLY})
    guard(release, {Override.READ_ONLY, Override.MANAGED})


@pytest.mark.parametrize("secret", [None, row(), stored({})], ids=["not seen", "seen", "read"])
def test_what_people_keep_is_theirs_to_write(secret: SecretRow | StoredSecret | None) -> None:
    guard(secret, ())


@pytest.mark.parametrize("how", WRITES)
async def test_no_way_to_write_is_without_the_guard(house: House, how: str) -> None:
    secret = house.secrets.put(stored({"a": b"1"}, owner=OWNER))

    with pytest.raises(ManagedByControllerError):
        await write(house, how, ANY, {Override.READ_ONLY, Override.IN_USE})

    assert house.secrets.secrets[REF.name] == secret


@pytest.mark.parametrize("how", WRITES)
async def test_every_way_to_write_is_open_where_that_is_set_aside(house: House, how: str) -> None:
    secret = house.secrets.put(stored({"a": b"1"}, owner=OWNER))

    assert (await write(house, how, ANY, {Override.MANAGED})).previous == secret.metadata.version
