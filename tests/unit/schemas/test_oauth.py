from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import AppError, InvalidTokenRequestError, UnsupportedGrantTypeError
from app.schemas.oauth import AccessToken, RevocationRequest, TokenRequest, revocation_form, token_form

GOOD = "grant_type=password&username=anna&password=canary"


def test_a_form_names_account_and_password() -> None:
    assert token_form(GOOD.encode()) == {"grant_type": "password", "username": "anna", "password": "canary"}


@given(st.text(min_size=1), st.text(min_size=1))
def test_every_name_and_password_arrives_as_it_was_sent(username: str, password: str) -> None:
    form = urlencode({"grant_type": "password", "username": username, "password": password})
    grant = TokenRequest.model_validate(token_form(form.encode()))
    assert grant.password is not None
    assert (grant.username, grant.password.get_secret_value()) == (username, password)


def test_letters_that_a_shell_did_not_escape_arrive_too() -> None:
    assert token_form("grant_type=password&username=anna&password=größe".encode())["password"] == "größe"


def test_what_a_documentation_page_sends_besides_is_ignored() -> None:
    form = GOOD + "&scope=&client_id=x&client_secret=y&unknown=z"
    assert TokenRequest.model_validate(token_form(form.encode())).username == "anna"


@pytest.mark.parametrize(
    "form",
    [
        "",
        "&&&",
        "username=anna&password=canary",
        "grant_type=refresh_token",
        "grant_type=refresh_token&refresh_token=",
        "grant_type=refresh_token&username=anna&password=canary",
        "grant_type=&username=anna&password=canary",
        "grant_type=password&password=canary",
        "grant_type=password&username=anna",
        "grant_type=password&username=&password=canary",
        "grant_type=password&username=anna&password=",
        "grant_type=password&username=anna&password",
        GOOD + "&password=other",
        GOOD + "&password=",
        GOOD + "&username=bob",
        GOOD + "&grant_type=password",
        GOOD + "&scope=a&scope=b",
        GOOD + "".join(f"&p{number}=x" for number in range(33)),
        GOOD + "%ff",
        GOOD + "%ed%a0%80",
        '{"grant_type": "password", "username": "anna", "password": "canary"}',
    ],
)
def test_a_form_with_a_parameter_missing_or_repeated_or_unreadable_is_refused(form: str) -> None:
    with pytest.raises(InvalidTokenRequestError) as caught:
        token_form(form.encode())
    assert str(caught.value) == ""


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidTokenRequestError):
        token_form(GOOD.encode() + b"\xff")


@pytest.mark.parametrize("grant", ["client_credentials", "authorization_code", "PASSWORD", "password "])
def test_another_grant_is_not_supported_whatever_comes_with_it(grant: str) -> None:
    with pytest.raises(UnsupportedGrantTypeError):
        token_form(urlencode({"grant_type": grant}).encode())


def test_a_refresh_token_is_all_that_its_grant_needs() -> None:
    grant = TokenRequest.model_validate(token_form(b"grant_type=refresh_token&refresh_token=canary"))
    assert grant.refresh_token is not None
    assert grant.refresh_token.get_secret_value() == "canary"


@pytest.mark.parametrize(
    ("scope", "stays"), [("offline_access", True), ("openid+offline_access", True), ("", False), ("offline", False)]
)
def test_a_refresh_token_is_asked_for_by_a_scope(scope: str, stays: bool) -> None:
    assert TokenRequest.model_validate(token_form(f"{GOOD}&scope={scope}".encode())).stays is stays


def test_a_token_is_all_that_a_revocation_needs() -> None:
    form = revocation_form(b"token=canary&token_type_hint=refresh_token")
    assert RevocationRequest.model_validate(form).token.get_secret_value() == "canary"


@pytest.mark.parametrize("form", ["", "token=", "token", "token=a&token=b", "token_type_hint=a", "token=%ff"])
def test_a_revocation_without_a_token_is_refused(form: str) -> None:
    with pytest.raises(InvalidTokenRequestError):
        revocation_form(form.encode())


@given(st.binary(max_size=200))
def test_no_body_breaks_the_reading(body: bytes) -> None:
    with pytest.raises(AppError):
        token_form(body)


def test_neither_password_nor_token_shows() -> None:
    assert "canary" not in repr(TokenRequest.model_validate(token_form(GOOD.encode())))
    assert "canary" not in repr(RevocationRequest.model_validate(revocation_form(b"token=canary")))
    token = AccessToken(access_token="canary", token_type="Bearer", expires_in=1, refresh_token="canary")
    assert "canary" not in repr(token)
