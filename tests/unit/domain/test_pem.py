from typing import Final

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from app.domain.content import TlsContent
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.pem import MAX_FINDINGS, read_pem
from tests.unit.domain.certificate import CA, CHAIN, KEY, LEAF, LEAF_KEY, OTHER_KEY, armoured, key_pem, pem

LEAF_PEM: Final = pem(LEAF)
ENCRYPTED: Final = LEAF_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"canary"))
TRADITIONAL: Final = LEAF_KEY.private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"canary")
)


def faults(file: bytes) -> list[Violation]:
    with pytest.raises(InvalidError) as raised:
        read_pem(file)
    return list(raised.value.violations)


def outcome(file: bytes) -> tuple[bytes, list[Violation]]:
    """The key, or what is wrong."""
    try:
        return read_pem(file).private_key, []
    except InvalidError as error:
        return b"", list(error.violations)


@pytest.mark.parametrize("file", [KEY + CHAIN, CHAIN + KEY, CA + KEY + LEAF_PEM, KEY + CA + LEAF_PEM])
def test_certificate_chain_and_key_are_told_apart_in_any_order(file: bytes) -> None:
    assert read_pem(file) == TlsContent(LEAF_PEM + CA, KEY)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_of_any_form_is_kept_as_it_is(form: PrivateFormat) -> None:
    key = key_pem(form=form)

    assert read_pem(key + LEAF_PEM) == TlsContent(LEAF_PEM, key)


def test_what_stands_around_the_blocks_is_left_out() -> None:
    file = b"Bag Attributes\n    friendlyName: demo\n" + KEY + b"\nsubject=CN = leaf\n" + LEAF_PEM + b"\n# end\n"

    assert read_pem(file) == TlsContent(LEAF_PEM, KEY)


def test_line_ends_are_kept_and_a_missing_one_is_added() -> None:
    crlf = (KEY + LEAF_PEM).replace(b"\n", b"\r\n")

    assert read_pem(crlf) == TlsContent(LEAF_PEM.replace(b"\n", b"\r\n"), KEY.replace(b"\n", b"\r\n"))
    assert read_pem((KEY + LEAF_PEM).removesuffix(b"\n")) == TlsContent(LEAF_PEM, KEY)


def test_the_parameters_of_a_curve_are_no_second_key() -> None:
    assert read_pem(armoured("EC PARAMETERS", b"x") + KEY + LEAF_PEM) == TlsContent(LEAF_PEM, KEY)


def test_a_key_of_none_of_the_certificates_leaves_their_order() -> None:
    other = key_pem(OTHER_KEY)

    assert read_pem(CA + LEAF_PEM + other) == TlsContent(CA + LEAF_PEM, other)


def test_what_cannot_be_read_is_left_to_who_makes_a_secret_of_it() -> None:
    broken = armoured("CERTIFICATE", b"broken")

    assert read_pem(LEAF_PEM + broken + KEY) == TlsContent(LEAF_PEM + broken, KEY)


@pytest.mark.parametrize(
    ("file", "fault", "line"),
    [
        (KEY, Fault.PEM_CERTIFICATE_MISSING, None),
        (CHAIN, Fault.PEM_KEY_MISSING, None),
        (KEY + LEAF_PEM + KEY, Fault.PEM_SEVERAL_KEYS, (KEY + LEAF_PEM).count(b"\n") + 1),
        (LEAF_PEM + ENCRYPTED, Fault.PEM_KEY_ENCRYPTED, LEAF_PEM.count(b"\n") + 1),
        (LEAF_PEM + TRADITIONAL, Fault.PEM_KEY_ENCRYPTED, LEAF_PEM.count(b"\n") + 1),
        (KEY + LEAF_PEM + armoured("DH PARAMETERS", b"x"), Fault.PEM_BLOCK_UNKNOWN, (KEY + LEAF_PEM).count(b"\n") + 1),
        (b"\n" + KEY + LEAF_PEM[:80], Fault.PEM_BLOCK_OPEN, KEY.count(b"\n") + 2),
        (LEAF_PEM[:80] + b"\n" + KEY + LEAF_PEM, Fault.PEM_BLOCK_OPEN, 1),
    ],
)
def test_what_would_be_guessed_or_lost_is_refused(file: bytes, fault: Fault, line: int | None) -> None:
    assert faults(file) == [Violation("", fault, line, line and 1)]


def test_a_file_of_something_else_has_neither() -> None:
    assert [each.fault for each in faults(b"\x30\x82\x01")] == [Fault.PEM_CERTIFICATE_MISSING, Fault.PEM_KEY_MISSING]


def test_only_so_many_faults_are_looked_for() -> None:
    assert len(faults(armoured("PUBLIC KEY", b"x") * (MAX_FINDINGS + 1))) == MAX_FINDINGS


@given(st.lists(st.sampled_from([KEY, LEAF_PEM, CA, b"-----BEGIN X-----", b"-----END X-----", b"\n", b"\xff"])))
def test_of_any_file_the_one_key_is_kept_or_there_are_faults(parts: list[bytes]) -> None:
    key, found = outcome(b"".join(parts))

    assert bool(found) != (key == KEY)
