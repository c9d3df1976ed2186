"""Every operation of the API, as its document has it, and a request of it that is fine but for who sends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Final

import httpx

from app.domain.version import Version
from app.main import create_app
from app.openapi import schema
from app.settings import Settings
from tests.support.canary import canary
from tests.support.people import Person, Project

KEY: Final = "password"
NO_MEMBER: Final = "dXNlcjphYnNlbnQ"
"""The id of a user who is no member."""
EARLIER: Final = Version("0b5b0e6c-7e4c-4f5e-9d3a-2f6f0c9a1d11", "1").etag
"""Stands for the ETag of an earlier version of the Secret, which is not known beforehand."""
Options = dict[str, Any]
"""What else httpx is to send."""


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    id: str
    method: str
    path: str
    access: Mapping[str, Any]

    @property
    def in_project(self) -> bool:
        """Whether it is about one project."""
        return "{project}" in self.path

    def options(self, name: str) -> Options:
        """A request about the Secret of this name."""
        return REQUESTS[self.id](name)

    async def sent_by(
        self, person: Person, project: Project, name: str, earlier: str = EARLIER, **instead: Any
    ) -> httpx.Response:
        """The answer to a fine request of this person; some of its options may be replaced.

        `earlier` is the ETag of an earlier version of the Secret.
        """
        template = self.path + QUERIES.get(self.id, "")
        path = template.format(
            workspace=project.workspace, project=project.name, name=name, key=KEY, account="absent", memberId=NO_MEMBER
        )
        options = self.options(name) | instead
        if options.get("json") == {"etag": EARLIER}:
            options = options | {"json": {"etag": earlier}}
        return await person.request(self.method, path, **options)


def operations() -> dict[str, Operation]:
    """All operations, by their ids."""
    document = schema(create_app(Settings()))
    found = (
        Operation(operation["operationId"], method.upper(), path, operation["x-access"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    return {operation.id: operation for operation in found}


def content() -> dict[str, object]:
    """The content of a Secret, with a value that nobody has seen."""
    return {"kind": "default", "data": {KEY: canary()}}


def manifest(name: str) -> str:
    """A Secret as YAML."""
    metadata = f"metadata: {{name: {name}}}"
    return f"apiVersion: v1\nkind: Secret\n{metadata}\ntype: Opaque\nstringData: {{{KEY}: '{canary()}'}}\n"


def _nothing(_: str) -> Options:
    return {}


_ANY: Final = {"If-Match": "*"}
_MEMBER: Final = {"subject": {"kind": "user", "name": "absent"}}
_YAML: Final = {"Content-Type": "application/yaml"}

REQUESTS: Final[Mapping[str, Callable[[str], Options]]] = {
    "listSecrets": _nothing,
    "createSecret": lambda _: {"json": {"name": f"new-{token_hex(4)}", "content": content()}},
    "getSecret": _nothing,
    "updateSecretInfo": lambda _: {"json": {"alias": token_hex(4)}, "headers": _ANY},
    "upsertSecret": lambda _: {"json": {"content": content()}},
    "deleteSecret": lambda _: {"headers": _ANY},
    "getSecretData": _nothing,
    "replaceSecretData": lambda _: {"json": {"content": content()}, "headers": _ANY},
    "patchSecretData": lambda _: {"json": {"set": {KEY: canary()}}, "headers": _ANY},
    "getSecretKey": _nothing,
    "getSecretYaml": _nothing,
    "updateSecretYaml": lambda name: {"content": manifest(name), "headers": _ANY | _YAML},
    "diffSecret": lambda _: {"json": {"edit": {"operation": "replaceSecretData", "content": content()}}},
    "newSecretVersion": lambda _: {"json": {"edit": {"operation": "patchSecretData", "set": {KEY: canary()}}}},
    "restoreSecret": lambda _: {"json": {"etag": EARLIER}, "headers": _ANY},
    "copySecret": lambda _: {"json": {"name": f"copy-{token_hex(4)}"}},
    "compareSecrets": lambda name: {"json": {"name": name}},
    "createFromYaml": lambda _: {"content": manifest(f"new-{token_hex(4)}"), "headers": _YAML},
    "batchDeleteSecrets": lambda name: {"json": {"items": [{"name": name}]}},
    "validateSecret": lambda _: {"json": {"name": f"new-{token_hex(4)}"}},
    "exportSecret": lambda _: {"params": {"format": "json"}},
    "importSecret": lambda _: {
        "content": f"{KEY}={canary()}",
        "params": {"name": f"new-{token_hex(4)}", "format": "env"},
        "headers": {"Content-Type": "text/plain"},
    },
    "listWorkspaces": _nothing,
    "createWorkspace": lambda _: {"json": {"name": f"new-{token_hex(4)}"}},
    "getWorkspace": _nothing,
    "updateWorkspace": lambda _: {"json": {"alias": token_hex(4)}, "headers": _ANY},
    "deleteWorkspace": lambda _: {"headers": _ANY},
    "listWorkspaceMembers": _nothing,
    "addWorkspaceMember": lambda _: {"json": {**_MEMBER, "role": "regular"}},
    "updateWorkspaceMember": lambda _: {"json": {"role": "viewer"}, "headers": _ANY},
    "removeWorkspaceMember": lambda _: {"headers": _ANY},
    "listProjects": _nothing,
    "createProject": lambda _: {"json": {"name": f"new-{token_hex(4)}"}},
    "getProject": _nothing,
    "updateProject": lambda _: {"json": {"alias": token_hex(4)}, "headers": _ANY},
    "deleteProject": lambda _: {"headers": _ANY},
    "listProjectMembers": _nothing,
    "addProjectMember": lambda _: {"json": {**_MEMBER, "role": "project-reader"}},
    "updateProjectMember": lambda _: {"json": {"role": "project-reader"}, "headers": _ANY},
    "removeProjectMember": lambda _: {"headers": _ANY},
    "listRoles": _nothing,
    "getPermissions": _nothing,
    "getMe": _nothing,
    "getMeta": _nothing,
    "listAccounts": _nothing,
    "createAccount": lambda _: {"json": {"name": f"new-{token_hex(4)}", "password": canary()}},
    "getAccount": _nothing,
    "updateAccount": lambda _: {"json": {"disabled": True}, "headers": _ANY},
    "deleteAccount": lambda _: {"headers": _ANY},
    "setPassword": lambda _: {"json": {"newPassword": canary()}},
    "signOutEverywhere": _nothing,
    "issueToken": lambda _: {
        "data": {"grant_type": "password", "username": f"nobody-{token_hex(4)}", "password": canary()}
    },
    "getIssuer": _nothing,
    "getSigningKeys": _nothing,
    "revokeToken": lambda _: {"data": {"token": "nonsense"}},
    "getLiveness": _nothing,
    "getReadiness": _nothing,
    "getMetrics": _nothing,
}
"""By the id of the operation: what is sent besides method and path."""

QUERIES: Final = {"deleteProject": "?confirm={project}"}
"""By the id of the operation: what its address cannot be without."""
