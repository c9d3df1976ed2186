"""What HTTP tests cannot bring about: others who act between two steps, and changes that were cut off half-way."""

import pytest

from app.domain.errors import (
    AlreadyExistsError,
    ConflictError,
    MemberNotFoundError,
    NotWorkspaceMemberError,
    PreconditionFailedError,
)
from app.domain.member import member_id
from app.domain.version import ANY
from app.domain.workspace import ProjectRole
from tests.unit.sample import PROJECT
from tests.unit.services.members_in_memory import ANNA, BEN, LONG_AGO, TeamHouse, just_now

ADMIN, OPERATOR, READER, VIEWER = ProjectRole
ID = member_id(ANNA)


@pytest.fixture
def team() -> TeamHouse:
    """A project whose admin is Ben."""
    house = TeamHouse()
    house.store.add(BEN, ADMIN)
    return house


async def change(team: TeamHouse, role: ProjectRole) -> str:
    return (await team.members.change(PROJECT, ID, role, expected=ANY)).role


@pytest.mark.parametrize("role", [OPERATOR, READER, VIEWER, ADMIN])
async def test_the_next_change_takes_away_what_one_that_was_cut_off_left_behind(
    team: TeamHouse, role: ProjectRole
) -> None:
    team.store.add(ANNA, OPERATOR)
    team.store.add(ANNA, READER)
    assert await change(team, role) == role
    assert team.store.roles_of(ANNA) == [role]


async def test_a_removal_takes_away_what_a_change_that_was_cut_off_left_behind(team: TeamHouse) -> None:
    team.store.add(ANNA, OPERATOR)
    team.store.add(ANNA, ADMIN)
    await team.members.remove(PROJECT, ID, expected=ANY)
    assert team.store.roles_of(ANNA) == []


async def test_what_may_be_under_way_is_neither_changed_nor_removed(team: TeamHouse) -> None:
    team.store.add(ANNA, OPERATOR)
    team.store.add(ANNA, READER, just_now())
    with pytest.raises(ConflictError):
        await change(team, VIEWER)
    with pytest.raises(ConflictError):
        await team.members.remove(PROJECT, ID, expected=ANY)
    assert team.store.roles_of(ANNA) == [OPERATOR, READER]


async def test_who_finds_the_role_gone_that_was_to_be_replaced_takes_the_new_one_back(team: TeamHouse) -> None:
    before = team.store.add(ANNA, OPERATOR)
    team.store.meanwhile.append(lambda: team.store.drop(before))
    with pytest.raises(MemberNotFoundError):
        await change(team, READER)
    assert team.store.roles_of(ANNA) == []


async def test_who_loses_against_another_change_is_told_so_where_a_version_was_expected(team: TeamHouse) -> None:
    before = team.store.add(ANNA, OPERATOR)

    def others_win() -> None:
        team.store.drop(before)
        team.store.add(ANNA, VIEWER)

    team.store.meanwhile.append(others_win)
    with pytest.raises(PreconditionFailedError):
        await team.members.change(PROJECT, ID, READER, expected=(before.version,))
    assert team.store.roles_of(ANNA) == [VIEWER]


async def test_whatever_is_there_is_changed_after_a_race_that_was_lost(team: TeamHouse) -> None:
    before = team.store.add(ANNA, OPERATOR)

    def others_win() -> None:
        team.store.drop(before)
        team.store.add(ANNA, VIEWER, LONG_AGO)

    team.store.meanwhile.append(others_win)
    assert await change(team, READER) == READER
    assert team.store.roles_of(ANNA) == [READER]


async def test_the_same_role_given_by_somebody_else_at_once_is_not_taken_back(team: TeamHouse) -> None:
    before = team.store.add(ANNA, OPERATOR)
    others = team.store.add(ANNA, READER, just_now(), ours=False)
    with pytest.raises(ConflictError):
        await change(team, READER)
    assert before in team.store.bound
    assert others in team.store.bound


async def test_the_winner_takes_away_what_a_loser_has_left_behind(team: TeamHouse) -> None:
    team.store.add(ANNA, OPERATOR)
    loser = team.store.add(ANNA, VIEWER)
    team.store.drop(loser)  # it appears after the look
    team.store.meanwhile.append(lambda: team.store.bound.append(loser))
    assert await change(team, READER) == READER
    assert team.store.roles_of(ANNA) == [READER]


async def test_a_change_that_began_later_is_left_to_itself(team: TeamHouse) -> None:
    team.store.add(ANNA, OPERATOR)
    team.store.meanwhile.append(lambda: team.store.add(ANNA, VIEWER, just_now()))
    assert await change(team, READER) == READER
    assert team.store.roles_of(ANNA) == [READER, VIEWER]


async def test_the_role_that_a_member_has_is_not_written_again(team: TeamHouse) -> None:
    before = team.store.add(ANNA, READER)
    team.store.meanwhile.append(lambda: pytest.fail("written"))
    assert await change(team, READER) == READER
    assert before in team.store.bound


async def test_a_removal_of_what_has_just_changed_reads_again(team: TeamHouse) -> None:
    before = team.store.add(ANNA, READER)
    leftover = team.store.add(ANNA, VIEWER)

    def others_win() -> None:
        team.store.drop(before)
        team.store.add(ANNA, OPERATOR)

    team.store.meanwhile.append(others_win)
    await team.members.remove(PROJECT, ID, expected=ANY)
    assert leftover not in team.store.bound
    assert team.store.roles_of(ANNA) == []


async def test_of_two_who_invite_at_once_the_later_one_takes_it_back(team: TeamHouse) -> None:
    faster = team.store.add(ANNA, OPERATOR)
    team.store.drop(faster)
    team.store.meanwhile.append(lambda: team.store.bound.append(faster))
    with pytest.raises(AlreadyExistsError):
        await team.members.invite(PROJECT, ANNA, READER)
    assert team.store.roles_of(ANNA) == [OPERATOR]


async def test_of_two_who_invite_at_once_the_earlier_one_stays(team: TeamHouse) -> None:
    team.store.meanwhile.append(lambda: team.store.add(ANNA, OPERATOR, just_now()))
    assert (await team.members.invite(PROJECT, ANNA, READER)).role == READER
    assert team.store.roles_of(ANNA) == [READER, OPERATOR]


async def test_who_leaves_the_workspace_while_being_invited_is_not(team: TeamHouse) -> None:
    team.store.meanwhile.append(lambda: team.leave_workspace(ANNA))
    with pytest.raises(NotWorkspaceMemberError):
        await team.members.invite(PROJECT, ANNA, READER)
    assert team.store.roles_of(ANNA) == []
