"""Something slow shows that it is alive."""

import io
import time

import pytest
from rich.console import Console

from devcluster.progress import step


def console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=120)


def shown(on: Console) -> str:
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def test_without_a_terminal_a_line_comes_every_so_often() -> None:
    lines = console(terminal=False)

    with step("Compiling x", 10, console=lines, line_seconds=0.02) as working:
        working.advance()
        time.sleep(0.2)

    assert shown(lines).count("Compiling x 1 of at most 10 … (0:00)") >= 3
    assert shown(lines).endswith("Compiling x 1 of at most 10 done (0:00)\n")


def test_work_that_fails_is_not_called_done() -> None:
    lines = console(terminal=False)

    with pytest.raises(RuntimeError), step("Compiling x", console=lines):
        raise RuntimeError

    assert shown(lines) == "Compiling x … (0:00)\n"


def test_on_a_terminal_a_bar_shows_the_parts() -> None:
    bar = console(terminal=True)

    with step("Compiling x", 2, console=bar) as working:
        working.advance()
        working.advance()

    assert "Compiling x" in shown(bar)
    assert "2/2" in shown(bar)
