"""The events of a YAML text, within limits: the scan ends at the first thing that is too large, nothing is built of it.

libyaml's events are safe to draw one by one; it is building a tree out of them without limits that kills a process
(PyYAML's C loader dies of 100,000 nested lists), or fills its memory (271 bytes of aliases become 254 MB).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import yaml

from app.domain.fault import Fault
from app.domain.manifest import Position
from app.schemas.yaml.finding import refused

_BOM = "\ufeff"
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML does not allow in a text but as an escape (YAML 1.2 section 5.1), and the BOM anywhere but in front."""

_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]")
"""Ends of lines to YAML 1.1, and so folded or changed; characters like others to YAML 1.2 (section 5.4)."""


class _Mark(Protocol):
    """A place in libyaml's words, counted from 0."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one text may hold; a Secret at Kubernetes' own limit fits into the defaults."""

    size: int = 2 * 1024 * 1024
    """Bytes of the text."""
    depth: int = 16
    """Mappings and lists inside of each other."""
    events: int = 20_000
    """Scalars, and beginnings and ends of mappings, lists and documents."""
    documents: int = 50
    keys: int = 1024
    """Keys of one mapping, and of the data as a whole."""


def events(source: bytes, limits: Limits) -> Iterator[yaml.Event]:
    """The events of a UTF-8 text, one by one; a byte order mark in front is dropped.

    Raises:
        InvalidError: not UTF-8, not YAML, or over a limit.
    """
    depth = documents = 0
    for count, event in enumerate(_parsed(_text(source, limits)), start=1):
        match event:
            case yaml.DocumentStartEvent():
                documents += 1
            case yaml.CollectionStartEvent():
                depth += 1
            case yaml.CollectionEndEvent():
                depth -= 1
            case _:
                pass
        if depth > limits.depth:
            raise refused("", Fault.YAML_TOO_DEEP, position_of(event))
        if count > limits.events:
            raise refused("", Fault.YAML_TOO_MANY_EVENTS, position_of(event))
        if documents > limits.documents:
            raise refused("", Fault.YAML_TOO_MANY_DOCUMENTS, position_of(event))
        yield event


def position_of(event: yaml.Event) -> Position:
    """Where an event begins; libyaml counts from 0, we from 1."""
    return _from_mark(event.start_mark)


def _text(source: bytes, limits: Limits) -> str:
    if len(source) > limits.size:
        raise refused("", Fault.YAML_TOO_LARGE, (1, 1))
    try:
        text = source.decode()
    except UnicodeDecodeError as error:
        before = source[: error.start].decode()
        raise refused("", Fault.YAML_NOT_UTF8, _end_of(before)) from None
    text = text.removeprefix(_BOM)
    unprintable = _UNPRINTABLE.search(text)
    if unprintable is not None:
        raise refused("", Fault.CONTROL_CHARACTER, _end_of(text[: unprintable.start()]))
    doubtful = _OTHER_BREAKS.search(text)
    if doubtful is not None:
        raise refused("", Fault.YAML_LINE_BREAK, _end_of(text[: doubtful.start()]))
    return text


def _parsed(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise refused("", Fault.YAML_MALFORMED, _from_mark(getattr(error, "problem_mark", None))) from None


def _from_mark(mark: _Mark | None) -> Position:
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def _end_of(text: str) -> Position:
    line_start = text.rfind("\n") + 1
    return text.count("\n") + 1, len(text) - line_start + 1
