"""What a caller may do in a project, as Kubernetes' own rules say it.

Source: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.secret import SecretRow, StoredSecret

SECRET_VERBS: Final = ("get", "list", "create", "patch", "delete")
"""All verbs on Secrets that actions need."""
_ANY: Final = "*"
RBAC_GROUP: Final = "rbac.authorization.k8s.io"
METADATA: Final = "secrets/metadata"
"""Who may `list` this sees Secrets without their values. No such subresource is served; RBAC grants it all the same."""


class Action(StrEnum):
    """What a console can offer; a closed set."""

    LIST = "list"
    CREATE = "create"
    VIEW = "view"
    REVEAL = "reveal"
    UPDATE_INFO = "updateInfo"
    UPDATE_KEYS = "updateKeys"
    UPDATE_DATA = "updateData"
    UPDATE_YAML = "updateYaml"
    RESTORE = "restore"
    NEW_VERSION = "newVersion"
    DELETE = "delete"


_NEEDS: Final = {
    Action.LIST: ("list",),
    Action.CREATE: ("create",),
    Action.VIEW: ("get",),
    Action.REVEAL: ("get",),
    Action.UPDATE_INFO: ("patch",),
    Action.UPDATE_KEYS: ("patch",),
    Action.UPDATE_DATA: ("get", "patch"),
    Action.UPDATE_YAML: ("get", "patch"),
    Action.RESTORE: ("get", "list", "patch"),
    Action.NEW_VERSION: ("get", "create"),
    Action.DELETE: ("delete",),
}
"""The verbs on `secrets` that an action uses."""
_SEES: Final = frozenset({Action.LIST, Action.VIEW})
"""For these it is enough to see the metadata."""
_ON_ONE: Final = frozenset(Action) - {Action.LIST, Action.CREATE}
_CHANGES_VALUES: Final = frozenset({Action.UPDATE_KEYS, Action.UPDATE_DATA})
_READS: Final = frozenset({Action.VIEW, Action.REVEAL})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of RBAC; no `names` means all of them."""

    verbs: frozenset[str]
    groups: frozenset[str]
    resources: frozenset[str]
    names: frozenset[str] = frozenset()

    def covers(self, resource: str, group: str = "") -> bool:
        """Whether it speaks of this resource, or subresource such as `secrets/metadata`, at all.

        To RBAC `*` is all of both, `*/metadata` this subresource of anything, and `secrets/*` nothing.
        """
        _, slash, subresource = resource.partition("/")
        spoken_of = {resource, _ANY, _ANY + slash + subresource}
        return bool(self.resources & spoken_of and self.groups & {group, _ANY} and self.verbs)

    def allows(self, verb: str, resource: str, name: str | None, group: str) -> bool:
        """Whether it allows the verb on the resource; `name` None asks for all objects of it."""
        return (
            self.covers(resource, group) and bool(self.verbs & {verb, _ANY}) and (not self.names or name in self.names)
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """All that a caller may do in one namespace, cluster-wide rules included."""

    rules: tuple[Rule, ...] = ()

    def allows(self, verb: str, resource: str, name: str | None = None, group: str = "") -> bool:
        """Whether any rule allows it."""
        return any(rule.allows(verb, resource, name, group) for rule in self.rules)

    def sees(self, name: str | None = None) -> bool:
        """Whether this Secret, or with None all of them, may be seen without being read."""
        return self.allows("list", METADATA, name)

    @property
    def sees_project(self) -> bool:
        """Whether the caller has anything to do there: any rule on Secrets, their metadata or role bindings."""
        spoken_of = (("secrets", ""), (METADATA, ""), ("rolebindings", RBAC_GROUP))
        return any(rule.covers(resource, group) for rule in self.rules for resource, group in spoken_of)

    def runs_project(self, name: str) -> bool:
        """Whether the caller may change or delete the project itself, as platform admins may every one."""
        return any(self.allows(verb, "namespaces", name) for verb in ("update", "delete"))

    def actions(self) -> tuple[Action, ...]:
        """What may be done in the project, whichever the Secret."""
        return tuple(action for action in Action if self._may(action, None))

    def actions_on(self, secret: StoredSecret | SecretRow) -> tuple[Action, ...]:
        """What may be done with this very Secret, its own state taken into account."""
        possible: Iterable[Action] = (action for action in Action if action in _ON_ONE)
        if secret.read_only:
            possible = (action for action in possible if action in _READS)
        if isinstance(secret, StoredSecret) and secret.immutable:
            possible = (action for action in possible if action not in _CHANGES_VALUES)
        return tuple(action for action in possible if self._may(action, secret.metadata.name))

    def actions_on_each(self, secrets: Iterable[SecretRow]) -> Iterator[tuple[Action, ...]]:
        """What may be done with each of them; those of whom no rule speaks by name are alike, and decided once."""
        named = frozenset[str]().union(*(rule.names for rule in self.rules))
        decided: dict[tuple[str, bool], tuple[Action, ...]] = {}
        for secret in secrets:
            name = secret.metadata.name
            alike = (name if name in named else "", secret.read_only)
            if alike not in decided:
                decided[alike] = self.actions_on(secret)
            yield decided[alike]

    def _may(self, action: Action, name: str | None) -> bool:
        """Whether all verbs are allowed; of a create RBAC does not know the name (so no rule with names allows it)."""
        if action in _SEES and self.sees(name):
            return True
        return all(self.allows(verb, "secrets", None if verb == "create" else name) for verb in _NEEDS[action])
