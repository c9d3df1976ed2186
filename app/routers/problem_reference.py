"""What is told of every kind of problem where there is room for it: what it means, and what to do about it.

The words of an answer stand in `app/problem_kind.py`. Both the page at `/docs/problems` and the one at
`docs/reference/problems.md` are made of what is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.openapi import kinds_by_code
from app.problems import problem_type

ABOUT_PROBLEMS: Final = (
    "Every error is a problem document (RFC 9457). Its `code` says which of these it is and stays the same, its `type` "
    "leads here, and `detail` says it of this very request."
)
ABOUT_FAULTS: Final = (
    "A request that breaks rules is answered with all that could be found wrong with it, 100 faults at most. Each has "
    'a `code` and a `pointer`: a JSON pointer (RFC 6901) into the body, `""` for the whole of it, `?name` for a query '
    "parameter, `header:Name` for a header, `path:name` for a part of the path. In a YAML body each has `line` and "
    "`column` too. What was sent is never repeated."
)
ABOUT_REMARKS: Final = (
    "What a write or a check remarks on values that can be stored, and should be looked at. It never stands in the way "
    "of a write, and quotes nothing. `info` may well be meant; `warning` will hardly work. An edit is judged by what "
    "it changes; 100 remarks at most."
)

_READ_AGAIN: Final = "Read the Secret again, look at what is different, and repeat the change with the new ETag."
_ASK_FOR_A_ROLE: Final = (
    "Check the spelling. If it is there, ask an admin of the workspace, or who runs the cluster, for a role in it."
)
_OPERATOR: Final = "Tell the operator of the service the `requestId`; the log has the reason under it."

ADVICE: Final[Mapping[str, str]] = {
    "ACCOUNT_NOT_FOUND": "Check the name; it is the one without the prefix. A deleted account does not come back.",
    "ALREADY_EXISTS": "Choose another name, or change what is there: a Secret by PUT, the role of a member by PATCH.",
    "AUDIT_UNAVAILABLE": "Try again after the seconds in Retry-After. If it stays, the service cannot write its log.",
    "BODY_TIMEOUT": "Send the body without pauses; the connection is closed, so a new one is needed.",
    "BODY_TOO_LARGE": "Send less: a Secret holds 1 MiB of values at most. `GET /api/v1/meta` tells the limits.",
    "CONFLICT": "Wait a little, then repeat it; or send the ETag that you saw instead of `*`.",
    "FORBIDDEN": "`detail` names the right that is missing in the project. Ask who runs it for a role that has it.",
    "FORBIDDEN_HEADER": "Leave the header out. If you did not send it, a proxy in between did: take it out there.",
    "HEADERS_TOO_LARGE": "Send fewer or shorter headers; cookies are of no use here.",
    "IDENTITY_PROVIDER_UNAVAILABLE": "Wait for the seconds in Retry-After. If it stays, the log says what is wrong.",
    "IMMUTABLE": (
        "Alias, description, labels and annotations can still be changed. Other values need a new Secret: "
        "`POST …/new-version` takes the same edit and makes one."
    ),
    "INTERNAL": _OPERATOR,
    "INHERITED": "Change the role in the workspace, at `…/workspaces/{workspace}/members`.",
    "INVALID": "Correct what `errors` lists: each has a pointer to the place, and a code that is explained below.",
    "INVALID_GRANT": "Check name and password, or sign in anew. An account that is switched off is told no more.",
    "INVALID_REQUEST": "Send the form as application/x-www-form-urlencoded, and nothing of it in the address.",
    "INVALID_TOKEN": "Sign in again. A token lasts an hour unless set otherwise, and no longer than its account.",
    "IS_MANAGER": "Change `manager` of the workspace; then the former one is a member like others, or can be deleted.",
    "KEY_NOT_FOUND": "The detail of the Secret lists the keys that it has.",
    "LAST_ADMIN": "Make somebody else an admin, then repeat it. An admin whose leave is under way does not count.",
    "MALFORMED_REQUEST": "Send one Authorization header, and a request as HTTP has it.",
    "MEMBER_NOT_FOUND": "List the members: `id` stands there, and is the same whatever the role.",
    "MANAGED_BY_CONTROLLER": (
        "Make the change where `detail` says; `managedBy` of the Secret says the same. If what is written here may be "
        "undone, or the controller is gone, repeat it with `?override=managed`."
    ),
    "METHOD_NOT_ALLOWED": "Use one of the methods in the Allow header.",
    "NAME_RESERVED": "Choose another name: this one is used by namespaces of the cluster, or kept for them.",
    "NAME_RETIRED": "Choose another name; this one stays the deleted account's.",
    "NOT_EXPORTABLE": "`errors` names the keys that the form cannot hold. Export as json or manifest, which hold any.",
    "NOT_FOUND": "Check the path.",
    "NOT_MANAGED": "Change it where it is kept: the label of the namespaces, or the role binding, with kubectl.",
    "NOT_WORKSPACE_MEMBER": "Have an admin of the workspace add them to it first; the role regular is enough.",
    "PASSWORD_CHANGE_REQUIRED": "Set a password of your own with the one that you were given, then sign in again.",
    "PATCH_NOT_APPLICABLE": "Look at the keys in the detail of the Secret. `overwrite` lets a rename replace a key.",
    "PRECONDITION_FAILED": (
        f"{_READ_AGAIN} `meanwhile` names what others changed; `?merge=true` merges an edit of something else with "
        "that. With If-None-Match it says that a Secret of this name is there."
    ),
    "PRECONDITION_REQUIRED": "Read the Secret, and send its ETag as If-Match.",
    "PROJECT_NOT_FOUND": _ASK_FOR_A_ROLE,
    "PROJECT_TERMINATING": "Use another project.",
    "QUOTA_EXCEEDED": "Delete Secrets that nobody needs, or have the quota raised.",
    "READ_ONLY": "Change it with the program that it belongs to: `helm`, or the service account's own controller.",
    "REFUSED_BY_ADMISSION": "`detail` names the policy or webhook; who runs the cluster knows what it asks for.",
    "ROUTE_NOT_FOUND": "Check the path; it begins with `/api/v1`, and does not end with a slash.",
    "SECRET_NOT_FOUND": "Check the name, and the project in the path.",
    "SERVICE_MISCONFIGURED": _OPERATOR,
    "STATE": "Read the state anew; a more telling code is the rule.",
    "TOO_MANY_ATTEMPTS": "Wait for the seconds in Retry-After. Each failure doubles them, up to a minute.",
    "TOO_MANY_REQUESTS": "Wait for the seconds in Retry-After, and do fewer of them at once.",
    "TOO_MANY_MEMBERS": "Add a group in place of its people; or remove members who are not needed.",
    "TYPE_DIFFERS": "Delete or rename what is there now, then restore with If-None-Match: *.",
    "UNAUTHENTICATED": "Send `Authorization: Bearer …`; every path needs it but sign-in, probes and these pages.",
    "UNSUPPORTED_ENCODING": "Leave the compression of request bodies off.",
    "UNSUPPORTED_GRANT_TYPE": "Use the grant password or refresh_token; where local accounts are off there is none.",
    "UNSUPPORTED_MEDIA_TYPE": "Set Content-Type to one of those that the Accept header names.",
    "UNSUPPORTED_TOKEN_TYPE": "Revoke the refresh token of its session, or sign out everywhere.",
    "UPSTREAM": "Read again what you were about to change, then repeat it; a more telling code is the rule.",
    "UPSTREAM_ANSWER": _OPERATOR,
    "UPSTREAM_TIMEOUT": "Wait a little. If it stays, the cluster is slow or overloaded.",
    "UPSTREAM_UNAVAILABLE": "Wait for the seconds in Retry-After. If it stays, the service cannot reach the cluster.",
    "VERSION_GONE": "Versions are kept for some minutes only. Put the values back from where they came from.",
    "WORKSPACE_IN_USE": "Delete its projects first.",
    "WORKSPACE_NOT_FOUND": _ASK_FOR_A_ROLE,
}
"""What somebody who gets a problem of this code can do about it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A kind of problem as a page tells it."""

    code: str
    status: int
    title: str
    detail: str
    """What an answer says besides; `""` where it is the title alone, or depends on the request."""
    advice: str

    @property
    def anchor(self) -> str:
        """The fragment of the problem's `type`."""
        return problem_type(self.code).partition("#")[2]


def problem_entries() -> list[Entry]:
    """All kinds of problems, by code."""
    return [
        Entry(code, int(kind.status), kind.title, kind.detail if isinstance(kind.detail, str) else "", ADVICE[code])
        for code, kind in kinds_by_code().items()
    ]
