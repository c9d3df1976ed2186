"""The service's own users: each has one role, in the namespaces where it is needed."""

from collections.abc import Iterator

from app.doctor.finding import CheckId, Finding, Severity, some_of
from app.doctor.installation import Installation, Unread
from app.doctor.profile import intended
from app.doctor.rbac import Binding, RbacSubject, RoleRef
from app.doctor.shipped import shipped_bindings
from app.domain.call import RESERVED_USER_ACCOUNTS, RESERVED_USER_METADATA
from app.domain.workspace import is_project_of_ours

METADATA_ROLE = RoleRef("ClusterRole", "secretspace:metadata")
"""Lists Secrets; RBAC cannot say "without values", the service asks for them without."""


def check_reserved_users(found: Installation) -> Iterator[Finding]:
    """Whom else they could be mistaken for: a right of theirs is a right of whoever has the service's token."""
    if isinstance(found.bindings, Unread):
        message = f"What they hold: you may not {found.bindings.needs}."
        yield Finding(CheckId.RESERVED_USERS, Severity.UNKNOWN, "the service's own users", message)
        return
    yield from _of_accounts(found, found.bindings)
    yield from _of_metadata(found, found.bindings)


def _of_accounts(found: Installation, bindings: tuple[Binding, ...]) -> Iterator[Finding]:
    user = RbacSubject("User", RESERVED_USER_ACCOUNTS)
    shipped = {str(binding) for binding in shipped_bindings(intended(found), found.account)}
    others = [str(binding) for binding in bindings if user in binding.subjects and str(binding) not in shipped]
    if others:
        message = f"It has more than the Secrets of {found.account.namespace}: delete {some_of(others)}."
        yield Finding(CheckId.RESERVED_USERS, Severity.ERROR, str(user), message)
    else:
        message = f"It has the Secrets of {found.account.namespace}, and nothing else."
        yield Finding(CheckId.RESERVED_USERS, Severity.OK, str(user), message)


def _of_metadata(found: Installation, bindings: tuple[Binding, ...]) -> Iterator[Finding]:
    user = RbacSubject("User", RESERVED_USER_METADATA)
    held = [binding for binding in bindings if user in binding.subjects]
    everywhere = [str(binding) for binding in held if not binding.namespace]
    foreign = [str(binding) for binding in held if binding.namespace and binding.role != METADATA_ROLE]
    if everywhere:
        message = f"It can read values in every namespace, not in projects alone: delete {some_of(everywhere)}."
        yield Finding(CheckId.RESERVED_USERS, Severity.ERROR, str(user), message)
    if foreign:
        message = f"It has another role than {METADATA_ROLE.name}: delete {some_of(foreign)}."
        yield Finding(CheckId.RESERVED_USERS, Severity.ERROR, str(user), message)
    projects = {binding.namespace for binding in held if binding.namespace}
    yield _reach(user, projects, found)


def _reach(user: RbacSubject, projects: set[str], found: Installation) -> Finding:
    where = f"{len(projects)} namespaces ({some_of(projects)})" if projects else "no namespace"
    message = f"It can read values in {where}, for viewers, who do not get to see them."
    if isinstance(found.namespaces, Unread):
        unknown = f"{message} Whether these are projects of the service: you may not {found.namespaces.needs}."
        return Finding(CheckId.RESERVED_USERS, Severity.UNKNOWN, str(user), unknown)
    own = {each.name for each in found.namespaces if is_project_of_ours(each)}
    if others := projects - own:
        return Finding(
            CheckId.RESERVED_USERS,
            Severity.WARNING,
            str(user),
            f"{message} The service did not make {some_of(others)}: see that this is meant.",
        )
    return Finding(CheckId.RESERVED_USERS, Severity.OK, str(user), message)
