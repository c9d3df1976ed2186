"""What a caller is told that they may do agrees with what then happens, whatever mixture of rights they have."""

from itertools import chain, combinations
from typing import Final

import pytest

from app.domain.access import METADATA, Action
from tests.api.attempt import put_secret, touched
from tests.api.operation import operations
from tests.support.cluster import Admin
from tests.support.people import (
    LISTER,
    NAMED,
    NOBODY,
    OPERATOR,
    PATCHER,
    PROJECT_ADMIN,
    READER,
    VIEWER,
    MakeProject,
    People,
    Person,
    Project,
    bind_metadata_user,
    grant,
)

OPERATION_OF: Final = {
    Action.LIST: "listSecrets",
    Action.CREATE: "createSecret",
    Action.VIEW: "getSecret",
    Action.REVEAL: "getSecretData",
    Action.UPDATE_INFO: "updateSecretInfo",
    Action.UPDATE_KEYS: "patchSecretData",
    Action.UPDATE_DATA: "replaceSecretData",
    Action.UPDATE_YAML: "updateSecretYaml",
    Action.RESTORE: "restoreSecret",
    Action.NEW_VERSION: "newSecretVersion",
    Action.DELETE: "deleteSecret",
}
"""What a console would send for each action."""
OPERATIONS: Final = operations()
MINE: Final = "mine"
THEIRS: Final = "theirs"
"""One that nobody has a right to by name."""

RULES: Final[dict[str, dict[str, object]]] = {
    "see": {"resources": [METADATA], "verbs": ["list"]},
    "list": {"verbs": ["list"]},
    "get": {"verbs": ["get"]},
    "patch": {"verbs": ["patch"]},
    "other writes": {"verbs": ["create", "delete"]},
}
MIXTURES: Final = list(chain.from_iterable(combinations(RULES, count) for count in range(1, len(RULES) + 1)))


async def fine(admin: Admin, project: Project, person: Person, name: str = MINE) -> set[Action]:
    """The actions that are not refused; each finds the Secret there."""
    done: set[Action] = set()
    for action, operation in OPERATION_OF.items():
        await put_secret(admin, project, name)
        earlier = await touched(admin, project, name)
        response = await OPERATIONS[operation].sent_by(person, project, name, earlier)
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


@pytest.mark.parametrize("name", [VIEWER, READER, OPERATOR, PROJECT_ADMIN, LISTER, PATCHER, NAMED])
async def test_what_is_told_of_a_project_is_what_happens_to_any_secret(
    admin: Admin, people: People, make_project: MakeProject, name: str
) -> None:
    project, person = await make_project(), people[name]

    assert await told(project, person) == await fine(admin, project, person, THEIRS)


@pytest.mark.parametrize("name", [VIEWER, READER, OPERATOR, PROJECT_ADMIN, NAMED])
async def test_what_is_told_of_a_secret_is_what_happens_to_it(
    admin: Admin, people: People, make_project: MakeProject, name: str
) -> None:
    project, person = await make_project(), people[name]
    await put_secret(admin, project, MINE)

    detail = (await person.get(f"{project.secrets}/{MINE}")).raise_for_status().json()

    assert set(detail["allowedActions"]) == await fine(admin, project, person) - {"list", "create"}


@pytest.mark.parametrize("name", [VIEWER, READER, OPERATOR, PROJECT_ADMIN, LISTER])
async def test_what_a_list_tells_of_each_is_what_happens_to_it(
    admin: Admin, people: People, make_project: MakeProject, name: str
) -> None:
    project, person = await make_project(), people[name]
    await put_secret(admin, project, MINE)
    await put_secret(admin, project, THEIRS)

    items = (await person.get(project.secrets)).raise_for_status().json()["items"]

    assert {item["name"]: set(item["allowedActions"]) for item in items} == {
        each: await fine(admin, project, person, each) - {"list", "create"} for each in (MINE, THEIRS)
    }


async def test_in_a_list_a_right_on_one_secret_is_told_of_that_one(admin: Admin, people: People) -> None:
    project, person = Project(await admin.namespace(), "cluster"), people[NOBODY]
    await grant(admin, project.name, NOBODY, {"verbs": ["list"]}, {"verbs": ["delete"], "resourceNames": [MINE]})
    await put_secret(admin, project, MINE)
    await put_secret(admin, project, THEIRS)

    items = (await person.get(project.secrets)).raise_for_status().json()["items"]

    assert {item["name"]: item["allowedActions"] for item in items} == {MINE: ["delete"], THEIRS: []}


@pytest.mark.parametrize("mixture", [("see",), ("see", "patch"), ("see", "other writes"), ("see", "get")], ids="+".join)
async def test_what_a_detail_tells_is_what_the_project_tells(
    admin: Admin, people: People, mixture: tuple[str, ...]
) -> None:
    project, person = Project(await admin.namespace(), "cluster"), people[NOBODY]
    await bind_metadata_user(admin, project.name)
    await grant(admin, project.name, NOBODY, *(RULES[each] for each in mixture))
    await put_secret(admin, project, MINE)

    detail = (await person.get(f"{project.secrets}/{MINE}")).raise_for_status().json()

    assert set(detail["allowedActions"]) == await told(project, person) - {"list", "create"}
    assert detail["valuesVisible"] is (detail["keys"] is not None)
