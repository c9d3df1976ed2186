"""Keys and certificates of one control plane: made at its first start, kept, and renewed before they run out.

A key and its certificate share one PEM file, written in one step, so the two can never disagree. etcd has an authority
of its own: whoever holds a certificate of the cluster's authority must still not reach past kube-apiserver to the data.
"""

import datetime as dt
import ipaddress
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFETIME: Final = dt.timedelta(days=3650)
LIFETIME: Final = dt.timedelta(days=365)
RENEW_BEFORE: Final = dt.timedelta(days=30)
_CLOCK_SKEW: Final = dt.timedelta(minutes=5)

_LOOPBACK: Final = ipaddress.ip_address("127.0.0.1")
_FIRST_SERVICE_IP: Final = ipaddress.ip_address("10.0.0.1")
_SERVER_NAMES: Final = (
    x509.IPAddress(_LOOPBACK),
    x509.IPAddress(_FIRST_SERVICE_IP),
    *(
        x509.DNSName(name)
        for name in (
            "localhost",
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
        )
    ),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate names; `server` adds the names under which a component is reached on loopback."""

    common_name: str
    organization: str | None = None
    server: bool = False

    def name(self) -> x509.Name:
        """The X.509 name: Kubernetes reads the user from CN and the groups from O."""
        organization = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organization)] if self.organization else []
        return x509.Name([*organization, x509.NameAttribute(NameOID.COMMON_NAME, self.common_name)])


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key and the certificate for it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def read(cls, file: Path) -> Self:
        """The pair in `file`.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it holds no such pair.
        """
        pem = file.read_bytes()
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(file)  # noqa: TRY004 -- the content is wrong, not the caller's type
        return cls(key, x509.load_pem_x509_certificate(pem))

    def key_pem(self) -> bytes:
        """The private key alone."""
        return _key_pem(self.key)

    def certificate_pem(self) -> bytes:
        """The certificate alone."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def lasts(self, now: dt.datetime) -> bool:
        """Whether it is valid now and for some time to come."""
        return self.certificate.not_valid_before_utc <= now < self.certificate.not_valid_after_utc - RENEW_BEFORE

    def issued_by(self, authority: "KeyPair") -> bool:
        """Whether `authority` signed it."""
        try:
            self.certificate.verify_directly_issued_by(authority.certificate)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Pki:
    """The files of one control plane's keys; all but `*_ca` and `service_account` hold a key and its certificate."""

    ca: Path
    apiserver: Path
    controller_manager: Path
    admin: Path
    etcd_ca: Path
    etcd: Path
    etcd_client: Path
    service_account: Path


def ensure_pki(directory: Path, now: dt.datetime) -> Pki:
    """Make what is missing in `directory`, and renew what does not last; service account keys stay, so tokens do."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    cluster = _authority(directory, "ca", now)
    etcd = _authority(directory, "etcd-ca", now)

    def issued(name: str, authority: KeyPair, subject: Subject) -> Path:
        return _issued(directory / f"{name}.pem", authority, subject, now)

    return Pki(
        ca=directory / "ca.crt",
        apiserver=issued("apiserver", cluster, Subject("kube-apiserver", server=True)),
        controller_manager=issued(
            "controller-manager", cluster, Subject("system:kube-controller-manager", server=True)
        ),
        admin=issued("admin", cluster, Subject("admin", organization="system:masters")),
        etcd_ca=directory / "etcd-ca.crt",
        etcd=issued("etcd", etcd, Subject("etcd", server=True)),
        etcd_client=issued("etcd-client", etcd, Subject("kube-apiserver")),
        service_account=_service_account_key(directory / "service-account.key"),
    )


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only this user may read, whole or not at all."""
    descriptor, scratch = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 0600
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    Path(scratch).rename(file)


def _authority(directory: Path, name: str, now: dt.datetime) -> KeyPair:
    file = directory / f"{name}.pem"
    pair = _kept(file)
    if pair is None or not pair.lasts(now):
        pair = _self_signed(Subject(f"devcluster-{name}"), now)
        write_private(file, pair.key_pem() + pair.certificate_pem())
    write_private(directory / f"{name}.crt", pair.certificate_pem())
    return pair


def _issued(file: Path, authority: KeyPair, subject: Subject, now: dt.datetime) -> Path:
    pair = _kept(file)
    if pair is None or not pair.lasts(now) or not pair.issued_by(authority):
        pair = _signed(subject, authority, now)
        write_private(file, pair.key_pem() + pair.certificate_pem())
    return file


def _kept(file: Path) -> KeyPair | None:
    try:
        return KeyPair.read(file)
    except (FileNotFoundError, ValueError):
        return None


def _service_account_key(file: Path) -> Path:
    if not file.exists():
        write_private(file, _key_pem(ec.generate_private_key(ec.SECP256R1())))
    return file


def _self_signed(subject: Subject, now: dt.datetime) -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _certificate(subject.name(), subject.name(), key, key, now, AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
    )
    return KeyPair(key, builder.sign(key, hashes.SHA256()))


def _signed(subject: Subject, authority: KeyPair, now: dt.datetime) -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if subject.server else [])]
    builder = (
        _certificate(subject.name(), authority.certificate.subject, key, authority.key, now, LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    )
    if subject.server:
        builder = builder.add_extension(x509.SubjectAlternativeName(_SERVER_NAMES), critical=False)
    return KeyPair(key, builder.sign(authority.key, hashes.SHA256()))


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: dt.datetime,
    lifetime: dt.timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    # "EC PRIVATE KEY": kube-controller-manager's reader of service account keys knows it, as it knows PKCS #8.
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
