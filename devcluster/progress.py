"""Showing that something slow is alive: a bar on a terminal, a plain line every half minute elsewhere."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_LINE_SECONDS: Final = 30.0


class Step(Protocol):
    """A piece of work under way."""

    def advance(self) -> None:
        """Count one more part of it as done."""


@contextmanager
def step(
    title: str, parts: int | None = None, *, console: Console | None = None, line_seconds: float = _LINE_SECONDS
) -> Iterator[Step]:
    """Show `title` and the time taken while the block runs; with `parts`, also how many are done.

    `parts` is an upper bound: work that turns out to be done already is not counted off.
    """
    console = console or Console(stderr=True)
    if console.is_terminal:
        with _bar(title, parts, console) as shown:
            yield shown
    else:
        with _lines(title, parts, console, line_seconds) as shown:
            yield shown


@contextmanager
def _bar(title: str, parts: int | None, console: Console) -> Iterator[Step]:
    counted = (BarColumn(), MofNCompleteColumn()) if parts else ()
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), *counted, TimeElapsedColumn(), console=console
    ) as progress:
        task = progress.add_task(title, total=parts)

        class _Bar:
            def advance(self) -> None:
                progress.advance(task)

        yield _Bar()
        progress.update(task, total=parts or 1, completed=parts or 1)


@contextmanager
def _lines(title: str, parts: int | None, console: Console, line_seconds: float) -> Iterator[Step]:
    lines = _Lines(title, parts, console)
    done = threading.Event()

    def keep_saying() -> None:
        while not done.wait(line_seconds):
            lines.say("…")

    lines.say("…")
    speaker = threading.Thread(target=keep_saying, name="devcluster-progress", daemon=True)
    speaker.start()
    try:
        yield lines
        lines.say("done")
    finally:
        done.set()
        speaker.join()


class _Lines:
    """Says where the work stands, one line at a time."""

    def __init__(self, title: str, parts: int | None, console: Console) -> None:
        self._title = title
        self._parts = parts
        self._console = console
        self._done = 0
        self._began = time.monotonic()

    def advance(self) -> None:
        self._done += 1

    def say(self, state: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        counted = f" {self._done} of at most {self._parts}" if self._parts and self._done else ""
        self._console.print(
            f"{self._title}{counted} {state} ({minutes}:{seconds:02d})", soft_wrap=True, highlight=False, markup=False
        )
