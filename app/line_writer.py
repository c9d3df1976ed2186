"""Lines on their way to standard output, through a thread, so that nobody who has one to write waits for a reader.

A pipe that nobody reads takes some 64 KiB and then blocks its writer, for good; on the event loop that would be the end
of the whole service, probes included.
"""

import atexit
import os
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Final

CAPACITY: Final = 4 * 1024 * 1024
"""Bytes that wait at most; some 10,000 lines."""
DRAIN_SECONDS: Final = 2.0
"""How long the end of the process waits for a reader."""


@dataclass(frozen=True, slots=True)
class _Line:
    data: bytes
    written: "Future[None]"


class LineWriter:
    """Writes lines in the order in which they come; what comes while too much waits is dropped, and counted.

    `report` is told, in the writer's thread and once all is written, how many lines were dropped since the last time.
    """

    def __init__(self, report: Callable[[int], None] = lambda _: None, *, capacity: int = CAPACITY) -> None:
        self._report = report
        self._capacity = capacity
        self._lines: deque[_Line] = deque()
        self._waiting = 0
        self._unreported = 0
        self._changed = Condition()
        self._thread: Thread | None = None
        self.dropped = 0
        """Lines dropped since the process began."""

    def put(self, text: str) -> "Future[None]":
        """Take a line; the future tells what becomes of it, and to cancel it takes the line back while it still waits.

        It fails with OSError or ValueError where the line cannot be written, and with BlockingIOError if it is dropped.
        """
        line = _Line(f"{text}\n".encode(), Future())
        with self._changed:
            if self._waiting + len(line.data) > self._capacity:
                self.dropped += 1
                self._unreported += 1
                line.written.set_exception(BlockingIOError())
                return line.written
            self._waiting += len(line.data)
            self._lines.append(line)
            self._changed.notify_all()
            if self._thread is None:
                self._start()
        return line.written

    def drain(self, seconds: float = DRAIN_SECONDS) -> bool:
        """Wait until all that was put is written, as long as that; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._lines and not self._unreported, seconds)

    def _start(self) -> None:
        # A daemon: a reader who never comes back must not keep the process from ending.
        self._thread = Thread(target=self._run, name="log", daemon=True)
        self._thread.start()
        atexit.register(self.drain)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines or self._unreported)
                line = self._lines[0] if self._lines else None
            if line is None:
                self._report_dropped()
            else:
                _write(line)
                self._remove(line)

    def _report_dropped(self) -> None:
        dropped = self._unreported
        self._report(dropped)
        with self._changed:
            self._unreported -= dropped
            self._changed.notify_all()

    def _remove(self, line: _Line) -> None:
        with self._changed:
            self._lines.popleft()
            self._waiting -= len(line.data)
            self._changed.notify_all()


def _write(line: _Line) -> None:
    if not line.written.set_running_or_notify_cancel():
        return
    try:
        _write_all(line.data)
    except (OSError, ValueError) as error:
        line.written.set_exception(error)
    else:
        line.written.set_result(None)


def _write_all(data: bytes) -> None:
    """Past the buffer of `sys.stdout`: its lock, held by a write that hangs, would make Python abort at its end."""
    stream = sys.stdout
    if stream is None:
        raise ValueError("no standard output")
    descriptor = stream.fileno()
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
