"""Which namespaces the service's token can write: projects, and nothing about them that others go by."""

from secrets import token_hex
from typing import Any, Final

import pytest

from app.domain.workspace import MANAGED_BY, WORKSPACE_LABEL, WORKSPACE_UID
from tests.contract.profile.thief import IN_WORKSPACE, NAMESPACES, OURS, UID, Outcome, Thief, namespace
from tests.contract.profile.world import World

PRIVILEGED: Final = {"pod-security.kubernetes.io/enforce": "privileged"}
KEPT_BY_THE_CLUSTER: Final = dict.fromkeys(("default", "kube-system"), Outcome.LIFECYCLE)
SELECTOR: Final = {"scheduler.alpha.kubernetes.io/node-selector": "node-role.kubernetes.io/control-plane="}


async def test_it_makes_a_project_changes_its_texts_and_deletes_it(thief: Thief) -> None:
    name = f"project-{token_hex(4)}"
    texts = {"kubesphere.io/alias-name": "Demo", "kubesphere.io/creator": "anna", "secretspace.io/actor": "anna"}

    made = await thief.does("POST", NAMESPACES, namespace(name, annotations=UID | texts))
    changes = {
        "kubesphere.io/alias-name": None,
        "kubesphere.io/description": "d",
        "secretspace.io/actor": "bob",
        "leaving.secretspace.io/one": "noon",
    }
    changed = await thief.does("PATCH", f"{NAMESPACES}/{name}", {"metadata": {"annotations": changes}})
    deleted = await thief.does("DELETE", f"{NAMESPACES}/{name}")

    assert made["metadata"]["annotations"] == UID | texts
    assert changed["metadata"]["annotations"] == UID | {
        "kubesphere.io/creator": "anna",
        "kubesphere.io/description": "d",
        "secretspace.io/actor": "bob",
        "leaving.secretspace.io/one": "noon",
    }
    assert deleted["status"]["phase"] == "Terminating"


@pytest.mark.parametrize(
    "body",
    [
        namespace("new", annotations={}),
        namespace("new", annotations={WORKSPACE_UID: ""}),
        namespace("new", labels=OURS),
        namespace("new", labels=OURS | {WORKSPACE_LABEL: ""}),
        namespace("new", labels=IN_WORKSPACE),
        namespace("new", labels=IN_WORKSPACE | {MANAGED_BY: "helm"}),
        namespace("new", labels=OURS | IN_WORKSPACE | PRIVILEGED),
        namespace("new", annotations=UID | SELECTOR),
        {"metadata": {"name": "new"}},
    ],
    ids=[
        *("no uid", "empty uid", "no workspace", "empty workspace", "not ours", "another's"),
        *("pod security", "node selector", "bare"),
    ],
)
async def test_it_makes_no_namespace_but_a_project(thief: Thief, body: dict[str, Any]) -> None:
    assert await thief.tries("POST", NAMESPACES, body) is Outcome.NAMESPACE_POLICY


async def test_it_makes_no_project_of_a_name_that_is_the_clusters_own(thief: Thief) -> None:
    named = namespace("kube-own")
    generated = {"metadata": named["metadata"] | {"name": "", "generateName": "kube-"}}

    tried = [await thief.tries("POST", NAMESPACES, body) for body in (named, generated)]

    assert tried == [Outcome.NAMESPACE_POLICY] * 2


@pytest.mark.parametrize(
    "metadata",
    [
        {"annotations": {"kubesphere.io/alias-name": "Mine"}},
        {"annotations": UID},
        {"labels": IN_WORKSPACE | OURS, "annotations": UID},
        {"labels": PRIVILEGED},
    ],
    ids=["texts", "uid", "all that is ours", "pod security"],
)
async def test_a_namespace_of_another_is_neither_changed_nor_adopted(
    thief: Thief, foreign: str, metadata: dict[str, Any]
) -> None:
    tried = await thief.tries("PATCH", f"{NAMESPACES}/{foreign}", {"metadata": metadata})

    assert tried is Outcome.NAMESPACE_POLICY


async def test_a_namespace_of_another_is_not_deleted(thief: Thief, foreign: str) -> None:
    expected = KEPT_BY_THE_CLUSTER.get(foreign, Outcome.NAMESPACE_POLICY)

    assert await thief.tries("DELETE", f"{NAMESPACES}/{foreign}") is expected


@pytest.mark.parametrize(
    "metadata",
    [
        {"labels": PRIVILEGED},
        {"labels": {WORKSPACE_LABEL: "another"}},
        {"labels": {WORKSPACE_LABEL: None}},
        {"labels": {MANAGED_BY: None}},
        {"annotations": {WORKSPACE_UID: "another"}},
        {"annotations": {WORKSPACE_UID: None}},
        {"annotations": SELECTOR},
    ],
    ids=[
        *("pod security", "another workspace", "no workspace", "no longer ours"),
        *("another uid", "no uid", "node selector"),
    ],
)
async def test_what_others_go_by_in_its_own_projects_is_not_changed(
    thief: Thief, project: str, metadata: dict[str, Any]
) -> None:
    assert await thief.tries("PATCH", f"{NAMESPACES}/{project}", {"metadata": metadata}) is Outcome.NAMESPACE_POLICY


async def test_what_others_wrote_on_its_own_projects_stays(world: World, thief: Thief, project: str) -> None:
    path = f"{NAMESPACES}/{project}"
    await world.admin.merge(path, {"metadata": {"labels": PRIVILEGED, "annotations": SELECTOR}})

    tried = [
        await thief.tries("PATCH", path, {"metadata": {"labels": dict.fromkeys(PRIVILEGED)}}),
        await thief.tries("PATCH", path, {"metadata": {"annotations": dict.fromkeys(SELECTOR, "other=")}}),
        await thief.tries("PATCH", path, {"metadata": {"annotations": dict.fromkeys(SELECTOR)}}),
    ]
    allowed = await thief.tries("PATCH", path, {"metadata": {"annotations": {"kubesphere.io/alias-name": "Demo"}}})

    assert tried == [Outcome.NAMESPACE_POLICY] * 3
    assert allowed is Outcome.DONE


async def test_it_does_not_replace_namespaces_nor_end_them_by_their_subresources(thief: Thief, project: str) -> None:
    body = namespace(project)

    tried = [
        await thief.tries("PUT", f"{NAMESPACES}/{project}", body),
        await thief.tries("PUT", f"{NAMESPACES}/{project}/finalize", body),
        await thief.tries("PATCH", f"{NAMESPACES}/{project}/status", {}),
    ]

    assert tried == [Outcome.RBAC] * 3
