"""What generated requests are sent to: a workspace and a project made through the API, with a guest and an account.

What was there at first is there for every request: it is put back, or made anew right before a request needs it.
"""

from collections import Counter
from collections.abc import Mapping
from secrets import token_hex
from typing import Any, Final

import requests

from app.domain.member import member_id
from app.domain.workspace import Subject, SubjectKind
from tests.support.canary import canary
from tests.support.generated import CONTENTS, Body, Generated, is_right, operation_id

SECONDS: Final = 35
WORKSPACE: Final = "schemathesis"
SPARE: Final = "schemathesis-spare"
"""A workspace without projects, whose manager and members may change."""
PROJECT: Final = "schemathesis"
ACCOUNT: Final = "schemathesis-throw-away"
"""An account that anything may be done to; nobody signs in to it."""
VISITOR: Final = "schemathesis-visitor"
"""An account that is only signed in to."""
GUEST: Final = "schemathesis-guest"
"""The user and the group who are made members."""

ACCOUNTS: Final = "/api/v1/accounts"
WORKSPACES: Final = "/api/v1/workspaces"
PROJECTS: Final = f"{WORKSPACES}/{WORKSPACE}/projects"
SECRETS: Final = f"{PROJECTS}/{PROJECT}/secrets"
WORKSPACE_MEMBERS: Final = f"{WORKSPACES}/{SPARE}/members"
PROJECT_MEMBERS: Final = f"{PROJECTS}/{PROJECT}/members"

_THERE_ALREADY: Final = 409
_ANY: Final = {"If-Match": "*"}


def fresh(what: str) -> str:
    """A name that nothing has yet."""
    return f"{what}-{token_hex(4)}"


def guest(kind: str = SubjectKind.USER) -> Body:
    """The guest, as they are sent."""
    return {"kind": kind, "name": GUEST}


def guest_id(kind: str = SubjectKind.USER) -> str:
    """The guest's id as a member."""
    return member_id(Subject(SubjectKind(kind), GUEST))


class Target:
    """The service, as one who may do everything there calls it; what is asked of it and done is counted."""

    def __init__(self, url: str, authorization: str) -> None:
        self.asked: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.session = requests.Session()
        self.session.trust_env = False
        self.options: dict[str, Any] = {
            "base_url": url,
            "session": self.session,
            "headers": {"Authorization": authorization},
            "timeout": SECONDS,
        }
        self.visitor = {"username": VISITOR, "password": canary("password")}
        self._prepare()

    def call(self, case: Generated) -> None:
        """Send a request, and check what is answered."""
        response = case.call_and_validate(**self.options)
        self.asked[operation_id(case)] += 1
        if response.status_code < 300:
            self.done[operation_id(case)] += is_right(case)
            if case.method != "GET" and case.path_parameters.get("name") in CONTENTS:
                self._put_back(case.path_parameters["name"])

    def undone(self) -> set[str]:
        """The operations of which no right request was ever done."""
        return self.asked.keys() - (+self.done).keys()

    def have(self, collection: str, body: Body) -> None:
        """Have something be there: it is made where it is not."""
        response = self._send("POST", collection, json=body)
        if response.status_code != _THERE_ALREADY:
            response.raise_for_status()

    def lack(self, path: str) -> None:
        """Have something be gone."""
        self._send("DELETE", path, headers=_ANY)

    def etag(self, name: str) -> str:
        """The version of a Secret, or the tag of none where there is none of this name."""
        return self._send("GET", f"{SECRETS}/{name}").headers.get("ETag", '"MTIz"')

    def made(self, collection: str, body: Mapping[str, Any] | None = None) -> str:
        """The name of something new, which the next request may do away with."""
        name = fresh("schemathesis")
        self.have(collection, {"name": name, **(body or {})})
        return name

    def _prepare(self) -> None:
        for workspace in (WORKSPACE, SPARE):
            self.have(WORKSPACES, {"name": workspace})
        self.have(PROJECTS, {"name": PROJECT})
        for kind in SubjectKind:
            self.have(f"{WORKSPACES}/{WORKSPACE}/members", {"subject": guest(kind), "role": "regular"})
        self.have(ACCOUNTS, {"name": ACCOUNT, "password": canary("password")})
        self.have(ACCOUNTS, {"name": VISITOR, "password": self.visitor["password"]})
        for name in CONTENTS:
            self._put_back(name)

    def _put_back(self, name: str) -> None:
        self.lack(f"{SECRETS}/{name}")
        self._send("POST", SECRETS, json={"name": name, "content": CONTENTS[name]}).raise_for_status()

    def _send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> requests.Response:
        url = self.options["base_url"] + path
        headers = self.options["headers"] | (headers or {})
        return self.session.request(method, url, headers=headers, timeout=SECONDS, **options)
