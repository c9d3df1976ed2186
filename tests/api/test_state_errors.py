"""Requests that are fine and do not fit the state of things: which state it is, and that nothing was written."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio

from app.domain.errors import (
    AlreadyExistsError,
    ImmutableSecretError,
    NotApplicableError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ProjectTerminatingError,
    QuotaExceededError,
    ReadOnlySecretError,
)
from tests.api.operation import KEY, content, manifest
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import OPERATOR, PREFIX, Person, Project, new_project
from tests.support.problem import assert_problem, provokes

SECONDS: Final = 20.0
RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
Write = Callable[[Person, str, str | None], Awaitable[httpx.Response]]

WRITES: Final[dict[str, Write]] = {
    "info": lambda person, path, tag: person.patch(path, {"alias": "Other"}, tag),
    "keys": lambda person, path, tag: person.patch(f"{path}/data", {"set": {KEY: canary()}}, tag),
    "data": lambda person, path, tag: person.put(f"{path}/data", {"content": content()}, tag),
    "yaml": lambda person, path, tag: person.put_yaml(f"{path}/yaml", manifest("one"), tag),
    "delete": lambda person, path, tag: person.delete(path, tag),
}
"""Every write that needs to know what it is based on."""
OF_VALUES: Final = ["keys", "data", "yaml"]


class Stored:
    """A Secret that was made just now, and what the cluster says of it."""

    def __init__(self, admin: Admin, project: Project, made: dict[str, Any]) -> None:
        self._admin = admin
        self.path = f"{project.secrets}/{made['metadata']['name']}"
        self.kube_path = f"{project.kube_secrets}/{made['metadata']['name']}"
        self._version = made["metadata"]["resourceVersion"]

    async def is_untouched(self) -> bool:
        """Whether nothing was written since."""
        return bool((await self._admin.get(self.kube_path))["metadata"]["resourceVersion"] == self._version)


MakeSecret = Callable[..., Awaitable[Stored]]


@pytest.fixture
def make_secret(admin: Admin, project: Project) -> MakeSecret:
    async def make(**fields: Any) -> Stored:
        body = {"metadata": {"name": "one"}, "stringData": {KEY: canary()}, **fields}
        return Stored(admin, project, await admin.post(project.kube_secrets, body))

    return make


@provokes(AlreadyExistsError, 409)
async def test_a_name_that_is_taken(operator: Person, project: Project, make_secret: MakeSecret) -> httpx.Response:
    one = await make_secret()

    response = await operator.post(project.secrets, {"name": "one", "content": content()})

    assert await one.is_untouched()
    return response


@pytest.mark.parametrize("write", WRITES)
@provokes(PreconditionRequiredError, 428)
async def test_a_write_that_does_not_say_what_it_is_based_on(
    operator: Person, make_secret: MakeSecret, write: str
) -> httpx.Response:
    one = await make_secret()

    response = await WRITES[write](operator, one.path, None)

    assert await one.is_untouched()
    return response


@pytest.mark.parametrize("write", [*WRITES, "upsert"])
@provokes(PreconditionFailedError, 412)
async def test_a_write_that_is_based_on_an_older_version(
    operator: Person, project: Project, make_secret: MakeSecret, admin: Admin, write: str
) -> httpx.Response:
    await make_secret()
    tag = (await operator.get(f"{project.secrets}/one")).headers["ETag"]
    changed = await admin.merge(f"{project.kube_secrets}/one", {"metadata": {"labels": {"changed": "yes"}}})
    one = Stored(admin, project, changed)

    response = await (WRITES | {"upsert": upsert})[write](operator, one.path, tag)

    assert await one.is_untouched()
    return response


@provokes(PreconditionFailedError, 412)
async def test_a_secret_that_was_deleted_and_made_again_is_another_one(
    operator: Person, project: Project, make_secret: MakeSecret, admin: Admin
) -> httpx.Response:
    first = await make_secret()
    tag = (await operator.get(first.path)).headers["ETag"]
    await admin.delete(first.kube_path)
    second = await make_secret()

    response = await operator.delete(second.path, tag)

    assert await second.is_untouched()
    return response


TAGS: Final = ['"not-one-of-ours"', "unquoted", '""', '"MDow"', 'W/"x"', "", '*, "x"', '"*"', "**"]


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("write", WRITES)
@provokes(PreconditionFailedError, 412)
async def test_a_tag_that_is_none_of_ours_matches_nothing(
    operator: Person, shared: Stored, write: str, tag: str
) -> httpx.Response:
    response = await WRITES[write](operator, shared.path, tag)

    assert await shared.is_untouched()
    return response


@pytest_asyncio.fixture(scope="module")
async def shared(admin: Admin) -> Stored:
    """A Secret that is never written."""
    project = await new_project(admin)
    body = {"metadata": {"name": "one"}, "stringData": {KEY: canary()}}
    return Stored(admin, project, await admin.post(project.kube_secrets, body))


@provokes(PreconditionFailedError, 412)
async def test_only_create_finds_the_name_taken(operator: Person, make_secret: MakeSecret) -> httpx.Response:
    one = await make_secret()

    response = await operator.request("PUT", one.path, json={"content": content()}, headers={"If-None-Match": "*"})

    assert await one.is_untouched()
    return response


@pytest.mark.parametrize("write", OF_VALUES)
@provokes(ImmutableSecretError, 409)
async def test_values_of_an_immutable_secret(operator: Person, make_secret: MakeSecret, write: str) -> httpx.Response:
    one = await make_secret(immutable=True)

    response = await WRITES[write](operator, one.path, "*")

    assert await one.is_untouched()
    return response


@pytest.mark.parametrize("write", WRITES)
@provokes(ReadOnlySecretError, 409)
async def test_a_helm_release_is_read_only(operator: Person, make_secret: MakeSecret, write: str) -> httpx.Response:
    release = await make_secret(type=RELEASE)

    response = await OF_RELEASES[write](operator, release.path, "*")

    assert await release.is_untouched()
    return response


RELEASE: Final = "helm.sh/release.v1"
RAW: Final = {"kind": "raw", "type": RELEASE, "data": {"release": canary()}}
OF_RELEASES: Final[dict[str, Write]] = WRITES | {
    "data": lambda person, path, tag: person.put(f"{path}/data", {"content": RAW}, tag),
    "yaml": lambda person, path, tag: person.put_yaml(f"{path}/yaml", manifest("one").replace("Opaque", RELEASE), tag),
}


@pytest.mark.parametrize(
    "change",
    [
        {"setIfAbsent": {KEY: canary()}},
        {"rename": {"absent": "other"}},
        {"rename": {KEY: "second"}},
        {"set": {"new": canary()}, "rename": {"absent": "other"}},
    ],
    ids=["a key to add is there", "a key to rename is missing", "its target is there", "one of two"],
)
@provokes(NotApplicableError, 409)
async def test_a_change_whose_guard_does_not_hold(
    operator: Person, make_secret: MakeSecret, change: dict[str, object]
) -> httpx.Response:
    one = await make_secret(stringData={KEY: canary(), "second": canary()})

    response = await operator.patch(f"{one.path}/data", change)

    assert await one.is_untouched()
    return response


@provokes(QuotaExceededError, 409)
async def test_a_quota_that_is_used_up(operator: Person, admin: Admin, project: Project) -> httpx.Response:
    quotas = f"/api/v1/namespaces/{project.name}/resourcequotas"
    await admin.post(quotas, {"metadata": {"name": "none"}, "spec": {"hard": {"count/secrets": "0"}}})
    await until(lambda: has_status(admin, f"{quotas}/none"))

    response = await operator.post(project.secrets, {"name": "one", "content": content()})

    assert not await admin.exists(f"{project.kube_secrets}/one")
    return response


async def test_a_quota_that_is_used_up_is_no_fault_of_a_draft(operator: Person, admin: Admin, project: Project) -> None:
    quotas = f"/api/v1/namespaces/{project.name}/resourcequotas"
    await admin.post(quotas, {"metadata": {"name": "none"}, "spec": {"hard": {"count/secrets": "0"}}})
    await until(lambda: has_status(admin, f"{quotas}/none"))

    response = await operator.post(f"{project.path}/secret-actions/validate", {"name": "one", "content": content()})

    assert_problem(response, 409, "QUOTA_EXCEEDED")


@provokes(ProjectTerminatingError, 409)
async def test_a_project_that_is_being_deleted(operator: Person, admin: Admin, project: Project) -> httpx.Response:
    await hold_rights(admin, project, ["tests.secretspace.io/held"])
    await admin.delete(f"/api/v1/namespaces/{project.name}")

    response = await operator.post(project.secrets, {"name": "one", "content": content()})

    await hold_rights(admin, project, [])
    return response


async def has_status(admin: Admin, quota: str) -> bool:
    """Whether the quota is in force: its use is counted, and hence held against what comes."""
    return "hard" in (await admin.get(quota)).get("status", {})


async def hold_rights(admin: Admin, project: Project, finalizers: list[str]) -> None:
    """Keep the operator's rights, and with them the namespace, from going before these are gone."""
    bindings = f"{RBAC}/namespaces/{project.name}/rolebindings"
    (name,) = [
        binding["metadata"]["name"]
        for binding in (await admin.get(bindings))["items"]
        if binding["subjects"][0]["name"] == PREFIX + OPERATOR
    ]
    await admin.merge(f"{bindings}/{name}", {"metadata": {"finalizers": finalizers}})


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a controller to have done its work."""
    async with asyncio.timeout(SECONDS):
        while not await holds():
            await asyncio.sleep(0.1)


async def upsert(person: Person, path: str, tag: str | None) -> httpx.Response:
    """Create or replace."""
    return await person.put(path, {"content": content()}, tag)
