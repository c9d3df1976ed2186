import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import assume, given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, RSAAlgorithm

from app.domain.errors import InvalidTokenError
from app.identity.signing import SigningKey
from app.identity.token import Claims, issue, key_id, unverified_expiry, unverified_issuer, verify
from tests.unit.identity.in_memory import NOW

ISSUER = "secretspace"
KEY = SigningKey.generate()
OTHER_KEY = SigningKey.generate()
CLAIMS = Claims("project-regular", 3, "token-id", issued_at=NOW, expires_at=NOW + timedelta(hours=1))
HEADER = {"alg": "ES256", "kid": KEY.kid, "typ": "at+jwt"}
PAYLOAD = {
    "iss": ISSUER,
    "sub": "project-regular",
    "aud": "secretspace",
    "client_id": "secretspace",
    "iat": int(NOW.timestamp()),
    "nbf": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 3600,
    "jti": "token-id",
    "epoch": 3,
}


def es256(signed: bytes) -> bytes:
    return ECAlgorithm(ECAlgorithm.SHA256).sign(signed, KEY.private)


def forged(header: Any, payload: Any, sign: Callable[[bytes], bytes] = es256) -> str:
    """A token put together by hand; bytes go in as they are, all else as JSON."""
    signed = b".".join(
        _encode(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, payload)
    )
    return (signed + b"." + _encode(sign(signed))).decode()


def refusal(token: str) -> str:
    with pytest.raises(InvalidTokenError) as caught:
        verify(token, KEY, ISSUER, NOW)
    return str(caught.value)


def test_a_token_says_what_was_put_into_it() -> None:
    assert verify(issue(CLAIMS, KEY, ISSUER), KEY, ISSUER, NOW) == CLAIMS


def test_a_token_looks_as_the_access_token_profile_says() -> None:
    header, payload, _ = issue(CLAIMS, KEY, ISSUER).split(".")
    assert json.loads(_decode(header)) == HEADER
    assert json.loads(_decode(payload)) == PAYLOAD


def test_the_tokens_made_by_hand_here_are_good_unless_spoiled() -> None:
    assert verify(forged(HEADER, PAYLOAD), KEY, ISSUER, NOW) == CLAIMS


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "alg": "none"},
        {**HEADER, "alg": "None"},
        {**HEADER, "alg": ""},
        {**HEADER, "alg": "ES384"},
        {**HEADER, "alg": "es256"},
        {**HEADER, "alg": ["ES256"]},
        {**HEADER, "typ": "JWT"},
        {**HEADER, "typ": "at+JWT"},
        {**HEADER, "typ": None},
        {**HEADER, "kid": None},
        {**HEADER, "kid": [KEY.kid]},
        {**HEADER, "crit": []},
        {**HEADER, "crit": ["exp"]},
        {**HEADER, "crit": ["b64"], "b64": False},
        {**HEADER, "b64": True},
        {**HEADER, "jku": "https://attacker.example/keys"},
        {**HEADER, "x5u": "https://attacker.example/chain"},
        {**HEADER, "x5c": ["MIIB"]},
        {**HEADER, "jwk": ECAlgorithm.to_jwk(OTHER_KEY.public, as_dict=True)},
        {**HEADER, "zip": "DEF"},
        {"alg": "ES256", "kid": KEY.kid},
        {"alg": "ES256", "typ": "at+jwt"},
        {"kid": KEY.kid, "typ": "at+jwt"},
        {},
    ],
)
def test_a_header_that_is_not_ours_is_refused_whatever_its_signature(header: dict[str, Any]) -> None:
    assert refusal(forged(header, PAYLOAD)) == "header"


def test_a_token_without_a_signature_is_refused() -> None:
    assert refusal(forged({**HEADER, "alg": "none"}, PAYLOAD, lambda _: b"")) == "form"
    assert refusal(forged(HEADER, PAYLOAD, lambda _: b"")) == "form"
    assert refusal(forged(HEADER, PAYLOAD, lambda _: b"\x00" * 64)) == "signature"


@pytest.mark.parametrize(
    "secret", [b"x" * 32, KEY.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)]
)
def test_a_token_signed_with_our_public_key_as_a_shared_secret_is_refused(secret: bytes) -> None:
    def hs256(signed: bytes) -> bytes:
        return HMACAlgorithm(HMACAlgorithm.SHA256).sign(signed, secret)

    assert refusal(forged({**HEADER, "alg": "HS256"}, PAYLOAD, hs256)) == "header"
    assert refusal(forged(HEADER, PAYLOAD, hs256)) == "signature"


def test_a_token_signed_with_rsa_is_refused() -> None:
    private = generate_rsa_key(65537, 2048)
    token = forged({**HEADER, "alg": "RS256"}, PAYLOAD, lambda s: RSAAlgorithm(RSAAlgorithm.SHA256).sign(s, private))
    assert refusal(token) == "header"


def test_another_key_under_our_key_id_is_refused() -> None:
    token = forged(HEADER, PAYLOAD, lambda s: ECAlgorithm(ECAlgorithm.SHA256).sign(s, OTHER_KEY.private))
    assert refusal(token) == "signature"


def test_a_key_id_of_another_key_is_refused() -> None:
    assert refusal(issue(CLAIMS, OTHER_KEY, ISSUER)) == "key"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://attacker.example"}, "issuer"),
        ({"iss": [ISSUER]}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "kubernetes"}, "audience"),
        ({"aud": ["secretspace"]}, "audience"),
        ({"aud": None}, "audience"),
        ({"sub": None}, "claims"),
        ({"sub": ""}, "claims"),
        ({"sub": "secretspace:admin"}, "claims"),
        ({"sub": "../admin"}, "claims"),
        ({"sub": 7}, "claims"),
        ({"epoch": None}, "claims"),
        ({"epoch": "3"}, "claims"),
        ({"epoch": True}, "claims"),
        ({"jti": None}, "claims"),
        ({"exp": None}, "claims"),
        ({"exp": "1"}, "claims"),
        ({"exp": True}, "claims"),
        ({"exp": 1e300}, "claims"),
        ({"exp": 10**30}, "claims"),
        ({"exp": -(10**30)}, "claims"),
        ({"iat": None}, "claims"),
        ({"nbf": None}, "claims"),
        ({"nbf": 10**30}, "claims"),
    ],
)
def test_claims_that_are_not_ours_are_refused_though_our_key_signed_them(changed: dict[str, Any], reason: str) -> None:
    assert refusal(forged(HEADER, {**PAYLOAD, **changed})) == reason


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "exp", "iat", "nbf", "jti", "epoch"])
def test_every_claim_is_required(name: str) -> None:
    payload = {key: value for key, value in PAYLOAD.items() if key != name}
    assert refusal(forged(HEADER, payload)) in {"claims", "issuer", "audience"}


@pytest.mark.parametrize("payload", [b"[]", b'"text"', b"7", b"null", b"\xff\xfe", b"{", b"[" * 9000, b""])
def test_a_payload_that_is_no_object_is_refused_though_our_key_signed_it(payload: bytes) -> None:
    assert refusal(forged(HEADER, payload)) == "form"


@pytest.mark.parametrize("header", [b"[]", b'"text"', b"null", b"\xff", b"{", b"[" * 9000, b'{"a":' * 3000])
def test_a_header_that_is_no_object_is_refused(header: bytes) -> None:
    assert refusal(forged(header, PAYLOAD)) == "form"


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        "é.é.é",
        " ".join("abc"),
        issue(CLAIMS, KEY, ISSUER) + ".",
        issue(CLAIMS, KEY, ISSUER) + "=",
        issue(CLAIMS, KEY, ISSUER) + "\n",
        issue(CLAIMS, KEY, ISSUER) + ".x",
        "Bearer " + issue(CLAIMS, KEY, ISSUER),
        issue(CLAIMS, KEY, ISSUER)[:-80],
        issue(CLAIMS, KEY, ISSUER).rpartition(".")[0],
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refusal(token) in {"form", "signature"}


def test_a_token_is_good_until_its_end_and_half_a_minute_of_clocks_apart() -> None:
    token = issue(CLAIMS, KEY, ISSUER)
    assert verify(token, KEY, ISSUER, CLAIMS.expires_at + timedelta(seconds=29)) == CLAIMS
    with pytest.raises(InvalidTokenError, match="expired"):
        verify(token, KEY, ISSUER, CLAIMS.expires_at + timedelta(seconds=30))


def test_a_token_of_the_future_is_not_good_yet() -> None:
    token = issue(CLAIMS, KEY, ISSUER)
    assert verify(token, KEY, ISSUER, NOW - timedelta(seconds=30)) == CLAIMS
    with pytest.raises(InvalidTokenError, match="not yet valid"):
        verify(token, KEY, ISSUER, NOW - timedelta(seconds=31))


@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_each_of_both_beginnings_counts(name: str) -> None:
    assert refusal(forged(HEADER, {**PAYLOAD, name: int(str(PAYLOAD[name])) + 31})) == "not yet valid"


@given(st.integers(min_value=0), st.characters(categories=["L", "N", "P"], max_codepoint=0x2FF))
def test_a_token_with_any_one_character_changed_is_refused(at: int, character: str) -> None:
    token = issue(CLAIMS, KEY, ISSUER)
    at %= len(token)
    assume(character != token[at])
    refusal(token[:at] + character + token[at + 1 :])


@given(st.text(max_size=300) | st.lists(st.text("abcXYZ019-_=", max_size=40), max_size=5).map(".".join))
def test_no_text_is_taken_for_a_token_and_none_breaks_the_check(text: str) -> None:
    refusal(text)
    unverified_issuer(text)
    unverified_expiry(text)


@given(
    st.dictionaries(st.sampled_from(sorted(HEADER)), st.none() | st.booleans() | st.integers() | st.text(max_size=9))
)
def test_no_other_header_of_our_own_members_is_taken(changed: dict[str, Any]) -> None:
    refusal(forged({**HEADER, **changed, "typ": "JWT"}, PAYLOAD))


@given(
    st.from_regex(r"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z"),
    st.integers(min_value=0, max_value=2**63),
    st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=3650)).map(
        lambda d: timedelta(days=d.days, seconds=d.seconds)
    ),
)
def test_every_account_and_epoch_survives_the_way_through_a_token(name: str, epoch: int, lifetime: timedelta) -> None:
    claims = replace(CLAIMS, subject=name, epoch=epoch, expires_at=NOW + lifetime)
    assert verify(issue(claims, KEY, ISSUER), KEY, ISSUER, NOW) == claims


def test_the_text_of_a_refusal_holds_nothing_of_the_token() -> None:
    token = forged({**HEADER, "kid": "canary-kid"}, {**PAYLOAD, "sub": "canary-subject"})
    assert "canary" not in refusal(token)


def test_the_key_id_is_read_before_the_signature_is_checked() -> None:
    assert key_id(issue(CLAIMS, OTHER_KEY, ISSUER)) == OTHER_KEY.kid


def test_issuer_and_end_can_be_read_without_a_key() -> None:
    token = issue(CLAIMS, KEY, "https://issuer.example")
    assert unverified_issuer(token) == "https://issuer.example"
    assert unverified_expiry(token) == CLAIMS.expires_at


@pytest.mark.parametrize(
    "payload", [{}, {"iss": None, "exp": None}, {"iss": 7, "exp": "x"}, {"iss": ["a"], "exp": 1e400}, b"no"]
)
def test_a_token_that_does_not_say_has_no_issuer_and_no_end(payload: Any) -> None:
    assert unverified_issuer(forged(HEADER, payload)) == ""
    assert unverified_expiry(forged(HEADER, payload)) is None


@pytest.mark.parametrize("token", ["", "opaque", "abcdef.0123456789abcdef", "a.b.c"])
def test_what_is_no_jwt_has_no_issuer(token: str) -> None:
    assert unverified_issuer(token) == ""


def _encode(part: bytes) -> bytes:
    return urlsafe_b64encode(part).rstrip(b"=")


def _decode(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_token_tells_other_clusters_the_groups_and_says_nothing_where_there_are_none() -> None:
    token = issue(replace(CLAIMS, groups=("platform-admins",)), KEY, ISSUER)
    assert verify(token, KEY, ISSUER, NOW).groups == ("platform-admins",)
    assert verify(issue(CLAIMS, KEY, ISSUER), KEY, ISSUER, NOW).groups == ()


def test_a_token_of_who_has_to_change_the_password_is_for_nobody_else() -> None:
    token = issue(replace(CLAIMS, password_change_required=True), KEY, ISSUER)
    payload = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    assert payload["aud"] == "secretspace-password-change"
    assert verify(token, KEY, ISSUER, NOW).password_change_required


def test_a_token_of_a_session_names_it() -> None:
    assert verify(issue(replace(CLAIMS, session_id="one"), KEY, ISSUER), KEY, ISSUER, NOW).session_id == "one"
