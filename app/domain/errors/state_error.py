"""The request is fine, and what it meets is not there, or not in the state for it."""

from collections.abc import Sequence

from app.domain.diff import Overtaken
from app.domain.errors.app_error import AppError
from app.domain.fault import Violation


class NotFoundError(AppError):
    """What was asked for is not there, or not to be seen by this caller; `at` where it is the body that names it."""

    code = "NOT_FOUND"

    def __init__(self, at: str = "") -> None:
        super().__init__(at)
        self.at = at


class RouteNotFoundError(NotFoundError):
    """No operation has this path."""

    code = "ROUTE_NOT_FOUND"


class WorkspaceNotFoundError(NotFoundError):
    """There is no such workspace for this caller."""

    code = "WORKSPACE_NOT_FOUND"


class ProjectNotFoundError(NotFoundError):
    """There is no such project in this workspace for this caller."""

    code = "PROJECT_NOT_FOUND"


class SecretNotFoundError(NotFoundError):
    """There is no such Secret."""

    code = "SECRET_NOT_FOUND"


class KeyNotFoundError(NotFoundError):
    """The Secret has no such key."""

    code = "KEY_NOT_FOUND"


class AccountNotFoundError(NotFoundError):
    """There is no such local account."""

    code = "ACCOUNT_NOT_FOUND"


class MemberNotFoundError(NotFoundError):
    """There is no such member."""

    code = "MEMBER_NOT_FOUND"


class StateError(AppError):
    """The request is well formed, and does not fit the state of things."""

    code = "STATE"


class AlreadyExistsError(StateError):
    """Something of this name is already there."""

    code = "ALREADY_EXISTS"


class ConflictError(StateError):
    """Others changed the same object at the same time, more than once."""

    code = "CONFLICT"


class ImmutableSecretError(StateError):
    """The Secret is immutable: its values, and the mark itself, stay as they are."""

    code = "IMMUTABLE"


class ReadOnlySecretError(StateError):
    """Helm releases and service-account tokens are not edited here unless told so."""

    code = "READ_ONLY"


class ManagedByControllerError(StateError):
    """A controller keeps the Secret, and would or may set back what is written; `edit_at` says where to go instead."""

    code = "MANAGED_BY_CONTROLLER"

    def __init__(self, controller: str, edit_at: str, reverts: str) -> None:
        super().__init__(controller)
        self.edit_at = edit_at
        self.reverts = reverts


class NotExportableError(StateError):
    """A file of the form that is asked for cannot hold the Secret; `violations` name the keys."""

    code = "NOT_EXPORTABLE"

    def __init__(self, violations: Sequence[Violation] = ()) -> None:
        super().__init__()
        self.violations = tuple(violations)


class NotApplicableError(StateError):
    """A guard of the change failed: a key to rename is missing, or its target, or a key to add, is there.

    `violations` say which, where it is known: the API server does not tell, and the caller may not be allowed to read.
    """

    code = "PATCH_NOT_APPLICABLE"

    def __init__(self, violations: Sequence[Violation] = ()) -> None:
        super().__init__()
        self.violations = tuple(violations)


class PreconditionFailedError(StateError):
    """It is no longer at the version that `If-Match` names (RFC 9110 section 13.1.1); `overtaken` says what changed."""

    code = "PRECONDITION_FAILED"

    def __init__(self, overtaken: Overtaken | None = None) -> None:
        super().__init__()
        self.overtaken = overtaken


class VersionGoneError(StateError):
    """The API server does not remember that version of the Secret any more."""

    code = "VERSION_GONE"


class TypeDiffersError(StateError):
    """The Secret that is there is of another type than the one that is to take its place."""

    code = "TYPE_DIFFERS"


class PreconditionRequiredError(StateError):
    """A write came without `If-Match` (RFC 6585 section 3)."""

    code = "PRECONDITION_REQUIRED"


class NameReservedError(StateError):
    """The name stands for something else: a workspace that others keep, or one that namespaces name already."""

    code = "NAME_RESERVED"


class NotManagedError(StateError):
    """Somebody else keeps it: a workspace known by a label alone, a role binding made by hand. Shown, not changed."""

    code = "NOT_MANAGED"


class WorkspaceInUseError(StateError):
    """The workspace still has projects."""

    code = "WORKSPACE_IN_USE"


class NameRetiredError(StateError):
    """An account of this name was deleted; role bindings name people, so nobody else gets its name."""

    code = "NAME_RETIRED"


class InheritedError(StateError):
    """The role in the project comes from a role in its workspace, and changes with that."""

    code = "INHERITED"


class LastAdminError(StateError):
    """Nobody would be left to run the project, or the workspace."""

    code = "LAST_ADMIN"


class NotWorkspaceMemberError(StateError):
    """Who is to be invited to a project is not in its workspace."""

    code = "NOT_WORKSPACE_MEMBER"


class IsManagerError(StateError):
    """They manage a workspace, which makes them an admin of it whatever else is said."""

    code = "IS_MANAGER"


class TooManyMembersError(StateError):
    """The workspace has as many members as one can have."""

    code = "TOO_MANY_MEMBERS"


class QuotaExceededError(StateError):
    """A ResourceQuota of the project is used up."""

    code = "QUOTA_EXCEEDED"


class ProjectTerminatingError(StateError):
    """The project is being deleted; nothing can be made in it."""

    code = "PROJECT_TERMINATING"


class RefusedByAdmissionError(AppError):
    """An admission policy or webhook of the cluster said no; `policy` is its name, where it is known."""

    code = "REFUSED_BY_ADMISSION"

    def __init__(self, policy: str = "") -> None:
        super().__init__(policy)
        self.policy = policy
