"""A shell into which the blocks of a page are pasted."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from secrets import token_hex

from tests.unit.docs.page import blocks, section, text_of


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

    def paste_section(self, page: str, heading: str) -> list[list[str]]:
        """The lines that each block of a section of a page prints."""
        found = [block for info, block in blocks(section(text_of(page), heading)) if info == "bash"]
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
