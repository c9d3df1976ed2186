"""Who can make a namespace a project of the service, whose workspace's admins then get a role in it."""

import asyncio
from secrets import token_hex
from typing import Any

import httpx
import pytest

from app.domain.workspace import MANAGED_BY, SERVICE, WORKSPACE_LABEL, WORKSPACE_UID
from tests.support.cluster import Admin

USER = "secretspace:someone"
PLATFORM_ADMINS = "secretspace:platform-admins"
CLUSTER_ADMINS = "system:masters"
NAMESPACES = "/api/v1/namespaces"
SECONDS = 30


def project(name: str, uid: str = "0c5e7a5e-2f7a-4d5e-9a52-6d6f4f1f6a11") -> dict[str, Any]:
    """A namespace with all that makes one a project."""
    labels = {MANAGED_BY: SERVICE, WORKSPACE_LABEL: "theirs"}
    return {"metadata": {"name": name, "labels": labels, "annotations": {WORKSPACE_UID: uid}}}


@pytest.fixture
async def held(admin: Admin) -> Admin:
    """The administrator, once the policy is in force, which it is a moment after it was applied."""
    async with asyncio.timeout(SECONDS):
        while await admin.sends_as(USER, PLATFORM_ADMINS, "POST", NAMESPACES, project("held")) != httpx.codes.FORBIDDEN:
            await asyncio.sleep(0.1)
    return admin


async def test_who_may_change_namespaces_makes_none_a_project(held: Admin) -> None:
    name = await held.namespace()
    path = f"{NAMESPACES}/{name}"
    tried = {
        "another annotation": {"metadata": {"name": name, "annotations": {"example.com/a": "b"}}},
        "adoption": project(name),
        "annotation alone": {"metadata": {"name": name, "annotations": {WORKSPACE_UID: "x"}}},
    }

    outcomes = {what: await held.sends_as(USER, PLATFORM_ADMINS, "PUT", path, body) for what, body in tried.items()}

    assert outcomes == {"another annotation": 200, "adoption": 403, "annotation alone": 403}


async def test_who_may_change_a_project_moves_it_to_no_other_workspace(held: Admin) -> None:
    name = f"adopted-{token_hex(4)}"
    await held.post(NAMESPACES, project(name))
    path = f"{NAMESPACES}/{name}"

    same = await held.sends_as(USER, PLATFORM_ADMINS, "PUT", path, project(name))
    moved = await held.sends_as(USER, PLATFORM_ADMINS, "PUT", path, project(name, "another"))
    left = await held.sends_as(USER, PLATFORM_ADMINS, "PUT", path, {"metadata": {"name": name}})

    assert (same, moved, left) == (200, 403, 200)


async def test_a_cluster_admin_adopts(held: Admin) -> None:
    name = await held.namespace()

    assert await held.sends_as(USER, CLUSTER_ADMINS, "PATCH", f"{NAMESPACES}/{name}", project(name)) == 200
