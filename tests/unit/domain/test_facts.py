import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.facts import KeyFacts, RegistryFacts, SecretFacts, facts_of, is_binary
from tests.support.canary import canary
from tests.unit.domain.certificate import CHAIN, KEY
from tests.unit.sample import EVERY_BYTE, NOW, stored


@pytest.mark.parametrize(
    "value", [b"", b"admin", "zoë 日本".encode(), b"a\tb\r\nc", b"\x7f", "\x85".encode()], ids=repr
)
def test_text_is_what_is_utf8_without_controls(value: bytes) -> None:
    assert not is_binary(value)


@pytest.mark.parametrize(
    "value", [b"\x00", b"a\x1b[0m", b"\xff", b"\xed\xa0\x80", "é".encode()[:1], EVERY_BYTE], ids=repr
)
def test_everything_else_is_binary(value: bytes) -> None:
    assert is_binary(value)


@given(st.binary(max_size=20))
def test_what_is_text_has_a_text_form_that_gives_the_same_bytes(value: bytes) -> None:
    assert is_binary(value) or json.loads(json.dumps(value.decode())).encode() == value


def test_keys_are_told_in_order_with_size_and_form() -> None:
    facts = facts_of(stored({"b": b"\xff\x00", "a": b"", "B": b"x"}), NOW)

    assert facts == SecretFacts((KeyFacts("B", 1, False), KeyFacts("a", 0, False), KeyFacts("b", 2, True)))


def test_a_tls_secret_tells_of_its_certificate() -> None:
    tls = facts_of(stored({"tls.crt": CHAIN, "tls.key": KEY}, "kubernetes.io/tls"), NOW).tls

    assert tls is not None
    assert (tls.leaf.subject, tls.pair_matches, tls.chain_ok, tls.state) == ("CN=leaf", True, True, "valid")


@pytest.mark.parametrize("data", [{}, {"tls.crt": b"\x30\x82", "tls.key": KEY}], ids=["empty", "not PEM"])
def test_a_certificate_that_cannot_be_read_tells_nothing(data: dict[str, bytes]) -> None:
    assert facts_of(stored(data, "kubernetes.io/tls"), NOW).tls is None


@pytest.mark.parametrize(
    ("secret_type", "key", "before", "after"),
    [
        ("kubernetes.io/dockerconfigjson", ".dockerconfigjson", '{"auths":', "}"),
        ("kubernetes.io/dockercfg", ".dockercfg", "", ""),
    ],
)
def test_registries_are_told_without_their_passwords(secret_type: str, key: str, before: str, after: str) -> None:
    password = canary("registry")
    entry = json.dumps({"a.example": {"username": "u", "password": password, "email": "e"}, "b.example": {}})

    facts = facts_of(stored({key: (before + entry + after).encode()}, secret_type), NOW)

    assert facts.registries == (RegistryFacts("a.example", "u", "e"), RegistryFacts("b.example", "", None))
    assert password not in repr(facts)


def test_a_broken_docker_config_tells_nothing() -> None:
    facts = facts_of(stored({".dockerconfigjson": b"{"}, "kubernetes.io/dockerconfigjson"), NOW)

    assert facts.registries is None
    assert [key.name for key in facts.keys] == [".dockerconfigjson"]


@pytest.mark.parametrize("secret_type", ["Opaque", "kubernetes.io/basic-auth", "example.com/any"])
def test_other_kinds_add_nothing(secret_type: str) -> None:
    facts = facts_of(stored({"tls.crt": CHAIN, ".dockerconfigjson": b"{}"}, secret_type), NOW)

    assert (facts.tls, facts.registries) == (None, None)
