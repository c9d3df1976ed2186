import time
from typing import Any

import pytest

from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.schemas.json_body import MAX_DEPTH, MAX_PARTS, MAX_VIOLATIONS, parse_json


def violations_of(body: bytes) -> tuple[Violation, ...]:
    with pytest.raises(InvalidError) as caught:
        parse_json(body)
    return caught.value.violations


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, -2.5, true, null, "\xc3\xa9"]}', {"a": [1, -2.5, True, None, "é"]}),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (b'{"": {"": 1}}', {"": {"": 1}}),
        (b"  0 ", 0),
        (b'"[[[[{{{{"', "[[[[{{{{"),
    ],
)
def test_what_is_json_is_read_as_it_stands(body: bytes, value: Any) -> None:
    assert parse_json(body) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,]",
        b"{'a': 1}",
        b"NaN",
        b"[-Infinity]",
        b'{"a": 1} {"b": 2}',
        b'"\x00"',
        b'"\xff"',
        "{}".encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b"9" * 5_000,
    ],
    ids=repr,
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    assert violations_of(body) == (Violation("", Fault.MALFORMED_JSON),)


def test_a_member_named_twice_is_pointed_at_once_however_often_it_is_named() -> None:
    body = b'{"x": [{"a": 1, "b": 2, "a": 3, "a": 4}], "x/y~": 0, "x/y~": 0}'

    assert violations_of(body) == (
        Violation("/x/0/a", Fault.DUPLICATE_MEMBER),
        Violation("/x~1y~0", Fault.DUPLICATE_MEMBER),
    )


def test_a_member_named_twice_is_found_when_one_of_its_names_is_escaped() -> None:
    assert violations_of(rb'{"a": 1, "\u0061": 2}') == (Violation("/a", Fault.DUPLICATE_MEMBER),)


def test_half_a_surrogate_pair_is_pointed_at_and_its_parent_where_it_is_in_a_name() -> None:
    body = rb'{"a": ["\ud800"], "b": {"x\uDC00": 1}}'

    assert violations_of(body) == (
        Violation("/a/0", Fault.LONE_SURROGATE),
        Violation("/b", Fault.LONE_SURROGATE),
    )


def test_nesting_is_bounded_and_brackets_in_texts_do_not_count() -> None:
    deepest = b"[" * MAX_DEPTH + rb'"[[[\"[[["' + b"]" * MAX_DEPTH

    assert parse_json(deepest) is not None
    assert violations_of(b'{"a":' + deepest + b"}") == (Violation("", Fault.JSON_TOO_DEEP),)


def test_the_number_of_objects_and_arrays_is_bounded() -> None:
    full = b"[" + b",".join([b"{}"] * (MAX_PARTS - 1)) + b"]"

    assert len(parse_json(full)) == MAX_PARTS - 1
    assert violations_of(b"[" + full + b"]") == (Violation("", Fault.JSON_TOO_MANY_PARTS),)


def test_not_more_is_reported_than_a_person_reads() -> None:
    body = b"{" + b",".join(b'"%d":0,"%d":0' % (number, number) for number in range(MAX_VIOLATIONS + 50)) + b"}"

    assert len(violations_of(body)) == MAX_VIOLATIONS


@pytest.mark.parametrize(
    "body",
    [
        b"[" * (4 << 20),
        b'{"a":' * (600 << 10),
        b'"' + b'\\"' * (2 << 20),
        b'"' * (4 << 20),
        b"[" + b"[]," * (1 << 20) + b"[]]",
        b"[" + b"]" * (4 << 20),
        b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[" + b'"\\' * (2 << 20),
    ],
    ids=["open brackets", "open objects", "escaped quotes", "quotes", "pairs", "closing brackets", "open escapes"],
)
def test_a_body_that_is_meant_to_be_slow_is_refused_fast(body: bytes) -> None:
    started = time.process_time()

    violations_of(body)

    assert time.process_time() - started < 1
