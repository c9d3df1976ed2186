import pytest

from app.domain.change import Compared, KeyChange
from app.domain.content import DefaultContent, TlsContent
from app.domain.diff import MapDiff
from app.domain.edit import Proposal
from app.domain.errors import (
    ConflictError,
    ForbiddenError,
    ImmutableSecretError,
    InvalidError,
    NotApplicableError,
    ProjectNotFoundError,
)
from app.domain.fault import Fault, Violation
from app.domain.name import Key
from app.services.precondition import LOST_RACES
from tests.unit.sample import REF, stored, version
from tests.unit.services.in_memory import House

SEVEN = version(7)
EDIT = DefaultContent({"a": b"2", "c": b"3"})


async def compared(house: House, proposal: Proposal = EDIT) -> Compared:
    return await house.writer.compare(REF, proposal)


async def test_an_edit_is_compared_with_what_is_there_and_not_made(house: House) -> None:
    secret = house.secrets.put(stored({"a": b"1", "b": b"1"}))

    found = await compared(house)

    assert (found.version, found.diff.data) == (SEVEN, MapDiff(added=("c",), changed=("a",), removed=("b",)))
    assert found.warnings == ()
    assert house.secrets.calls == ["get", "dry patch"]
    assert house.secrets.secrets == {REF.name: secret}


async def test_who_may_only_read_is_told_that_the_cluster_was_not_asked(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.secrets.forbidden = {"patch"}

    found = await compared(house)

    assert found.diff.data.changed == ("a",)
    assert [warning.code for warning in found.warnings] == ["NOT_TRIED"]


async def test_what_is_the_same_is_not_tried(house: House) -> None:
    house.secrets.put(stored(EDIT.data))

    assert (await compared(house)).diff.data.touched == ()
    assert house.secrets.calls == ["get"]


async def test_who_may_not_read_cannot_compare(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.secrets.forbidden = {"get"}

    with pytest.raises(ForbiddenError):
        await compared(house, KeyChange({Key("a"): b"2"}))


async def test_what_the_cluster_would_refuse_is_refused(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.secrets.refusal = InvalidError([Violation("/content", Fault.VALUES_TOO_LARGE)])

    with pytest.raises(InvalidError):
        await compared(house)


@pytest.mark.parametrize(
    ("proposal", "error"),
    [
        (TlsContent(b"", b""), InvalidError),
        (KeyChange(set_if_absent={Key("a"): b""}), NotApplicableError),
        (KeyChange({Key(str(number)): b"" for number in range(9)}), InvalidError),
    ],
)
async def test_what_does_not_fit_is_refused(house: House, proposal: Proposal, error: type[Exception]) -> None:
    house.secrets.put(stored({"a": b"1"}))

    with pytest.raises(error):
        await compared(house, proposal)


async def test_the_seal_of_an_immutable_secret_is_told(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}, immutable=True))
    house.secrets.forbidden = {"patch"}

    with pytest.raises(ImmutableSecretError):
        await compared(house)


async def test_guards_that_can_be_set_aside_are_not_asked(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}, "helm.sh/release.v1"))

    assert (await compared(house, KeyChange({Key("a"): b"2"}))).diff.data.changed == ("a",)


async def test_what_changes_meanwhile_is_compared_anew(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.secrets.meanwhile.append(house.secrets.touch)

    assert (await compared(house)).version == version(101)


async def test_what_keeps_changing_is_a_conflict(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.secrets.meanwhile.extend([house.secrets.touch] * LOST_RACES)

    with pytest.raises(ConflictError):
        await compared(house)


async def test_who_sees_nothing_of_the_project_is_told_that_it_is_not_there(house: House) -> None:
    house.secrets.put(stored({"a": b"1"}))
    house.blind()

    with pytest.raises(ProjectNotFoundError):
        await compared(house)
