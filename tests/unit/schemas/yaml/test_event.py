import pytest

from app.schemas.yaml import Limits, read_secret
from tests.unit.schemas.yaml.document import HEAD, refusals


def test_a_text_of_the_largest_size_is_read() -> None:
    assert read_secret(HEAD.encode(), Limits(size=len(HEAD))).name == "demo"


def test_a_text_one_byte_larger_is_not() -> None:
    assert refusals(HEAD, Limits(size=len(HEAD) - 1)) == [("YAML_TOO_LARGE", "", 1, 1)]


def test_a_secret_of_kubernetes_own_size_fits_into_the_default_limits() -> None:
    text = f"{HEAD}data:\n  big: {'QUJD' * (1024 * 1024 // 3)}\n"
    assert len(read_secret(text.encode()).data["big"]) == 1024 * 1024 - 1  # type: ignore[arg-type]


def test_nesting_is_allowed_up_to_the_limit() -> None:
    text = f"{HEAD}status: {'[' * 15}{']' * 15}"
    assert read_secret(text.encode()).name == "demo"


def test_nesting_deeper_is_refused_where_it_happens() -> None:
    assert refusals(f"{HEAD}status: {'[' * 16}{']' * 16}") == [("YAML_TOO_DEEP", "", 5, 24)]


def test_events_are_counted() -> None:
    others = 18
    within = f"{HEAD}status: [{'a,' * (20_000 - others)}]"
    assert read_secret(within.encode()).name == "demo"
    beyond = f"{HEAD}status: [{'a,' * (20_001 - others)}]"
    assert refusals(beyond) == [("YAML_TOO_MANY_EVENTS", "", 6, 1)]


def test_documents_are_counted() -> None:
    assert read_secret((HEAD + "---\n" * 49).encode()).name == "demo"
    assert refusals(HEAD + "---\n" * 50) == [("YAML_TOO_MANY_DOCUMENTS", "", 54, 1)]


def test_the_keys_of_a_mapping_are_counted() -> None:
    keys = "".join(f"  k{n}: YQ==\n" for n in range(1024))
    assert len(read_secret(f"{HEAD}data:\n{keys}".encode()).data) == 1024
    assert refusals(f"{HEAD}data:\n{keys}  one-more: YQ==\n") == [("TOO_MANY_KEYS", "/data", 1030, 3)]


def test_a_byte_order_mark_in_front_is_dropped() -> None:
    assert read_secret(b"\xef\xbb\xbf" + HEAD.encode()) == read_secret(HEAD.encode())


def test_a_byte_order_mark_elsewhere_is_refused() -> None:
    assert refusals(f'{HEAD}type: "a\ufeff"\n') == [("CONTROL_CHARACTER", "", 5, 9)]


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        pytest.param(HEAD.encode("utf-16"), ("YAML_NOT_UTF8", "", 1, 1), id="UTF-16 with a mark"),
        pytest.param(HEAD.encode("utf-16-be"), ("CONTROL_CHARACTER", "", 1, 1), id="UTF-16 without"),
        pytest.param(HEAD.encode() + "type: ä".encode("latin-1"), ("YAML_NOT_UTF8", "", 5, 7), id="Latin-1"),
        pytest.param("type: ä".encode() + b"\xed\xa0\x80", ("YAML_NOT_UTF8", "", 1, 8), id="half of a surrogate pair"),
    ],
)
def test_another_encoding_is_refused(source: bytes, refusal: tuple[str, str, int, int]) -> None:
    assert refusals(source) == [refusal]


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"], ids=["NEL", "LS", "PS"])
def test_a_line_break_that_readers_differ_in_is_refused_and_can_be_escaped(character: str) -> None:
    raw, escaped = f'{HEAD}stringData: {{k: "ä{character}"}}', f'{HEAD}stringData: {{k: "ä\\u{ord(character):04x}"}}'

    assert refusals(raw) == [("YAML_LINE_BREAK", "", 5, 19)]
    assert read_secret(escaped.encode()).data == {"k": f"ä{character}".encode()}


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x80", "\x9f", "\ufffe", "\uffff"])
def test_a_control_character_is_refused_where_it_stands(character: str) -> None:
    assert refusals(f'{HEAD}type: "ä😀{character}"') == [("CONTROL_CHARACTER", "", 5, 10)]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 'open", 1, 9),
        ("a: b: c", 1, 5),
        ("a:\n\tb: c", 2, 1),
        ("a: [1", 2, 1),
        ("a: b\n}", 2, 1),
        ('a: "\\q"', 1, 5),
        ("%YAML 2.0\n---\na: b", 1, 1),
        ("a: @b", 1, 4),
        ("a: <kept: 3 bytes>", 1, 9),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    assert refusals(text) == [("YAML_MALFORMED", "", line, column)]


def test_lines_end_in_any_of_three_ways() -> None:
    text = HEAD + "stringData:\n  a: |\n    one\n    two\n  b: c\n"
    for ending in ("\n", "\r\n", "\r"):
        manifest = read_secret(text.replace("\n", ending).encode())
        assert manifest.data == {"a": b"one\ntwo\n", "b": b"c"}
        assert manifest.positions["/stringData/b"] == (9, 3)
