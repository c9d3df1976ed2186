"""Bytes in are bytes out: any value, by every way in and every way out.

Each example is a coroutine of its own on the run's event loop (pytest-asyncio hands hypothesis a plain function), so a
failure shrinks as usual. The project is shared by the examples of a test; each makes a Secret of its own in it.
"""

import base64
import json
from collections import ChainMap
from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Any, Final

import httpx
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.canary import MARK
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import encoded, made, made_elsewhere, revealed, stored

pytestmark = pytest.mark.timeout(360)
"""Seconds: hypothesis shrinks a failure for up to five minutes, and is to tell what it found."""

Values = dict[str, tuple[bytes, Any]]
"""Keys; their values; and a form in which our API takes each."""

_MARKED = st.builds(
    lambda before, after: before + MARK.encode() + after, st.binary(max_size=40), st.binary(max_size=40)
)
_TEXTS = st.text(max_size=60) | st.text(max_size=30).map(lambda text: f"{text}{MARK}\r\n")
_EDGES = st.sampled_from([b"", b"\x00", b"\xff\x00\x00", b"\x80\n", b"\xef\xbb\xbf", b"\r\n", b"AA==", b"\xed\xa0\x80"])
"""Ends that are trimmed, and beginnings that are dropped, where somebody takes bytes for a text."""
_VALUES = st.one_of(
    (st.binary(max_size=80) | _MARKED | _EDGES).map(lambda value: (value, {"base64": encoded(value)})),
    _TEXTS.map(lambda text: (text.encode(), text)),
    _TEXTS.map(lambda text: (text.encode(), {"text": text})),
)
_KEYS = st.from_regex(r"[-._a-zA-Z0-9]{1,20}", fullmatch=True).filter(lambda key: key != "." and key[:2] != "..")
VALUES = st.dictionaries(_KEYS, _VALUES, min_size=1, max_size=5)

any_values = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def sent(values: Values) -> dict[str, Any]:
    """The values in their forms for our API."""
    return {key: form for key, (_, form) in values.items()}


def meant(values: Values) -> dict[str, bytes]:
    """The bytes of the values."""
    return {key: value for key, (value, _) in values.items()}


def shown(view: dict[str, str]) -> bytes:
    """The bytes that a revealed value stands for."""
    return base64.b64decode(view["base64"]) if "base64" in view else view["text"].encode()


Write = Callable[[Person, str, Values], Awaitable[httpx.Response]]


async def _keys(person: Person, path: str, values: Values) -> httpx.Response:
    return await person.patch(f"{path}/data", {"set": sent(values)})


async def _content(person: Person, path: str, values: Values) -> httpx.Response:
    content = (await person.get(f"{path}/data")).json()["content"]
    content["data"].update(sent(values))
    return await person.put(f"{path}/data", {"content": content})


async def _all_of_it(person: Person, path: str, values: Values) -> httpx.Response:
    content = (await person.get(f"{path}/data?view=raw")).json()["content"]
    return await person.put(path, {"content": {"kind": "default", "data": {**content["data"], **sent(values)}}}, None)


async def _masked_document(person: Person, path: str, values: Values) -> httpx.Response:
    return await person.put_yaml(f"{path}/yaml", with_values((await person.get(f"{path}/yaml")).text, values))


async def _plain_document(person: Person, path: str, values: Values) -> httpx.Response:
    text = (await person.get(f"{path}/yaml?values=plain")).text
    return await person.put_yaml(f"{path}/yaml", with_values(text, values))


async def _merge(person: Person, path: str, values: Values) -> httpx.Response:
    tag = (await person.get(path)).headers["ETag"]
    await person.patch(path, {"labels": {"meanwhile": token_hex(4)}}, tag)
    return await person.patch(f"{path}/data", {"set": sent(values)}, tag, params={"merge": "true"})


async def _edit_and_undo(person: Person, path: str, values: Values) -> httpx.Response:
    written = await person.patch(f"{path}/data", {"set": sent(values)})
    edited = await person.put(f"{path}/data", {"content": {"kind": "default", "data": {"other": MARK}}})
    headers = {"If-Match": edited.headers["ETag"]}
    return await person.post(f"{path}/restore", {"etag": written.headers["ETag"]}, headers=headers)


async def _delete_and_undo(person: Person, path: str, values: Values) -> httpx.Response:
    await person.patch(f"{path}/data", {"set": sent(values)})
    deleted = (await person.delete(path)).json()["previousEtag"]
    return await person.post(f"{path}/restore", {"etag": deleted}, headers={"If-None-Match": "*"})


WRITES: Final[list[Write]] = [
    _keys,
    _content,
    _all_of_it,
    _masked_document,
    _plain_document,
    _merge,
    _edit_and_undo,
    _delete_and_undo,
]
"""All ways of bringing keys into a Secret that has others."""


def with_values(text: str, values: Values) -> str:
    """A document with these keys besides its own; those that it has already are taken from these."""
    document = yaml.safe_load(text)
    document["data"] = {**document.get("data", {}), **{key: encoded(value) for key, value in meant(values).items()}}
    return str(yaml.safe_dump(document, default_style='"'))


async def assert_everywhere(person: Person, project: Project, admin: Admin, name: str, data: dict[str, bytes]) -> None:
    """The Secret holds just this: in the cluster, and by every way out."""
    path = f"{project.secrets}/{name}"
    content = await revealed(person, project, name)
    document = yaml.safe_load((await person.get(f"{path}/yaml?values=plain")).text)
    sizes = (await person.get(path)).json()["keys"]
    assert (await stored(admin, project, name)).data == data
    assert {key: shown(view) for key, view in content["data"].items()} == data
    assert {key: (await person.get(f"{path}/data/{key}")).content for key in data} == data
    assert {key: base64.b64decode(value) for key, value in document.get("data", {}).items()} == data
    assert {each["name"]: each["size"] for each in sizes} == {key: len(value) for key, value in data.items()}


def new_name() -> str:
    """A name of its own for each example."""
    return f"s{token_hex(6)}"


@any_values
@given(values=VALUES)
async def test_a_create_keeps_every_byte(operator: Person, project: Project, admin: Admin, values: Values) -> None:
    name = new_name()
    await made(operator, project, {"kind": "default", "data": sent(values)}, name)
    await assert_everywhere(operator, project, admin, name, meant(values))


@any_values
@given(before=VALUES, values=VALUES)
async def test_a_replace_keeps_every_byte(
    operator: Person, project: Project, admin: Admin, before: Values, values: Values
) -> None:
    name = new_name()
    await made_elsewhere(admin, project, meant(before), "example.com/x", name)
    body = {"content": {"kind": "custom", "type": "example.com/x", "data": sent(values)}}
    response = await operator.put(f"{project.secrets}/{name}/data", body)
    assert response.status_code == 200
    await assert_everywhere(operator, project, admin, name, meant(values))


@any_values
@given(before=VALUES, values=VALUES)
async def test_an_upsert_keeps_every_byte(
    operator: Person, project: Project, admin: Admin, before: Values, values: Values
) -> None:
    name = new_name()
    first = await operator.put(
        f"{project.secrets}/{name}", {"content": {"kind": "default", "data": sent(before)}}, None
    )
    then = await operator.put(f"{project.secrets}/{name}", {"content": {"kind": "default", "data": sent(values)}}, None)
    assert (first.status_code, then.status_code) == (201, 200)
    await assert_everywhere(operator, project, admin, name, meant(values))


@any_values
@given(before=VALUES, values=VALUES)
async def test_a_change_of_keys_keeps_every_byte_of_those_it_names_and_of_the_others(
    operator: Person, project: Project, admin: Admin, before: Values, values: Values
) -> None:
    name = new_name()
    await made_elsewhere(admin, project, meant(before), name=name)
    response = await operator.patch(f"{project.secrets}/{name}/data", {"set": sent(values)})
    assert response.status_code == 200
    await assert_everywhere(operator, project, admin, name, meant(before) | meant(values))


@any_values
@given(before=VALUES, values=VALUES)
async def test_a_guarded_change_of_keys_keeps_every_byte(
    operator: Person, project: Project, admin: Admin, before: Values, values: Values
) -> None:
    name = new_name()
    old = {f"old.{key}": value for key, value in meant(before).items()}
    new = {f"new.{key}": form for key, form in sent(values).items()}
    await made_elsewhere(admin, project, old, name=name)
    change = {"setIfAbsent": new, "rename": {f"old.{key}": f"renamed.{key}" for key in before}}

    response = await operator.patch(f"{project.secrets}/{name}/data", change)

    renamed = {f"renamed.{key}": value for key, value in meant(before).items()}
    added = {f"new.{key}": value for key, value in meant(values).items()}
    assert response.status_code == 200
    await assert_everywhere(operator, project, admin, name, renamed | added)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=VALUES, steps=st.lists(st.tuples(st.sampled_from(WRITES), VALUES), min_size=2, max_size=4))
async def test_any_mix_of_writes_keeps_every_byte(
    operator: Person, project: Project, admin: Admin, before: Values, steps: list[tuple[Write, Values]]
) -> None:
    name = new_name()
    await made_elsewhere(admin, project, meant(before), name=name)

    answers = [await write(operator, f"{project.secrets}/{name}", values) for write, values in steps]

    assert {answer.status_code for answer in answers} <= {200, 201}
    await assert_everywhere(
        operator, project, admin, name, meant(before | dict(ChainMap(*(v for _, v in steps[::-1]))))
    )


@any_values
@given(before=VALUES, values=VALUES)
async def test_a_new_version_keeps_every_byte(
    operator: Person, project: Project, admin: Admin, before: Values, values: Values
) -> None:
    name = new_name()
    await made_elsewhere(admin, project, meant(before), name=name, immutable=True)

    edit = {"edit": {"operation": "patchSecretData", "set": sent(values)}}
    response = await operator.post(f"{project.secrets}/{name}/new-version", edit)

    successor = response.raise_for_status().json()["name"]
    await assert_everywhere(operator, project, admin, name, meant(before))
    await assert_everywhere(operator, project, admin, successor, meant(before) | meant(values))


@any_values
@given(before=VALUES, values=VALUES)
async def test_an_uploaded_document_keeps_every_byte(
    operator: Person, project: Project, admin: Admin, before: Values, values: Values
) -> None:
    name = new_name()
    await made_elsewhere(admin, project, meant(before), name=name)
    texts = {key: form for key, form in sent(values).items() if isinstance(form, str)}
    document = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "data": {key: encoded(value) for key, value in meant(values).items() if key not in texts},
        "stringData": texts,
    }
    response = await operator.put_yaml(f"{project.secrets}/{name}/yaml", yaml.safe_dump(document, default_style='"'))
    assert response.status_code == 200, response.text
    await assert_everywhere(operator, project, admin, name, meant(values))


@any_values
@given(values=VALUES, texts=st.dictionaries(st.sampled_from(["a", "b", "kubesphere.io/alias-name"]), st.text()))
async def test_what_is_revealed_or_downloaded_can_be_sent_back_unchanged(
    operator: Person, project: Project, admin: Admin, values: Values, texts: dict[str, str]
) -> None:
    name = new_name()
    before = await made_elsewhere(admin, project, meant(values), name=name, annotations=texts)
    path = f"{project.secrets}/{name}"

    masked = (await operator.get(f"{path}/yaml")).text
    plain = (await operator.get(f"{path}/yaml?values=plain")).text
    answers = [
        await operator.put(f"{path}/data", {"content": await revealed(operator, project, name)}),
        await operator.put_yaml(f"{path}/yaml", masked),
        await operator.put_yaml(f"{path}/yaml", plain),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert await stored(admin, project, name) == before


@any_values
@given(password=_TEXTS, renewed=_TEXTS)
async def test_a_password_of_a_registry_keeps_every_character(
    operator: Person, project: Project, admin: Admin, password: str, renewed: str
) -> None:
    name = new_name()
    registries = [{"server": f"{each}.example.com", "username": "robot", "password": password} for each in "ab"]
    await made(operator, project, {"kind": "image-registry", "registries": registries}, name)
    registries[1] |= {"password": renewed}
    body = {"content": {"kind": "image-registry", "registries": registries}}
    await operator.put(f"{project.secrets}/{name}/data", body)

    content = await revealed(operator, project, name)
    config = json.loads((await stored(admin, project, name)).data[".dockerconfigjson"])

    assert content["registries"] == registries
    assert [entry["password"] for entry in config["auths"].values()] == [password, renewed]
    assert [base64.b64decode(entry["auth"]).decode() for entry in config["auths"].values()] == [
        f"robot:{password}",
        f"robot:{renewed}",
    ]
