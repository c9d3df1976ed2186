import ast
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import pytest
import structlog

import app
from app.domain.errors import AuditUnavailableError
from app.line_writer import CAPACITY
from app.logs import FIELDS, configure, drain, error_fields, lines_dropped
from app.middleware.headers import HeaderRules
from app.settings import Log
from tests.unit.middleware.asgi import raising, scope, send_request
from tests.unit.output import CONTROLS, NASTY, Out, out, stalled_output, unread_output

__all__ = ["out"]

CANARY = "c4n4ry"


@contextmanager
def terminal() -> Iterator[Callable[[], str]]:
    """A standard output that is a terminal, and what stands on it."""
    screen, writing = os.openpty()
    with os.fdopen(writing, "w") as stream, redirect_stdout(stream):

        def read() -> str:
            drain()
            return os.read(screen, 10_000).decode().replace("\r\n", "\n")

        yield read
    os.close(screen)


def failing() -> ValueError:
    """An exception that has been raised, its text and its locals full of what must not be seen."""

    def look_up(values: dict[str, str], password: str) -> None:
        try:
            values[password]
        except KeyError as error:
            raise ValueError(password) from error

    with pytest.raises(ValueError, match=CANARY) as caught:
        look_up({}, CANARY)
    return caught.value


# Our own events


def test_an_event_is_one_line_of_json(out: Out) -> None:
    configure(Log())
    structlog.get_logger("app.k8s").warning("kubernetes.interrupted", status=500, keys=["a", "b"], user=None)
    (line,) = out.lines
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "app.k8s",
        "event": "kubernetes.interrupted",
        "status": 500,
        "keys": ["a", "b"],
        "user": None,
    }
    assert out.text.endswith("\n")


def test_a_field_that_is_not_on_the_list_is_left_out_and_counted(out: Out) -> None:
    configure(Log())
    structlog.get_logger("app").info("secret.written", user="anna", password=CANARY, value=CANARY.encode())
    assert out.lines[0]["dropped"] == 2
    assert CANARY not in out.text


@pytest.mark.parametrize("value", [CANARY.encode(), {CANARY: 1}, [CANARY.encode()], ValueError(CANARY), {CANARY}])
def test_what_is_no_plain_value_is_left_out_though_its_field_is_on_the_list(out: Out, value: object) -> None:
    configure(Log())
    structlog.get_logger("app").info("secret.written", reason=value)
    assert out.lines[0]["dropped"] == 1
    assert CANARY not in out.text


@pytest.mark.parametrize("event", [f"wrote {CANARY}", CANARY, "", "Secret.Written"])
def test_an_event_that_is_a_sentence_is_not_written(out: Out, event: str) -> None:
    configure(Log())
    structlog.get_logger("app").info(event)
    assert out.lines[0]["event"] == "log.unnamed"
    assert CANARY not in out.text


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_name_full_of_controls_stays_within_its_line(out: Out, json_lines: bool) -> None:
    configure(Log(json_lines=json_lines))
    structlog.get_logger("app").info("request.finished", secret=NASTY, keys=[NASTY])
    assert out.text.count("\n") == 1
    assert not set(CONTROLS) & set(out.text.removesuffix("\n"))


def test_a_name_full_of_controls_reads_back_as_it_was(out: Out) -> None:
    configure(Log())
    structlog.get_logger("app").info("request.finished", secret=NASTY)
    assert out.lines[0]["secret"] == NASTY


def test_the_level_says_what_is_written(out: Out) -> None:
    configure(Log(level="warning"))
    log = structlog.get_logger("app")
    log.info("request.finished")
    log.warning("request.slow")
    assert [line["event"] for line in out.lines] == ["request.slow"]


def test_people_at_a_terminal_get_text(out: Out) -> None:
    with terminal() as screen:
        configure(Log())
        structlog.get_logger("app.request").info("request.finished", route="/livez", reason="two words", status=200)
        _, _, text = screen().partition(" ")
    assert text == 'info    request.finished logger=app.request route=/livez reason="two words" status=200\n'


def test_the_settings_go_before_the_terminal(out: Out) -> None:
    with terminal() as screen:
        configure(Log(json_lines=True))
        structlog.get_logger("app").info("request.finished")
        text = screen()
    assert json.loads(text)["event"] == "request.finished"


def test_that_nobody_reads_the_log_fails_no_request(out: Out) -> None:
    with unread_output():
        configure(Log())
        structlog.get_logger("app").info("request.finished")


def test_that_there_is_no_standard_output_fails_no_request(out: Out) -> None:
    with redirect_stdout(None):
        configure(Log())
        structlog.get_logger("app").info("request.finished")
        assert drain()


def test_no_event_in_the_code_loses_a_field_or_its_name() -> None:
    calls = list(log_calls())
    assert len(calls) > 5
    for call in calls:
        assert isinstance(call.args[0], ast.Constant)
        assert "." in str(call.args[0].value)
        assert {keyword.arg for keyword in call.keywords if keyword.arg} <= FIELDS


def log_calls() -> Iterator[ast.Call]:
    """Every call of a logger in the code of the service."""
    for path in Path(app.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="_log"))):
                    yield node
                case _:
                    pass


# Exceptions


def test_of_an_exception_its_class_its_causes_and_its_places_are_told() -> None:
    fields = error_fields(failing())
    assert fields["error"] == "ValueError from KeyError"
    assert fields["frames"] == [
        f"unit/test_logs.py:{_line_of('raise ValueError(password) from error')}:look_up",
        f"unit/test_logs.py:{_line_of('values[password]')}:look_up",
    ]


def test_of_an_exception_neither_text_nor_locals_are_written(out: Out) -> None:
    configure(Log())
    structlog.get_logger("app").error("request.failed", exc_info=failing())
    assert CANARY not in out.text


def test_an_exception_being_handled_is_told_where_the_event_asks_for_it(out: Out) -> None:
    configure(Log())
    with pytest.raises(ValueError, match=CANARY), _noting_exceptions():
        raise failing()
    assert out.lines[0]["error"] == "ValueError from KeyError"


@contextmanager
def _noting_exceptions() -> Iterator[None]:
    try:
        yield
    except ValueError:
        structlog.get_logger("app").exception("request.failed")
        raise


def test_a_cause_that_was_set_aside_is_not_told() -> None:
    with pytest.raises(AuditUnavailableError) as caught, _hiding_causes():
        raise failing()
    assert error_fields(caught.value)["error"] == "app.domain.errors.upstream_error.AuditUnavailableError"


@contextmanager
def _hiding_causes() -> Iterator[None]:
    try:
        yield
    except ValueError:
        raise AuditUnavailableError from None


async def test_a_long_way_through_the_code_does_not_fill_the_log() -> None:
    application = raising(ValueError(CANARY))
    for _ in range(50):
        application = HeaderRules(application, limit=1000)
    with pytest.raises(ValueError, match=CANARY) as caught:
        await send_request(application, scope())
    assert len(error_fields(caught.value)["frames"]) == 30


# Other libraries


@pytest.mark.parametrize("name", ["kubernetes_asyncio.client.rest", "aiohttp.client", "asyncio", "some.library"])
def test_of_other_libraries_only_who_and_how_bad_is_written(out: Out, name: str) -> None:
    configure(Log(level="debug"))
    logging.getLogger(name).warning("response body: %s", CANARY)
    (line,) = out.lines
    assert (line["event"], line["logger"], line["level"]) == ("library.message", name, "warning")
    assert CANARY not in out.text


@pytest.mark.parametrize("name", ["kubernetes_asyncio.client.rest", "aiohttp.client", "asyncio", "some.library"])
def test_other_libraries_do_not_get_to_debug_though_we_do(out: Out, name: str) -> None:
    configure(Log(level="debug"))
    logging.getLogger(name).info("response body: %s", CANARY)
    assert out.text == ""


def test_a_library_that_turns_its_own_debugging_on_still_says_nothing(out: Out) -> None:
    configure(Log(level="debug"))
    chatty = logging.getLogger("kubernetes_asyncio.client.chatty")
    chatty.setLevel(logging.DEBUG)
    chatty.debug("response body: %s", CANARY)
    assert [line["event"] for line in out.lines] == ["library.message"]
    assert CANARY not in out.text


def test_the_server_tells_of_its_own_life(out: Out) -> None:
    configure(Log())
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    assert out.lines[0]["message"] == "Started server process [7]"


def test_what_the_server_says_of_a_failure_is_its_class_only(out: Out) -> None:
    configure(Log())
    logging.getLogger("uvicorn.error").error("Traceback: %s", CANARY, exc_info=failing())
    (line,) = out.lines
    assert (line["event"], line["error"]) == ("library.message", "ValueError from KeyError")
    assert CANARY not in out.text


def test_the_access_log_of_the_server_which_holds_queries_is_not_written(out: Out) -> None:
    logging.getLogger("uvicorn.access").addHandler(logging.StreamHandler(sys.stdout))
    configure(Log())
    logging.getLogger("uvicorn.access").warning('GET /x?key=%s" 200', CANARY)
    assert CANARY not in out.text


def test_configuring_twice_does_not_write_twice(out: Out) -> None:
    configure(Log())
    configure(Log())
    logging.getLogger("aiohttp").error("x")
    assert len(out.lines) == 1


def test_lines_for_which_there_is_no_room_are_counted_and_told_once_there_is_some() -> None:
    before = lines_dropped()
    with stalled_output() as read_all:
        for _ in range(3):
            structlog.get_logger("app").info("request.finished", reason="x" * (CAPACITY // 2))
        dropped = lines_dropped() - before
        (line, report) = read_all()
    assert (dropped, line["event"]) == (2, "request.finished")
    assert (report["event"], report["lines"], report["level"]) == ("log.lines_dropped", 2, "error")


def _line_of(code: str) -> int:
    lines = Path(__file__).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip() == code)
