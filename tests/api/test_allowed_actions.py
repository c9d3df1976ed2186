"""What a caller is told that they may do agrees with what then happens, whatever mixture of rights they have."""

from itertools import chain, combinations
from typing import Final

import pytest

from app.domain.access import METADATA, Action
from tests.api.operation import KEY, operations
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import NOBODY, VIEWER, MakeProject, People, Person, Project, bind_metadata_user, grant

OPERATION_OF: Final = {
    Action.LIST: "listSecrets",
    Action.CREATE: "createSecret",
    Action.VIEW: "getSecret",
    Action.REVEAL: "getSecretData",
    Action.UPDATE_INFO: "updateSecretInfo",
    Action.UPDATE_KEYS: "patchSecretData",
    Action.UPDATE_DATA: "replaceSecretData",
    Action.UPDATE_YAML: "updateSecretYaml",
    Action.DELETE: "deleteSecret",
}
"""What a console would send for each action."""
OPERATIONS: Final = operations()
MINE: Final = "mine"

RULES: Final[dict[str, dict[str, object]]] = {
    "see": {"resources": [METADATA], "verbs": ["list"]},
    "list": {"verbs": ["list"]},
    "get": {"verbs": ["get"]},
    "patch": {"verbs": ["patch"]},
    "other writes": {"verbs": ["create", "delete"]},
}
MIXTURES: Final = list(chain.from_iterable(combinations(RULES, count) for count in range(1, len(RULES) + 1)))


async def fine(admin: Admin, project: Project, person: Person) -> set[Action]:
    """The actions that are not refused; each finds the Secret there."""
    done: set[Action] = set()
    for action, operation in OPERATION_OF.items():
        if not await admin.exists(f"{project.kube_secrets}/{MINE}"):
            await admin.post(project.kube_secrets, {"metadata": {"name": MINE}, "stringData": {KEY: canary()}})
        response = await OPERATIONS[operation].sent_by(person, project, MINE)
        assert response.is_success or response.json()["code"] == "FORBIDDEN"
        done |= {action} if response.is_success else set()
    return done


async def told(project: Project, person: Person) -> set[str]:
    """What the person is told that they may do in the project."""
    return set((await person.get(f"{project.path}/permissions")).raise_for_status().json()["actions"])


def test_every_action_is_tried() -> None:
    assert OPERATION_OF.keys() == set(Action)


@pytest.mark.parametrize("mixture", MIXTURES, ids="+".join)
async def test_what_is_told_is_what_happens(admin: Admin, people: People, mixture: tuple[str, ...]) -> None:
    project, person = Project(await admin.namespace(), "cluster"), people[NOBODY]
    await bind_metadata_user(admin, project.name)
    await grant(admin, project.name, NOBODY, *(RULES[each] for each in mixture))

    assert await told(project, person) == await fine(admin, project, person)


async def test_a_viewer_lists_and_views_and_is_told_so(admin: Admin, people: People, make_project: MakeProject) -> None:
    project, viewer = await make_project(), people[VIEWER]

    assert await told(project, viewer) == await fine(admin, project, viewer) == {"list", "view"}


@pytest.mark.parametrize("mixture", [("see",), ("see", "patch"), ("see", "other writes"), ("see", "get")], ids="+".join)
async def test_what_a_detail_tells_is_what_the_project_tells(
    admin: Admin, people: People, mixture: tuple[str, ...]
) -> None:
    project, person = Project(await admin.namespace(), "cluster"), people[NOBODY]
    await bind_metadata_user(admin, project.name)
    await grant(admin, project.name, NOBODY, *(RULES[each] for each in mixture))
    await admin.post(project.kube_secrets, {"metadata": {"name": MINE}, "stringData": {KEY: canary()}})

    detail = (await person.get(f"{project.secrets}/{MINE}")).raise_for_status().json()

    assert set(detail["allowedActions"]) == await told(project, person) - {"list", "create"}
    assert detail["valuesVisible"] is (detail["keys"] is not None)
