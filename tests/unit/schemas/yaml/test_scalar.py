import re

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.manifest import Masked
from app.schemas.yaml.scalar import base64_bytes, is_null, is_string, kept_bytes, kept_text

AMBIGUOUS = {
    "null": ["", "~", "null", "Null", "NULL"],
    "boolean": ["y", "N", "yes", "No", "NO", "true", "False", "on", "OFF"],
    "integer": ["0", "-1", "+1", "0777", "08", "1_000", "0x1F", "0X1f", "0o17", "0b11", "0b-1", "+_7", "9" * 30],
    "float": ["1.5", ".5", "5.", "1e3", "1E-3", "-.5e1", "1_0.5", "0e_07", ".inf", "-.INF", ".NaN"],
    "sexagesimal": ["12:30", "1:30:45", "-1:59", "190:20:30.15", "00:30"],
    "date": ["2026-11-24", "2026-1-2"],
    "time": ["2026-11-24T21:54:26Z", "2026-11-24 21:54:26.5 +1:30", "2026-11-24t21:54:26-0500"],
    "default": ["="],
    "merge": ["<<"],
}
STRINGS = [
    "a",
    "text",
    "1.2.3",
    "10.0.0.1",
    "1:99",
    "8080:80",
    "v1",
    "1a",
    "e3",
    "_1",
    "-",
    "--",
    "a_1",
    "0xg",
    "nope",
    "yes!",
]

CORE_SCHEMA = re.compile(
    r"null|Null|NULL|~||true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN"
)
"""Copied from https://yaml.org/spec/1.2.2/#1032-tag-resolution."""


class Resolver(yaml.resolver.Resolver):
    """YAML 1.1 as PyYAML resolves it."""

    def tag_of(self, plain: str) -> str:
        tag: str = self.resolve(yaml.ScalarNode, plain, (True, False))  # type: ignore[no-untyped-call]
        return tag


@pytest.mark.parametrize("plain", [text for texts in AMBIGUOUS.values() for text in texts])
def test_what_a_reader_could_take_for_something_else_is_no_string(plain: str) -> None:
    assert not is_string(plain)


@pytest.mark.parametrize("plain", STRINGS)
def test_what_all_readers_take_for_a_string_is_one(plain: str) -> None:
    assert is_string(plain)


@given(st.text(st.sampled_from("0123456789abefnoxyzBEFNOXTYZ_.:+-~<= "), max_size=12))
def test_yaml_1_1_and_1_2_agree_on_what_is_a_string(plain: str) -> None:
    assume(is_string(plain))
    assert Resolver().tag_of(plain) == "tag:yaml.org,2002:str"
    assert not CORE_SCHEMA.fullmatch(plain)


def test_only_null_says_that_there_is_nothing() -> None:
    assert [text for texts in AMBIGUOUS.values() for text in texts if is_null(text)] == AMBIGUOUS["null"]


@given(st.integers(0, 99_999_999))
def test_a_mask_tells_its_size_and_reads_back(size: int) -> None:
    assert kept_bytes(kept_text(Masked(size))) == Masked(size)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<kept>",
        "<kept: 3>",
        "<kept: 03 bytes>",
        "<kept: -1 bytes>",
        "<kept: 3 bytes> ",
        "<KEPT: 3 bytes>",
        "<kept: ³ bytes>",
    ],
)
def test_no_other_text_is_a_mask(text: str) -> None:
    assert kept_bytes(text) is None


@pytest.mark.parametrize(("text", "value"), [("", b""), ("YQ==", b"a"), ("+/+/", b"\xfb\xff\xbf")])
def test_standard_base64_is_decoded(text: str, value: bytes) -> None:
    assert base64_bytes(text) == value


@pytest.mark.parametrize(
    "text", ["YQ", "YQ=", "Y", "====", "YQ==YQ==", "YQ==\n", " YQ==", "Y Q==", "-_-_", "YQ==é", "<kept: 3 bytes>"]
)
def test_anything_else_is_not(text: str) -> None:
    assert base64_bytes(text) is None
