"""Keys and certificates for tests of what is read of them; all of them at `NOW`, and none of them fetched."""

import base64
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from tests.unit.sample import NOW

DAY = timedelta(days=1)
ROOT_KEY, LEAF_KEY, OTHER_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))


def named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    key: Any = LEAF_KEY,
    subject: str = "leaf",
    issuer: str = "root",
    signer: Any = ROOT_KEY,
    *,
    begins: datetime = NOW - DAY,
    ends: datetime = NOW + 90 * DAY,
    extensions: tuple[x509.ExtensionType, ...] = (),
) -> x509.Certificate:
    builder = x509.CertificateBuilder(named(issuer), named(subject), key.public_key(), 0x2A, begins, ends)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(signer, hashes.SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


def key_pem(key: Any = LEAF_KEY, form: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    blob: bytes = key.private_bytes(Encoding.PEM, form, NoEncryption())
    return blob


ROOT = certificate(ROOT_KEY, "root", "root")
LEAF = certificate()
CHAIN, KEY, CA = pem(LEAF, ROOT), key_pem(), pem(ROOT)
"""A pair that matches, and the CA's certificate."""


def der(tag: int, *parts: bytes) -> bytes:
    """One element of DER (X.690 section 8.1)."""
    content = b"".join(parts)
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 | len(octets)]) + octets) + content


def integer(number: int) -> bytes:
    return der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def armoured(label: str, blob: bytes) -> bytes:
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label.encode(), base64.encodebytes(blob), label.encode())


def rsa_key(p: int, q: int, *, d: int | None = None) -> bytes:
    """An RSA key (PKCS #1) of these primes, or of what is said to be primes."""
    e = 65537
    d = pow(e, -1, (p - 1) * (q - 1)) if d is None else d
    return armoured("RSA PRIVATE KEY", der(0x30, *map(integer, (0, p * q, e, d, p, q, 1, 1, 1))))


def diffie_hellman(exponent: int, oid: str) -> tuple[bytes, bytes]:
    """A certificate and a private key over the Mersenne prime of this exponent, of PKCS #3 or X9.42."""
    prime = 2**exponent - 1
    algorithm = der(0x30, bytes.fromhex(oid), der(0x30, integer(prime), integer(3), integer(2**127 - 1)))
    public_key = der(0x30, algorithm, der(0x03, b"\0", integer(9)))
    own = LEAF_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fields = LEAF.tbs_certificate_bytes
    content = fields[3 if fields[1] == 0x81 else 4 :].replace(own, public_key)
    signed = der(0x30, der(0x30, content), bytes.fromhex("300a06082a8648ce3d040302"), der(0x03, b"\0", b"signature"))
    private = der(0x30, integer(0), algorithm, der(0x04, integer(12345)))
    return armoured("CERTIFICATE", signed), armoured("PRIVATE KEY", private)
