"""Standard output as a test sees it, and logging put back afterwards."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app import logs
from app.logs import _LEAST


class Out:
    """Standard output, all of it since the test began."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd
        self._text = ""

    @property
    def text(self) -> str:
        logs.drain()
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
    logs.drain()
    structlog.reset_defaults()
    for logger, level, propagate, handlers in before:
        logger.setLevel(level)
        logger.propagate = propagate
        logger.handlers = handlers
