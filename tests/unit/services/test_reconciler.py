"""What a round does, over bindings in memory that keep a journal."""

import pytest
from structlog.testing import capture_logs

from app.domain.call import Trace
from app.domain.errors import (
    AppError,
    ConflictError,
    OwnAccessError,
    ProjectTerminatingError,
    UpstreamUnavailableError,
)
from app.domain.fan_out import ADMINS, METADATA, VIEWERS, grants
from app.domain.sync_state import SyncReason
from app.domain.workspace import WorkspaceRole
from app.services.reconciler import TRIES
from tests.unit.services.cluster_in_memory import ClusterInMemory

TRACE = Trace("fan-out-1", deadline=float("inf"))
ADMIN, VIEWER = WorkspaceRole.ADMIN, WorkspaceRole.VIEWER


@pytest.fixture
def cluster() -> ClusterInMemory:
    """A workspace of three projects, nobody bound yet."""
    cluster = ClusterInMemory()
    cluster.add_workspace(manager="boss", actor="ceo", vera=VIEWER)
    for name in ("p1", "p2", "p3"):
        cluster.add_project(name)
    return cluster


async def test_everybody_gets_what_their_role_means_in_each_project(cluster: ClusterInMemory) -> None:
    assert await cluster.reconciler.round(None, TRACE)

    assert cluster.bound(ADMINS) == {name: {"boss"} for name in ("p1", "p2", "p3")}
    assert cluster.bound(VIEWERS) == {name: {"vera"} for name in ("p1", "p2", "p3")}
    assert cluster.bound(METADATA) == {name: {"secretspace-system:metadata"} for name in ("p1", "p2", "p3")}
    assert cluster.actors == {"ceo"}


async def test_a_second_round_writes_nothing_and_says_nothing(cluster: ClusterInMemory) -> None:
    await cluster.reconciler.round(None, TRACE)
    cluster.writes.clear()
    cluster.said.clear()

    assert await cluster.reconciler.round(None, TRACE)

    assert (cluster.writes, cluster.said) == ([], [])


async def test_what_takes_away_comes_before_what_gives_in_all_projects(cluster: ClusterInMemory) -> None:
    cluster.settle()
    cluster.change(otto=ADMIN, vera=ADMIN)

    await cluster.reconciler.round(None, TRACE)

    assert [what for what, _, _ in cluster.writes] == ["delete"] * 3 + ["replace"] * 3
    assert cluster.bound(ADMINS)["p1"] == {"boss", "otto", "vera"}
    assert cluster.bound(VIEWERS) == {}


async def test_who_is_swapped_is_taken_out_everywhere_before_the_other_comes_in(cluster: ClusterInMemory) -> None:
    cluster.change(anna=ADMIN)
    cluster.settle()
    cluster.change(otto=ADMIN)
    seen: list[set[str]] = []
    cluster.meanwhile.extend([lambda: None, lambda: seen.extend(cluster.bound(ADMINS).values())])

    await cluster.reconciler.round(None, TRACE)

    assert seen == [{"boss"}] * 3
    assert cluster.bound(ADMINS)["p3"] == {"boss", "otto"}


async def test_a_failure_in_one_project_does_not_stop_the_others(cluster: ClusterInMemory) -> None:
    cluster.refusals["p2"] = OwnAccessError("create", "rolebindings")

    done = await cluster.reconciler.round(None, TRACE)

    assert not done
    assert set(cluster.bound(ADMINS)) == set(cluster.bound(VIEWERS)) == {"p1", "p3"}
    assert [what for what, project, _ in cluster.writes if project == "p2"] == ["create"] * 3
    ((_, state),) = cluster.said
    assert (state.reason, state.synced) == (SyncReason.WRITE_FAILED, False)
    assert "p2" in state.message


async def test_rights_that_cannot_be_taken_in_one_project_are_taken_and_given_in_the_others(
    cluster: ClusterInMemory,
) -> None:
    cluster.settle()
    cluster.change(otto=ADMIN)
    cluster.refusals["p1"] = OwnAccessError("delete", "rolebindings")

    await cluster.reconciler.round(None, TRACE)

    assert cluster.bound(VIEWERS) == {"p1": {"vera"}}
    assert cluster.bound(ADMINS) == {"p1": {"boss"}, "p2": {"boss", "otto"}, "p3": {"boss", "otto"}}


async def test_after_a_failure_the_next_round_completes_and_says_so(cluster: ClusterInMemory) -> None:
    cluster.refusals["p2"] = UpstreamUnavailableError()
    await cluster.reconciler.round(None, TRACE)
    cluster.refusals.clear()

    assert await cluster.reconciler.round(None, TRACE)

    assert [state.synced for _, state in cluster.said] == [False, True]
    assert set(cluster.bound(ADMINS)) == {"p1", "p2", "p3"}


async def test_a_race_that_was_lost_is_no_failure(cluster: ClusterInMemory) -> None:
    cluster.meanwhile.append(cluster.settle)

    assert await cluster.reconciler.round(None, TRACE)

    assert [state.reason for _, state in cluster.said] == [SyncReason.SYNCED]


async def test_a_change_meanwhile_is_carried_out_in_the_same_round(cluster: ClusterInMemory) -> None:
    cluster.meanwhile.append(lambda: cluster.change(otto=ADMIN))

    await cluster.reconciler.round(None, TRACE)

    assert cluster.bound(ADMINS)["p1"] == {"boss", "otto"}
    assert cluster.said[-1][1].generation == 2


async def test_a_project_that_goes_away_meanwhile_is_no_failure(cluster: ClusterInMemory) -> None:
    cluster.refusals["p1"] = ProjectTerminatingError()
    cluster.meanwhile.extend([lambda: None, lambda: cluster.projects.pop("p1")])

    assert await cluster.reconciler.round(None, TRACE)

    assert cluster.said[-1][1].synced


async def test_a_race_that_is_always_lost_is_given_up_for_this_round(cluster: ClusterInMemory) -> None:
    del cluster.projects["p2"], cluster.projects["p3"]
    cluster.refusals["p1"] = ProjectTerminatingError()

    assert not await cluster.reconciler.round(None, TRACE)

    assert len(cluster.writes) == TRIES * 3


async def test_a_binding_of_anothers_in_our_place_is_left_and_said(cluster: ClusterInMemory) -> None:
    cluster.put("p2", grants(cluster.workspaces["w"])[0], ours=False)
    before = cluster.bindings["p2", ADMINS]

    done = await cluster.reconciler.round(None, TRACE)

    assert done
    assert cluster.bindings["p2", ADMINS] == before
    assert cluster.said[-1][1].reason is SyncReason.NAME_TAKEN
    assert set(cluster.bound(VIEWERS)) == {"p1", "p2", "p3"}


async def test_only_the_workspaces_that_were_named_are_looked_at(cluster: ClusterInMemory) -> None:
    cluster.add_workspace("other", manager="olga")
    cluster.add_project("o1", "other")

    await cluster.reconciler.round({"other", "gone"}, TRACE)

    assert cluster.bound(ADMINS) == {"o1": {"olga"}}
    assert cluster.asked[0] == ["other"]


async def test_of_a_workspace_that_is_gone_nothing_is_looked_at(cluster: ClusterInMemory) -> None:
    assert await cluster.reconciler.round({"gone"}, TRACE)

    assert (cluster.asked, cluster.writes) == ([], [])


async def test_in_a_namespace_that_is_the_clusters_own_nobody_is_bound_whatever_it_says(
    cluster: ClusterInMemory,
) -> None:
    cluster.add_project("kube-system")

    await cluster.reconciler.round(None, TRACE)

    assert set(cluster.bound(ADMINS)) == {"p1", "p2", "p3"}


async def test_a_workspace_without_projects_is_in_sync(cluster: ClusterInMemory) -> None:
    cluster.projects.clear()

    assert await cluster.reconciler.round(None, TRACE)

    assert [state.synced for _, state in cluster.said] == [True]


async def test_a_status_that_cannot_be_written_stops_no_other(cluster: ClusterInMemory) -> None:
    cluster.status_refusal = OwnAccessError("patch", "workspaces")

    assert not await cluster.reconciler.round(None, TRACE)

    assert set(cluster.bound(ADMINS)) == {"p1", "p2", "p3"}


async def test_a_race_for_the_status_is_lost_without_a_word(cluster: ClusterInMemory) -> None:
    cluster.status_refusal = ConflictError()

    with capture_logs() as lines:
        done = await cluster.reconciler.round(None, TRACE)

    assert (done, lines) == (False, [])


async def test_what_fails_is_said_in_one_line_without_names_of_people(cluster: ClusterInMemory) -> None:
    cluster.refusals = {"p1": OwnAccessError("create", "rolebindings"), "p2": UpstreamUnavailableError()}

    with capture_logs() as lines:
        await cluster.reconciler.round(None, TRACE)

    (line,) = [line for line in lines if line["event"] == "fan_out.writes_failed"]
    assert (line["error"], line["request_id"]) == ("OwnAccessError, UpstreamUnavailableError", "fan-out-1")
    assert "vera" not in str(lines)


async def test_a_project_that_has_just_been_made_is_reached_at_once(cluster: ClusterInMemory) -> None:
    made = cluster.add_project("new")

    await cluster.reconciler.reach(cluster.workspaces["w"], made, "paul", TRACE)

    assert set(cluster.bindings) == {("new", name) for name in (ADMINS, VIEWERS, METADATA)}
    assert cluster.actors == {"paul"}


async def test_reaching_a_project_that_another_replica_has_reached_is_no_fault(cluster: ClusterInMemory) -> None:
    cluster.settle()

    await cluster.reconciler.reach(cluster.workspaces["w"], cluster.projects["p1"], "paul", TRACE)

    assert cluster.bound(ADMINS)["p1"] == {"boss"}


@pytest.mark.parametrize("error", [OwnAccessError("create", "rolebindings"), UpstreamUnavailableError()])
async def test_a_project_that_cannot_be_reached_is_told(cluster: ClusterInMemory, error: AppError) -> None:
    cluster.refusals["p1"] = error

    with pytest.raises(type(error)):
        await cluster.reconciler.reach(cluster.workspaces["w"], cluster.projects["p1"], "paul", TRACE)
