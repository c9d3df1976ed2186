"""Standard output as a test sees it, and logging put back afterwards."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from threading import Thread
from typing import Any

import pytest
import structlog

from app.logs import _LEAST, configure, drain
from app.settings import Log

NASTY = 'a\nb\r{"event":"forged"}\x1b[31m\x00\x9b\u2028\ud800"'
CONTROLS = "\n\r\x1b\x00\x9b\u2028\u2029"


class Out:
    """Standard output, all of it since the test began."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd
        self._text = ""

    @property
    def text(self) -> str:
        drain()
        self._text += self._capfd.readouterr().out
        return self._text

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def out(capfd: pytest.CaptureFixture[str]) -> Iterator[Out]:
    """Standard output; afterwards logging is as it was before."""
    loggers = [logging.getLogger(name) for name in (None, *_LEAST)]
    before = [(logger, logger.level, logger.propagate, logger.handlers) for logger in loggers]
    yield Out(capfd)
    drain()
    structlog.reset_defaults()
    for logger, level, propagate, handlers in before:
        logger.setLevel(level)
        logger.propagate = propagate
        logger.handlers = handlers


@contextmanager
def unread_output() -> Iterator[None]:
    """A standard output that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream, redirect_stdout(stream):
        yield
        drain()


@contextmanager
def stalled_output() -> Iterator[Callable[[], list[Any]]]:
    """A standard output that nobody reads until asked for all its lines."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "w") as stream, redirect_stdout(stream):
        configure(Log())
        text = bytearray()

        def read_all() -> list[Any]:
            reader = Thread(target=lambda: text.extend(pipe.read()))
            reader.start()
            assert drain()
            stream.close()
            reader.join()
            return [json.loads(line) for line in text.splitlines()]

        yield read_all
