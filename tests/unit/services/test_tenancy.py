from dataclasses import replace
from typing import Any

import pytest

from app.domain.access import Rules
from app.domain.errors import (
    ForbiddenError,
    ProjectNotFoundError,
    SecretNotFoundError,
    UpstreamUnavailableError,
    WorkspaceNotFoundError,
)
from app.domain.name import ALIAS, CREATOR, DESCRIPTION, ProjectName
from app.domain.secret import ProjectRef
from app.domain.workspace import (
    WORKSPACE_LABEL,
    WORKSPACE_UID,
    Subject,
    SubjectKind,
    Workspace,
    WorkspaceMember,
    WorkspaceRole,
)
from tests.unit.sample import NOW, OTHER_UID, PROJECT, UID, metadata, version
from tests.unit.services.in_memory import ON_MEMBERS, House, on_secrets


def ref(workspace: str, name: str) -> ProjectRef:
    return ProjectRef(workspace, ProjectName(name))


def workspace(name: str, *members: str, uid: str = UID) -> Workspace:
    alice = tuple(WorkspaceMember(Subject(SubjectKind.USER, member), WorkspaceRole.REGULAR) for member in members)
    return Workspace(name, members=alice, metadata=metadata(name, version=version(uid=uid)), managed=True)


def own(uid: str = UID) -> dict[str, Any]:
    """What a namespace bears that was made for the workspace of this uid."""
    return {"annotations": {WORKSPACE_UID: uid}}


@pytest.fixture
def stranger(house: House) -> House:
    """A house whose caller has no rule anywhere."""
    house.reviews.rules_in.clear()
    return house


async def projects(house: House, name: str) -> list[str]:
    page = await house.tenancy.list_projects(house.caller, name, 1, 100)
    return [project.metadata.name for project in page.items]


async def workspaces(house: House) -> list[str]:
    page = await house.tenancy.list_workspaces(house.caller, 1, 100)
    return [found.name for found in page.items]


class TestProject:
    async def test_a_project_is_told_as_its_namespace_says(self, house: House) -> None:
        texts = {ALIAS: "Demo", DESCRIPTION: "first", CREATOR: "bob"}
        house.namespaces.add(PROJECT.name, PROJECT.workspace, annotations=texts, deletion_pending=True)

        found = await house.tenancy.get_project(house.caller, PROJECT)

        told = found.metadata
        assert (told.name, found.workspace, told.created_at) == (PROJECT.name, PROJECT.workspace, NOW)
        assert (told.alias, told.description, told.creator) == ("Demo", "first", "bob")
        assert told.deletion_pending

    async def test_a_project_that_has_just_moved_is_found_where_it_is_now(self, house: House) -> None:
        house.namespaces.add(PROJECT.name, "before")
        house.namespaces.moved[PROJECT.name] = metadata(PROJECT.name, labels={WORKSPACE_LABEL: PROJECT.workspace})

        assert (await house.tenancy.get_project(house.caller, PROJECT)).workspace == PROJECT.workspace

    @pytest.mark.parametrize(
        ("workspace_name", "name"),
        [("other", "demo-project"), ("", "demo-project"), ("cluster", "demo-project"), ("demo-workspace", "absent")],
    )
    async def test_a_wrong_pair_is_the_same_as_an_absent_one(
        self, house: House, workspace_name: str, name: str
    ) -> None:
        house.namespaces.add("loose")
        wrong = ref(workspace_name, name)

        with pytest.raises(ProjectNotFoundError):
            await house.tenancy.get_project(house.caller, wrong)
        with pytest.raises(ProjectNotFoundError):
            async with house.tenancy.within(house.caller, wrong):
                pytest.fail("let in")
        assert house.reviews.asked == []

    @pytest.mark.parametrize("rules", [on_secrets("delete"), ON_MEMBERS], ids=["secrets", "members"])
    async def test_any_right_in_a_project_lets_see_it(self, stranger: House, rules: Rules) -> None:
        stranger.reviews.rules_in[PROJECT.name] = rules

        assert await stranger.tenancy.require_visible(stranger.caller, PROJECT) == rules

    async def test_without_any_right_it_is_not_there(self, stranger: House) -> None:
        with pytest.raises(ProjectNotFoundError):
            await stranger.tenancy.get_project(stranger.caller, PROJECT)

    async def test_a_role_in_its_workspace_lets_see_it(self, stranger: House) -> None:
        stranger.namespaces.add(PROJECT.name, PROJECT.workspace, **own())
        stranger.workspaces.workspaces = [workspace(PROJECT.workspace, "secretspace:alice")]

        assert (await stranger.tenancy.get_project(stranger.caller, PROJECT)).metadata.name == PROJECT.name

    @pytest.mark.parametrize(
        ("members", "annotations"),
        [(["secretspace:bob"], own()), (["secretspace:alice"], {}), (["secretspace:alice"], own(OTHER_UID))],
        ids=["no role", "no uid", "another uid"],
    )
    async def test_a_role_counts_only_where_the_uid_of_the_workspace_stands(
        self, stranger: House, members: list[str], annotations: dict[str, Any]
    ) -> None:
        stranger.namespaces.add(PROJECT.name, PROJECT.workspace, **annotations)
        stranger.workspaces.workspaces = [workspace(PROJECT.workspace, *members)]

        with pytest.raises(ProjectNotFoundError):
            await stranger.tenancy.get_project(stranger.caller, PROJECT)

    @pytest.mark.parametrize("name", ["kube-system", "kube-anything", "secretspace-system"])
    async def test_namespaces_of_the_system_are_never_projects_whatever_rbac_says(
        self, house: House, name: str
    ) -> None:
        house.namespaces.add(name)
        house.reviews.rules_in[name] = on_secrets("*")

        with pytest.raises(ProjectNotFoundError):
            await house.tenancy.get_project(house.caller, ref("cluster", name))
        with pytest.raises(WorkspaceNotFoundError):
            await projects(house, "cluster")
        assert await workspaces(house) == [PROJECT.workspace]

    async def test_a_namespace_without_a_workspace_is_a_project_of_the_cluster(self, house: House) -> None:
        house.namespaces.add("loose")
        house.reviews.rules_in["loose"] = on_secrets("get")

        assert (await house.tenancy.get_project(house.caller, ref("cluster", "loose"))).workspace == "cluster"


class TestWithin:
    async def test_what_is_done_costs_no_review(self, house: House) -> None:
        async with house.tenancy.within(house.caller, PROJECT):
            pass

        assert house.reviews.asked == []

    async def test_a_refusal_is_told_to_whom_sees_the_project(self, house: House) -> None:
        with pytest.raises(ForbiddenError):
            async with house.tenancy.within(house.caller, PROJECT):
                raise ForbiddenError

    @pytest.mark.parametrize("error", [ForbiddenError, SecretNotFoundError])
    async def test_whatever_is_refused_to_others_tells_them_nothing(
        self, stranger: House, error: type[Exception]
    ) -> None:
        with pytest.raises(ProjectNotFoundError):
            async with stranger.tenancy.within(stranger.caller, PROJECT):
                raise error

    @pytest.mark.parametrize("error", [UpstreamUnavailableError, ZeroDivisionError])
    async def test_trouble_of_another_sort_is_passed_on(self, stranger: House, error: type[Exception]) -> None:
        with pytest.raises(error):
            async with stranger.tenancy.within(stranger.caller, PROJECT):
                raise error
        assert stranger.reviews.asked == []


class TestLists:
    async def test_a_list_of_projects_holds_those_in_sight_by_name(self, house: House) -> None:
        for name in ("b", "a", "unseen", "kube-a"):
            house.namespaces.add(name, PROJECT.workspace)
        house.namespaces.add("elsewhere", "other")
        house.reviews.rules_in |= dict.fromkeys(["a", "b", "kube-a", "elsewhere"], on_secrets("get"))

        assert await projects(house, PROJECT.workspace) == ["a", "b", PROJECT.name]

    async def test_pages_of_projects_are_cut(self, house: House) -> None:
        house.namespaces.add("a", PROJECT.workspace)
        house.reviews.rules_in["a"] = on_secrets("get")

        page = await house.tenancy.list_projects(house.caller, PROJECT.workspace, 2, 1)

        assert ([project.metadata.name for project in page.items], page.total) == ([PROJECT.name], 2)

    async def test_a_role_shows_the_projects_that_the_workspace_owns(self, stranger: House) -> None:
        stranger.namespaces.add("owned", "w", **own())
        stranger.namespaces.add("labelled", "w")
        stranger.workspaces.workspaces = [workspace("w", "secretspace:alice")]

        assert await projects(stranger, "w") == ["owned"]

    @pytest.mark.parametrize("name", ["absent", "demo-workspace", "w"])
    async def test_a_workspace_that_is_not_seen_is_not_there(self, stranger: House, name: str) -> None:
        stranger.workspaces.workspaces = [workspace("w", "secretspace:bob")]

        with pytest.raises(WorkspaceNotFoundError):
            await projects(stranger, name)
        with pytest.raises(WorkspaceNotFoundError):
            await stranger.tenancy.get_workspace(stranger.caller, name)
        assert await workspaces(stranger) == []

    async def test_workspaces_are_seen_by_a_role_or_by_a_project(self, house: House) -> None:
        house.workspaces.workspaces = [workspace("empty", "secretspace:alice"), workspace("unseen", "secretspace:bob")]
        house.namespaces.add("elsewhere", "unseen-too")

        assert await workspaces(house) == [PROJECT.workspace, "empty"]
        assert (await house.tenancy.get_workspace(house.caller, "empty")).managed
        assert not (await house.tenancy.get_workspace(house.caller, PROJECT.workspace)).managed

    async def test_who_may_list_workspaces_sees_all_of_them(self, stranger: House) -> None:
        stranger.reviews.all_workspaces = True
        stranger.workspaces.workspaces = [workspace("w")]

        assert await workspaces(stranger) == [PROJECT.workspace, "w"]
        assert (await stranger.tenancy.get_workspace(stranger.caller, "w")).name == "w"
        assert await projects(stranger, PROJECT.workspace) == []

    async def test_a_workspace_that_is_not_there_is_not_there_for_anybody(self, house: House) -> None:
        house.reviews.all_workspaces = True

        with pytest.raises(WorkspaceNotFoundError):
            await house.tenancy.get_workspace(house.caller, "absent")

    async def test_pages_of_workspaces_are_cut(self, house: House) -> None:
        house.workspaces.workspaces = [workspace(name, "secretspace:alice") for name in ("b", "a")]

        page = await house.tenancy.list_workspaces(house.caller, 1, 2)

        assert ([found.name for found in page.items], page.total) == (["a", "b"], 3)

    async def test_many_projects_are_asked_for_once_each(self, house: House) -> None:
        for number in range(50):
            house.namespaces.add(f"p{number:02}", PROJECT.workspace)

        await projects(house, PROJECT.workspace)
        await projects(house, PROJECT.workspace)

        assert len(house.reviews.asked) == 51

    async def test_the_manager_sees_their_workspace(self, stranger: House) -> None:
        stranger.workspaces.workspaces = [replace(workspace("w"), manager="secretspace:alice")]

        assert await workspaces(stranger) == ["w"]
