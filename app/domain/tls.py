"""What a TLS Secret says, without its private key leaving: the chain, the pair, the time. Never dials out.

Whoever may write a Secret chooses what is read here, on the event loop: so nothing is read that takes more than
milliseconds. A library's checks of RSA and Diffie-Hellman keys prove that their primes are prime, which takes minutes
for a file of 4 KB.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

MAX_CHAIN: Final = 64
"""Certificates read of one chain."""
EXPIRING: Final = timedelta(days=30)
"""A certificate with less than this left is expiring."""
MAX_RSA_BITS: Final = 16384
"""What OpenSSL verifies with at most (OPENSSL_RSA_MAX_MODULUS_BITS)."""
MIN_RSA_BITS: Final = 2048
MIN_CURVE_BITS: Final = 224

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_PRIVATE_KEY = re.compile(rb"-----BEGIN ((?:RSA |EC |DSA )?PRIVATE KEY)-----([^-]+)-----END \1-----")
_DIFFIE_HELLMAN: Final = {
    x509.ObjectIdentifier("1.2.840.113549.1.3.1"): bytes.fromhex("06092a864886f70d010301"),
    x509.ObjectIdentifier("1.2.840.10046.2.1"): bytes.fromhex("06072a8648ce3e0201"),
}
"""Keys that sign nothing, so that no certificate for TLS has one: PKCS #3 and X9.42, and how DER writes them."""
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises over bytes that it cannot read; not all of it is a ValueError."""


class TlsState(StrEnum):
    """Where the leaf stands in its life."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What one certificate says of itself; names as RFC 4514 writes them."""

    subject: str
    issuer: str
    serial_number: str
    subject_alternative_names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    sha256_fingerprint: str
    key_type: str


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What a pair of `tls.crt` and `tls.key` amounts to."""

    leaf: CertificateFacts
    chain: tuple[CertificateFacts, ...]
    """The certificates in their order in the file, the leaf among them."""
    pair_matches: bool
    chain_ok: bool
    """Whether the leaf comes first and each certificate is signed by the one after it."""
    state: TlsState


class UnreadableTlsError(ValueError):
    """The certificate or the key is none that can be read; the message is constant."""


def load_chain(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM text, in its order.

    Raises:
        UnreadableTlsError: none, too many, or one that does not parse or is not for TLS.
    """
    blocks = _CERTIFICATE.findall(pem)
    if not 1 <= len(blocks) <= MAX_CHAIN:
        raise UnreadableTlsError("certificate")
    try:
        chain = [x509.load_pem_x509_certificate(block) for block in blocks]
    except _UNREADABLE:
        raise UnreadableTlsError("certificate") from None
    if any(certificate.public_key_algorithm_oid in _DIFFIE_HELLMAN for certificate in chain):
        raise UnreadableTlsError("certificate")
    return chain


def load_private_key(pem: bytes) -> PrivateKeyTypes:
    """An unencrypted PEM private key: PKCS#8, PKCS#1 or SEC 1.

    Raises:
        UnreadableTlsError: it is none, or not for TLS.
    """
    block = _PRIVATE_KEY.search(pem)
    try:
        return _load_key(base64.b64decode(block[2] if block else b""))
    except _UNREADABLE:
        raise UnreadableTlsError("private key") from None


def matching(chain: Sequence[x509.Certificate], key: PrivateKeyTypes) -> x509.Certificate | None:
    """The certificate that the key belongs to, None where there is none."""
    own = _encoded(key.public_key())
    return next((certificate for certificate in chain if _encoded_key(certificate) == own), None)


def tls_facts(certificate: bytes, private_key: bytes, now: datetime) -> TlsFacts | None:
    """The facts of a pair, at a time (UTC); None where the certificate cannot be read."""
    try:
        chain = load_chain(certificate)
        leaf = _leaf(chain, private_key)
        return TlsFacts(
            leaf=_facts(leaf or chain[0]),
            chain=tuple(_facts(each) for each in chain),
            pair_matches=leaf is not None,
            chain_ok=leaf in (None, chain[0]) and _is_chain(chain),
            state=_state(leaf or chain[0], now),
        )
    except _UNREADABLE:
        return None


def weak_keys(certificate: bytes) -> bool:
    """Whether any certificate of a chain that can be read has a key that is not trusted any more.

    Source: https://cabforum.org/working-groups/server/baseline-requirements/ (section 6.1.5); curves as NIST SP 800-57.
    """
    return any(_is_weak(each) for each in load_chain(certificate))


def _is_weak(certificate: x509.Certificate) -> bool:
    try:
        key = certificate.public_key()
    except _UNREADABLE:
        return False
    match key:
        case rsa.RSAPublicKey():
            return key.key_size < MIN_RSA_BITS
        case ec.EllipticCurvePublicKey():
            return key.key_size < MIN_CURVE_BITS
        case _:
            return isinstance(key, dsa.DSAPublicKey)


def _leaf(chain: Sequence[x509.Certificate], private_key: bytes) -> x509.Certificate | None:
    try:
        return matching(chain, load_private_key(private_key))
    except UnreadableTlsError:
        return None


def _load_key(der: bytes) -> PrivateKeyTypes:
    if any(written in der for written in _DIFFIE_HELLMAN.values()):
        raise UnreadableTlsError
    key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    if isinstance(key, rsa.RSAPrivateKey) and not _is_sound(key):
        raise UnreadableTlsError
    return key


def _is_sound(key: rsa.RSAPrivateKey) -> bool:
    """Whether the numbers of a key belong together; that its primes are prime is not asked."""
    if key.key_size > MAX_RSA_BITS:
        return False
    numbers = key.private_numbers()
    p, q, e = numbers.p, numbers.q, numbers.public_numbers.e
    return p * q == numbers.public_numbers.n and all(one > 1 and numbers.d * e % (one - 1) == 1 for one in (p, q))


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    return CertificateFacts(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial_number=f"{certificate.serial_number:x}",
        subject_alternative_names=_alternative_names(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        sha256_fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        key_type=_key_type(certificate),
    )


def _alternative_names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, *_UNREADABLE):
        return ()
    return tuple(
        str(name.value)
        for name in names
        if isinstance(name, x509.DNSName | x509.IPAddress | x509.RFC822Name | x509.UniformResourceIdentifier)
    )


def _key_type(certificate: x509.Certificate) -> str:
    try:
        key = certificate.public_key()
    except _UNREADABLE:
        return "unknown"
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"ECDSA {key.curve.name}"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
        case dsa.DSAPublicKey():
            return f"DSA {key.key_size}"
        case _:
            return "unknown"


def _is_chain(chain: Sequence[x509.Certificate]) -> bool:
    """Whether each certificate was issued by the one that follows it."""
    try:
        for certificate, issuer in pairwise(chain):
            certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


def _state(certificate: x509.Certificate, now: datetime) -> TlsState:
    if now < certificate.not_valid_before_utc:
        return TlsState.NOT_YET_VALID
    if now > certificate.not_valid_after_utc:
        return TlsState.EXPIRED
    return TlsState.EXPIRING if certificate.not_valid_after_utc - now < EXPIRING else TlsState.VALID


def _encoded_key(certificate: x509.Certificate) -> bytes:
    try:
        return _encoded(certificate.public_key())
    except _UNREADABLE:
        return b""


def _encoded(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
