import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fault import Fault
from app.identity.password_rule import password_fault


@pytest.mark.parametrize(
    "password", ["correct horse", "vier Wörter, kein Schema", "ünïcödé ☃☃", "        ab cd", "8 letter"]
)
def test_any_composition_is_allowed(password: str) -> None:
    assert password_fault(password, "anna") is None


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("seven 7", Fault.PASSWORD_TOO_SHORT),
        ("mu\u0308nche", Fault.PASSWORD_TOO_SHORT),
        ("x" * 1025, Fault.PASSWORD_TOO_LONG),
        ("ü" * 513, Fault.PASSWORD_TOO_LONG),
        ("password", Fault.PASSWORD_TOO_COMMON),
        ("PassWord123", Fault.PASSWORD_TOO_COMMON),
        ("1qaz2wsx", Fault.PASSWORD_TOO_COMMON),
        ("zzzzzzzzzzzz", Fault.PASSWORD_TOO_COMMON),
        ("abcabcabcabc", Fault.PASSWORD_TOO_COMMON),
        ("anna-maria", Fault.PASSWORD_LIKE_NAME),
        ("Anna-Maria-2026!", Fault.PASSWORD_LIKE_NAME),
        ("Secretspace1", Fault.PASSWORD_LIKE_NAME),
        ("half\ud800pair", Fault.LONE_SURROGATE),
    ],
)
def test_a_bad_choice_is_refused(password: str, fault: Fault) -> None:
    assert password_fault(password, "anna-maria") is fault


def test_a_name_inside_of_a_longer_password_is_no_fault() -> None:
    assert password_fault("ask anna-maria nicely", "anna-maria") is None


def test_the_longest_password_is_1024_bytes() -> None:
    assert password_fault("äbcd" * 204 + "efgh", "anna") is None
    assert password_fault("abcd" * 256, "anna") is None


@given(st.text(min_size=0, max_size=40))
def test_every_text_gets_an_answer(password: str) -> None:
    assert password_fault(password, "anna") in {None, *Fault}
