"""Where a request that is right by the document is sent, so that it can be done: a function for each that needs it.

An operation that can be done wherever it is sent needs none. What no schema tells, such as how a new thing may be
called or which address is one, is made right here, too.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, cast

from tests.support.canary import canary
from tests.support.generated import CONTENTS, EXAMPLE, NAME_OF, Body, Generated, is_right, operation_id
from tests.support.target import (
    ACCOUNTS,
    PROJECT_MEMBERS,
    PROJECTS,
    SPARE,
    WORKSPACE_MEMBERS,
    WORKSPACES,
    Target,
    fresh,
    guest,
    guest_id,
)

Aim = Callable[[Target, Generated], None]

_ETAG_OF_EXAMPLE: Final = '"MTIz"'
_MANAGER: Final = "schemathesis-manager"
_EMAIL: Final = "a@example.org"


def aim(target: Target, case: Generated) -> None:
    """Send a request that is right by the document to where it can be done."""
    if not is_right(case):
        return
    if case.headers.get("If-Match") == _ETAG_OF_EXAMPLE:
        case.headers["If-Match"] = "*"
    if operation_id(case) in AIMS:
        AIMS[operation_id(case)](target, case)


def _body(case: Generated) -> Body:
    """The body of an operation of which every right body is an object."""
    return cast("Body", case.body)


def _put(case: Generated, **parts: object) -> None:
    """Put other parts into the body; those that it does not have, or has as null, stay so."""
    body = _body(case)
    case.body = body | {name: part for name, part in parts.items() if body.get(name) is not None}


# Secrets


def _create_secret(_: Target, case: Generated) -> None:
    if _body(case)["name"] in CONTENTS:
        _put(case, name=fresh(_body(case)["name"]))


def _replace_data(_: Target, case: Generated) -> None:
    case.path_parameters["name"] = NAME_OF.get(_body(case)["content"]["kind"], EXAMPLE)


def _upsert_secret(target: Target, case: Generated) -> None:
    _replace_data(target, case)
    _put(case, name=case.path_parameters["name"])


def _edit(_: Target, case: Generated) -> None:
    """An edit that is proposed: of the content of the kind's own Secret, and of no name."""
    if not isinstance(case.body, dict):
        return
    edit = {name: part for name, part in _body(case)["edit"].items() if name != "name"}
    if "content" in edit:
        case.path_parameters["name"] = NAME_OF.get(edit["content"]["kind"], EXAMPLE)
        case.body = {"edit": edit}


def _batch_delete(_: Target, case: Generated) -> None:
    case.body = {"items": [{"name": fresh("absent")}]}  # what is there has to stay


def _copy(_: Target, case: Generated) -> None:
    case.body = {"name": fresh("copy")}


def _compare(_: Target, case: Generated) -> None:
    case.body = {"name": EXAMPLE}


def _restore(target: Target, case: Generated) -> None:
    """To a version that is there, which only somebody who looks can name."""
    case.body = {"etag": target.etag(case.path_parameters["name"])}


# Workspaces and projects


def _create_workspace(_: Target, case: Generated) -> None:
    _put(case, name=fresh("workspace"), manager=_MANAGER)


def _update_workspace(_: Target, case: Generated) -> None:
    case.path_parameters["workspace"] = SPARE
    _put(case, manager=_MANAGER)


def _delete_workspace(target: Target, case: Generated) -> None:
    case.path_parameters["workspace"] = target.made(WORKSPACES)


def _create_project(_: Target, case: Generated) -> None:
    _put(case, name=fresh("project"))


def _delete_project(target: Target, case: Generated) -> None:
    case.path_parameters["project"] = case.query["confirm"] = target.made(PROJECTS)


# Members


def _add_workspace_member(target: Target, case: Generated) -> None:
    case.path_parameters["workspace"] = SPARE
    _invite(target, case, WORKSPACE_MEMBERS)


def _add_project_member(target: Target, case: Generated) -> None:
    _invite(target, case, PROJECT_MEMBERS)


def _invite(target: Target, case: Generated, members: str) -> None:
    kind = _body(case)["subject"]["kind"]
    target.lack(f"{members}/{guest_id(kind)}")
    _put(case, subject=guest(kind))


def _at_workspace_member(target: Target, case: Generated) -> None:
    target.have(WORKSPACE_MEMBERS, {"subject": guest(), "role": "regular"})
    case.path_parameters["workspace"] = SPARE


def _at_project_member(target: Target, _: Generated) -> None:
    target.have(PROJECT_MEMBERS, {"subject": guest(), "role": "project-viewer"})


# Accounts


def _create_account(_: Target, case: Generated) -> None:
    _put(case, name=fresh("account"), password=canary(), email=_EMAIL)


def _update_account(_: Target, case: Generated) -> None:
    _put(case, email=_EMAIL)


def _delete_account(target: Target, case: Generated) -> None:
    case.path_parameters["account"] = target.made(ACCOUNTS, {"password": canary()})


def _set_password(_: Target, case: Generated) -> None:
    _put(case, newPassword=canary())


def _issue_token(target: Target, case: Generated) -> None:
    case.body = {"grant_type": "password", **target.visitor}


AIMS: Final[Mapping[str, Aim]] = MappingProxyType(
    {
        "addProjectMember": _add_project_member,
        "addWorkspaceMember": _add_workspace_member,
        "batchDeleteSecrets": _batch_delete,
        "compareSecrets": _compare,
        "copySecret": _copy,
        "createAccount": _create_account,
        "createProject": _create_project,
        "createSecret": _create_secret,
        "createWorkspace": _create_workspace,
        "deleteAccount": _delete_account,
        "deleteProject": _delete_project,
        "deleteWorkspace": _delete_workspace,
        "diffSecret": _edit,
        "issueToken": _issue_token,
        "newSecretVersion": _edit,
        "removeProjectMember": _at_project_member,
        "removeWorkspaceMember": _at_workspace_member,
        "replaceSecretData": _replace_data,
        "restoreSecret": _restore,
        "setPassword": _set_password,
        "updateAccount": _update_account,
        "updateProjectMember": _at_project_member,
        "updateWorkspace": _update_workspace,
        "updateWorkspaceMember": _at_workspace_member,
        "upsertSecret": _upsert_secret,
    }
)
