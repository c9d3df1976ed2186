"""A request to the API server as a value: built purely, compared in tests, sent elsewhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"
APPLY_PATCH: Final = "application/apply-patch+yaml"
METADATA_ONLY: Final = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
"""What writes ask for: the default answer would hold every value, even for who may not read."""
METADATA_LIST: Final = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
TABLE: Final = "application/json;as=Table;v=v1;g=meta.k8s.io"
"""Name, type, number of keys and metadata; never a value."""

FIELD_MANAGER: Final = "secretspace"

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class KubeRequest:
    """One call; `path` is absolute and escaped, `query` is not."""

    method: Method
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    accept: str = JSON
    content_type: str | None = None
    body: bytes | None = field(default=None, repr=False)

    @property
    def resource(self) -> str:
        """The plural of the resource that the path names: `secrets`, `namespaces`, `selfsubjectaccessreviews`."""
        return self._target[0] if self._target else ""

    @property
    def verb(self) -> str:
        """The Kubernetes verb, for errors and logs; what reads a resource without naming an object lists it."""
        if self.method == "GET":
            return "watch" if "watch" in self.query else "list" if len(self._target) == 1 else "get"
        return {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}[self.method]

    @property
    def _target(self) -> list[str]:
        """The resource, and the name where the path has one."""
        parts = self.path.strip("/").split("/")
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        return rest[2:] if len(rest) > 2 and rest[0] == "namespaces" else rest


def core_path(namespace: str, resource: str, name: str | None = None) -> str:
    """`/api/v1/namespaces/{namespace}/{resource}[/{name}]`, every part escaped."""
    path = f"/api/v1/namespaces/{path_part(namespace)}/{resource}"
    return path if name is None else f"{path}/{path_part(name)}"


def group_path(group: str, version: str, resource: str, name: str | None = None, namespace: str | None = None) -> str:
    """The path of a resource in a named API group."""
    scope = "" if namespace is None else f"/namespaces/{path_part(namespace)}"
    path = f"/apis/{group}/{version}{scope}/{resource}"
    return path if name is None else f"{path}/{path_part(name)}"


def write_query(*, dry_run: bool = False) -> dict[str, str]:
    """The query of every write: our field manager, and a refusal of fields that would otherwise vanish."""
    query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
    return query | {"dryRun": "All"} if dry_run else query


def encode(value: Any) -> bytes:
    """JSON of a request body."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def path_part(text: str) -> str:
    """A name as one segment of a path.

    Raises:
        ValueError: a dot segment, which would be another path; names are checked long before.
    """
    if text in {"", ".", ".."}:
        message = "no name"
        raise ValueError(message)
    return quote(text, safe="")
