"""What is written to standard output: one event a line, and nothing in it that is not on a list.

Our own events name what happened and carry fields; fields that are not in `FIELDS` are left out and counted, so that
a value cannot slip in by a new name. Other libraries' messages can hold anything (kubernetes-asyncio logs whole answers
of the API server): of them only the logger and the level are kept, but for the server's few lines on its own life.
Exceptions are written as their classes and places in the code, never as text.

A reader who stops reading stops nothing here: lines then wait, and those for which there is no room are dropped, which
the metrics tell and a line `log.lines_dropped` as soon as it can. Only a reveal waits for its line, and not for long.
"""

import asyncio
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from traceback import walk_tb
from typing import Any, Final

import structlog
from typing_extensions import override

from app.domain.errors import AuditUnavailableError
from app.line_writer import LineWriter
from app.settings import Log

FIELDS: Final = frozenset(
    {
        *("event", "level", "timestamp", "logger", "message", "dropped"),
        *("request_id", "method", "route", "status", "duration_ms", "upstream_calls"),
        *("user", "account", "workspace", "project", "secret", "keys", "copied_to"),
        *("verb", "resource", "issuer", "reason", "code", "error", "frames", "lines"),
    }
)
"""The fields that a line may have; `message` is for the server's own lines."""

_Event = MutableMapping[str, Any]

_EVENT: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_UNNAMED: Final = "log.unnamed"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:@{}+-]+")
_SERVER: Final = "uvicorn.error"
"""uvicorn's logger for its own life. Its errors hold tracebacks, and are treated as any other library's."""
_LEAST: Final = {
    _SERVER: logging.INFO,
    **dict.fromkeys(("uvicorn", "uvicorn.access", "aiohttp", "asyncio", "kubernetes_asyncio"), logging.WARNING),
}
"""The least level of other loggers, whatever the settings say."""
_OURS: Final = Path(__file__).parent
_MAX_FRAMES: Final = 30
_JSON: Final = json.JSONEncoder(separators=(",", ":"))
_REVEAL_SECONDS: Final = 2.0
"""How long a reveal waits until its line is out."""


def configure(settings: Log) -> None:
    """Send everything that is logged in this process to standard output, in the form that the settings say.

    Other libraries are held to warnings, whatever the level: below, kubernetes-asyncio logs bodies, asyncio coroutines.
    """
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    as_json = not _is_terminal() if settings.json_lines is None else settings.json_lines
    structlog.configure(
        processors=[_explain_exception, _keep_listed, _stamp, _json_line if as_json else _text_line],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Stdout,
    )
    root = logging.getLogger()
    root.handlers = [*(each for each in root.handlers if not isinstance(each, _LibraryHandler)), _LibraryHandler()]
    root.setLevel(max(level, logging.WARNING))
    for name, least in _LEAST.items():
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
        logger.setLevel(max(level, least))


def lines_dropped() -> int:
    """How many lines there was no room for since the process began."""
    return _writer.dropped


def drain() -> bool:
    """Wait, for two seconds at most, until all lines are out; whether they are."""
    return _writer.drain()


def error_fields(error: BaseException) -> dict[str, Any]:
    """What a line says of an exception: `error`, its class and those it came from, and `frames`, where it passed.

    Never its text, which can quote a value, nor a local variable.
    """
    chain = list(_chain(error))
    frames = [frame for each in chain for frame in _frames(each)]
    return {"error": " from ".join(_class_name(each) for each in chain), "frames": frames[:_MAX_FRAMES]}


class StdoutRevealRecorder:
    """Writes the line that a reveal or a copy leaves behind (`app.services.port.RevealRecorder`), at any level.

    `counted` is called for each line of a reveal that is out.
    """

    def __init__(self, counted: Callable[[], None] = lambda: None) -> None:
        self._counted = counted

    async def record(
        self, *, user: str, workspace: str, project: str, secret: str, keys: Sequence[str], request_id: str
    ) -> None:
        """Write the line, and see it out of this process.

        Raises:
            AuditUnavailableError: it could not be written, or not soon: nobody reads.
        """
        await self._record(
            "secret.revealed",
            user=user,
            workspace=workspace,
            project=project,
            secret=secret,
            keys=list(keys),
            request_id=request_id,
        )
        self._counted()

    async def record_copy(
        self,
        *,
        user: str,
        workspace: str,
        project: str,
        secret: str,
        copied_to: str,
        keys: Sequence[str],
        request_id: str,
    ) -> None:
        """Write the line, and see it out of this process.

        Raises:
            AuditUnavailableError: it could not be written, or not soon: nobody reads.
        """
        await self._record(
            "secret.copied",
            user=user,
            workspace=workspace,
            project=project,
            secret=secret,
            copied_to=copied_to,
            keys=list(keys),
            request_id=request_id,
        )

    async def _record(self, name: str, **fields: Any) -> None:
        event: dict[str, Any] = {"event": name, **fields}
        written = _writer.put(_json_line(None, "info", _stamp(_Stdout("app.audit"), "info", event)))
        try:
            async with asyncio.timeout(_REVEAL_SECONDS):
                await asyncio.wrap_future(written)
        except (OSError, ValueError):  # TimeoutError is an OSError
            raise AuditUnavailableError from None


class _Stdout:
    """The end of structlog's pipeline. That nobody reads our output is no reason to fail a request."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def write(self, line: str) -> None:
        _writer.put(line)

    debug = info = warning = error = critical = write


class _LibraryHandler(logging.Handler):
    """Brings what other libraries log into the same form, most of their messages left out."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        fields = error_fields(record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}
        of_server = record.name == _SERVER and record.levelno < logging.ERROR
        if of_server:
            fields["message"] = record.getMessage()
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        structlog.get_logger(record.name).log(level, "server.message" if of_server else "library.message", **fields)


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _explain_exception(_logger: Any, _level: str, event: _Event) -> _Event:
    """The exception that is being handled, if the event asks for it, as fields."""
    exc_info = event.pop("exc_info", None)
    error = exc_info if isinstance(exc_info, BaseException) else sys.exc_info()[1] if exc_info else None
    return event if error is None else {**event, **error_fields(error)}


def _keep_listed(_logger: Any, _level: str, event: _Event) -> _Event:
    """Leave out what is not on the list, and what is neither a scalar nor a list of texts."""
    kept = {name: value for name, value in event.items() if name in FIELDS and _is_writable(value)}
    if not _EVENT.fullmatch(str(kept.get("event", ""))):
        kept["event"] = _UNNAMED
    dropped = len(event) - len(kept)
    return {**kept, "dropped": dropped} if dropped else kept


def _is_writable(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(item, str) for item in value)
    return value is None or isinstance(value, str | int | float)


def _stamp(logger: Any, level: str, event: _Event) -> _Event:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"timestamp": now, "level": level, "event": event["event"], "logger": logger.name, **event}


def _json_line(_logger: Any, _level: str, event: _Event) -> str:
    """One line whatever is in the fields: all that is not ASCII, and all controls, are escaped."""
    return _JSON.encode(event)


def _text_line(_logger: Any, _level: str, event: _Event) -> str:
    """The same for people, and as safe: what is not plain is in quotes and escaped, so that no terminal obeys it."""
    fields = dict(event)
    time, level, name = (fields.pop(each) for each in ("timestamp", "level", "event"))
    return f"{time} {level:<7} {name} " + " ".join(f"{key}={_plain(value)}" for key, value in fields.items())


def _plain(value: Any) -> str:
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else _JSON.encode(value)


def _report_dropped(lines: int) -> None:
    structlog.get_logger("app.logs").error("log.lines_dropped", lines=lines)


_writer: Final = LineWriter(_report_dropped)
"""One for the process, as standard output is."""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, and those that led to it, as Python would print them."""
    each: BaseException | None = error
    while each is not None:
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _class_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _frames(error: BaseException) -> Iterator[str]:
    """Where the exception passed in our code, and where it was raised, as file:line:function."""
    places = [
        (Path(frame.f_code.co_filename), line, frame.f_code.co_name) for frame, line in walk_tb(error.__traceback__)
    ]
    for path, line, function in places:
        if path.is_relative_to(_OURS):
            yield f"{path.relative_to(_OURS.parent)}:{line}:{function}"
    if places and not places[-1][0].is_relative_to(_OURS):
        path, line, function = places[-1]
        yield f"{'/'.join(path.parts[-2:])}:{line}:{function}"
