"""The parts of a YAML document, without what Secrets have no use for: anchors, aliases, merge keys, foreign tags.

What is refused is noted with its place, and reading goes on, so that all faults are found at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import yaml

from app.domain.fault import Fault, pointer
from app.domain.manifest import Position
from app.schemas.yaml.event import Limits, events, position_of
from app.schemas.yaml.finding import Findings, refused
from app.schemas.yaml.scalar import is_null, is_string

_CORE: Final = "tag:yaml.org,2002:"
STRING: Final = _CORE + "str"
NULL: Final = _CORE + "null"
BOOLEAN: Final = _CORE + "bool"
BINARY: Final = _CORE + "binary"
_SCALAR_TAGS: Final = frozenset({None, STRING, NULL, BOOLEAN, BINARY, _CORE + "int", _CORE + "float"})
_MAPPING_TAGS: Final = frozenset({None, _CORE + "map"})
_LIST_TAGS: Final = frozenset({None, _CORE + "seq"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, and how it was written; `style` is one of `'`, `"`, `|`, `>`, or empty for a plain one."""

    text: str = field(repr=False)
    tag: str | None
    style: str
    position: Position

    @property
    def is_plain(self) -> bool:
        """Whether only its looks say what it is."""
        return self.tag is None and not self.style

    @property
    def is_null(self) -> bool:
        """Whether it says that there is nothing."""
        return self.tag == NULL or (self.is_plain and is_null(self.text))

    @property
    def is_string(self) -> bool:
        """Whether it is a string to every reader of YAML."""
        return self.tag == STRING or (self.tag is None and (bool(self.style) or is_string(self.text)))


@dataclass(frozen=True, slots=True)
class Entry:
    """What a mapping says under a key, and where the key stood."""

    position: Position
    node: "Node"


@dataclass(frozen=True, slots=True)
class Map:
    """A mapping."""

    entries: Mapping[str, Entry] = field(repr=False)
    position: Position


@dataclass(frozen=True, slots=True)
class List:
    """A list; no field of a Secret that is read here is one, so what it holds is checked and forgotten."""

    position: Position


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that was refused already, so that nobody complains of it again."""

    position: Position


Node = Scalar | Map | List | Refused


def documents(source: bytes, limits: Limits, findings: Findings) -> Iterator[Node]:
    """The documents of a text that are not empty.

    Raises:
        InvalidError: the text cannot be read to its end.
    """
    stream = _Stream(events(source, limits), limits, findings)
    for node in stream.documents():
        if not (isinstance(node, Scalar) and node.is_plain and not node.text):
            yield node


class _Stream:
    """Events on their way into nodes."""

    def __init__(self, parsed: Iterator[yaml.Event], limits: Limits, findings: Findings) -> None:
        self._events = parsed
        self._limits = limits
        self._findings = findings

    def documents(self) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                yield self._node(next(self._events), "")

    def _node(self, event: yaml.Event, at: str) -> Node:
        """The node that begins with the event, read to its end; no deeper than the limits let the events go."""
        position = position_of(event)
        match event:
            case yaml.ScalarEvent():
                accepted = self._accepts(event, _SCALAR_TAGS, at)
                node: Node = Scalar(event.value, event.tag, event.style or "", position)
            case yaml.SequenceStartEvent():
                accepted = self._accepts(event, _LIST_TAGS, at)
                node = self._list(position, at)
            case yaml.MappingStartEvent():
                accepted = self._accepts(event, _MAPPING_TAGS, at)
                node = self._map(position, at)
            case _:  # an alias
                self._findings.add(at, Fault.YAML_ALIAS, position)
                accepted, node = False, Refused(position)
        return node if accepted else Refused(position)

    def _accepts(
        self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, tags: frozenset[str | None], at: str
    ) -> bool:
        """Note an anchor, which changes nothing by itself, and a tag, which would."""
        if event.anchor is not None:
            self._findings.add(at, Fault.YAML_ALIAS, position_of(event))
        if event.tag in tags:
            return True
        self._findings.add(at, Fault.YAML_TAG, position_of(event))
        return False

    def _list(self, position: Position, at: str) -> List:
        count = 0
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._node(event, at + pointer(count))
            count += 1
        return List(position)

    def _map(self, position: Position, at: str) -> Map:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, at)
            name = self._name(key, at)
            inside = at if name is None else at + pointer(name)
            node = self._node(next(self._events), inside)
            if name in entries:
                self._findings.add(inside, Fault.YAML_DUPLICATE_KEY, key.position)
            elif name is not None:
                entries[name] = Entry(key.position, node)
            if len(entries) > self._limits.keys:
                raise refused(at, Fault.TOO_MANY_KEYS, key.position)
        return Map(entries, position)

    def _name(self, key: Node, at: str) -> str | None:
        """The text of a key, None where it was refused."""
        match key:
            case Refused():
                return None
            case Scalar(text="<<") if key.is_plain:
                fault = Fault.YAML_ALIAS
            case Scalar() if key.is_string:
                return key.text
            case Scalar():
                fault = Fault.YAML_QUOTE_IT
            case _:
                fault = Fault.YAML_KEY_NOT_TEXT
        self._findings.add(at, fault, key.position)
        return None
