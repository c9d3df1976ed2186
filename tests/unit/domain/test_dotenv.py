import os
import shutil
import string
import subprocess
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.dotenv import MAX_FINDINGS, dotenv_faults, read_dotenv, write_dotenv
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation

SHELLS: Final = [shell for shell in ("sh", "dash", "bash") if shutil.which(shell)]
PATH: Final = {"PATH": os.environ["PATH"]}
LINEAR: Final = settings(max_examples=300, deadline=timedelta(seconds=1))

names = st.text(string.ascii_uppercase, min_size=1, max_size=8).map("X_".__add__)
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\t\r\n"))
environments = st.dictionaries(names, texts.map(str.encode), max_size=5)
made_of_syntax = st.lists(st.sampled_from([*"AB_= \t\r\n#'\"\\$`é\0", "export ", "A=", "B='", 'C="'])).map("".join)


def read(text: str | bytes, *, max_keys: int = 100) -> dict[str, bytes]:
    content = text.encode() if isinstance(text, str) else text
    return read_dotenv(content, max_keys=max_keys)


def faults(text: str | bytes, *, max_keys: int = 100) -> list[Violation]:
    with pytest.raises(InvalidError) as raised:
        read(text, max_keys=max_keys)
    return list(raised.value.violations)


def outcome(content: bytes) -> tuple[dict[str, bytes], list[Violation]]:
    """The values, or what is wrong."""
    try:
        return read(content, max_keys=10), []
    except InvalidError as error:
        return {}, list(error.violations)


def environment_of(shell: str, data: dict[str, bytes]) -> dict[str, bytes]:
    """What a program gets that a shell starts after it has read the file."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "file.env").write_bytes(write_dotenv(data))
        program = "set -a; . ./file.env; exec env -0"
        done = subprocess.run([shell, "-c", program], cwd=folder, capture_output=True, env=PATH, check=True)
    lines = (line.split(b"=", 1) for line in done.stdout.split(b"\0") if line)
    return {name.decode(): value for name, value in lines}


# What is read


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=value", "value"),
        ("A=", ""),
        ("A= \t ", ""),
        ("  A = value \t", "value"),
        ("export A=value", "value"),
        ("export\tA=value", "value"),
        ("A=two words", "two words"),
        ("A=a=b==", "a=b=="),
        ("A=value # comment", "value"),
        ("A=value\t#comment", "value"),
        ("A=value#no-comment", "value#no-comment"),
        ("A=#fff", "#fff"),
        ("A= # comment", ""),
        ("A=it's", "it's"),
        ('A=a "b" c', 'a "b" c'),
        (r"A=C:\new\dir", r"C:\new\dir"),
        ("A=grüße 🙂", "grüße 🙂"),
        ("A='  kept  '", "  kept  "),
        ("A= 'value' # comment", "value"),
        ("A=''", ""),
        ('A=""', ""),
        ("A='$HOME `date` \\n \"'", '$HOME `date` \\n "'),
        ("A='# no comment'", "# no comment"),
        ('A="# no comment"', "# no comment"),
        (r'A="a\nb\"c\\d\$e\`f"', 'a\nb"c\\d$e`f'),
        (r'A="\\n"', r"\n"),
        ('A="it\'s"', "it's"),
        ("A='first\nsecond\n'", "first\nsecond\n"),
        ('A="first\nsecond\n"', "first\nsecond\n"),
        ("A='first\r\nsecond'", "first\r\nsecond"),
    ],
)
def test_a_value_is_what_readers_agree_on(line: str, value: str) -> None:
    assert read(line) == {"A": value.encode()}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_end_as_on_any_system(end: str) -> None:
    text = end.join(["# first", "", "A=1", "  ", "B='2'", "\t# last", 'C="3" # three', ""])

    assert read(text) == {"A": b"1", "B": b"2", "C": b"3"}


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert read(b"\xef\xbb\xbfA=1") == {"A": b"1"}


def test_the_word_export_can_be_a_name() -> None:
    assert read("export=1") == {"export": b"1"}
    assert read("export export = 1") == {"export": b"1"}


def test_names_may_have_dots_and_hyphens_behind_the_first_character() -> None:
    assert read("spring.datasource-url=x") == {"spring.datasource-url": b"x"}


def test_a_file_may_hold_nothing() -> None:
    assert read("") == read("# comment") == read("\r\n\n") == {}


# What is refused, and where


@pytest.mark.parametrize(
    ("text", "at", "fault", "position"),
    [
        ("A=1\nA=2", "/A", Fault.ENV_NAME_REPEATED, (2, 1)),
        ("A=$HOME", "/A", Fault.ENV_INTERPOLATION, (1, 3)),
        ("A=x${HOME}", "/A", Fault.ENV_INTERPOLATION, (1, 4)),
        ("A=`date`", "/A", Fault.ENV_INTERPOLATION, (1, 3)),
        ("\n A = pa$$word", "/A", Fault.ENV_INTERPOLATION, (2, 8)),
        ('A="x\n$HOME"', "/A", Fault.ENV_INTERPOLATION, (2, 1)),
        ('A="`date`"', "/A", Fault.ENV_INTERPOLATION, (1, 4)),
        (r'A="a\tb"', "/A", Fault.ENV_ESCAPE, (1, 5)),
        ('A="a\\\nb"', "/A", Fault.ENV_ESCAPE, (1, 5)),
        ("A=1\nB='open\nC=3", "/B", Fault.ENV_QUOTE_OPEN, (2, 3)),
        ('A="open', "/A", Fault.ENV_QUOTE_OPEN, (1, 3)),
        ('A="open\\"', "/A", Fault.ENV_QUOTE_OPEN, (1, 3)),
        ("A='a'b", "/A", Fault.ENV_BEHIND_QUOTE, (1, 6)),
        ("A='it'\\''s'", "/A", Fault.ENV_BEHIND_QUOTE, (1, 7)),
        ("A='a'#b", "/A", Fault.ENV_BEHIND_QUOTE, (1, 6)),
        ("A", "", Fault.ENV_LINE_INVALID, (1, 1)),
        ("export A", "", Fault.ENV_LINE_INVALID, (1, 1)),
        ("B=1\n1A=2", "", Fault.ENV_LINE_INVALID, (2, 1)),
        ("=value", "", Fault.ENV_LINE_INVALID, (1, 1)),
        ("Ä=value", "", Fault.ENV_LINE_INVALID, (1, 1)),
        ("A: value", "", Fault.ENV_LINE_INVALID, (1, 1)),
        ("A=a\x01", "/A", Fault.CONTROL_CHARACTER, (1, 4)),
        ("A=a\rB=b", "/A", Fault.CONTROL_CHARACTER, (1, 4)),
        ("A='\0'", "/A", Fault.CONTROL_CHARACTER, (1, 4)),
        (f"{'A' * 254}=1", "", Fault.KEY_INVALID, (1, 1)),
    ],
)
def test_what_readers_differ_in_is_refused(text: str, at: str, fault: Fault, position: tuple[int, int]) -> None:
    assert faults(text) == [Violation(at, fault, *position)]


@pytest.mark.parametrize(
    ("content", "position"), [(b"A=1\nB=\xff", (2, 3)), ("A=1".encode("utf-16"), (1, 1)), (b"\xc3\xa9=\xe9", (1, 3))]
)
def test_what_is_not_utf_8_is_refused(content: bytes, position: tuple[int, int]) -> None:
    assert faults(content) == [Violation("", Fault.ENV_NOT_UTF8, *position)]


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = faults("A=$x\nB\nC='1'2\nD=4\nD=$5")

    assert [(each.line, each.fault) for each in found] == [
        (1, Fault.ENV_INTERPOLATION),
        (2, Fault.ENV_LINE_INVALID),
        (3, Fault.ENV_BEHIND_QUOTE),
        (5, Fault.ENV_NAME_REPEATED),
        (5, Fault.ENV_INTERPOLATION),
    ]


def test_reading_ends_after_so_many_faults() -> None:
    assert len(faults("?\n" * (MAX_FINDINGS + 1))) == MAX_FINDINGS


def test_reading_ends_at_the_first_name_too_many() -> None:
    assert len(read("A=1\nB=2", max_keys=2)) == 2
    assert faults("A=1\nB=2\nC=3\n?", max_keys=2) == [Violation("", Fault.TOO_MANY_KEYS, 3, 1)]


# Whatever is sent


@LINEAR
@given(content=made_of_syntax.map(str.encode) | st.binary(max_size=200))
def test_whatever_is_sent_is_read_or_refused_with_line_and_column(content: bytes) -> None:
    values, found = outcome(content)

    assert len(values) <= 10
    assert all(b"\0" not in value for value in values.values())
    assert all(each.line and each.column for each in found)


LARGE: Final = {
    "a name": "A" * 2_000_000,
    "an open quote": "A='" + "\n" * 2_000_000,
    "backslashes": 'A="' + "\\" * 2_000_000,
    "escapes": 'A="' + '\\"' * 1_000_000,
    "blanks": "A=" + " " * 2_000_000,
    "words": "A=" + " x" * 1_000_000,
    "no name": " " * 2_000_000 + "?",
    "exports": "export " * 300_000,
    "a comment": "#" * 2_000_000,
    "blanks behind a quote": "A='x'" + " " * 2_000_000 + "y",
    "quotes": "A='\n" * 500_000,
    "faults": "?\n" * 1_000_000,
}


@pytest.mark.parametrize("what", LARGE)
def test_two_million_characters_take_no_longer_than_their_number(what: str) -> None:
    start = time.perf_counter()
    outcome(LARGE[what].encode())
    assert time.perf_counter() - start < 2


# What is written


@given(data=environments)
@example(data={"X_A": b"'\"\\$`\n\\n"})
def test_what_is_written_reads_back_as_the_same_bytes(data: dict[str, bytes]) -> None:
    assert read_dotenv(write_dotenv(data), max_keys=10) == data


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=60, deadline=None)
@given(data=environments)
@example(data={"X_A": b'it\'s "$HOME" `date` \\n \\\\ \\\n !! ~ * \r\n\n'})
@example(data={"X_A": b"", "X_B": "ключ 🙂\x7f\u0081\u0088".encode()})
def test_a_shell_reads_back_the_same_bytes(shell: str, data: dict[str, bytes]) -> None:
    data = {name: value for name, value in data.items() if not list(dotenv_faults({name: value}))}
    found = environment_of(shell, data)
    assert {name: value for name, value in found.items() if name.startswith("X_")} == data


def test_names_are_sorted_and_values_quoted() -> None:
    assert write_dotenv({"B": b"it's $5", "A": b"1"}) == b"A='1'\nB=\"it's \\$5\"\n"


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("tls.crt", b"x", Fault.NOT_ENV_NAME),
        ("my-key", b"x", Fault.NOT_ENV_NAME),
        ("1A", b"x", Fault.NOT_ENV_NAME),
        ("UID", b"x", Fault.NOT_ENV_NAME),
        ("A", b"\0", Fault.NOT_ENV_TEXT),
        ("A", b"\xff", Fault.NOT_ENV_TEXT),
        ("A", b"\x1b[0m", Fault.NOT_ENV_TEXT),
        pytest.param("A", b"x" * 131_070, Fault.NOT_ENV_SIZE, id="long"),
    ],
)
def test_what_no_environment_carries_is_named(key: str, value: bytes, fault: Fault) -> None:
    assert list(dotenv_faults({key: value, "GOOD": b"x"})) == [Violation(f"/data/{key}", fault)]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_longest_variable_is_handed_on(shell: str) -> None:
    data = {"A": b"x" * 131_069}

    assert list(dotenv_faults(data)) == []
    assert environment_of(shell, data)["A"] == data["A"]
