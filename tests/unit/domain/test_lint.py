"""What there is to remark on values: each rule, what is no reason for it, and that no value is ever told."""

import base64
import json
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from app.domain.change import Severity
from app.domain.lint import MAX_REMARKS, NEAR, Lint, Remark, lint
from app.domain.secret import MAX_VALUES
from tests.unit.domain.certificate import CA, CHAIN, DAY, KEY, LEAF, OTHER_KEY, ROOT, certificate, key_pem, pem
from tests.unit.sample import EVERY_BYTE, NOW

TLS, SSH, CONFIG, CFG = (f"kubernetes.io/{name}" for name in ("tls", "ssh-auth", "dockerconfigjson", "dockercfg"))
OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----"
BOM = b"\xef\xbb\xbf"


def remarks(data: dict[str, bytes], secret_type: str = "Opaque", brought: str = "", now: datetime = NOW) -> list[str]:
    """The codes, for all keys or for those that are brought."""
    return [each.lint.code for each in lint(secret_type, data, brought.split() or data, now)]


_VALUES: dict[str, tuple[str, bytes, list[str]]] = {
    "a password": ("password", b"Tr0ub4dor&3", []),
    "words": ("words", b"correct horse battery staple", []),
    "nothing": ("password", b"", ["EMPTY_VALUE"]),
    "a line of echo": ("password", b"hunter2\n", ["TRAILING_NEWLINE"]),
    "a line of Windows": ("password", b"hunter2\r\n", ["TRAILING_NEWLINE"]),
    "a file of several lines": ("lines", b"a\nb\n", []),
    "a line break alone": ("lines", b"\n", []),
    "bytes that end in 10": ("blob", b"\x00\x01\n", []),
    "base64 of a text": ("password", base64.b64encode(b"hunter2 hunter2"), ["BASE64_TWICE"]),
    "base64 of a text, from a file": (
        "password",
        base64.b64encode(b"hunter2 hunter2") + b"\n",
        ["TRAILING_NEWLINE", "BASE64_TWICE"],
    ),
    "base64 of bytes": ("blob", base64.b64encode(EVERY_BYTE), []),
    "a word that could be base64": ("password", b"password", []),
    "a short word": ("password", b"aGk=", []),
    "something of another alphabet": ("password", b"aHVudGVyMiBodW50-_==", []),
    "base64 with too little padding": ("password", b"aHVudGVyMiBodW50ZXIyCg=", []),
    "a text with a mark": ("text", BOM + b"hunter2", ["BYTE_ORDER_MARK"]),
    "a PEM of Windows": ("pem", CA.replace(b"\n", b"\r\n"), ["CRLF_IN_PEM"]),
    "a PEM": ("pem", CA, []),
    "lines of Windows that are no PEM": ("text", b"a\r\nb\r\n", []),
    "an OpenSSH key cut short": ("id", OPENSSH, ["SSH_KEY_WITHOUT_NEWLINE"]),
    "an OpenSSH key": ("id", OPENSSH + b"\n", []),
    "JSON": ("JSON", b"{", []),
}


@pytest.mark.parametrize(("key", "value", "expected"), _VALUES.values(), ids=_VALUES)
def test_each_value_is_looked_at(key: str, value: bytes, expected: list[str]) -> None:
    assert remarks({key: value}) == expected


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        (b'{"a": [1, 2.5e3, null]}', False),
        (BOM + b"{}", False),
        (b"9" * 10_000, False),
        (b"{", True),
        (b"\xff", True),
        (b"{'a': 1}", True),
        (b'{"a": NaN}', True),
        (b"{} {}", True),
        (b"[" * 100_000, True),
    ],
)
@pytest.mark.parametrize("key", ["config.json", "CONFIG.JSON"])
def test_what_is_called_json_is_json(key: str, value: bytes, broken: bool) -> None:
    assert ("JSON_BROKEN" in remarks({key: value})) is broken


@pytest.mark.parametrize(
    ("key", "fits"), [("PASSWORD", True), ("_a1", True), ("db.password", False), ("db-password", False), ("1st", False)]
)
def test_a_key_that_no_shell_takes_for_a_name_is_told(key: str, fits: bool) -> None:
    assert remarks({key: b"x"}) == ([] if fits else ["KEY_NOT_ENV"])
    assert remarks({key: b"x"}, "example.com/mine") == ([] if fits else ["KEY_NOT_ENV"])


def test_keys_that_the_type_asks_for_are_no_names_of_variables() -> None:
    assert remarks({"tls.crt": CHAIN, "tls.key": KEY}, TLS) == []
    assert remarks({"ssh-privatekey": OPENSSH + b"\n"}, SSH) == []


def test_only_what_is_brought_is_looked_at() -> None:
    data = {"old": b"", "new": b"hunter2\n"}

    assert lint("Opaque", data, {"new", "removed"}, NOW) == [Remark(Lint.TRAILING_NEWLINE, "new")]
    assert lint("Opaque", data, (), NOW) == []


@pytest.mark.parametrize(("size", "expected"), [(NEAR, []), (NEAR + 1, ["NEAR_LIMIT"]), (MAX_VALUES, ["NEAR_LIMIT"])])
def test_a_secret_that_is_nearly_full_is_told(size: int, expected: list[str]) -> None:
    assert remarks({"old": b"\x00" * (size - 1), "new": b"x"}, brought="new") == expected


def test_any_private_key_of_an_ssh_secret_ends_its_last_line() -> None:
    assert remarks({"ssh-privatekey": b"key"}, SSH) == ["SSH_KEY_WITHOUT_NEWLINE"]
    assert remarks({"known_hosts": b"host"}, SSH) == []


class TestPair:
    @pytest.mark.parametrize("secret_type", [TLS, "Opaque"])
    def test_a_pair_that_is_fine_is_left_alone(self, secret_type: str) -> None:
        assert {*remarks({"tls.crt": CHAIN, "tls.key": KEY}, secret_type)} <= {"KEY_NOT_ENV"}

    @pytest.mark.parametrize("brought", ["tls.crt", "tls.key", "tls.crt tls.key"])
    def test_a_key_of_another_certificate_is_told(self, brought: str) -> None:
        data = {"tls.crt": CHAIN, "tls.key": key_pem(OTHER_KEY)}

        assert lint(TLS, data, brought.split(), NOW) == [Remark(Lint.PAIR_MISMATCH, "tls.key")]

    def test_a_key_that_cannot_be_read_belongs_to_none(self) -> None:
        assert remarks({"tls.crt": CHAIN, "tls.key": b"key"}, TLS) == ["PAIR_MISMATCH"]

    def test_a_certificate_that_cannot_be_read_is_told(self) -> None:
        assert lint(TLS, {"tls.crt": b"0\x82", "tls.key": KEY}, ["tls.crt"], NOW) == [
            Remark(Lint.CERTIFICATE_UNREADABLE, "tls.crt")
        ]

    def test_a_chain_out_of_order_is_told(self) -> None:
        assert remarks({"tls.crt": pem(ROOT, LEAF), "tls.key": KEY}, TLS) == ["CHAIN_ORDER"]

    @pytest.mark.parametrize(
        ("days", "expected"),
        [
            (-2, ["CERTIFICATE_NOT_YET_VALID"]),
            (0, []),
            (70, ["CERTIFICATE_EXPIRING"]),
            (91, ["CERTIFICATE_EXPIRED"]),
        ],
    )
    def test_the_time_of_the_certificate_is_told(self, days: int, expected: list[str]) -> None:
        assert remarks({"tls.crt": CHAIN, "tls.key": KEY}, TLS, now=NOW + days * DAY) == expected

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            (rsa.generate_private_key(65537, 1024), ["WEAK_KEY"]),
            (rsa.generate_private_key(65537, 2048), []),
            (ec.generate_private_key(ec.SECP192R1()), ["WEAK_KEY"]),
            (ec.generate_private_key(ec.SECP224R1()), []),
            (dsa.generate_private_key(2048), ["WEAK_KEY"]),
        ],
    )
    def test_a_weak_key_is_told(self, key: rsa.RSAPrivateKey, expected: list[str]) -> None:
        assert remarks({"tls.crt": pem(certificate(key)), "tls.key": key_pem(key)}, TLS) == expected

    def test_half_a_pair_is_not_judged(self) -> None:
        assert remarks({"tls.crt": pem(ROOT, LEAF)}, TLS) == []
        assert remarks({"tls.crt": b"", "tls.key": b""}, TLS) == ["EMPTY_VALUE", "EMPTY_VALUE"]

    def test_a_pair_that_stays_is_not_judged_again(self) -> None:
        assert remarks({"tls.crt": CHAIN, "tls.key": b"key", "more": b"x"}, TLS, brought="more") == []


class TestRegistries:
    @staticmethod
    def file(password: str, *, legacy: bool = False) -> bytes:
        entries = {"one.example.com": {"username": "u", "password": password}}
        return json.dumps(entries if legacy else {"auths": entries}).encode()

    @pytest.mark.parametrize(
        "password",
        [
            "changeme",
            "CHANGE_ME",
            "<password>",
            "${REGISTRY_PASSWORD}",
            "{{ password }}",
            "$(cat pw)",
            "xxx",
            "****",
            "your-password-here",
            "my_token",
            "password",
            "TODO",
            " placeholder ",
            "...",
            "%PASSWORD%",
        ],
    )
    def test_a_password_that_somebody_meant_to_fill_in_is_told(self, password: str) -> None:
        assert lint(CONFIG, {".dockerconfigjson": self.file(password)}, [".dockerconfigjson"], NOW) == [
            Remark(Lint.REGISTRY_PASSWORD_PLACEHOLDER, ".dockerconfigjson", "one.example.com")
        ]

    @pytest.mark.parametrize(
        "password", ["", "hunter2", "passwords-are-fun", "xx", "<", "a$b", "x" * 65, "dckr_pat_abcdef", "keykey\n" * 9]
    )
    def test_any_other_password_is_left_alone(self, password: str) -> None:
        assert remarks({".dockerconfigjson": self.file(password)}, CONFIG) == []

    def test_the_older_form_is_read_too(self) -> None:
        assert remarks({".dockercfg": self.file("changeme", legacy=True)}, CFG) == ["REGISTRY_PASSWORD_PLACEHOLDER"]

    def test_a_file_that_cannot_be_read_is_told(self) -> None:
        assert remarks({".dockerconfigjson": b"{"}, CONFIG) == ["DOCKER_CONFIG_BROKEN"]

    def test_a_file_that_stays_is_not_judged_again(self) -> None:
        data = {".dockerconfigjson": b"{", "more": b"x"}

        assert remarks(data, CONFIG, brought="more") == []

    def test_such_a_file_in_a_secret_of_another_type_is_any_file(self) -> None:
        assert remarks({".dockerconfigjson": self.file("changeme")}) == ["KEY_NOT_ENV"]


def test_no_more_is_remarked_than_a_person_reads() -> None:
    assert len(lint("Opaque", {f"K{n}": b"" for n in range(500)}, [f"K{n}" for n in range(500)], NOW)) == MAX_REMARKS


@pytest.mark.parametrize("each", Lint)
def test_every_remark_has_a_severity_and_words(each: Lint) -> None:
    assert each.severity in Severity
    assert each.message.endswith(".")


_TYPES = st.sampled_from(["Opaque", TLS, SSH, CONFIG, CFG, "", "x/y"])
_PIECES = st.sampled_from(
    [CHAIN, CA, KEY, OPENSSH, BOM, b"{", b"[", b"\r\n", b"\n", b"-----BEGIN ", b"AAAA", b"=", b"<>"]
)
_DATA = st.dictionaries(
    st.sampled_from(["tls.crt", "tls.key", "a.json", ".dockerconfigjson", ".dockercfg", "ssh-privatekey", "k"]),
    st.binary(max_size=40) | st.text(max_size=20).map(str.encode) | st.lists(_PIECES, max_size=4).map(b"".join),
    max_size=4,
)


@given(_TYPES, _DATA, st.sets(st.sampled_from(["tls.crt", "tls.key", "a.json", ".dockerconfigjson", "k", "gone"])))
def test_whatever_is_stored_it_is_judged_and_never_told(
    secret_type: str, data: dict[str, bytes], brought: set[str]
) -> None:
    found = lint(secret_type, data, brought, NOW)

    assert {each.key for each in found} <= {*data, None}
    assert {each.lint for each in found} <= {*Lint}
    assert all(each.server is None or secret_type in {CONFIG, CFG} for each in found)
