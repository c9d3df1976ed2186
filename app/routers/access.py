"""The access that a route needs, as data: printed into the document, and walked by a test."""

from typing import Any

from app.openapi import ACCESS


def access(*verbs: str, resource: str = "secrets", name: bool = False, items: bool = False) -> dict[str, Any]:
    """The caller needs these verbs on the resource, in the project's namespace.

    With `name` it is the one of the path, with `items` each of those that the body names: who may not touch one of
    them is told so of that one. The API server decides; this says what it will be asked.
    """
    scope = "name" if name else "items" if items else "namespace"
    return {ACCESS: {"verbs": list(verbs), "resource": resource, "scope": scope}}


def signed_in(reason: str) -> dict[str, Any]:
    """Whoever signed in may call it; what the answer holds depends on the caller's rights. `reason` says how."""
    return {ACCESS: {"signedIn": reason}}


def open_access(reason: str) -> dict[str, Any]:
    """Nobody needs to sign in; `reason` says why that is right."""
    return {ACCESS: {"open": reason}}
