import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.call import Caller, Trace
from app.domain.identity import Identity, InvalidIdentityError
from app.k8s.impersonation import Acting, AsCaller, AsReserved, outbound_headers, shows_own_credential
from tests.unit.k8s.acting import as_alice, as_reserved, as_robot, as_service, as_token, trace

OWN = ("Authorization", "Bearer our-own")
AUDIT = ("Audit-ID", "request-1.1")


@pytest.mark.parametrize(
    ("acting", "headers"),
    [
        (as_alice(), [AUDIT, OWN, ("Impersonate-User", "secretspace:alice")]),
        (
            as_alice("secretspace:a", "secretspace:b,c"),
            [
                AUDIT,
                OWN,
                ("Impersonate-User", "secretspace:alice"),
                ("Impersonate-Group", "secretspace:a"),
                ("Impersonate-Group", "secretspace:b,c"),
            ],
        ),
        (as_robot(), [AUDIT, ("Authorization", "Bearer canary-robot-token")]),
        (as_reserved(), [AUDIT, OWN, ("Impersonate-User", "secretspace-system:accounts")]),
        (as_service(), [AUDIT, OWN]),
        (as_token(), [AUDIT, ("Authorization", "Bearer canary-unproved-token")]),
    ],
    ids=[
        "a person",
        "a person in groups",
        "a token of the cluster",
        "a reserved user",
        "the service",
        "a token to prove",
    ],
)
def test_the_headers_say_who_calls_and_nothing_else(acting: Acting, headers: list[tuple[str, str]]) -> None:
    assert outbound_headers(acting, "our-own") == headers


@pytest.mark.parametrize(
    ("acting", "headers"),
    [
        (as_alice(), [AUDIT, ("Impersonate-User", "secretspace:alice")]),
        (as_reserved(), [AUDIT, ("Impersonate-User", "secretspace-system:accounts")]),
        (as_service(), [AUDIT]),
        (as_robot(), [AUDIT, ("Authorization", "Bearer canary-robot-token")]),
    ],
    ids=["a person", "a reserved user", "the service", "a token of the cluster"],
)
def test_where_a_client_certificate_is_our_credential_no_token_is_sent(
    acting: Acting, headers: list[tuple[str, str]]
) -> None:
    assert outbound_headers(acting, None) == headers


def test_each_call_of_a_request_has_an_audit_id_of_its_own() -> None:
    acting = as_alice()

    assert [outbound_headers(acting, None)[0] for _ in range(2)] == [AUDIT, ("Audit-ID", "request-1.2")]


@pytest.mark.parametrize(
    ("acting", "ours"),
    [
        (as_alice(), True),
        (as_reserved(), True),
        (as_service(), True),
        (as_robot(), False),
        (as_token(), False),
    ],
    ids=["a person", "a reserved user", "the service", "a token of the cluster", "a token to prove"],
)
def test_a_call_with_another_token_does_not_show_our_credential(acting: Acting, ours: bool) -> None:
    assert shows_own_credential(acting) is ours


@pytest.mark.parametrize("user", ["", " ", "a\r\nImpersonate-Group: system:masters", "\ud800"])
def test_a_reserved_user_is_never_blank_nor_bends_a_header(user: str) -> None:
    with pytest.raises(InvalidIdentityError):
        outbound_headers(AsReserved(user, trace()), "our-own")


names = st.text(min_size=1, max_size=20)


@given(names, st.lists(names, max_size=5))
def test_whoever_calls_exactly_one_user_is_sent_and_one_header_for_each_group(name: str, groups: list[str]) -> None:
    try:
        identity = Identity(name, tuple(groups))
    except InvalidIdentityError:
        return

    headers = outbound_headers(AsCaller(Caller(identity, Trace("r", 1.0))), "our-own")

    assert [value for header, value in headers if header == "Impersonate-User"] == [name]
    assert [value for header, value in headers if header == "Impersonate-Group"] == groups
    assert len(headers) == 3 + len(groups)
    assert not any(line in value for _, value in headers for line in "\r\n")


@pytest.mark.parametrize("acting", [as_robot(), as_token()], ids=["of the cluster", "to prove"])
def test_no_token_is_shown(acting: Acting) -> None:
    assert "canary" not in repr(acting)
