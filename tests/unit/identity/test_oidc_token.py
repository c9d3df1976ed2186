from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidTokenError
from app.domain.identity import Identity, Source
from app.identity.oidc_key import read_keys
from app.identity.oidc_token import Header, read_header, verify
from app.settings import OidcIssuer
from tests.support.oidc import ALGORITHMS, ProviderKey, compact, rsa_key
from tests.unit.identity.in_memory import NOW
from tests.unit.identity.oidc_sample import CLAIMS, ISSUER, KEY, an_issuer

SECOND = int(NOW.timestamp())
HEADER = {"alg": "RS256", "kid": "one", "typ": "JWT"}


def who(token: str, key: ProviderKey = KEY, now: datetime = NOW, **settings: Any) -> Identity:
    issuer = an_issuer(algorithms=(key.algorithm,), **settings)
    return identified(token, key, issuer, now)


def identified(token: str, key: ProviderKey, issuer: OidcIssuer, now: datetime = NOW) -> Identity:
    (verifying,) = read_keys({"keys": [key.jwk]}, issuer.algorithms)
    return verify(token, read_header(token, issuer).algorithm, verifying, issuer, now)


def refusal(claims: Any, now: datetime = NOW, **settings: Any) -> str:
    token = KEY.sign(claims)
    with pytest.raises(InvalidTokenError) as caught:
        who(token, now=now, **settings)
    return str(caught.value)


def without(name: str) -> dict[str, Any]:
    return {each: value for each, value in CLAIMS.items() if each != name}


def test_names_and_groups_come_of_the_claims_with_their_prefixes() -> None:
    assert who(KEY.sign(CLAIMS)) == Identity(
        "corp:anna", ("corp-group:devs",), Source.OIDC, expires_at=NOW + timedelta(hours=1)
    )


def test_the_prefix_of_users_stands_before_groups_where_there_is_none_for_them() -> None:
    assert who(KEY.sign(CLAIMS), groups_prefix=None).groups == ("corp:devs",)


def test_no_groups_are_read_where_no_claim_is_set() -> None:
    assert who(KEY.sign({**CLAIMS, "groups": 7}), groups_claim=None).groups == ()


@pytest.mark.parametrize(
    "key",
    [
        *(ProviderKey("k", rsa_key("k").private, name) for name in ("RS384", "RS512", "PS256", "PS384", "PS512")),
        ProviderKey("k", ec.generate_private_key(ec.SECP256R1()), "ES256"),
        ProviderKey("k", ec.generate_private_key(ec.SECP384R1()), "ES384"),
        ProviderKey("k", ec.generate_private_key(ec.SECP521R1()), "ES512"),
        ProviderKey("k", ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
        ProviderKey("k", ed448.Ed448PrivateKey.generate(), "EdDSA"),
    ],
    ids=lambda key: f"{key.algorithm} {type(key.private).__name__}",
)
def test_every_algorithm_that_can_be_set_verifies(key: ProviderKey) -> None:
    assert who(key.sign(CLAIMS), key).username == "corp:anna"


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"])
def test_id_tokens_and_access_tokens_are_taken(typ: str) -> None:
    assert who(KEY.sign(CLAIMS, typ=typ)).username == "corp:anna"


def test_a_header_may_leave_type_and_key_id_out() -> None:
    assert read_header(compact({"alg": "RS256"}, CLAIMS, KEY.signature), an_issuer()) == Header(None, "RS256")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"alg": "none"}, "algorithm"),
        ({"alg": "None"}, "algorithm"),
        ({"alg": ""}, "algorithm"),
        ({"alg": None}, "algorithm"),
        ({"alg": "HS256"}, "algorithm"),
        ({"alg": "rs256"}, "algorithm"),
        ({"alg": "RS384"}, "algorithm"),
        ({"alg": "PS256"}, "algorithm"),
        ({"alg": ["RS256"]}, "algorithm"),
        ({"alg": {"RS256": 1}}, "algorithm"),
        ({"crit": ["exp"]}, "header"),
        ({"crit": []}, "header"),
        ({"crit": ["b64"], "b64": False}, "header"),
        ({"b64": False}, "header"),
        ({"kid": 1}, "header"),
        ({"kid": ["one"]}, "header"),
        ({"typ": "logout+jwt"}, "type"),
        ({"typ": "dpop+jwt"}, "type"),
        ({"typ": "secevent+jwt"}, "type"),
        ({"typ": "JWE"}, "type"),
        ({"typ": ""}, "type"),
        ({"typ": None}, "type"),
        ({"typ": ["JWT"]}, "type"),
    ],
    ids=str,
)
def test_a_header_that_no_token_for_us_has_is_refused(header: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidTokenError, match=reason):
        read_header(KEY.sign(CLAIMS, **header), an_issuer())


def test_a_key_that_the_header_brings_along_is_not_looked_at() -> None:
    other = rsa_key("one")
    with pytest.raises(InvalidTokenError, match="signature"):
        who(other.sign(CLAIMS, jwk=other.jwk, jku="https://attacker.example/keys", x5u="https://attacker.example"))


def test_a_public_key_is_not_taken_for_the_secret_of_an_hmac() -> None:
    token = compact({**HEADER, "alg": "HS256"}, CLAIMS, hmac(KEY.public_pem))
    with pytest.raises(InvalidTokenError, match="algorithm"):
        who(token)


def test_an_hmac_with_the_public_key_is_no_signature_whatever_the_header_says() -> None:
    with pytest.raises(InvalidTokenError, match="signature"):
        who(compact(HEADER, CLAIMS, hmac(KEY.public_pem)))


@pytest.mark.parametrize(
    "sign", [lambda _: b"", lambda _: b"\0" * 256, rsa_key("one").signature], ids=["", "0", "other"]
)
def test_what_the_key_has_not_signed_is_refused(sign: Callable[[bytes], bytes]) -> None:
    with pytest.raises(InvalidTokenError, match=r"signature|form"):
        who(compact(HEADER, CLAIMS, sign))


@pytest.mark.parametrize("audience", ["console", "cli", ["console"], ["other", "cli"]])
def test_a_token_is_for_us_where_one_of_its_audiences_is(audience: object) -> None:
    assert who(KEY.sign({**CLAIMS, "aud": audience})).username == "corp:anna"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"iss": [ISSUER]}, "issuer"),
        ({"aud": "other"}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": "Console"}, "audience"),
        ({"aud": "console cli"}, "audience"),
        ({"aud": None}, "claims"),
        ({"aud": {"console": 1}}, "claims"),
        ({"aud": ["console", 1]}, "claims"),
        ({"aud": ["console", ["x"]]}, "claims"),
        ({"sub": ""}, "claims"),
        ({"sub": None}, "claims"),
        ({"sub": 7}, "claims"),
        ({"sub": ["anna"]}, "claims"),
        ({"sub": {"anna": 1}}, "claims"),
        ({"sub": True}, "claims"),
        ({"sub": " "}, "blank at the edge"),
        ({"sub": " anna"}, "blank at the edge"),
        ({"sub": "anna\n"}, "blank at the edge"),
        ({"sub": "an\r\nImpersonate-User: admin"}, "control character"),
        ({"sub": "an\u0000na"}, "control character"),
        ({"sub": "cafe\u0301"}, "not NFC"),
        ({"sub": "\ud800"}, "not UTF-8"),
        ({"sub": "a" * 249}, "1 to 253 characters"),
        ({"groups": {"devs": 1}}, "groups"),
        ({"groups": 7}, "groups"),
        ({"groups": True}, "groups"),
        ({"groups": ["devs", 7]}, "groups"),
        ({"groups": ["devs", None]}, "groups"),
        ({"groups": [["devs"]]}, "groups"),
        ({"groups": ["devs", ""]}, "1 to 253 characters"),
        ({"groups": ""}, "1 to 253 characters"),
        ({"groups": ["devs", "a\nb"]}, "control character"),
        ({"groups": [f"g{number}" for number in range(65)]}, "too many groups"),
        ({"exp": SECOND - 30}, "expired"),
        ({"exp": 0}, "expired"),
        ({"exp": -(10**9)}, "expired"),
        ({"exp": None}, "claims"),
        ({"exp": str(SECOND + 60)}, "claims"),
        ({"exp": True}, "claims"),
        ({"exp": 10**30}, "claims"),
        ({"exp": float("inf")}, "claims"),
        ({"exp": float("nan")}, "claims"),
        ({"nbf": SECOND + 31}, "not yet valid"),
        ({"nbf": None}, "claims"),
        ({"nbf": "now"}, "claims"),
        ({"iat": SECOND + 31}, "not yet valid"),
        ({"iat": []}, "claims"),
    ],
    ids=str,
)
def test_claims_that_make_no_user_are_refused(claims: dict[str, Any], reason: str) -> None:
    assert refusal({**CLAIMS, **claims}) == reason


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "sub"])
def test_a_token_without_a_claim_that_it_needs_is_refused(name: str) -> None:
    assert refusal(without(name)) in {"issuer", "claims"}


@pytest.mark.parametrize("payload", [[CLAIMS], "anna", 7, None, b"{", b"\xff", b"[" * 100_000])
def test_a_payload_that_is_no_object_is_refused(payload: object) -> None:
    assert refusal(payload) == "form"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": SECOND - 29},
        {"exp": SECOND + 0.5},
        {"exp": 253_402_300_799},
        {"nbf": SECOND + 30},
        {"iat": SECOND + 30},
        {"nbf": -62_135_596_800},
    ],
    ids=str,
)
def test_clocks_may_be_apart_by_the_leeway_and_times_be_far_off(claims: dict[str, Any]) -> None:
    assert who(KEY.sign({**CLAIMS, **claims})).username == "corp:anna"


def test_without_a_leeway_a_token_ends_on_the_second() -> None:
    token = KEY.sign({**CLAIMS, "exp": SECOND + 1})
    assert who(token, leeway=timedelta(0)).expires_at == datetime.fromtimestamp(SECOND + 1, UTC)
    with pytest.raises(InvalidTokenError, match="expired"):
        who(token, now=NOW + timedelta(seconds=1), leeway=timedelta(0))


def test_a_single_group_may_stand_without_a_list() -> None:
    assert who(KEY.sign({**CLAIMS, "groups": "devs"})).groups == ("corp-group:devs",)


@pytest.mark.parametrize("claims", [without("groups"), {**CLAIMS, "groups": None}, {**CLAIMS, "groups": []}])
def test_who_has_no_groups_is_in_none(claims: dict[str, Any]) -> None:
    assert who(KEY.sign(claims)).groups == ()


def test_as_many_groups_as_are_allowed_are_all_there() -> None:
    groups = [f"g{number}" for number in range(64)]
    assert len(who(KEY.sign({**CLAIMS, "groups": groups})).groups) == 64


@pytest.mark.parametrize("name", ["system:masters", "secretspace:anna", "secretspace-system:accounts", "corp:anna"])
def test_a_name_that_is_somebody_elses_is_none_behind_the_prefix(name: str) -> None:
    identity = who(KEY.sign({**CLAIMS, "sub": name, "groups": [name]}))
    assert (identity.username, identity.groups) == (f"corp:{name}", (f"corp-group:{name}",))


def test_another_claim_may_hold_the_name() -> None:
    token = KEY.sign({**CLAIMS, "preferred_username": "anna.k"})
    assert who(token, username_claim="preferred_username").username == "corp:anna.k"


def test_the_claim_with_the_name_has_to_be_there() -> None:
    assert refusal(CLAIMS, username_claim="preferred_username") == "claims"


def test_the_subject_has_to_be_there_though_the_name_is_another_claim() -> None:
    claims = {**without("sub"), "preferred_username": "anna.k"}
    assert refusal(claims, username_claim="preferred_username") == "claims"


@pytest.mark.parametrize("verified", [{}, {"email_verified": True}])
def test_an_address_is_a_name_unless_it_is_said_not_to_be_verified(verified: dict[str, Any]) -> None:
    token = KEY.sign({**CLAIMS, "email": "anna@example.com", **verified})
    assert who(token, username_claim="email").username == "corp:anna@example.com"


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_is_no_name(verified: object) -> None:
    claims = {**CLAIMS, "email": "anna@example.com", "email_verified": verified}
    assert refusal(claims, username_claim="email") == "address not verified"


def test_whether_the_address_is_verified_does_not_matter_where_it_is_not_the_name() -> None:
    assert who(KEY.sign({**CLAIMS, "email_verified": False})).username == "corp:anna"


def test_the_name_for_people_is_shown() -> None:
    assert who(KEY.sign({**CLAIMS, "name": "Anna K."})).display_name == "Anna K."


@pytest.mark.parametrize("name", [7, "", "\ud800", "a\u0000", "x" * 254, ["Anna"], None], ids=repr)
def test_a_name_for_people_that_cannot_be_shown_is_left_out(name: object) -> None:
    assert who(KEY.sign({**CLAIMS, "name": name})).display_name == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["sub", "aud", "exp", "nbf", "iat", "groups", "name"]), JSON))
def test_signed_claims_of_any_kind_are_a_user_under_the_prefix_or_refused(claims: dict[str, Any]) -> None:
    with suppress(InvalidTokenError):
        identity = who(KEY.sign({**CLAIMS, **claims}))
        assert identity.username.startswith("corp:")
        assert all(group.startswith("corp-group:") for group in identity.groups)


def hmac(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda signed: bytes(ALGORITHMS["HS256"].sign(signed, secret))
