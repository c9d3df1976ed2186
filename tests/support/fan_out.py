"""Workspaces with projects of their own, as the cluster has them, and who may do what there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from tests.support.cluster import Admin

ADMINS, VIEWERS, METADATA = "secretspace:workspace-admins", "secretspace:workspace-viewers", "secretspace:metadata"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_WORKSPACES = "/apis/tenancy.secretspace.io/v1/workspaces"
_SECONDS = 20.0


@dataclass(frozen=True)
class Team:
    """A workspace, and the namespaces that were made for it."""

    name: str
    projects: tuple[str, ...]

    @property
    def kube(self) -> str:
        """The workspace at the API server."""
        return f"{_WORKSPACES}/{self.name}"

    def everywhere(self, *names: str) -> dict[str, set[str]]:
        """These people in each project, as `bound` tells it."""
        return {project: set(names) for project in self.projects}


def members(**roles: str) -> list[dict[str, Any]]:
    """Members as they stand in the resource."""
    return [{"subject": {"kind": "User", "name": name}, "role": role} for name, role in roles.items()]


async def new_team(admin: Admin, projects: int, manager: str, **roles: str) -> Team:
    """A workspace of so many projects, made by nobody's service, so nobody is bound yet."""
    name = f"team-{token_hex(4)}"
    body = {"metadata": {"name": name}, "spec": {"manager": manager, "members": members(**roles)}}
    made = await admin.post(_WORKSPACES, {"apiVersion": "tenancy.secretspace.io/v1", "kind": "Workspace"} | body)
    team = Team(name, tuple(f"{name}-{number}" for number in range(projects)))
    for project in team.projects:
        metadata = {
            "name": project,
            "labels": {"kubesphere.io/workspace": name, "app.kubernetes.io/managed-by": "secretspace"},
            "annotations": {"secretspace.io/workspace-uid": made["metadata"]["uid"]},
        }
        await admin.post("/api/v1/namespaces", {"metadata": metadata})
    return team


async def set_members(admin: Admin, team: Team, **roles: str) -> None:
    """Give the workspace other members, as with kubectl."""
    await admin.merge(team.kube, {"spec": {"members": members(**roles)}})


def binding(project: str, name: str) -> str:
    """A role binding at the API server."""
    return f"{_RBAC}/namespaces/{project}/rolebindings/{name}"


async def bound(admin: Admin, team: Team, name: str) -> dict[str, set[str]]:
    """Whom the bindings of a name name, by project; projects without one are left out."""
    found = await admin.get(f"{_RBAC}/rolebindings?fieldSelector=metadata.name={name}")
    return {
        item["metadata"]["namespace"]: {subject["name"] for subject in item.get("subjects", [])}
        for item in found["items"]
        if item["metadata"]["namespace"] in team.projects
    }


async def condition(admin: Admin, team: Team) -> dict[str, Any]:
    """What the status says of how far the roles have come."""
    found = (await admin.get(team.kube)).get("status", {}).get("conditions", [])
    return next((dict(each) for each in found if each["type"] == "Synced"), {})


async def is_settled(admin: Admin, team: Team) -> bool:
    """Whether the status says that all is done for the workspace as it is now."""
    generation = (await admin.get(team.kube))["metadata"]["generation"]
    said = await condition(admin, team)
    return (said.get("status"), said.get("observedGeneration")) == ("True", generation)


async def may(admin: Admin, user: str, verb: str, resource: str, project: str, group: str = "") -> bool:
    """What kubectl would say: whether RBAC lets a user do this in a project."""
    plural, _, subresource = resource.partition("/")
    asked = {"namespace": project, "verb": verb, "group": group, "resource": plural, "subresource": subresource}
    review = {"spec": {"user": user, "resourceAttributes": asked}}
    answer = await admin.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    return bool(answer["status"]["allowed"])


async def eventually(holds: Callable[[], Awaitable[object]]) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: it does not.
    """
    async with asyncio.timeout(_SECONDS):
        while not await holds():
            await asyncio.sleep(0.05)
