"""What every attempt of somebody finds there, and what comes of it."""

from secrets import token_hex
from typing import Any, Final

import httpx

from app.domain.version import Version
from tests.api.operation import KEY
from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Project

NOT_ASKED: Final = {"upsertSecret": {"create"}, "restoreSecret": {"create"}}
"""Verbs that a route may ask for, and does not where the Secret exists."""

_JSON_TYPES: Final = {"application/json", "application/problem+json"}


async def put_secret(admin: Admin, project: Project, name: str) -> None:
    """Have a Secret of this name be there."""
    if not await admin.exists(f"{project.kube_secrets}/{name}"):
        await admin.post(project.kube_secrets, {"metadata": {"name": name}, "stringData": {KEY: canary()}})


async def touched(admin: Admin, project: Project, name: str) -> str:
    """Have somebody change the Secret, and return the ETag of the version before."""
    path = f"{project.kube_secrets}/{name}"
    before = (await admin.get(path))["metadata"]
    await admin.merge(path, {"metadata": {"labels": {"touched": token_hex(4)}}})
    return Version(before["uid"], before["resourceVersion"]).etag


def outcome(response: httpx.Response) -> tuple[int, str | None]:
    """Status, and the code of what went wrong; of one item, where the answer tells of each by itself."""
    body: Any = response.json() if response.headers.get("Content-Type") in _JSON_TYPES else {}
    match body:
        case {"items": [{"problem": {"status": int(status), "code": str(code)}}]}:
            return status, code
        case _:
            return response.status_code, None if response.is_success else body["code"]
