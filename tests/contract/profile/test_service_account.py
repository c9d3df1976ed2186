"""What the service can do by itself, and so what its token is worth to a thief: nothing of Secrets, and no rights."""

from typing import Final

import pytest

from app.domain.errors import OwnAccessError
from app.k8s.impersonation import AsService
from app.k8s.request import KubeRequest, core_path, group_path
from tests.contract.profile.thief import ALL_SECRETS, RBAC, Outcome, Thief
from tests.contract.profile.world import World
from tests.support.canary import canary
from tests.support.cluster import a_trace
from tests.support.people import NAMESPACE

POLICIES: Final = "/apis/admissionregistration.k8s.io/v1"
WORKSPACES: Final = "/apis/tenancy.secretspace.io/v1/workspaces"
WORKSPACE: Final = {"apiVersion": "tenancy.secretspace.io/v1", "kind": "Workspace"}
NOON: Final = "2026-11-25T12:00:00Z"


@pytest.mark.parametrize("where", ["a project", "default", "kube-system", NAMESPACE])
async def test_it_reads_and_writes_no_secret(world: World, thief: Thief, project: str, where: str) -> None:
    place = {"a project": project}.get(where, where)
    secrets = core_path(place, "secrets")
    there = {"metadata": {"generateName": "there-"}, "stringData": {"password": canary()}}
    one = core_path(place, "secrets", (await world.admin.post(secrets, there))["metadata"]["name"])

    tried = [
        await thief.tries("GET", ALL_SECRETS),
        await thief.tries("GET", secrets),
        await thief.tries("GET", f"{secrets}?watch=true"),
        await thief.tries("GET", one),
        await thief.tries("POST", secrets, {"metadata": {"name": "new"}, "stringData": {"password": canary()}}),
        await thief.tries("PUT", one, {"metadata": {"name": "one"}}),
        await thief.tries("PATCH", one, {}),
        await thief.tries("DELETE", one),
        await thief.tries("DELETE", secrets),
    ]

    assert tried == [Outcome.RBAC] * 9


async def test_it_has_no_rights_over_the_whole_cluster_to_give(thief: Thief) -> None:
    cluster_admin = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"}
    cluster_bindings = group_path(RBAC, "v1", "clusterrolebindings")
    own_role = group_path(RBAC, "v1", "clusterroles", "secretspace:service")
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}

    tried = [
        await thief.tries("POST", cluster_bindings, {"metadata": {"name": "own"}, "roleRef": cluster_admin}),
        await thief.tries("PATCH", f"{cluster_bindings}/secretspace:service", {"metadata": {"labels": {"a": "b"}}}),
        await thief.tries("DELETE", f"{cluster_bindings}/secretspace:service"),
        await thief.tries("POST", group_path(RBAC, "v1", "clusterroles"), {"metadata": {"name": "own"}}),
        await thief.tries("PATCH", own_role, {"rules": [rule]}),
        await thief.tries("PATCH", group_path(RBAC, "v1", "clusterroles", "secretspace:metadata"), {"rules": [rule]}),
        await thief.tries("DELETE", own_role),
    ]

    assert tried == [Outcome.RBAC] * 7


async def test_it_writes_no_roles_runs_nothing_and_takes_no_token_of_another(thief: Thief, project: str) -> None:
    pod = {"metadata": {"name": "own"}, "spec": {"containers": [{"name": "own", "image": "own"}]}}

    tried = [
        await thief.tries("POST", group_path(RBAC, "v1", "roles", namespace=project), {"metadata": {"name": "own"}}),
        await thief.tries("POST", core_path(project, "pods"), pod),
        await thief.tries("POST", core_path(project, "serviceaccounts"), {"metadata": {"name": "own"}}),
        await thief.tries("POST", f"{core_path(project, 'serviceaccounts', 'default')}/token", {"spec": {}}),
        await thief.tries("POST", f"{core_path(NAMESPACE, 'serviceaccounts', 'secretspace')}/token", {"spec": {}}),
        await thief.tries("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": "x"}}),
        await thief.tries("GET", core_path(project, "configmaps")),
    ]

    assert tried == [Outcome.RBAC] * 7


@pytest.mark.parametrize("name", ["secretspace-namespaces", "secretspace-role-bindings", "secretspace-adoption"])
async def test_it_does_not_touch_the_policies_that_hold_it(thief: Thief, name: str) -> None:
    policy, bound = (
        f"{POLICIES}/{kind}/{name}" for kind in ("validatingadmissionpolicies", "validatingadmissionpolicybindings")
    )

    tried = [
        await thief.tries("PATCH", policy, {"spec": {"failurePolicy": "Ignore"}}),
        await thief.tries("DELETE", policy),
        await thief.tries("PATCH", bound, {"spec": {"validationActions": ["Warn"]}}),
        await thief.tries("DELETE", bound),
    ]

    assert tried == [Outcome.RBAC] * 4


async def test_it_keeps_workspaces_which_give_nobody_a_right_in_the_cluster(thief: Thief) -> None:
    made = await thief.does("POST", WORKSPACES, {**WORKSPACE, "metadata": {"generateName": "stolen-"}})
    path = f"{WORKSPACES}/{made['metadata']['name']}"
    condition = {"type": "Synced", "status": "True", "reason": "Done", "message": "", "lastTransitionTime": NOON}

    changed = await thief.does("PATCH", path, {"spec": {"alias": "Stolen"}})
    told = await thief.does("PATCH", f"{path}/status", {"status": {"conditions": [condition]}})
    await thief.does("DELETE", path)

    assert changed["spec"] == {"alias": "Stolen"}
    assert [each["type"] for each in told["status"]["conditions"]] == ["Synced"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", [ALL_SECRETS, core_path(NAMESPACE, "secrets"), core_path("default", "secrets", "one")])
async def test_our_own_code_does_not_even_ask_about_secrets_as_itself(world: World, method: str, path: str) -> None:
    trace = a_trace()

    with pytest.raises(OwnAccessError):
        await world.own_transport.send(KubeRequest(method, path), AsService(trace))  # type: ignore[arg-type]

    assert trace.upstream_calls == 0
