"""Secrets as tests make them and look at them: through our API, and behind it, as the cluster has them."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.cluster import Admin
from tests.support.people import Person, Project

NAME = "demo"


@dataclass(frozen=True)
class Stored:
    """A Secret as the cluster has it."""

    object: dict[str, Any]

    @property
    def type(self) -> str:
        """Its Kubernetes type."""
        return str(self.object["type"])

    @property
    def data(self) -> dict[str, bytes]:
        """Its values."""
        return {key: base64.b64decode(value) for key, value in self.object.get("data", {}).items()}

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return dict(self.object["metadata"].get("labels", {}))

    @property
    def annotations(self) -> dict[str, str]:
        """All of its annotations, also those that are never answered."""
        return dict(self.object["metadata"].get("annotations", {}))

    @property
    def version(self) -> str:
        """Its resourceVersion: the same as long as nothing is written."""
        return str(self.object["metadata"]["resourceVersion"])


async def stored(admin: Admin, project: Project, name: str = NAME) -> Stored:
    """What is really there."""
    return Stored(await admin.get(f"{project.kube_secrets}/{name}"))


async def made(
    person: Person, project: Project, content: Mapping[str, object], name: str = NAME, **fields: object
) -> httpx.Response:
    """A Secret made through our API: the answer, with its ETag."""
    response = await person.post(project.secrets, {"name": name, "content": content, **fields})
    assert response.status_code == 201, response.text
    return response


async def made_elsewhere(
    admin: Admin,
    project: Project,
    data: Mapping[str, bytes | str],
    secret_type: str = "Opaque",
    name: str = NAME,
    **fields: Any,
) -> Stored:
    """A Secret as kubectl makes one; `fields` are more of its metadata, and `immutable`."""
    immutable = fields.pop("immutable", None)
    body = {
        "metadata": {"name": name, **fields},
        "type": secret_type,
        "data": {key: encoded(value) for key, value in data.items()},
        "immutable": immutable,
    }
    return Stored(await admin.post(project.kube_secrets, body))


def encoded(value: bytes | str) -> str:
    """Base64, as Kubernetes and our API want bytes."""
    return base64.b64encode(as_bytes(value)).decode()


def as_bytes(value: bytes | str) -> bytes:
    """The bytes of a value."""
    return value.encode() if isinstance(value, str) else value


async def revealed(person: Person, project: Project, name: str = NAME, **query: str) -> dict[str, Any]:
    """The content that a reveal shows."""
    response = await person.get(f"{project.secrets}/{name}/data", params=query)
    content: dict[str, Any] = response.raise_for_status().json()["content"]
    return content


async def replaced(
    person: Person, project: Project, content: Mapping[str, object], if_match: str = "*", name: str = NAME
) -> httpx.Response:
    """The answer to an edit of the data."""
    return await person.put(f"{project.secrets}/{name}/data", {"content": content}, if_match)


def faults(response: httpx.Response) -> dict[str, str]:
    """What is wrong with what was sent: the code of each fault by its place."""
    errors = response.json()["errors"]
    found = {error["pointer"]: error["code"] for error in errors}
    assert len(found) == len(errors), "a place with two faults"
    return found


def refusal(response: httpx.Response) -> tuple[int, str]:
    """The status of a refusal, and its code."""
    return response.status_code, response.json()["code"]


def without_actions(page: Mapping[str, Any]) -> dict[str, Any]:
    """A page of a list as it is for everybody who may see it, but for what each may do."""
    items = [{name: told for name, told in item.items() if name != "allowedActions"} for item in page["items"]]
    return {**page, "items": items}
