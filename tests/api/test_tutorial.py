"""The tutorial, its blocks pasted one after the other into one shell, beside a `secretspace dev` of its own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.dev.port import free_port
from tests.support.dev_run import DevRun, dev_running
from tests.support.shell import shell
from tests.unit.docs.page import blocks, section, text_of

PAGE = "docs/tutorial.md"
SECRETS = "/api/v1/workspaces/demo-workspace/projects/demo-project/secrets"
NAMES = {"demo-secret", "demo-tls", "demo-registry", "demo-account", "demo-custom"}
UP_TO_DELETE = (
    "Sign in",
    "Create",
    "List",
    "Look at one",
    "Edit the information",
    "Edit the YAML",
    "Edit the data",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevRun]:
    with dev_running(tmp_path_factory.mktemp("tutorial"), "--port", str(free_port(8000))) as started:
        yield started


def test_every_block_of_the_page_is_in_a_section_that_is_pasted() -> None:
    pasted = "".join(section(text_of(PAGE), heading) for heading in (*UP_TO_DELETE, "Delete", "Look behind the API"))
    assert list(blocks(pasted)) == list(blocks(text_of(PAGE)))
    assert {info for info, _ in blocks(pasted)} == {"bash"}


def test_the_blocks_work_as_pasted_and_leave_what_the_page_says(run: DevRun) -> None:
    with shell(run.folder) as bash, run.client("project-regular") as person:
        printed = {heading: bash.paste_section(PAGE, heading) for heading in UP_TO_DELETE}
        listed = person.get(SECRETS).json()
        detail = person.get(f"{SECRETS}/demo-secret").json()
        values = {name: person.get(f"{SECRETS}/{name}/data").json()["content"] for name in NAMES}
        bash.paste_section(PAGE, "Delete")
        after = person.get(SECRETS).json()
        ((*callers,),) = bash.paste_section(PAGE, "Look behind the API")

    _assert_told(printed)
    assert {item["name"] for item in listed["items"]} == NAMES
    assert (detail["alias"], detail["description"]) == ("Demo credentials", "")
    assert detail["labels"] == {"app": "demo", "tier": "frontend"}
    assert values["demo-secret"]["data"] == {
        "password": {"text": "second"},
        "salt": {"text": "pinch"},
        "user": {"text": "admin"},
    }
    assert values["demo-account"]["password"] == {"text": "a-better-one"}
    assert values["demo-custom"]["data"] == {"licence": {"text": "2026-0002"}}
    assert after["total"] == 0
    assert [caller.partition(",")[0] for caller in callers] == ["('secretspace:project-regular'"]
    assert not list(run.folder.glob("tmp.*"))


def _assert_told(printed: dict[str, list[list[str]]]) -> None:
    """What the blocks print on their way."""
    first, refused, *_ = printed["Create"]
    ((everything, only_tls),) = printed["List"]
    ((_, revealed, one_key, _),) = printed["Look at one"]
    view, _ = printed["Edit the YAML"]
    assert json.loads(printed["Sign in"][0][-1])["username"] == "secretspace:project-regular"
    assert json.loads(first[0])["keyCount"] == 3
    assert [error["code"] for error in json.loads(refused[0])["errors"]] == ["NAME_INVALID"]
    assert _names(everything) == NAMES
    assert _names(only_tls) == {"demo-tls"}
    assert json.loads(revealed)["content"]["data"]["logo.bin"] == {"base64": "iVBORw0KGgo="}
    assert json.loads(one_key)["content"]["data"] == {"username": {"text": "admin"}}
    assert '  password: "<kept: 5 bytes>"' in view


def _names(page: str) -> set[Any]:
    return {item["name"] for item in json.loads(page)["items"]}
