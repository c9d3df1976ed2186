from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from app.identity.oidc_key import MAX_KEYS, read_keys
from tests.support.oidc import ProviderKey, rsa_key
from tests.unit.identity.oidc_sample import KEY

RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
ALL = RSA | {"ES256", "ES384", "ES512", "EdDSA"}
P256 = ProviderKey("p256", ec.generate_private_key(ec.SECP256R1()), "ES256")
ED = ProviderKey("ed", ed25519.Ed25519PrivateKey.generate(), "EdDSA")


def bare(key: ProviderKey, *without: str, **members: Any) -> dict[str, Any]:
    """The key as a provider may publish it that says less of it, or something else."""
    entry = {name: value for name, value in key.jwk.items() if name not in {"alg", "use", "key_ops", *without}}
    return {**entry, **members}


def found(*entries: Any, algorithms: frozenset[str] = ALL) -> list[tuple[str | None, frozenset[str]]]:
    return [(key.kid, key.algorithms) for key in read_keys({"keys": list(entries)}, algorithms)]


def test_a_key_is_for_all_algorithms_of_its_type_that_are_set() -> None:
    assert found(bare(KEY)) == [("one", RSA)]
    assert found(bare(KEY), algorithms=frozenset({"RS256", "PS256", "ES256"})) == [
        ("one", frozenset({"RS256", "PS256"}))
    ]


def test_a_key_that_names_its_algorithm_is_for_no_other() -> None:
    assert found(bare(KEY, alg="PS384")) == [("one", frozenset({"PS384"}))]


@pytest.mark.parametrize(
    ("curve", "algorithm"), [(ec.SECP256R1(), "ES256"), (ec.SECP384R1(), "ES384"), (ec.SECP521R1(), "ES512")]
)
def test_a_curve_has_one_algorithm(curve: ec.EllipticCurve, algorithm: str) -> None:
    key = ProviderKey("ec", ec.generate_private_key(curve), algorithm)
    assert found(bare(key)) == [("ec", frozenset({algorithm}))]


GARBAGE: Final[dict[str, Any]] = {
    "null": None,
    "a number": 7,
    "a string": "key",
    "a list": [],
    "nothing": {},
    "no numbers": {"kty": "RSA"},
    "a list for a type": {"kty": ["RSA"]},
    "a symmetric key": {"kty": "oct", "k": "c2VjcmV0", "kid": "one"},
    "a modulus that is a number": bare(KEY, n=7),
    "an empty modulus": bare(KEY, n=""),
    "a modulus that is no base64": bare(KEY, n="!!"),
    "a modulus that is not ASCII": bare(KEY, n="\u00e9"),
    "a short modulus": bare(rsa_key("short", 1024)),
    "a modulus that would keep us busy": bare(KEY, n="_" * 100_000),
    "the exponent 0": bare(KEY, e="AA"),
    "the exponent 1": bare(KEY, e="AQ"),
    "an id that is a number": bare(KEY, kid=7),
    "an HMAC": bare(KEY, alg="HS256"),
    "the algorithm none": bare(KEY, alg="none"),
    "a list of algorithms": bare(KEY, alg=["RS256"]),
    "null for an algorithm": bare(KEY, alg=None),
    "for encryption": bare(KEY, use="enc"),
    "a list of uses": bare(KEY, use=["sig"]),
    "an operation that is not verifying": bare(KEY, key_ops=["encrypt"]),
    "operations that are no list": bare(KEY, key_ops="verify"),
    "another curve": bare(P256, crv="P-384"),
    "a curve that is none": bare(P256, crv="P-000"),
    "half a point": bare(P256, y="AA"),
    "a point off the curve": bare(P256, x=bare(P256)["y"]),
    "a point that is too short": bare(ED, x="AA"),
    "a curve for key exchange": bare(ED, crv="X25519"),
    "a private RSA key": {**RSAAlgorithm.to_jwk(KEY.private, as_dict=True), "key_ops": ["verify"]},
    "a private EC key": ECAlgorithm.to_jwk(P256.private, as_dict=True),
    "a private Ed25519 key": OKPAlgorithm.to_jwk(ED.private, as_dict=True),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_is_no_key_for_verifying_is_passed_over_beside_good_ones(name: str) -> None:
    assert found(GARBAGE[name], bare(ED), GARBAGE[name], bare(P256)) == [
        ("ed", frozenset({"EdDSA"})),
        ("p256", frozenset({"ES256"})),
    ]


def test_a_key_may_be_without_an_id() -> None:
    assert found(bare(KEY, "kid")) == [(None, RSA)]


@pytest.mark.parametrize(
    "key_set", [{}, {"keys": None}, {"keys": {}}, {"keys": "one"}, {"keys": [{}] * (MAX_KEYS + 1)}]
)
def test_what_is_no_set_of_keys_is_refused(key_set: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        read_keys(key_set, ALL)


def test_a_set_may_be_empty_or_as_large_as_is_allowed() -> None:
    assert found() == []
    assert len(found(*[bare(ED)] * MAX_KEYS)) == MAX_KEYS


VALUE = st.none() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=3), max_size=2)


@given(st.dictionaries(st.sampled_from(["kty", "kid", "use", "key_ops", "alg", "n", "e", "crv", "x", "y", "d"]), VALUE))
def test_no_entry_breaks_the_reading_of_the_others(members: dict[str, Any]) -> None:
    for key in (KEY, P256, ED):
        assert found({**bare(key), **members}, bare(ED))[-1] == ("ed", frozenset({"EdDSA"}))
