import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from app.line_writer import LineWriter

ROOT = Path(__file__).parents[2]
LONG = "x" * 100_000
"""More than a pipe takes."""


@contextmanager
def unread_output() -> Iterator[int]:
    """The end of a pipe that nobody reads, standard output being the other.

    No fixture, since pytest sets standard output anew between the set-up of a test and its call.
    """
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "w") as stream, redirect_stdout(stream):
        yield pipe.fileno()


def read(descriptor: int, count: int) -> bytes:
    text = b""
    while len(text) < count:
        text += os.read(descriptor, count - len(text))
    return text


def test_a_line_is_said_to_be_written_once_it_is() -> None:
    with unread_output() as reading:
        LineWriter().put("one").result(timeout=5)

        assert os.read(reading, 100) == b"one\n"


def test_lines_keep_their_order() -> None:
    with unread_output() as reading:
        writer = LineWriter()

        for number in range(1000):
            writer.put(str(number))

        assert writer.drain()
        assert os.read(reading, 10_000).split() == [str(number).encode() for number in range(1000)]


def test_nobody_waits_for_a_reader_and_nothing_is_lost_when_there_is_one() -> None:
    with unread_output() as reading:
        writer = LineWriter()

        writer.put(LONG)
        last = writer.put("last")

        assert not writer.drain(0.05)
        assert read(reading, len(LONG) + 6) == f"{LONG}\nlast\n".encode()
        assert last.result(timeout=5) is None


def test_what_finds_no_room_is_dropped_counted_and_reported() -> None:
    with unread_output() as reading:
        reported: list[int] = []
        writer = LineWriter(reported.append, capacity=len(LONG) + 10)
        writer.put(LONG)

        dropped = [writer.put("too long for the room"), writer.put("this one as well")]
        writer.put("last")

        assert [type(each.exception(timeout=5)) for each in dropped] == [BlockingIOError] * 2
        assert writer.dropped == 2
        assert read(reading, len(LONG) + 6).endswith(b"x\nlast\n")
        assert writer.drain(5)
        assert reported == [2]


def test_a_line_that_is_taken_back_while_it_waits_is_not_written() -> None:
    with unread_output() as reading:
        writer = LineWriter()
        writer.put(LONG)
        unwanted = writer.put("unwanted")
        writer.put("last")

        assert unwanted.cancel()

        assert read(reading, len(LONG) + 6).endswith(b"x\nlast\n")


def test_a_reader_who_is_gone_is_told_to_who_waits() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream, redirect_stdout(stream):
        assert isinstance(LineWriter().put("x").exception(timeout=5), BrokenPipeError)


def test_a_process_ends_by_itself_though_nobody_reads_its_last_lines() -> None:
    code = f"from app.line_writer import LineWriter; LineWriter().put('x' * {len(LONG)})"
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.wait(timeout=20) == 0


def test_a_process_that_ends_has_written_its_last_lines() -> None:
    code = f"from app.line_writer import LineWriter; LineWriter().put('x' * {len(LONG)})"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)

    assert done.stdout == f"{LONG}\n".encode()
