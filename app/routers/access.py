"""The access that a route needs, as data: printed into the document, and walked by a test."""

from typing import Any

from app.domain.access import METADATA
from app.openapi import ACCESS


def access(
    *verbs: str, resource: str = "secrets", name: bool = False, items: bool = False, or_see: bool = False
) -> dict[str, Any]:
    """The caller needs these verbs on the resource, in the project's namespace.

    With `name` it is the one of the path, with `items` each of those that the body names: who may not touch one of
    them is told so of that one. With `or_see` it is enough to see Secrets without reading them. The API server decides;
    this says what it will be asked.
    """
    scope = "name" if name else "items" if items else "namespace"
    needed = {"verbs": list(verbs), "resource": resource, "scope": scope}
    return {ACCESS: needed | ({"or": {"verbs": ["list"], "resource": METADATA}} if or_see else {})}


def signed_in(reason: str) -> dict[str, Any]:
    """Whoever signed in may call it; what the answer holds depends on the caller's rights. `reason` says how."""
    return {ACCESS: {"signedIn": reason}}


def open_access(reason: str) -> dict[str, Any]:
    """Nobody needs to sign in; `reason` says why that is right."""
    return {ACCESS: {"open": reason}}
