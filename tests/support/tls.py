"""Certificates as people have them, made on the spot; each file begins with a line that carries the canary's mark."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import trustme
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from tests.support.canary import canary

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate with its chain and its private key, and the CA that stands behind it; all of them PEM."""

    certificate: str
    private_key: str
    ca_certificate: str

    @property
    def der(self) -> bytes:
        """The leaf in the form that is no text."""
        return load_pem_x509_certificate(self.certificate.encode()).public_bytes(Encoding.DER)


def pair(*hosts: str, starts: timedelta = -DAY, ends: timedelta = 90 * DAY) -> Pair:
    """A pair for these hosts, good between two points in time as seen from now; an intermediate CA signs it."""
    now = datetime.now(UTC)
    root = trustme.CA(organization_name="Demo")
    leaf = root.create_child_ca().issue_cert(
        *hosts, common_name=hosts[0], organization_name="Demo", not_before=now + starts, not_after=now + ends
    )
    chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    return Pair(_marked(chain), _marked(leaf.private_key_pem.bytes()), _marked(root.cert_pem.bytes()))


def reversed_chain(certificate: str) -> str:
    """The same certificates, the last one first: a mistake that people make."""
    end = "-----END CERTIFICATE-----\n"
    blocks = [block + end for block in certificate.split(end) if block]
    return "".join(reversed(blocks))


def _marked(pem: bytes) -> str:
    """The file with the mark before its first block, where text may stand (RFC 7468 section 2)."""
    return f"{canary('pem')}\n{pem.decode()}"
