"""The line that a reveal leaves behind, before any value leaves."""

from contextlib import redirect_stdout
from tempfile import TemporaryFile

import pytest
import structlog

from app.domain.errors import AuditUnavailableError
from app.logs import StdoutRevealRecorder, configure
from app.services.port import RevealRecorder
from app.settings import Log
from tests.unit.output import CONTROLS, NASTY, Out, out, stalled_output, unread_output

__all__ = ["out"]

PIPE_BYTES = 64 * 1024


async def reveal(recorder: RevealRecorder, secret: str = "demo-secret") -> None:
    await recorder.record(
        user="secretspace:anna",
        workspace="demo-workspace",
        project="demo-project",
        secret=secret,
        keys=("password", "username"),
        request_id="r-1",
    )


async def test_a_reveal_leaves_a_line_that_says_who_saw_what(out: Out) -> None:
    await reveal(StdoutRevealRecorder())
    (line,) = out.lines
    del line["timestamp"]
    assert line == {
        "level": "info",
        "logger": "app.audit",
        "event": "secret.revealed",
        "user": "secretspace:anna",
        "workspace": "demo-workspace",
        "project": "demo-project",
        "secret": "demo-secret",
        "keys": ["password", "username"],
        "request_id": "r-1",
    }


async def test_a_copy_leaves_a_line_that_says_where_to_and_counts_as_no_reveal(out: Out) -> None:
    counted: list[str] = []
    await StdoutRevealRecorder(lambda: counted.append("reveal")).record_copy(
        user="secretspace:anna",
        workspace="demo-workspace",
        project="demo-project",
        secret="demo-secret",
        copied_to="demo-workspace/other-project/demo-secret",
        keys=("password",),
        request_id="r-1",
    )
    (line,) = out.lines
    del line["timestamp"]
    assert line == {
        "level": "info",
        "logger": "app.audit",
        "event": "secret.copied",
        "user": "secretspace:anna",
        "workspace": "demo-workspace",
        "project": "demo-project",
        "secret": "demo-secret",
        "copied_to": "demo-workspace/other-project/demo-secret",
        "keys": ["password"],
        "request_id": "r-1",
    }
    assert counted == []


async def test_the_line_of_a_reveal_is_written_whatever_the_level_and_the_form(out: Out) -> None:
    configure(Log(level="error", json_lines=False))
    await reveal(StdoutRevealRecorder())
    assert len(out.lines) == 1


async def test_the_line_of_a_reveal_cannot_be_broken_by_a_name(out: Out) -> None:
    await reveal(StdoutRevealRecorder(), secret=NASTY)
    assert len(out.lines) == 1
    assert not set(CONTROLS) & set(out.text.removesuffix("\n"))


async def test_a_reveal_that_nobody_would_read_of_is_refused() -> None:
    with unread_output(), pytest.raises(AuditUnavailableError):
        await reveal(StdoutRevealRecorder())


async def test_a_reveal_without_a_standard_output_is_refused() -> None:
    with redirect_stdout(None), pytest.raises(AuditUnavailableError):
        await reveal(StdoutRevealRecorder())


async def test_a_reveal_with_a_standard_output_that_is_closed_is_refused() -> None:
    with TemporaryFile("w") as closed:
        pass
    with redirect_stdout(closed), pytest.raises(AuditUnavailableError):
        await reveal(StdoutRevealRecorder())


async def test_a_reveal_whose_line_nobody_reads_is_refused_and_its_line_is_taken_back() -> None:
    with stalled_output() as read_all:
        for _ in range(3):
            structlog.get_logger("app").info("request.finished", reason="x" * PIPE_BYTES)
        with pytest.raises(AuditUnavailableError):
            await reveal(StdoutRevealRecorder())
        lines = read_all()
    assert [line["event"] for line in lines] == ["request.finished"] * 3


async def test_the_line_of_a_reveal_stands_behind_those_before_it(out: Out) -> None:
    configure(Log())
    log = structlog.get_logger("app")
    log.info("request.first")
    await reveal(StdoutRevealRecorder())
    log.info("request.last")
    assert [line["event"] for line in out.lines] == ["request.first", "secret.revealed", "request.last"]


async def test_reveals_are_counted_once_their_line_is_out(out: Out) -> None:
    counted: list[str] = []
    await reveal(StdoutRevealRecorder(lambda: counted.append(out.text)))
    assert [text.count("secret.revealed") for text in counted] == [1]


async def test_a_reveal_that_is_refused_is_not_counted() -> None:
    with unread_output(), pytest.raises(AuditUnavailableError):
        await reveal(StdoutRevealRecorder(lambda: pytest.fail("counted")))
