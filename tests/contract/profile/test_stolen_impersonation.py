"""What the service's token can do in the name of others: under each of the profiles, what its page says."""

from collections.abc import AsyncIterator
from secrets import token_hex
from typing import Any, Final

import pytest
import pytest_asyncio

from app.domain.call import RESERVED_USER_ACCOUNTS
from app.k8s.request import core_path, group_path
from tests.architecture.source import ROOT
from tests.contract.profile.thief import (
    ALL_SECRETS,
    NAMESPACES,
    PROJECT_ROLES,
    RBAC,
    Outcome,
    Thief,
    binding,
    bindings,
    namespace,
    person,
    thief_of,
    until,
)
from tests.contract.profile.world import World
from tests.support.canary import canary
from tests.support.people import NAMESPACE

CLUSTER_BINDINGS: Final = group_path(RBAC, "v1", "clusterrolebindings")
POLICIES: Final = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
WORKSPACE: Final = {"apiVersion": "tenancy.secretspace.io/v1", "kind": "Workspace", "metadata": {"name": "own"}}
POD: Final = {"metadata": {"name": "own"}, "spec": {"containers": [{"name": "own", "image": "own"}]}}
TOKEN_SECRET: Final = "kubernetes.io/service-account-token"


@pytest_asyncio.fixture
async def constrained(constrained_world: World) -> AsyncIterator[Thief]:
    """A thief under the constrained profile."""
    async with thief_of(constrained_world) as thief:
        yield thief


@pytest_asyncio.fixture
async def classic_thief(classic_world: World) -> AsyncIterator[Thief]:
    """A thief under the classic profile."""
    async with thief_of(classic_world) as thief:
        yield thief


async def a_boss(world: World) -> str:
    """The name of a new user who may do everything in the cluster."""
    boss = f"boss-{token_hex(4)}"
    await world.admin.post(CLUSTER_BINDINGS, binding(boss, "cluster-admin", person(boss)))
    return boss


@pytest.mark.parametrize(
    ("user", "group"),
    [
        ("somebody", "system:masters"),
        ("system:serviceaccount:kube-system:namespace-controller", ""),
        ("system:serviceaccount:secretspace-system:secretspace", ""),
        ("system:node:one", "system:nodes"),
    ],
    ids=["masters", "service account", "itself", "node"],
)
async def test_under_constrained_it_passes_for_nobody_who_is_powerful_by_name(
    constrained: Thief, user: str, group: str
) -> None:
    assert await constrained.tries("GET", ALL_SECRETS, as_user=user, group=group) is Outcome.IMPERSONATION


async def test_under_constrained_it_gives_no_rights_in_the_name_of_who_could(
    constrained_world: World, constrained: Thief
) -> None:
    boss = await a_boss(constrained_world)
    role = {"metadata": {"name": "own"}, "rules": []}

    tried = [
        await constrained.tries(method, path, body, as_user=boss)
        for method, path, body in (
            ("POST", CLUSTER_BINDINGS, binding("own", "cluster-admin", person("thief"))),
            ("POST", bindings("default"), binding("own", "cluster-admin", person("thief"))),
            ("POST", group_path(RBAC, "v1", "clusterroles"), role),
            ("POST", group_path(RBAC, "v1", "roles", namespace="default"), role),
            ("DELETE", f"{POLICIES}/secretspace-role-bindings", None),
            ("DELETE", f"{POLICIES}/secretspace-namespaces", None),
        )
    ]

    assert tried == [Outcome.IMPERSONATION] * 6


async def test_under_constrained_it_does_nothing_but_with_secrets_in_the_name_of_others(
    constrained_world: World, constrained: Thief
) -> None:
    boss = await a_boss(constrained_world)

    tried = [
        await constrained.tries(method, path, body, as_user=boss)
        for method, path, body in (
            ("POST", NAMESPACES, namespace("own")),
            ("PATCH", f"{NAMESPACES}/default", {}),
            ("DELETE", f"{NAMESPACES}/{NAMESPACE}", None),
            ("POST", "/apis/tenancy.secretspace.io/v1/workspaces", WORKSPACE),
            ("POST", core_path("default", "pods"), POD),
            ("POST", f"{core_path('default', 'pods', 'one')}/exec", None),
            ("POST", f"{core_path(NAMESPACE, 'serviceaccounts', 'secretspace')}/token", {"spec": {}}),
            ("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": "x"}}),
            ("GET", core_path("default", "configmaps"), None),
            ("GET", core_path("default", "serviceaccounts", "default"), None),
            ("DELETE", core_path("default", "secrets"), None),
        )
    ]

    assert tried == [Outcome.IMPERSONATION] * 11


async def test_under_constrained_every_secret_of_whom_it_names_is_lost_the_accounts_included(
    constrained_world: World, constrained: Thief
) -> None:
    boss, secrets = await a_boss(constrained_world), core_path("default", "secrets")

    tried = [
        await constrained.tries("GET", ALL_SECRETS, as_user=boss),
        await constrained.tries("POST", secrets, {"metadata": {"name": "own"}}, as_user=boss),
        await constrained.tries("GET", core_path("default", "pods"), as_user=boss),
        await constrained.tries("GET", core_path(NAMESPACE, "secrets"), as_user=RESERVED_USER_ACCOUNTS),
    ]

    assert tried == [Outcome.DONE] * 4


async def test_under_constrained_a_token_secret_of_who_may_make_one_is_worth_its_account(
    constrained_world: World, constrained: Thief
) -> None:
    boss, name = await a_boss(constrained_world), f"robot-{token_hex(4)}"
    place = await constrained_world.admin.namespace()
    await constrained_world.admin.post(core_path(place, "serviceaccounts"), {"metadata": {"name": name}})
    secret: dict[str, Any] = {
        "metadata": {"name": name, "annotations": {"kubernetes.io/service-account.name": name}},
        "type": TOKEN_SECRET,
    }
    path = core_path(place, "secrets", name)

    await constrained.does("POST", core_path(place, "secrets"), secret, as_user=boss)

    async def has_token() -> bool:
        return "token" in (await constrained.does("GET", path, as_user=boss)).get("data", {})

    await until(has_token)


async def test_it_reads_what_it_gives_to_somebody_in_a_project_and_nothing_elsewhere(
    world: World, thief: Thief, project: str
) -> None:
    accomplice = f"secretspace:{token_hex(4)}"
    secrets = core_path(project, "secrets")
    await world.admin.post(secrets, {"metadata": {"name": "one"}, "stringData": {"password": canary()}})

    await thief.does("POST", bindings(project), binding("one", PROJECT_ROLES[0], person(accomplice)))

    async def is_read() -> bool:
        return await thief.tries("GET", secrets, as_user=accomplice) is Outcome.DONE

    await until(is_read)
    assert await thief.tries("GET", ALL_SECRETS, as_user=accomplice) is Outcome.RBAC
    assert await thief.tries("GET", core_path("default", "secrets"), as_user=accomplice) is Outcome.RBAC


async def test_under_classic_it_is_the_cluster_and_the_page_says_so(classic_world: World, classic_thief: Thief) -> None:
    page = (ROOT / "docs" / "how-to" / "run-on-your-cluster.md").read_text(encoding="utf-8")
    boss = await a_boss(classic_world)

    tried = [
        await classic_thief.tries("GET", ALL_SECRETS, as_user="somebody", group="system:masters"),
        await classic_thief.tries("POST", CLUSTER_BINDINGS, binding("own", "cluster-admin", person("x")), as_user=boss),
        await classic_thief.tries("POST", bindings("kube-system"), binding("own", "cluster-admin"), as_user=boss),
        await classic_thief.tries("POST", NAMESPACES, {"metadata": {"name": "own"}}, as_user=boss),
        await classic_thief.tries("POST", core_path("default", "pods"), POD, as_user=boss),
        await classic_thief.tries("DELETE", f"{POLICIES}/secretspace-role-bindings", as_user=boss),
    ]

    assert tried == [Outcome.DONE] * 6
    assert "the cluster: it may act as anyone, system:masters included" in page


async def test_under_classic_it_is_no_service_account_by_name(classic_thief: Thief) -> None:
    name = "system:serviceaccount:kube-system:namespace-controller"

    assert await classic_thief.tries("GET", ALL_SECRETS, as_user=name) is Outcome.IMPERSONATION
