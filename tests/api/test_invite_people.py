"""The page on inviting people, pasted into a shell beside `make dev`; what is kubectl's in it is left out."""

import json
from typing import Any

import pytest

from app.dev.port import free_port
from tests.support.dev_run import dev_running
from tests.support.shell import shell
from tests.unit.docs.page import blocks, text_of

PAGE = "docs/how-to/invite-people.md"


def test_somebody_is_invited_gets_another_role_and_leaves(tmp_path_factory: pytest.TempPathFactory) -> None:
    pasted = [block for info, block in blocks(text_of(PAGE)) if info == "bash" and "kubectl" not in block]
    with (
        dev_running(tmp_path_factory.mktemp("invite"), "--port", str(free_port(8000))) as run,
        shell(run.folder) as bash,
    ):
        _, to_workspace, to_project, another_role, out = [bash.paste(block) for block in pasted]

    in_workspace, in_project = json.loads(to_workspace[-1]), json.loads(another_role[-1])
    assert roles(in_workspace) == {
        ("ws-admin", "admin"),
        ("ws-manager", "regular"),
        ("project-admin", "self-provisioner"),
        ("project-regular", "viewer"),
    }
    assert to_project == []
    assert json.loads(another_role[0])["role"] == "project-operator"
    assert {("ws-manager", "project-operator"), ("project-admin", "project-admin")} <= roles(in_project)
    assert "".join(out) == ""


def roles(listed: dict[str, Any]) -> set[tuple[str, str]]:
    """Subjects and roles of a list of members."""
    return {(item["subject"]["name"].removeprefix("secretspace:"), item["role"]) for item in listed["items"]}
