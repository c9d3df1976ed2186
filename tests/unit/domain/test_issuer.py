import pytest

from app.domain.issuer import check_apart, check_issuer, is_https_url

LOCAL = "secretspace:"


@pytest.mark.parametrize(
    "url",
    [
        "https://login.example.com",
        "https://login.example.com/",
        "https://login.example.com:8443/realms/staff",
        "https://192.0.2.7",
        "https://[2001:db8::1]:8443",
    ],
)
def test_an_address_over_tls_may_be_an_issuer(url: str) -> None:
    check_issuer(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "login.example.com",
        "http://login.example.com",
        "HTTP://login.example.com",
        "file:///etc/passwd",
        "https:",
        "https://",
        "https:///realm",
        "https://anna@login.example.com",
        "https://anna:secret@login.example.com",
        "https://login.example.com#a",
        "https://login.example.com/a b",
        "https://login.example.com/\n",
        "https://login.example.com/\u00e9",
        "https://login.example.com:99999",
        "https://login.example.com:0",
        "https://[::1",
    ],
)
def test_what_cannot_be_reached_over_tls_as_it_stands_is_none(url: str) -> None:
    assert not is_https_url(url)
    with pytest.raises(ValueError, match="An issuer is an https URL"):
        check_issuer(url)


def test_an_issuer_has_no_query_though_the_address_of_keys_may() -> None:
    assert is_https_url("https://login.example.com/keys?p=staff")
    with pytest.raises(ValueError, match="query"):
        check_issuer("https://login.example.com/?p=staff")


def test_prefixes_that_do_not_begin_with_one_another_are_apart() -> None:
    check_apart(LOCAL, [("corp:", "corp:"), ("partner:", "partner-group:")])


@pytest.mark.parametrize(
    "issuers",
    [
        [("corp:", "corp:"), ("corp:", "corp:")],
        [("corp:", "corp:"), ("corp:guests:", "guests:")],
        [("corp:guests:", "guests:"), ("corp:", "corp:")],
        [("corp:", "groups:"), ("partner:", "groups:")],
        [("corp:", "a:"), ("a:", "b:")],
        [("secretspace:", "corp:")],
        [("secretspace", "corp:")],
        [("corp:", "secretspace:oidc:")],
        [("secretspace-system:", "corp:")],
        [("secretspace-", "corp:")],
        [("secretspace-system:accounts", "corp:")],
        [("system:", "corp:")],
        [("corp:", "system:serviceaccount:")],
        [("s", "corp:")],
        [("corp:", "sys")],
    ],
    ids=str,
)
def test_prefixes_under_which_one_could_bear_the_name_of_another_are_refused(issuers: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="do not begin with one another"):
        check_apart(LOCAL, issuers)
