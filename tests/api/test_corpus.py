"""Secrets of the shapes that people have: each through every way of editing, and nothing lost.

Each is made as kubectl makes it, on the API server, and compared there afterwards: every byte of the values that an
edit does not name, the type, the mark, and all that others wrote into its metadata.
"""

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from tests.data.corpus import CORPUS
from tests.data.shape import Shape
from tests.support.canary import canary, leaks
from tests.support.cluster import Admin
from tests.support.people import Person, Project, new_project
from tests.support.secret import Stored, as_bytes, made_elsewhere, refusal, stored

Edit = Callable[[Person, str, str], Awaitable[httpx.Response]]

OVERRIDE: Final = "override=managed,readOnly"
"""Controllers and Helm keep some of them; that writes ask for this is told elsewhere."""
VALUE: Final = canary()
_NUMBERS: Final = count()

EDITABLE: Final = [name for name, shape in CORPUS.items() if not shape.immutable]
IMMUTABLE: Final = [name for name, shape in CORPUS.items() if shape.immutable]
COPIED: Final = [name for name, shape in CORPUS.items() if shape.type != "helm.sh/release.v1"]
RENAMABLE: Final = [name for name in EDITABLE if CORPUS[name].renamable]


@pytest_asyncio.fixture(scope="module")
async def project(admin: Admin) -> Project:
    """One project for all of them; each test makes a Secret of its own in it."""
    return await new_project(admin)


async def there(admin: Admin, project: Project, shape: Shape) -> Stored:
    """A Secret of this shape, with labels, annotations and a finalizer of somebody else besides."""
    return await made_elsewhere(
        admin,
        project,
        shape.data,
        shape.type,
        f"s{next(_NUMBERS)}",
        labels={**shape.labels, "theirs": "x"},
        annotations={**shape.annotations, "example.com/theirs": "y"},
        ownerReferences=list(shape.owners),
        finalizers=["example.com/hold"],
        immutable=shape.immutable or None,
    )


async def now(admin: Admin, project: Project, secret: Stored) -> Stored:
    """What has become of it."""
    return await stored(admin, project, secret.object["metadata"]["name"])


def path_of(secret: Stored, project: Project) -> str:
    """It in our API."""
    return f"{project.secrets}/{secret.object['metadata']['name']}"


async def content_of(person: Person, path: str, query: str = "") -> dict[str, Any]:
    """The content that a reveal shows."""
    content: dict[str, Any] = (await person.get(f"{path}/data{query}")).raise_for_status().json()["content"]
    return content


def around(secret: Stored) -> dict[str, Any]:
    """All that is stored of a Secret but its values, labels, annotations and what each write changes."""
    passing = {"labels", "annotations", "resourceVersion", "managedFields"}
    metadata = {name: part for name, part in secret.object["metadata"].items() if name not in passing}
    return {**{name: part for name, part in secret.object.items() if name != "data"}, "metadata": metadata}


def others(content: dict[str, Any]) -> dict[str, Any]:
    """The part of a revealed content that holds keys which the kind does not name."""
    part: dict[str, Any] = content["data"] if "data" in content else content["extra"]
    return part


async def _key(person: Person, path: str, added: str) -> httpx.Response:
    return await person.patch(f"{path}/data?{OVERRIDE}", {"set": {added: VALUE}})


async def _content(person: Person, path: str, added: str) -> httpx.Response:
    content = await content_of(person, path)
    others(content)[added] = VALUE
    return await person.put(f"{path}/data?{OVERRIDE}", {"content": content})


async def _raw_content(person: Person, path: str, added: str) -> httpx.Response:
    content = await content_of(person, path, "?view=raw")
    content["data"][added] = VALUE
    return await person.put(f"{path}/data?{OVERRIDE}", {"content": content})


async def _replace(person: Person, path: str, added: str) -> httpx.Response:
    content = await content_of(person, path)
    others(content)[added] = VALUE
    return await person.put(f"{path}?{OVERRIDE}", {"content": content})


async def _masked_document(person: Person, path: str, added: str) -> httpx.Response:
    text = (await person.get(f"{path}/yaml")).text
    return await person.put_yaml(f"{path}/yaml?{OVERRIDE}", f'{text}stringData:\n  {added}: "{VALUE}"\n')


async def _plain_document(person: Person, path: str, added: str) -> httpx.Response:
    text = (await person.get(f"{path}/yaml?values=plain")).text
    return await person.put_yaml(f"{path}/yaml?{OVERRIDE}", f'{text}stringData:\n  {added}: "{VALUE}"\n')


async def _merge(person: Person, path: str, added: str) -> httpx.Response:
    tag = (await person.get(path)).headers["ETag"]
    await person.patch(f"{path}?{OVERRIDE}", {"labels": {"meanwhile": "z"}}, tag)
    return await person.patch(f"{path}/data?merge=true&{OVERRIDE}", {"set": {added: VALUE}}, tag)


EDITS: Final[dict[str, Edit]] = {
    "added.as-a-key": _key,
    "added.with-the-content": _content,
    "added.with-the-raw-content": _raw_content,
    "added.with-all-of-it": _replace,
    "added.with-the-masked-document": _masked_document,
    "added.with-the-plain-document": _plain_document,
    "added.on-top-of-an-edit-of-others": _merge,
}
"""Ways of adding a key, each by the key that it adds."""


def test_there_are_many_and_each_would_be_found_in_a_log() -> None:
    values = {name: b" ".join(map(as_bytes, shape.data.values())) for name, shape in CORPUS.items()}
    assert len(CORPUS) >= 100
    assert {name for name, value in values.items() if not leaks(value)} == {"nothing"}


@pytest.mark.parametrize("shape", CORPUS)
async def test_what_was_read_can_be_sent_back_and_nothing_is_written(
    operator: Person, project: Project, admin: Admin, shape: str
) -> None:
    before = await there(admin, project, CORPUS[shape])
    path = path_of(before, project)
    read, plain = await operator.get(f"{path}/yaml"), (await operator.get(f"{path}/yaml?values=plain")).text
    content, raw = await content_of(operator, path), await content_of(operator, path, "?view=raw")
    tag = read.headers["ETag"]

    answers = {
        "content": await operator.put(f"{path}/data", {"content": content}, tag),
        "raw content": await operator.put(f"{path}/data", {"content": raw}, tag),
        "whole": await operator.put(path, {"content": content}, tag),
        "masked document": await operator.put_yaml(f"{path}/yaml", read.text, tag),
        "plain document": await operator.put_yaml(f"{path}/yaml", plain, tag),
    }

    assert {how: (each.status_code, each.headers.get("ETag")) for how, each in answers.items()} == dict.fromkeys(
        answers, (200, tag)
    )
    assert await now(admin, project, before) == before


@pytest.mark.parametrize("shape", CORPUS)
async def test_an_edit_of_information_leaves_values_and_what_others_wrote(
    operator: Person, project: Project, admin: Admin, shape: str
) -> None:
    before = await there(admin, project, CORPUS[shape])
    body = {"alias": "Ours", "labels": {"ours": "x"}, "annotations": {"example.com/ours": "y"}}

    response = await operator.patch(f"{path_of(before, project)}?{OVERRIDE}", body)

    after = await now(admin, project, before)
    assert response.status_code == 200, response.text
    assert (after.data, around(after)) == (before.data, around(before))
    assert after.labels == {**before.labels, "ours": "x"}
    assert after.annotations == {**before.annotations, "kubesphere.io/alias-name": "Ours", "example.com/ours": "y"}


@pytest.mark.parametrize("shape", EDITABLE)
async def test_edits_of_one_key_leave_all_else(operator: Person, project: Project, admin: Admin, shape: str) -> None:
    before = await there(admin, project, CORPUS[shape])

    answers = {added: await edit(operator, path_of(before, project), added) for added, edit in EDITS.items()}

    after = await now(admin, project, before)
    assert {added: each.json().get("changedKeys") for added, each in answers.items()} == {key: [key] for key in EDITS}
    assert after.data == {**before.data, **dict.fromkeys(EDITS, VALUE.encode())}
    assert after.labels == {**before.labels, "meanwhile": "z"}
    assert after.annotations == before.annotations
    assert around(after) == around(before)


@pytest.mark.parametrize("shape", RENAMABLE)
async def test_a_key_renamed_there_and_back_is_what_it_was(
    operator: Person, project: Project, admin: Admin, shape: str
) -> None:
    before = await there(admin, project, CORPUS[shape])
    path, key = f"{path_of(before, project)}/data?{OVERRIDE}", str(CORPUS[shape].renamable)

    first = await operator.patch(path, {"rename": {key: "renamed"}})
    renamed = await now(admin, project, before)
    second = await operator.patch(path, {"rename": {"renamed": key}})

    after = await now(admin, project, before)
    assert (first.status_code, second.status_code) == (200, 200)
    assert renamed.data == {{key: "renamed"}.get(name, name): value for name, value in before.data.items()}
    assert (after.data, after.labels, after.annotations) == (before.data, before.labels, before.annotations)
    assert around(after) == around(before)


@pytest.mark.parametrize("shape", COPIED)
async def test_a_copy_has_every_byte_and_leaves_the_other_one(
    operator: Person, project: Project, admin: Admin, shape: str
) -> None:
    before = await there(admin, project, CORPUS[shape])
    copy = f"copy-of-{before.object['metadata']['name']}"

    response = await operator.post(f"{path_of(before, project)}/copy", {"project": project.name, "name": copy})

    after = await stored(admin, project, copy)
    assert response.status_code == 201, response.text
    assert (after.data, after.type) == (before.data, before.type)
    assert after.object.get("immutable") == before.object.get("immutable")
    assert await now(admin, project, before) == before


@pytest.mark.parametrize("shape", IMMUTABLE)
@pytest.mark.parametrize("added", EDITS)
async def test_no_edit_of_a_key_reaches_an_immutable_one(
    operator: Person, project: Project, admin: Admin, shape: str, added: str
) -> None:
    before = await there(admin, project, CORPUS[shape])

    response = await EDITS[added](operator, path_of(before, project), added)

    after = await now(admin, project, before)
    assert refusal(response) == (409, "IMMUTABLE")
    assert (after.data, after.annotations, around(after)) == (before.data, before.annotations, around(before))
