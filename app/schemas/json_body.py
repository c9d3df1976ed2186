"""JSON read strictly: nothing twice, nothing that has no UTF-8 form, and nothing that costs more than its length."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NoReturn

from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation, pointer

MAX_DEPTH: Final = 32
"""How deep a body may be nested; nothing here needs more than ten."""
MAX_PARTS: Final = 20_000
"""How many objects and arrays a body may have; a Secret of 1,024 keys has about as many of them."""
MAX_VIOLATIONS: Final = 100
"""How many are looked for in one body."""

# Possessive, and content with a missing end: every byte is looked at once, whatever is sent.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_SURROGATE_ESCAPE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_ALL_BUT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_CAN_BE_WRONG: Final = (str, list, dict)
_TO_SQUARE: Final = bytes.maketrans(b"{}", b"[]")


def parse_json(body: bytes) -> Any:
    """Parse a body (RFC 8259) by the stricter rules of I-JSON (RFC 7493): UTF-8, no member twice, no half surrogates.

    Raises:
        InvalidError: it breaks a rule, is nested deeper than `MAX_DEPTH`, or is no JSON (NaN and Infinity are none).
    """
    _check_nesting(body)
    reader = _Reader()
    try:
        value = json.loads(body.decode(), object_pairs_hook=reader.object, parse_constant=_refuse)
    except ValueError:  # also of bytes that are no UTF-8, and of numbers with more digits than Python reads
        raise _invalid(Fault.MALFORMED_JSON) from None
    if reader.met_repeated or _SURROGATE_ESCAPE.search(body):
        found = tuple(islice(_violations(value, []), MAX_VIOLATIONS))
        if found:
            raise InvalidError(found)
    return value


def _check_nesting(body: bytes) -> None:
    """Refuse nesting that is too deep or does not close, before Python's parser follows it by recursion.

    Innermost pairs of brackets are taken away as many times as may be nested; then nothing may be left.
    """
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    brackets = _STRING.sub(b"", body).translate(_TO_SQUARE, _ALL_BUT_BRACKETS)
    if len(brackets) > 2 * MAX_PARTS:
        raise _invalid(Fault.JSON_TOO_MANY_PARTS)
    for _ in range(MAX_DEPTH):
        outer = brackets.replace(b"[]", b"")
        if len(outer) == len(brackets):
            break
        brackets = outer
    if brackets:
        raise _invalid(Fault.JSON_TOO_DEEP if b"[]" in brackets else Fault.MALFORMED_JSON)


class _RepeatedMembers(dict[str, Any]):
    """An object that names members twice, and which."""

    repeated: frozenset[str]


class _Reader:
    """Makes objects, and remembers whether any of them named a member twice."""

    def __init__(self) -> None:
        self.met_repeated = False

    def object(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(members)
        if len(made) == len(members):
            return made
        self.met_repeated = True
        marked = _RepeatedMembers(made)
        last = {name: index for index, (name, _) in enumerate(members)}
        marked.repeated = frozenset(name for index, (name, _) in enumerate(members) if last[name] != index)
        return marked


def _refuse(_: str) -> NoReturn:
    raise ValueError


def _violations(value: Any, at: list[str | int]) -> Iterator[Violation]:
    """What is wrong inside of a value that was parsed; `at` is where it stands."""
    if isinstance(value, str):
        if not _has_utf8(value):
            yield Violation(pointer(*at), Fault.LONE_SURROGATE)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, _CAN_BE_WRONG):
                yield from _violations(item, [*at, index])
    elif isinstance(value, dict):
        yield from _violations_of_members(value, at)


def _violations_of_members(members: dict[str, Any], at: list[str | int]) -> Iterator[Violation]:
    repeated = members.repeated if isinstance(members, _RepeatedMembers) else frozenset()
    for name, item in members.items():
        inner = [*at, name]
        if name in repeated:
            yield Violation(pointer(*inner), Fault.DUPLICATE_MEMBER)
        if not _has_utf8(name):
            yield Violation(pointer(*at), Fault.LONE_SURROGATE)
        yield from _violations(item, inner)


def _has_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _invalid(fault: Fault) -> InvalidError:
    return InvalidError([Violation("", fault)])
