"""Which role bindings the service's token can write: of the project roles, to people, in its own projects."""

from typing import Any, Final

import pytest
import pytest_asyncio

from app.k8s.request import group_path
from tests.contract.profile.thief import (
    METADATA_ROLE,
    OURS,
    PROJECT_ROLES,
    RBAC,
    Outcome,
    Thief,
    binding,
    bindings,
    group,
    person,
    service_account,
)
from tests.contract.profile.world import World
from tests.support.people import NAMESPACE

ROLE: Final = PROJECT_ROLES[0]
RESERVED: Final = person("secretspace-system:metadata")


@pytest_asyncio.fixture
async def of_another(world: World, project: str) -> dict[str, Any]:
    """A binding that somebody made by hand."""
    made: dict[str, Any] = await world.admin.post(
        bindings(project), binding("by-hand", ROLE, person("anna"), labels={"app": "x"})
    )
    return made


@pytest.mark.parametrize("role", PROJECT_ROLES)
async def test_it_gives_changes_and_takes_a_project_role(thief: Thief, project: str, role: str) -> None:
    given = binding("one", role, person("secretspace:anna"), group("secretspace:team"))
    changed = binding("one", role, person("secretspace:bob"))

    await thief.does("POST", bindings(project), given)
    after = await thief.does("PUT", bindings(project, "one"), changed)
    await thief.does("DELETE", bindings(project, "one"))

    assert after["subjects"] == [person("secretspace:bob")]


async def test_its_reserved_user_gets_the_role_that_lists_secrets(thief: Thief, project: str) -> None:
    assert await thief.tries("POST", bindings(project), binding("one", METADATA_ROLE, RESERVED)) is Outcome.DONE


@pytest.mark.parametrize("role", [ROLE, METADATA_ROLE])
async def test_it_gives_no_role_outside_of_its_own_projects(thief: Thief, foreign: str, role: str) -> None:
    subject = {ROLE: person("anna"), METADATA_ROLE: RESERVED}[role]

    assert await thief.tries("POST", bindings(foreign), binding("one", role, subject)) is Outcome.BINDING_POLICY


async def test_bindings_outside_of_its_own_projects_stay_even_if_they_bear_its_label(
    world: World, thief: Thief, foreign: str
) -> None:
    unnamed = {"metadata": {"generateName": "ours-", "labels": OURS}}
    made = await world.admin.post(bindings(foreign), binding("", ROLE, person("anna")) | unnamed)
    path = bindings(foreign, made["metadata"]["name"])

    tried = [await thief.tries("PUT", path, made | {"subjects": []}), await thief.tries("DELETE", path)]

    assert tried == [Outcome.BINDING_POLICY] * 2


@pytest.mark.parametrize(
    "role",
    [
        *("cluster-admin", "admin", "edit", "view", "system:node"),
        *("secretspace:platform-admin", "secretspace:project:manage"),
    ],
)
async def test_it_gives_no_role_but_the_project_roles(thief: Thief, project: str, role: str) -> None:
    assert await thief.tries("POST", bindings(project), binding("one", role, person("anna"))) is Outcome.RBAC


async def test_it_does_not_hand_on_what_it_may_itself(thief: Thief, project: str) -> None:
    body = binding("one", "secretspace:service", person("anna"))

    assert await thief.tries("POST", bindings(project), body) is Outcome.BINDING_POLICY  # RBAC would let it


async def test_it_gives_no_role_that_is_of_the_namespace_be_it_by_the_name_of_a_project_role(
    world: World, thief: Thief, project: str
) -> None:
    rule = {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}
    for name in (ROLE, "harmless"):
        body = {"metadata": {"name": name}, "rules": [rule]}
        await world.admin.post(group_path(RBAC, "v1", "roles", namespace=project), body)

    tried = [
        await thief.tries("POST", bindings(project), binding("one", name, person("anna"), kind="Role"))
        for name in (ROLE, "harmless")
    ]

    assert tried == [Outcome.BINDING_POLICY] * 2


@pytest.mark.parametrize(
    "subject",
    [
        *map(group, ("system:authenticated", "system:masters", "system:serviceaccounts", "secretspace-system:all")),
        *map(person, ("system:admin", "system:serviceaccount:default:default", "secretspace-system:accounts")),
        RESERVED,
        service_account("secretspace", NAMESPACE),
        service_account("default", "default"),
    ],
    ids=lambda subject: f"{subject['kind']} {subject['name']}",
)
async def test_it_gives_a_project_role_to_no_name_of_the_system(
    thief: Thief, project: str, subject: dict[str, str]
) -> None:
    await thief.does("POST", bindings(project), binding("there", ROLE, person("anna")))

    tried = [
        await thief.tries("POST", bindings(project), binding("one", ROLE, subject)),
        await thief.tries("POST", bindings(project), binding("one", ROLE, person("anna"), subject)),
        await thief.tries("PUT", bindings(project, "there"), binding("there", ROLE, subject)),
    ]

    assert tried == [Outcome.BINDING_POLICY] * 3


@pytest.mark.parametrize(
    "subjects",
    [
        [person("anna")],
        [RESERVED, person("anna")],
        [group("secretspace-system:metadata")],
        [service_account("metadata", NAMESPACE)],
        [person("secretspace-system:accounts")],
    ],
    ids=lambda subjects: " and ".join(f"{each['kind']} {each['name']}" for each in subjects),
)
async def test_nobody_but_its_reserved_user_gets_the_role_that_lists_secrets(
    thief: Thief, project: str, subjects: list[dict[str, str]]
) -> None:
    body = binding("one", METADATA_ROLE, *subjects)

    assert await thief.tries("POST", bindings(project), body) is Outcome.BINDING_POLICY


@pytest.mark.parametrize("labels", [{}, {"app.kubernetes.io/managed-by": "helm"}], ids=["none", "of another"])
async def test_it_makes_no_binding_without_its_label_and_takes_it_off_none(
    thief: Thief, project: str, labels: dict[str, str]
) -> None:
    await thief.does("POST", bindings(project), binding("there", ROLE, person("anna")))

    tried = [
        await thief.tries("POST", bindings(project), binding("one", ROLE, person("anna"), labels=labels)),
        await thief.tries("PUT", bindings(project, "there"), binding("there", ROLE, person("anna"), labels=labels)),
    ]

    assert tried == [Outcome.BINDING_POLICY] * 2


async def test_bindings_of_others_are_neither_changed_nor_taken_over_nor_deleted(
    thief: Thief, project: str, of_another: dict[str, Any]
) -> None:
    path = bindings(project, of_another["metadata"]["name"])
    metadata = of_another["metadata"]

    tried = [
        await thief.tries("PUT", path, of_another | {"subjects": [person("thief")]}),
        await thief.tries("PUT", path, of_another | {"metadata": metadata | {"labels": OURS}}),
        await thief.tries("DELETE", path),
    ]

    assert tried == [Outcome.BINDING_POLICY] * 3


async def test_it_neither_patches_bindings_nor_deletes_them_all_at_once(thief: Thief, project: str) -> None:
    await thief.does("POST", bindings(project), binding("there", ROLE, person("anna")))

    tried = [
        await thief.tries("PATCH", bindings(project, "there"), {"subjects": []}),
        await thief.tries("DELETE", bindings(project)),
    ]

    assert tried == [Outcome.RBAC] * 2
