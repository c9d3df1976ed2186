"""The page that makes a team out of nothing, pasted into a shell, and the person it ends with at work."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from app.dev.port import free_port
from tests.support.canary import canary
from tests.support.dev_run import DevRun, dev_running
from tests.support.shell import shell
from tests.unit.docs.page import blocks, section, text_of

PAGE = "docs/tutorial-team.md"
UP_TO_WORK = (
    "Sign in as the administrator",
    "Make accounts",
    "Make a workspace",
    "Invite people to the workspace",
    "Make a project",
    "Invite a colleague to the project",
    "Work with Secrets",
)
TIDY_UP = "Tidy up"
PROJECT = "/api/v1/workspaces/shop/projects/shop-web"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevRun]:
    with dev_running(tmp_path_factory.mktemp("team"), "--port", str(free_port(8000))) as started:
        yield started


def test_every_block_that_is_bash_is_in_a_section_that_is_pasted() -> None:
    pasted = "".join(section(text_of(PAGE), heading) for heading in (*UP_TO_WORK, TIDY_UP))
    of_bash = [block for info, block in blocks(text_of(PAGE)) if info == "bash"]
    assert [block for info, block in blocks(pasted) if info == "bash"] == of_bash


def test_the_page_makes_a_team_whose_operator_does_all_with_secrets_and_nothing_else(run: DevRun) -> None:
    with ExitStack() as stack:
        bash = stack.enter_context(shell(run.folder))
        printed = {heading: bash.paste_section(PAGE, heading) for heading in UP_TO_WORK}
        (token,) = bash.paste('cat "$PASSWORDS/rob.token"')
        rob = stack.enter_context(_client(run, token))
        outcomes = _lives_through_a_secret(rob)
        elsewhere = rob.get("/api/v1/workspaces/demo-workspace/projects/demo-project/secrets")
        upwards = rob.post(
            f"{PROJECT}/members",
            json={"subject": {"kind": "user", "name": "mia"}, "role": "project-admin"},
        )
        bash.paste_section(PAGE, TIDY_UP)
        gone = rob.get(f"{PROJECT}/secrets")

    assert _members(printed["Invite people to the workspace"]) == {
        ("secretspace:wim", "admin"),
        ("secretspace:pia", "self-provisioner"),
        ("secretspace:rob", "regular"),
    }
    assert {("secretspace:pia", "project-admin"), ("secretspace:rob", "project-operator")} <= _members(
        printed["Invite a colleague to the project"]
    )
    assert outcomes == [201, 200, 200, 200, 200, 200, 200]
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "PROJECT_NOT_FOUND")
    assert (upwards.status_code, upwards.json()["code"]) == (403, "FORBIDDEN")
    assert gone.status_code == 404
    assert not list(run.folder.glob("tmp.*"))


def _lives_through_a_secret(person: httpx.Client) -> list[int]:
    """Make, list, read, edit three ways and delete; the statuses."""
    secrets = f"{PROJECT}/secrets"
    one, anything = f"{secrets}/whole-life", {"If-Match": "*"}
    content = {"kind": "default", "data": {"a": canary("first"), "b": canary("second")}}
    made = person.post(secrets, json={"name": "whole-life", "content": content})
    yaml = person.get(f"{one}/yaml").text
    as_yaml = {**anything, "Content-Type": "application/yaml"}
    answers = (
        made,
        person.get(secrets),
        person.patch(one, json={"alias": "Whole life"}, headers=anything),
        person.put(f"{one}/yaml", content=yaml, headers=as_yaml),
        person.patch(f"{one}/data", json={"remove": ["b"]}, headers=anything),
        person.get(f"{one}/data"),
        person.delete(one, headers=anything),
    )
    return [answer.status_code for answer in answers]


def _members(printed: list[list[str]]) -> set[tuple[str, str]]:
    """Subjects and roles of the list that a section ends with."""
    listed: dict[str, Any] = json.loads(printed[-1][-1])
    return {(item["subject"]["name"], item["role"]) for item in listed["items"]}


def _client(run: DevRun, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=run.credentials["baseUrl"], headers=headers, trust_env=False)
