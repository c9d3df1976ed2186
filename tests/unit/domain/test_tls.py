from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from app.domain.tls import (
    EXPIRING,
    MAX_CHAIN,
    TlsFacts,
    TlsState,
    UnreadableTlsError,
    load_chain,
    load_private_key,
    matching,
    tls_facts,
)
from tests.unit.domain import certificate as pki
from tests.unit.domain.certificate import CA, CHAIN, DAY, KEY, LEAF, LEAF_KEY, OTHER_KEY, ROOT, ROOT_KEY
from tests.unit.sample import NOW

RSA_KEY = rsa.generate_private_key(65537, 2048)
SECOND = timedelta(seconds=1)
HEAVY = pytest.mark.timeout(10)
"""Minutes, if what the test hands in were looked at by the library's own checks."""


def facts(certificate: bytes = CHAIN, private_key: bytes = KEY, now: datetime = NOW) -> TlsFacts:
    found = tls_facts(certificate, private_key, now)
    assert found is not None
    return found


def test_the_leaf_is_told_in_full() -> None:
    extension = x509.SubjectAlternativeName(
        [
            x509.DNSName("example.com"),
            x509.DNSName("*.example.com"),
            x509.IPAddress(ip_address("2001:db8::1")),
            x509.RFC822Name("a@example.com"),
            x509.UniformResourceIdentifier("spiffe://example.com/a"),
            x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
        ]
    )
    leaf = pki.certificate(extensions=(extension,))

    told = facts(pki.pem(leaf)).leaf

    assert (told.subject, told.issuer, told.serial_number) == ("CN=leaf", "CN=root", "2a")
    assert told.subject_alternative_names == (
        "example.com",
        "*.example.com",
        "2001:db8::1",
        "a@example.com",
        "spiffe://example.com/a",
    )
    assert (told.not_before, told.not_after) == (NOW - DAY, NOW + 90 * DAY)
    assert told.sha256_fingerprint == leaf.fingerprint(hashes.SHA256()).hex()
    assert told.key_type == "ECDSA secp256r1"


def test_a_certificate_without_alternative_names_has_none() -> None:
    assert facts().leaf.subject_alternative_names == ()


@pytest.mark.parametrize(
    ("key", "key_type"),
    [
        (RSA_KEY, "RSA 2048"),
        (LEAF_KEY, "ECDSA secp256r1"),
        (ec.generate_private_key(ec.SECP384R1()), "ECDSA secp384r1"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
        (ed448.Ed448PrivateKey.generate(), "Ed448"),
        (dsa.generate_private_key(2048), "DSA 2048"),
    ],
    ids=str,
)
def test_a_pair_of_any_type_of_key_matches(key: Any, key_type: str) -> None:
    told = facts(pki.pem(pki.certificate(key)), pki.key_pem(key))

    assert told.leaf.key_type == key_type
    assert told.pair_matches


@pytest.mark.parametrize(
    ("key", "form"),
    [
        (RSA_KEY, PrivateFormat.PKCS8),
        (RSA_KEY, PrivateFormat.TraditionalOpenSSL),
        (LEAF_KEY, PrivateFormat.TraditionalOpenSSL),
    ],
    ids=["PKCS #8", "PKCS #1", "SEC 1"],
)
def test_a_private_key_is_read_in_each_of_its_forms(key: Any, form: PrivateFormat) -> None:
    loaded = load_private_key(b"text before\n" + pki.key_pem(key, form))

    assert matching([pki.certificate(key)], loaded) is not None


def test_a_private_key_may_stand_behind_the_parameters_of_its_curve() -> None:
    parameters = pki.armoured("EC PARAMETERS", bytes.fromhex("06082a8648ce3d030107"))

    load_private_key(parameters + pki.key_pem(form=PrivateFormat.TraditionalOpenSSL))


@pytest.mark.parametrize(
    "key",
    [
        b"",
        CHAIN,
        b"-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----",
        pki.armoured("PRIVATE KEY", b"no DER"),
        KEY.replace(b"-----END PRIVATE KEY-----", b""),
        LEAF_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
        LEAF_KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"x")),
    ],
    ids=["empty", "certificate", "empty block", "no DER", "no end", "encrypted", "encrypted in the old manner"],
)
def test_what_is_no_private_key_is_told_by_a_constant(key: bytes) -> None:
    with pytest.raises(UnreadableTlsError) as caught:
        load_private_key(key)

    assert caught.value.args == ("private key",)


@pytest.mark.parametrize(
    "chain",
    [
        b"",
        KEY,
        pki.armoured("CERTIFICATE", b"no DER"),
        pki.pem(LEAF) + pki.armoured("CERTIFICATE", b"no DER"),
        LEAF.public_bytes(Encoding.DER),
        pki.pem(LEAF) * (MAX_CHAIN + 1),
    ],
    ids=["empty", "key", "no DER", "second no DER", "not PEM", "too many"],
)
def test_what_is_no_chain_is_told_by_a_constant(chain: bytes) -> None:
    with pytest.raises(UnreadableTlsError) as caught:
        load_chain(chain)

    assert caught.value.args == ("certificate",)
    assert tls_facts(chain, KEY, NOW) is None


def test_a_chain_is_read_in_its_order_with_text_between() -> None:
    chain = b"subject=leaf\n" + pki.pem(LEAF) + b"\nsubject=root\n" + CA

    assert load_chain(chain) == [LEAF, ROOT]
    assert len(load_chain(pki.pem(LEAF) * MAX_CHAIN)) == MAX_CHAIN


@pytest.mark.parametrize(
    ("chain", "private_key", "leaf", "pair_matches", "chain_ok"),
    [
        ([LEAF], KEY, "CN=leaf", True, True),
        ([LEAF, ROOT], KEY, "CN=leaf", True, True),
        ([ROOT, LEAF], KEY, "CN=leaf", True, False),
        ([LEAF, LEAF], KEY, "CN=leaf", True, False),
        ([pki.certificate(issuer="stranger"), ROOT], KEY, "CN=leaf", True, False),
        ([pki.certificate(signer=OTHER_KEY), ROOT], KEY, "CN=leaf", True, False),
        ([LEAF, ROOT], pki.key_pem(ROOT_KEY), "CN=root", True, False),
        ([LEAF, ROOT], pki.key_pem(OTHER_KEY), "CN=leaf", False, True),
        ([LEAF, ROOT], b"no key", "CN=leaf", False, True),
    ],
    ids=[
        "leaf alone",
        "whole",
        "reversed",
        "not signed by the next",
        "another issuer",
        "a forged signature",
        "the key is the CA's",
        "the key is another one's",
        "no key",
    ],
)
def test_chain_and_pair_are_judged(
    chain: list[x509.Certificate], private_key: bytes, leaf: str, pair_matches: bool, chain_ok: bool
) -> None:
    told = facts(pki.pem(*chain), private_key)

    assert (told.leaf.subject, told.pair_matches, told.chain_ok) == (leaf, pair_matches, chain_ok)
    assert len(told.chain) == len(chain)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (NOW - DAY - SECOND, TlsState.NOT_YET_VALID),
        (NOW - DAY, TlsState.VALID),
        (NOW + 90 * DAY - EXPIRING, TlsState.VALID),
        (NOW + 90 * DAY - EXPIRING + SECOND, TlsState.EXPIRING),
        (NOW + 90 * DAY, TlsState.EXPIRING),
        (NOW + 90 * DAY + SECOND, TlsState.EXPIRED),
    ],
)
def test_the_state_is_where_the_leaf_stands_in_its_life(now: datetime, state: TlsState) -> None:
    assert facts(now=now).state is state


def changed(before: str, after: str) -> bytes:
    """A certificate with two extensions of no meaning, one of its bytes patched."""
    oids = (x509.ObjectIdentifier("1.2.3.4"), x509.ObjectIdentifier("1.2.3.5"))
    extensions = tuple(x509.UnrecognizedExtension(oid, b"x") for oid in oids)
    whole = pki.certificate(extensions=extensions).public_bytes(Encoding.DER)
    patched = whole.replace(bytes.fromhex(before), bytes.fromhex(after), 1)
    assert patched != whole
    return pki.armoured("CERTIFICATE", patched)


def test_a_certificate_of_an_unknown_version_is_not_read() -> None:
    assert tls_facts(changed("a003020102", "a003020105"), KEY, NOW) is None


def test_a_certificate_that_repeats_an_extension_is_read_without_its_names() -> None:
    assert facts(changed("06032a0305", "06032a0304")).leaf.subject_alternative_names == ()


def test_a_certificate_with_names_of_an_unknown_form_is_read_without_them() -> None:
    x400 = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, bytes.fromhex("3002a300"))

    assert facts(pki.pem(pki.certificate(extensions=(x400,)))).leaf.subject_alternative_names == ()


@HEAVY
def test_an_rsa_key_is_read_without_proving_its_primes() -> None:
    loaded = load_private_key(pki.rsa_key(2**2281 - 1, 2**3217 - 1))

    assert isinstance(loaded, rsa.RSAPrivateKey)
    assert loaded.key_size == 5498


@HEAVY
def test_an_rsa_key_larger_than_anything_verifies_with_is_not_read() -> None:
    with pytest.raises(UnreadableTlsError):
        load_private_key(pki.rsa_key(2**9689 - 1, 2**9941 - 1))


@pytest.mark.parametrize(("p", "q"), [(2**1279 - 1, 2**2203 - 1), (1, 2**2203 - 1), (2**2203 - 1, 1)])
def test_an_rsa_key_whose_numbers_do_not_belong_together_is_not_read(p: int, q: int) -> None:
    with pytest.raises(UnreadableTlsError):
        load_private_key(pki.rsa_key(p, q, d=3))


@HEAVY
@pytest.mark.parametrize("oid", ["06092a864886f70d010301", "06072a8648ce3e0201"], ids=["PKCS #3", "X9.42"])
def test_diffie_hellman_keys_are_not_read(oid: str) -> None:
    certificate, private_key = pki.diffie_hellman(4423, oid)

    assert tls_facts(certificate, KEY, NOW) is None
    with pytest.raises(UnreadableTlsError):
        load_private_key(private_key)


@HEAVY
@pytest.mark.parametrize("label", [b"CERTIFICATE", b"PRIVATE KEY"])
def test_blocks_without_an_end_are_read_over_in_linear_time(label: bytes) -> None:
    opened = b"-----BEGIN %b-----\n" % label * 40_000

    assert tls_facts(opened, opened, NOW) is None
    with pytest.raises(UnreadableTlsError):
        load_private_key(opened)


@pytest.mark.filterwarnings("ignore")  # the library's remarks on what it still reads
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_whatever_is_damaged_is_either_read_or_not(at: int, by: bytes) -> None:
    whole, key = (
        LEAF.public_bytes(Encoding.DER),
        LEAF_KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    )
    damaged = [blob[: at % len(blob)] + by + blob[at % len(blob) + len(by) :] for blob in (whole, key)]

    told = tls_facts(pki.armoured("CERTIFICATE", damaged[0]), pki.armoured("PRIVATE KEY", damaged[1]), NOW)

    assert told is None or len(told.chain) == 1
