"""The tutorial, its blocks pasted one after the other into one shell, beside a `secretspace dev` of its own."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from app.dev.port import free_port
from tests.support.dev_run import DevRun, dev_running
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


@dataclass(frozen=True)
class Shell:
    """A bash into which text is pasted; it ends at the first command that fails."""

    process: "subprocess.Popen[str]"

    def paste(self, block: str) -> list[str]:
        """The lines that a block prints."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        end = f"end-of-block-{token_hex(8)}"
        self.process.stdin.write(f"{block}\necho {end}\n")
        self.process.stdin.flush()
        printed = list(takewhile(lambda line: line != f"{end}\n", iter(self.process.stdout.readline, "")))
        assert self.process.poll() is None, "".join(printed)
        return [line.rstrip("\n") for line in printed]

    def paste_section(self, heading: str) -> list[list[str]]:
        """The lines that each block of a section prints."""
        found = [block for info, block in blocks(section(text_of(PAGE), heading)) if info == "bash"]
        return [self.paste(block) for block in found]


@contextmanager
def shell(folder: Path) -> Iterator[Shell]:
    """A shell in a folder, strict as a script is."""
    with subprocess.Popen(
        ["bash", "-euo", "pipefail"],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield Shell(process)


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
        printed = {heading: bash.paste_section(heading) for heading in UP_TO_DELETE}
        listed = person.get(SECRETS).json()
        detail = person.get(f"{SECRETS}/demo-secret").json()
        values = {name: person.get(f"{SECRETS}/{name}/data").json()["content"] for name in NAMES}
        bash.paste_section("Delete")
        after = person.get(SECRETS).json()
        ((*callers,),) = bash.paste_section("Look behind the API")

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
