"""Keys and certificates are kept, and renewed before they run out."""

import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from devcluster.pki import AUTHORITY_LIFETIME, LIFETIME, RENEW_BEFORE, KeyPair, ensure_pki, write_private

NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LEAVES = ("apiserver", "controller-manager", "admin", "etcd", "etcd-client")


def contents(directory: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in directory.iterdir()}


def test_what_lasts_is_kept(tmp_path: Path) -> None:
    ensure_pki(tmp_path, NOW)
    before = contents(tmp_path)

    ensure_pki(tmp_path, NOW + LIFETIME - RENEW_BEFORE - DAY)

    assert contents(tmp_path) == before


def test_certificates_are_renewed_a_month_before_they_run_out_and_authorities_stay(tmp_path: Path) -> None:
    ensure_pki(tmp_path, NOW)
    before = contents(tmp_path)

    ensure_pki(tmp_path, NOW + LIFETIME - RENEW_BEFORE)

    changed = {name for name, content in contents(tmp_path).items() if content != before[name]}
    assert changed == {f"{name}.pem" for name in LEAVES}


def test_an_authority_that_ran_out_takes_its_certificates_along_but_never_the_key_of_the_tokens(tmp_path: Path) -> None:
    ensure_pki(tmp_path, NOW)
    before = contents(tmp_path)

    ensure_pki(tmp_path, NOW + AUTHORITY_LIFETIME)

    kept = {name for name, content in contents(tmp_path).items() if content == before[name]}
    assert kept == {"service-account.key"}


def test_certificates_of_an_authority_that_was_lost_are_made_anew(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path, NOW)
    (tmp_path / "ca.pem").unlink()

    ensure_pki(tmp_path, NOW)

    assert KeyPair.read(pki.admin).issued_by(KeyPair.read(tmp_path / "ca.pem"))


def test_a_clock_that_was_set_back_has_certificates_made_anew(tmp_path: Path) -> None:
    ensure_pki(tmp_path, NOW)

    pki = ensure_pki(tmp_path, NOW - DAY)

    assert KeyPair.read(pki.apiserver).lasts(NOW - DAY)


@pytest.mark.parametrize("name", ["ca", *LEAVES])
def test_a_damaged_file_is_made_anew(tmp_path: Path, name: str) -> None:
    ensure_pki(tmp_path, NOW)
    file = tmp_path / f"{name}.pem"
    file.write_bytes(file.read_bytes()[:100])

    ensure_pki(tmp_path, NOW)

    assert KeyPair.read(file).lasts(NOW)


def test_every_certificate_is_signed_by_the_authority_of_its_own_realm(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path, NOW)

    cluster, etcd = KeyPair.read(tmp_path / "ca.pem"), KeyPair.read(tmp_path / "etcd-ca.pem")
    of_cluster = [KeyPair.read(file).issued_by(cluster) for file in (pki.apiserver, pki.controller_manager, pki.admin)]
    of_etcd = [KeyPair.read(file).issued_by(etcd) for file in (pki.etcd, pki.etcd_client)]
    assert of_cluster == [True, True, True]
    assert of_etcd == [True, True]
    assert not KeyPair.read(pki.admin).issued_by(etcd)


def test_key_and_certificate_belong_together(tmp_path: Path) -> None:
    pair = KeyPair.read(ensure_pki(tmp_path, NOW).admin)

    assert pair.key.public_key() == pair.certificate.public_key()


def test_the_administrator_is_in_the_group_that_may_do_everything(tmp_path: Path) -> None:
    pair = KeyPair.read(ensure_pki(tmp_path, NOW).admin)

    assert pair.certificate.subject.rfc4514_string() == "CN=admin,O=system:masters"


def test_a_client_certificate_cannot_pose_as_a_server(tmp_path: Path) -> None:
    pair = KeyPair.read(ensure_pki(tmp_path, NOW).admin)

    usages = pair.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_only_this_user_may_read_the_files(tmp_path: Path) -> None:
    directory = tmp_path / "pki"

    ensure_pki(directory, NOW)

    assert directory.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in directory.iterdir()} == {0o600}


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    file.chmod(0o644)

    write_private(file, b"new")

    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
