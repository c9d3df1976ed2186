"""Several writers at once: of those who have the same version in mind exactly one wins, and nobody's work is lost."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import OPERATOR, PATCHER, PROJECT_ADMIN, READER, People, Person, Project
from tests.support.secret import made, made_elsewhere, stored

ROUNDS = 4
"""How often two writers race: often enough that they meet in the middle of each other's write."""

Write = Callable[[Person, str, str], Awaitable[httpx.Response]]


def content(**data: object) -> dict[str, Any]:
    return {"kind": "default", "data": data}


def document(path: str) -> str:
    name = path.rpartition("/")[2]
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\nstringData: {{a: {canary()}}}\n"


_WRITES: dict[str, Write] = {
    "edits of data": lambda person, path, etag: person.put(f"{path}/data", {"content": content(a=canary())}, etag),
    "upserts": lambda person, path, etag: person.put(path, {"content": content(a=canary())}, etag),
    "changes of keys": lambda person, path, etag: person.patch(f"{path}/data", {"set": {"a": canary()}}, etag),
    "keys of their own": lambda person, path, etag: person.patch(
        f"{path}/data", {"setIfAbsent": {person.name: canary()}}, etag
    ),
    "renames": lambda person, path, etag: person.patch(f"{path}/data", {"rename": {"a": "b"}}, etag),
    "edits of information": lambda person, path, etag: person.patch(path, {"alias": person.name}, etag),
    "edits of YAML": lambda person, path, etag: person.put_yaml(f"{path}/yaml", document(path), etag),
}


@pytest.mark.parametrize("write", _WRITES.values(), ids=_WRITES)
async def test_of_two_writers_with_the_same_version_exactly_one_wins(
    people: People, project: Project, admin: Admin, write: Write
) -> None:
    one, two = people[OPERATOR], people[PROJECT_ADMIN]
    outcomes = []
    for number in range(ROUNDS):
        created = await made(one, project, content(a=canary()), f"demo{number}")
        path, etag = created.headers["Location"], created.headers["ETag"]
        answers = await asyncio.gather(write(one, path, etag), write(two, path, etag))
        winner = min(answers, key=lambda answer: answer.status_code)
        now = await one.get(path)
        outcomes.append(
            (sorted(answer.status_code for answer in answers), winner.headers["ETag"] == now.headers["ETag"])
        )
    assert outcomes == [([200, 412], True)] * ROUNDS


async def test_of_two_who_delete_and_write_one_wins(people: People, project: Project) -> None:
    one, two = people[OPERATOR], people[PROJECT_ADMIN]
    outcomes = set()
    for number in range(ROUNDS):
        created = await made(one, project, content(a=canary()), f"demo{number}")
        path, etag = created.headers["Location"], created.headers["ETag"]
        written, deleted = await asyncio.gather(
            one.patch(f"{path}/data", {"set": {"a": canary()}}, etag), two.delete(path, etag)
        )
        outcomes.add((written.status_code, deleted.status_code))
    assert outcomes <= {(200, 412), (412, 200), (404, 200)}


async def test_a_name_is_given_once(people: People, project: Project) -> None:
    one, two = people[OPERATOR], people[PROJECT_ADMIN]
    path, only_create = f"{project.secrets}/upserted", {"If-None-Match": "*"}

    created = await asyncio.gather(
        *(person.post(project.secrets, {"name": "created", "content": content(a=canary())}) for person in (one, two))
    )
    upserted = await asyncio.gather(
        *(person.request("PUT", path, json={"content": content()}, headers=only_create) for person in (one, two))
    )

    assert sorted(answer.status_code for answer in created) == [201, 409]
    assert sorted(answer.status_code for answer in upserted) == [201, 412]


@pytest.mark.parametrize("who", [OPERATOR, PATCHER])
async def test_writers_to_whatever_is_there_lose_nothing_of_each_other(
    people: People, project: Project, admin: Admin, who: str
) -> None:
    await made_elsewhere(admin, project, {"kept": canary()})
    path = f"{project.secrets}/demo/data"

    keys = [f"k{number}" for number in range(8)]
    answers = await asyncio.gather(*(people[who].patch(path, {"set": {key: canary()}}) for key in keys))

    outcomes = dict(zip(keys, (answer.status_code for answer in answers), strict=True))
    written = {key for key, status in outcomes.items() if status == 200}
    assert set(outcomes.values()) <= {200, 409}
    assert (await stored(admin, project)).data.keys() == {"kept"} | written


async def test_upserts_of_the_same_are_all_content(people: People, project: Project, admin: Admin) -> None:
    value = canary()
    answers = await asyncio.gather(
        *(people[OPERATOR].put(f"{project.secrets}/demo", {"content": content(a=value)}, None) for _ in range(6))
    )
    statuses = Counter(answer.status_code for answer in answers)
    assert (statuses[201], statuses[200]) == (1, 5)
    assert (await stored(admin, project)).data == {"a": value.encode()}


async def test_a_reader_never_sees_half_of_a_write(people: People, project: Project) -> None:
    await made(people[OPERATOR], project, content(a="x0", b="y0"))
    path = f"{project.secrets}/demo/data"

    async def write() -> None:
        for number in range(1, 13):
            await people[OPERATOR].put(path, {"content": content(a=f"x{number}", b=f"y{number}")})

    async def read() -> set[tuple[str, str]]:
        seen = [(await people[READER].get(path)).json()["content"]["data"] for _ in range(24)]
        return {(data["a"]["text"], data["b"]["text"]) for data in seen}

    _, pairs = await asyncio.gather(write(), read())

    assert pairs <= {(f"x{number}", f"y{number}") for number in range(13)}
