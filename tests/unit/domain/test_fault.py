import re

from hypothesis import given
from hypothesis import strategies as st

from app.domain.fault import MAX_NAME_IN_POINTER, Fault, pointer


def test_a_pointer_escapes_what_has_a_meaning_in_it() -> None:
    assert pointer("data", "a/b~c", 0) == "/data/a~1b~0c/0"


def test_the_whole_document_is_the_empty_pointer() -> None:
    assert pointer() == ""


def test_a_pointer_ends_before_a_name_that_is_too_long_to_be_repeated() -> None:
    assert pointer("data", "x" * MAX_NAME_IN_POINTER) == "/data/" + "x" * MAX_NAME_IN_POINTER
    assert pointer("data", "x" * (MAX_NAME_IN_POINTER + 1), "text") == "/data"


def test_a_pointer_ends_before_a_name_that_has_no_utf8_form() -> None:
    assert pointer("data", "\ud800", "text") == "/data"


def test_every_fault_has_words_of_its_own() -> None:
    assert len(Fault) == len(Fault.__members__)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]+", fault.code) for fault in Fault)
    assert all(fault.message[0].isupper() and fault.message.endswith(".") for fault in Fault)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=6), max_size=4))
def test_a_pointer_can_be_taken_apart_again(parts: list[str]) -> None:
    whole = pointer(*parts)

    assert [part.replace("~1", "/").replace("~0", "~") for part in whole.split("/")[1:]] == parts
