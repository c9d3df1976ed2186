"""Certificates and keys in the forms that tools write, and as people get them wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from tests.data.shape import MARK, Shape, Shapes, Text, canary, marked
from tests.support.tls import pair, reversed_chain

TLS: Final = "kubernetes.io/tls"
PKCS_1_OR_SEC_1, PKCS_8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8

RSA: Final = rsa.generate_private_key(65537, 2048)
EC: Final = ec.generate_private_key(ec.SECP384R1())
ED25519: Final = ed25519.Ed25519PrivateKey.generate()
PAIR, OTHER, EXPIRED = pair("demo.example.com"), pair("other.example.com"), pair("demo.example.com", ends=-timedelta(1))


def self_signed(key: Any, digest: hashes.SHA256 | None = None) -> x509.Certificate:
    """A certificate for this key, as `openssl req -x509` makes one."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "demo")])
    now = datetime.now(UTC)
    ends = now + timedelta(90)
    return x509.CertificateBuilder(name, name, key.public_key(), 0x2A, now, ends).sign(key, digest)


def certificate_pem(key: Any, digest: hashes.SHA256 | None = None) -> bytes:
    """The same as PEM."""
    return marked(self_signed(key, digest).public_bytes(Encoding.PEM))


def key_pem(key: Any, form: PrivateFormat, encryption: KeySerializationEncryption | None = None) -> bytes:
    """A private key as PEM."""
    return marked(key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()))


def tls(certificate: Text, private_key: Text, **more: Text) -> Shape:
    """A Secret of the type that Ingresses take."""
    others = {name.replace("_", "."): value for name, value in more.items()}
    return Shape({"tls.crt": certificate, "tls.key": private_key, **others}, TLS)


_SHA = hashes.SHA256()
_EC_PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBgUrgQQAIg==\n-----END EC PARAMETERS-----\n"
_BAG = f"Bag Attributes\n    friendlyName: {canary()}\n    localKeyID: 54 69 6D 65 \nKey Attributes: <No Attributes>\n"

CERTIFICATES: Final[Shapes] = {
    "an EC pair and its chain": tls(PAIR.certificate, PAIR.private_key),
    "an RSA pair of PKCS #1": tls(certificate_pem(RSA, _SHA), key_pem(RSA, PKCS_1_OR_SEC_1)),
    "an RSA pair of PKCS #8": tls(certificate_pem(RSA, _SHA), key_pem(RSA, PKCS_8)),
    "an EC pair of SEC 1 with its parameters": tls(
        certificate_pem(EC, _SHA), _EC_PARAMETERS + key_pem(EC, PKCS_1_OR_SEC_1)
    ),
    "an Ed25519 pair": tls(certificate_pem(ED25519), key_pem(ED25519, PKCS_8)),
    "an encrypted key": tls(certificate_pem(RSA, _SHA), key_pem(RSA, PKCS_8, BestAvailableEncryption(b"passphrase"))),
    "a chain in the wrong order": tls(reversed_chain(PAIR.certificate), PAIR.private_key),
    "a PEM with CRLF": tls(PAIR.certificate.replace("\n", "\r\n"), PAIR.private_key.replace("\n", "\r\n")),
    "a PEM without a final newline": tls(PAIR.certificate.rstrip(), PAIR.private_key.rstrip()),
    "a PEM behind a byte order mark": tls("\ufeff" + PAIR.certificate, "\ufeff" + PAIR.private_key),
    "a PEM as openssl pkcs12 prints it": tls(_BAG + PAIR.certificate, _BAG + PAIR.private_key),
    "a PEM that is broken off": tls(PAIR.certificate[:-200], PAIR.private_key[:-40]),
    "an expired certificate": tls(EXPIRED.certificate, EXPIRED.private_key),
    "a pair that does not match": tls(PAIR.certificate, OTHER.private_key),
    "certificate and key in one file": tls(PAIR.certificate + PAIR.private_key, PAIR.private_key),
    "a certificate in DER": tls(PAIR.der + MARK.encode(), PAIR.private_key),
    "a pair that is to be filled in": tls("", "", note=canary()),
    "a pair with its CA and more": tls(
        PAIR.certificate, PAIR.private_key, ca_crt=PAIR.ca_certificate, tls_combined_pem=canary(), key_der=PAIR.der
    ),
    "a PKCS #12 keystore": Shape(
        {
            "keystore.p12": pkcs12.serialize_key_and_certificates(
                canary().encode(), RSA, self_signed(RSA, _SHA), None, BestAvailableEncryption(b"changeit")
            )
            + MARK.encode(),
            "password": canary(),
        }
    ),
}
