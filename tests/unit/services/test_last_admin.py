"""What HTTP tests cannot bring about: others who leave, or write, between two steps."""

from datetime import timedelta

import pytest

from app.domain.errors import ConflictError, LastAdminError, UpstreamUnavailableError
from app.domain.member import short_id
from app.domain.workspace import ProjectRole, Subject
from app.services.last_admin import LEAVING, is_fresh
from app.services.precondition import LOST_RACES
from tests.unit.sample import PROJECT
from tests.unit.services.members_in_memory import ANNA, BEN, TeamHouse, just_now


@pytest.fixture
def team() -> TeamHouse:
    """A project whose admins are Anna and Ben."""
    house = TeamHouse()
    house.store.add(ANNA, ProjectRole.ADMIN)
    house.store.add(BEN, ProjectRole.ADMIN)
    return house


def note(subject: Subject) -> str:
    return LEAVING + short_id(subject)


async def test_who_leaves_says_so_for_as_long_as_it_takes(team: TeamHouse) -> None:
    async with team.last_admin.leaving(team.caller, PROJECT, ANNA):
        (name,) = team.project.notes
        assert name == note(ANNA)
        assert is_fresh(team.project.notes[name])
    assert team.project.notes == {}


async def test_the_note_is_taken_back_when_the_leave_fails(team: TeamHouse) -> None:
    with pytest.raises(ConflictError):
        async with team.last_admin.leaving(team.caller, PROJECT, ANNA):
            raise ConflictError
    assert team.project.notes == {}


async def test_a_note_that_cannot_be_taken_back_ends_by_itself(team: TeamHouse) -> None:
    team.project.refusal = UpstreamUnavailableError()
    async with team.last_admin.leaving(team.caller, PROJECT, ANNA):
        pass
    assert list(team.project.notes) == [note(ANNA)]


async def test_of_two_who_leave_at_once_the_second_is_counted_without_the_first(team: TeamHouse) -> None:
    team.project.meanwhile.append(lambda: team.project.note(note(BEN), just_now().isoformat()))
    with pytest.raises(LastAdminError):
        async with team.last_admin.leaving(team.caller, PROJECT, ANNA):
            pytest.fail("left")
    assert list(team.project.notes) == [note(BEN)]


async def test_a_namespace_that_changed_for_another_reason_is_read_again(team: TeamHouse) -> None:
    team.project.meanwhile.append(lambda: team.project.note("other", "1"))
    async with team.last_admin.leaving(team.caller, PROJECT, ANNA):
        assert note(ANNA) in team.project.notes


async def test_a_namespace_that_keeps_changing_is_given_up(team: TeamHouse) -> None:
    for _ in range(LOST_RACES):
        team.project.meanwhile.append(lambda: team.project.note("other", "1"))
    with pytest.raises(ConflictError):
        async with team.last_admin.leaving(team.caller, PROJECT, ANNA):
            pytest.fail("left")


async def test_a_note_that_was_left_behind_goes_with_the_next(team: TeamHouse) -> None:
    team.project.note(note(BEN), (just_now() - timedelta(minutes=2)).isoformat())
    async with team.last_admin.leaving(team.caller, PROJECT, ANNA):
        assert list(team.project.notes) == [note(ANNA)]


async def test_a_note_of_their_own_does_not_keep_somebody_from_leaving(team: TeamHouse) -> None:
    team.project.note(note(ANNA), just_now().isoformat())
    async with team.last_admin.leaving(team.caller, PROJECT, ANNA):
        assert list(team.project.notes) == [note(ANNA)]


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, True), (55, True), (65, False), (-55, True), (-65, False), (86_400, False)]
)
def test_a_note_counts_for_a_minute(seconds: int, *, expected: bool) -> None:
    assert is_fresh((just_now() - timedelta(seconds=seconds)).isoformat()) is expected


@pytest.mark.parametrize("text", ["", "soon", "2026-11-25", "2026-11-25T00:00:00", "9999-12-31T23:59:59+00:00"])
def test_a_note_that_is_no_time_does_not_count(text: str) -> None:
    assert not is_fresh(text)
