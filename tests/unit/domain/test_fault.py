from app.domain.fault import MAX_NAME_IN_POINTER, pointer


def test_a_pointer_escapes_what_has_a_meaning_in_it() -> None:
    assert pointer("data", "a/b~c", 0) == "/data/a~1b~0c/0"


def test_the_whole_document_is_the_empty_pointer() -> None:
    assert pointer() == ""


def test_a_pointer_ends_before_a_name_that_is_too_long_to_be_repeated() -> None:
    assert pointer("data", "x" * MAX_NAME_IN_POINTER) == "/data/" + "x" * MAX_NAME_IN_POINTER
    assert pointer("data", "x" * (MAX_NAME_IN_POINTER + 1), "text") == "/data"


def test_a_pointer_ends_before_a_name_that_has_no_utf8_form() -> None:
    assert pointer("data", "\ud800", "text") == "/data"
