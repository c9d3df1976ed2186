"""What a patch does to a document, as the API server applies it: the two RFCs, and its reading of a `test` for null."""

from copy import deepcopy
from typing import Any


class FailedPatchError(Exception):
    """An operation found nothing to work on, or something else than it tests for."""


def merge_patched(document: Any, patch: Any) -> Any:
    """RFC 7396 section 2, in the words of its pseudocode."""
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patched(result.get(name), value)
    return result


def json_patched(document: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """RFC 6902, all of it or nothing; a `test` for null passes where nothing is there (evanphx/json-patch)."""
    result = deepcopy(document)
    for operation in operations:
        parent, name = _place(result, operation["path"])
        match operation["op"]:
            case "test":
                if parent.get(name) != operation["value"]:
                    raise FailedPatchError
            case "add":
                parent[name] = operation["value"]
            case "replace":
                _require(parent, name)
                parent[name] = operation["value"]
            case "remove":
                _require(parent, name)
                del parent[name]
            case "move":
                source, source_name = _place(result, operation["from"])
                _require(source, source_name)
                parent[name] = source.pop(source_name)
            case unknown:
                raise NotImplementedError(unknown)
    return result


def _place(document: dict[str, Any], pointer: str) -> tuple[dict[str, Any], str]:
    *parents, name = pointer.split("/")[1:]
    for each in parents:
        if each not in document:
            raise FailedPatchError
        document = document[each]
    return document, name


def _require(parent: dict[str, Any], name: str) -> None:
    if name not in parent:
        raise FailedPatchError
