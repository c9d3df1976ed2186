"""The objects of `deploy/manifests/`, as they are to be found under the names of this installation."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from app.doctor.installation import ServiceAccount
from app.doctor.rbac import Binding, Role, binding_of, role_of
from app.manifests import Profile, manifest_objects

_DEFAULT: Final = ServiceAccount()


def shipped_objects(profile: Profile, account: ServiceAccount) -> Iterator[dict[str, Any]]:
    """All objects of a profile, in the order in which they are applied."""
    return (_placed(manifest, account) for manifest in _manifests(profile))


def shipped_roles(profile: Profile, account: ServiceAccount) -> Iterator[Role]:
    """The roles among them."""
    return (role_of(each) for each in shipped_objects(profile, account) if each["kind"] in {"Role", "ClusterRole"})


def shipped_bindings(profile: Profile, account: ServiceAccount) -> Iterator[Binding]:
    """The bindings among them."""
    kinds = {"RoleBinding", "ClusterRoleBinding"}
    return (binding_of(each) for each in shipped_objects(profile, account) if each["kind"] in kinds)


@cache
def _manifests(profile: Profile) -> tuple[dict[str, Any], ...]:
    """Parsed once: every check asks for them, and YAML takes its time."""
    return tuple(manifest_objects(profile))


def _placed(manifest: dict[str, Any], account: ServiceAccount) -> dict[str, Any]:
    """A manifest for another namespace or account; the service's own users keep their names, which are in the code."""
    placed: dict[str, Any] = _with_names(manifest, account)
    if placed["kind"] == "Namespace":
        placed["metadata"]["name"] = account.namespace
    if placed["kind"] == "ServiceAccount":
        placed["metadata"]["name"] = account.name
    for subject in placed.get("subjects", ()):
        if subject["kind"] == "ServiceAccount":
            subject["name"] = account.name
    return placed


def _with_names(value: Any, account: ServiceAccount) -> Any:
    """The value with the account and its namespace named anew, also inside of the expressions of a policy."""
    match value:
        case dict():
            return {
                key: account.namespace if key == "namespace" else _with_names(part, account)
                for key, part in value.items()
            }
        case list():
            return [_with_names(part, account) for part in value]
        case str():
            named = value.replace(_DEFAULT.username, account.username)
            return named.replace(f'"{_DEFAULT.namespace}"', f'"{account.namespace}"')
        case _:
            return value
