"""What the API server itself takes for a workspace."""

from typing import Any

import pytest

from app.dev.apply import apply
from app.domain.errors import InvalidError
from tests.contract.dev.conftest import Admin


def _workspace(name: str = "accepted", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "tenancy.secretspace.io/v1",
        "kind": "Workspace",
        "metadata": {"name": name},
        "spec": {"manager": "secretspace:ws-admin", **spec},
    }


def _member(name: str, role: str = "viewer", kind: str = "User") -> dict[str, Any]:
    return {"subject": {"kind": kind, "name": name}, "role": role}


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"alias": "x" * 63, "description": "x" * 256},
        {"members": [_member("a"), _member("a", kind="Group"), _member("b", role="self-provisioner")]},
        {"members": [_member(f"{number:03}" + "x" * 250) for number in range(250)]},
    ],
    ids=["least", "longest texts", "user and group of one name", "most members, longest names"],
)
async def test_a_right_workspace_is_taken(admin: Admin, spec: dict[str, Any]) -> None:
    made = await apply(_workspace(**spec), admin.transport, admin.acting)

    assert made.uid


@pytest.mark.parametrize("name", ["w" * 64, "with.dot", "cluster", "system-workspace"])
async def test_a_name_that_cannot_be_a_label_or_is_reserved_is_refused(admin: Admin, name: str) -> None:
    with pytest.raises(InvalidError):
        await apply(_workspace(name), admin.transport, admin.acting)


@pytest.mark.parametrize(
    "spec",
    [
        {"alias": "x" * 64},
        {"description": "x" * 257},
        {"manager": ""},
        {"members": [_member("a", role="owner")]},
        {"members": [_member("a", kind="user")]},
        {"members": [_member("")]},
        {"members": [_member("a", role="admin"), _member("a", role="viewer")]},
    ],
    ids=["alias", "description", "manager", "role", "kind", "subject without a name", "subject twice"],
)
async def test_a_wrong_workspace_is_refused(admin: Admin, spec: dict[str, Any]) -> None:
    with pytest.raises(InvalidError):
        await apply(_workspace(**spec), admin.transport, admin.acting)
