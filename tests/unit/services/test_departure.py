"""What HTTP tests cannot bring about: others who invite somebody while they leave."""

import pytest

from app.domain.errors import ConflictError
from app.domain.workspace import ProjectRole, Workspace
from app.services.precondition import LOST_RACES
from tests.unit.sample import OTHER_UID, PROJECT, metadata, version
from tests.unit.services.members_in_memory import ANNA, BEN, TeamHouse


@pytest.fixture
def team() -> TeamHouse:
    house = TeamHouse()
    house.store.add(ANNA, ProjectRole.READER)
    house.store.add(BEN, ProjectRole.ADMIN)
    return house


def the_workspace(team: TeamHouse) -> Workspace:
    (found,) = team.workspaces.workspaces
    return found


async def test_roles_that_are_given_meanwhile_go_too(team: TeamHouse) -> None:
    team.store.meanwhile.append(lambda: team.store.add(ANNA, ProjectRole.OPERATOR))
    await team.departure.from_projects(ANNA, the_workspace(team), team.caller.trace)
    assert (team.store.roles_of(ANNA), team.store.roles_of(BEN)) == ([], [ProjectRole.ADMIN])


async def test_who_keeps_being_invited_is_told_of(team: TeamHouse) -> None:
    for _ in range(LOST_RACES):
        team.store.meanwhile.append(lambda: team.store.add(ANNA, ProjectRole.READER))
    with pytest.raises(ConflictError):
        await team.departure.from_projects(ANNA, the_workspace(team), team.caller.trace)


async def test_projects_of_others_are_left_alone(team: TeamHouse) -> None:
    team.project.add("by-hand", PROJECT.workspace)
    by_hand = team.store.add(ANNA, ProjectRole.READER, project="by-hand")
    gone = team.store.add(ANNA, ProjectRole.READER, project="no-such-namespace")
    await team.departure.end("anna", team.caller)
    assert [binding for binding in team.store.bound if ANNA in binding.subjects] == [by_hand, gone]


async def test_a_workspace_of_the_same_name_owns_no_project_that_another_one_made(team: TeamHouse) -> None:
    namesake = Workspace(PROJECT.workspace, metadata=metadata("w", version=version(uid=OTHER_UID)), managed=True)
    await team.departure.from_projects(ANNA, namesake, team.caller.trace)
    assert team.store.roles_of(ANNA) == [ProjectRole.READER]


async def test_the_entry_in_a_workspace_goes_though_others_write_it_at_once(team: TeamHouse) -> None:
    team.workspaces.lost_races = LOST_RACES - 1
    await team.departure.end("anna", team.caller)
    assert [member.subject for member in the_workspace(team).members] == [BEN]
    assert team.workspaces.woken == [PROJECT.workspace]


async def test_a_workspace_that_is_deleted_meanwhile_is_passed_over(team: TeamHouse) -> None:
    team.store.meanwhile.append(team.workspaces.workspaces.clear)
    await team.departure.end("anna", team.caller)
    assert team.store.roles_of(ANNA) == []
