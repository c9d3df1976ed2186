"""Requests about Secrets, as values; pure, so that a test compares them without a server.

Writes ask for metadata only: the default answer to them holds every value, even for a caller who may not read, and an
error of theirs would put values into the cluster's audit log. Patches are built here from checked parts; none that a
caller made is ever forwarded, since `copy` and `test` of a JSON Patch read values.
"""

import base64
from collections.abc import Mapping
from typing import Any, Final

from app.domain.change import KeyChange, SecretChange
from app.domain.name import Key
from app.domain.secret import NewSecret, SecretRef
from app.domain.version import Version
from app.k8s.request import (
    JSON,
    JSON_PATCH,
    MERGE_PATCH,
    METADATA_ONLY,
    TABLE,
    KubeRequest,
    core_path,
    encode,
    write_query,
)

CHUNK: Final = 500
"""Rows asked for at once: bounds each request and the time the event loop is held."""


def list_rows(namespace: str, label_selector: str | None, continue_: str) -> KubeRequest:
    """One chunk of a list: name, type, number of keys and metadata, never a value."""
    query = {"limit": str(CHUNK), "includeObject": "Metadata"}
    if label_selector:
        query["labelSelector"] = label_selector
    if continue_:
        query["continue"] = continue_
    return KubeRequest("GET", core_path(namespace, "secrets"), query, accept=TABLE)


def find_row(secret: SecretRef) -> KubeRequest:
    """A list that holds this Secret alone, without its values, or nothing."""
    query = {"fieldSelector": f"metadata.name={secret.name}", "includeObject": "Metadata"}
    return KubeRequest("GET", core_path(secret.namespace, "secrets"), query, accept=TABLE)


def get(secret: SecretRef) -> KubeRequest:
    """The whole Secret."""
    return KubeRequest("GET", secret_path(secret))


def get_at(secret: SecretRef, resource_version: str) -> KubeRequest:
    """The whole Secret as it was at a resource version, as a list of one: a plain read knows no earlier version.

    Needs `list`; one that is narrowed to this name is enough.
    https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
    """
    query = {
        "fieldSelector": f"metadata.name={secret.name}",
        "resourceVersion": resource_version,
        "resourceVersionMatch": "Exact",
    }
    return KubeRequest("GET", core_path(secret.namespace, "secrets"), query)


def get_row(secret: SecretRef) -> KubeRequest:
    """The Secret without its values, for who may read it."""
    return KubeRequest("GET", secret_path(secret), {"includeObject": "Metadata"}, accept=TABLE)


def patched_row(secret: SecretRef) -> KubeRequest:
    """The Secret without its values, for who may only patch: the dry run of a patch that changes nothing."""
    query = write_query(dry_run=True) | {"includeObject": "Metadata"}
    return KubeRequest("PATCH", secret_path(secret), query, accept=TABLE, content_type=MERGE_PATCH, body=b"{}")


def create(secret: NewSecret, *, dry_run: bool) -> KubeRequest:
    """Make a new Secret; never overwrites one."""
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": secret.ref.name,
            "labels": dict(secret.labels),
            "annotations": dict(secret.annotations),
        },
        "type": secret.type,
        "data": _encoded(secret.data),
    }
    if secret.immutable:
        body["immutable"] = True
    return KubeRequest(
        method="POST",
        path=core_path(secret.ref.namespace, "secrets"),
        query=write_query(dry_run=dry_run),
        accept=METADATA_ONLY,
        content_type=JSON,
        body=encode(body),
    )


def patch(secret: SecretRef, change: SecretChange, expected: Version | None, *, dry_run: bool = False) -> KubeRequest:
    """A merge patch (RFC 7396: null removes), held to `expected` by the API server itself."""
    return _patch(secret, MERGE_PATCH, merge_patch(change, expected), dry_run=dry_run)


def patch_keys(secret: SecretRef, change: KeyChange, expected: Version | None, *, dry_run: bool = False) -> KubeRequest:
    """A JSON Patch when a rename or a guard needs it, else a merge patch."""
    if change.guarded:
        return _patch(secret, JSON_PATCH, json_patch(change, expected), dry_run=dry_run)
    keys = dict[str, bytes | None](change.set.items())
    return patch(secret, SecretChange(data=keys | dict.fromkeys(change.remove)), expected, dry_run=dry_run)


def patch_first_keys(
    secret: SecretRef, change: KeyChange, expected: Version | None, *, dry_run: bool = False
) -> KubeRequest:
    """The same for a Secret without any data, where a JSON Patch finds no place to add to."""
    keys = _encoded(change.set) | _encoded(change.set_if_absent)
    operations = [
        *_guard(expected),
        {"op": "test", "path": "/data", "value": None},
        {"op": "add", "path": "/data", "value": keys},
    ]
    return _patch(secret, JSON_PATCH, operations, dry_run=dry_run)


def delete(secret: SecretRef, expected: Version | None, *, dry_run: bool = False) -> KubeRequest:
    """Delete, only at the expected version; beside a body the API server passes over a `dryRun` of the query."""
    options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions"}
    if dry_run:
        options["dryRun"] = ["All"]
    if expected is not None:
        options["preconditions"] = {"uid": expected.uid, "resourceVersion": expected.resource_version}
    return KubeRequest("DELETE", secret_path(secret), accept=METADATA_ONLY, content_type=JSON, body=encode(options))


def merge_patch(change: SecretChange, expected: Version | None) -> dict[str, Any]:
    """The body of a merge patch; keys that the change does not name are not in it."""
    metadata: dict[str, Any] = {}
    if expected is not None:
        metadata = {"uid": expected.uid, "resourceVersion": expected.resource_version}
    if change.labels:
        metadata["labels"] = dict(change.labels)
    if change.annotations:
        metadata["annotations"] = dict(change.annotations)
    body: dict[str, Any] = {"metadata": metadata} if metadata else {}
    if change.data:
        body["data"] = {key: None if value is None else _base64(value) for key, value in change.data.items()}
    if change.immutable is not None:
        body["immutable"] = change.immutable
    return body


def json_patch(change: KeyChange, expected: Version | None) -> list[dict[str, Any]]:
    """A JSON Patch (RFC 6902) that means what the merge patch of the same change would, and guards what it says.

    A `test` against null passes when the key is absent. Removing an absent key would fail, so it is added empty first.
    """
    operations = _guard(expected)
    for source, target in change.rename.items():
        if not change.overwrite:
            operations.append({"op": "test", "path": _at(target), "value": None})
        operations.append({"op": "move", "from": _at(source), "path": _at(target)})
    for key, value in change.set_if_absent.items():
        operations.append({"op": "test", "path": _at(key), "value": None})
        operations.append({"op": "add", "path": _at(key), "value": _base64(value)})
    operations.extend({"op": "add", "path": _at(key), "value": _base64(value)} for key, value in change.set.items())
    for key in sorted(change.remove):
        operations.append({"op": "add", "path": _at(key), "value": ""})
        operations.append({"op": "remove", "path": _at(key)})
    return operations


def secret_path(secret: SecretRef) -> str:
    """The path of the Secret at the API server."""
    return core_path(secret.namespace, "secrets", secret.name)


def _patch(secret: SecretRef, content_type: str, body: Any, *, dry_run: bool) -> KubeRequest:
    return KubeRequest(
        method="PATCH",
        path=secret_path(secret),
        query=write_query(dry_run=dry_run),
        accept=METADATA_ONLY,
        content_type=content_type,
        body=encode(body),
    )


def _guard(expected: Version | None) -> list[dict[str, Any]]:
    if expected is None:
        return []
    return [
        {"op": "test", "path": "/metadata/uid", "value": expected.uid},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": expected.resource_version},
    ]


def _at(key: str) -> str:
    """The place of a key; keys hold nothing that a JSON pointer would have to escape."""
    return f"/data/{key}"


def _encoded(data: Mapping[str, bytes] | Mapping[Key, bytes]) -> dict[str, str]:
    return {key: _base64(value) for key, value in data.items()}


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
