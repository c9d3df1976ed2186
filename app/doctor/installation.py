"""What was read of a cluster, by kind, and what the operator may not look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from app.doctor.rbac import Binding, RbacSubject, Role
from app.domain.call import RESERVED_USER_ACCOUNTS
from app.domain.secret import Metadata


@dataclass(frozen=True, slots=True)
class Unread:
    """The operator may not look; `needs` is the right that is missing, such as `list clusterroles`."""

    needs: str


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """The account that the service runs as."""

    namespace: str = "secretspace-system"
    name: str = "secretspace"

    @property
    def username(self) -> str:
        """Its name as a user."""
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that the API server puts it into."""
        return "system:serviceaccounts", f"system:serviceaccounts:{self.namespace}", "system:authenticated"

    @property
    def subject(self) -> RbacSubject:
        """It, as bindings usually name it."""
        return RbacSubject("ServiceAccount", self.name, self.namespace)

    @property
    def subjects(self) -> frozenset[RbacSubject]:
        """All names under which a binding can reach it."""
        user = RbacSubject("User", self.username)
        return frozenset({self.subject, user, *(RbacSubject("Group", group) for group in self.groups)})


@dataclass(frozen=True, slots=True)
class Question:
    """Asked of the API server: may the service's account do this? Without a namespace, in all of them."""

    verb: str
    group: str
    resource: str
    name: str = ""
    namespace: str = ""


ACTS_CONSTRAINED: Final = Question(
    "impersonate:user-info", "authentication.k8s.io", "users", name=RESERVED_USER_ACCOUNTS
)
"""The user that every installation acts as, also where the profile is narrowed by names."""
ACTS_CLASSIC: Final = Question("impersonate", "", "users", name=RESERVED_USER_ACCOUNTS)
_READING: Final = ("get", "list", "watch")


def secret_questions(account: ServiceAccount) -> list[Question]:
    """Whether it may read Secrets as itself: anywhere, and in its own namespace."""
    return [
        Question(verb, "", "secrets", namespace=namespace) for namespace in ("", account.namespace) for verb in _READING
    ]


@dataclass(frozen=True, slots=True)
class WorkspaceState:
    """A workspace: its uid, which its projects bear, and whether its members have their role bindings."""

    name: str
    uid: str
    synced: bool | None
    """None where nobody has said so yet."""


@dataclass(frozen=True, slots=True)
class Installation:
    """All that the checks look at."""

    account: ServiceAccount
    kubernetes: str | Unread
    """The version of the API server, such as `v1.37.2`."""
    objects: Mapping[str, Mapping[str, Any] | Unread] = field(default_factory=dict)
    """Shipped objects as the cluster has them, by path; what is not there is not in it."""
    cluster_roles: tuple[Role, ...] | Unread = ()
    roles: tuple[Role, ...] | Unread = ()
    """Those of the service's namespace."""
    bindings: tuple[Binding, ...] | Unread = ()
    """All in the cluster, ClusterRoleBindings included."""
    allowed: Mapping[Question, bool] | Unread = field(default_factory=dict)
    namespaces: tuple[Metadata, ...] | Unread = ()
    workspaces: tuple[WorkspaceState, ...] | Unread = ()
