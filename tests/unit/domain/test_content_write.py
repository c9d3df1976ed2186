import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.absent import ABSENT
from app.domain.content import (
    AccountPasswordContent,
    Content,
    CustomContent,
    Data,
    DefaultContent,
    RawContent,
    RegistryContent,
    ServiceAccountTokenContent,
    SshAuthContent,
    TlsContent,
)
from app.domain.content_view import content_of
from app.domain.content_write import data_of, required_key_violations, type_of
from app.domain.docker_config import RegistryEdit
from app.domain.errors import InvalidError
from app.domain.name import SERVICE_ACCOUNT_NAME
from app.domain.secret import MAX_VALUES, StoredSecret
from tests.support.canary import canary
from tests.unit.domain.certificate import CA, CHAIN, KEY, OTHER_KEY, key_pem
from tests.unit.domain.stored_secret import stored_secrets, values
from tests.unit.sample import EVERY_BYTE, stored

TLS, BASIC, SSH = "kubernetes.io/tls", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth"
DOCKER, DOCKER_OLD = "kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"
TOKEN = "kubernetes.io/service-account-token"
OTHER = key_pem(OTHER_KEY)


def written(content: Content, secret: StoredSecret | None = None, *, max_keys: int = 1024) -> Data:
    return data_of(content, secret, max_keys=max_keys)


def faults(content: Content, secret: StoredSecret | None = None, *, max_keys: int = 1024) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        data_of(content, secret, max_keys=max_keys)
    return [(violation.pointer, violation.fault.code) for violation in caught.value.violations]


def registries(*edits: RegistryEdit) -> RegistryContent:
    return RegistryContent(edits)


def docker(auths: Mapping[str, Mapping[str, str]]) -> StoredSecret:
    return stored({".dockerconfigjson": json.dumps({"auths": auths}).encode()}, DOCKER)


@given(stored_secrets)
def test_what_a_reveal_shows_can_be_sent_back_and_changes_nothing(secret: StoredSecret) -> None:
    assert written(content_of(secret), secret) == secret.data


@given(stored_secrets)
def test_what_a_raw_reveal_shows_can_be_sent_back_and_changes_nothing(secret: StoredSecret) -> None:
    assert written(RawContent(secret.type, secret.data), secret) == secret.data


@given(stored_secrets, values)
def test_an_edit_that_leaves_out_the_extra_keys_keeps_them(secret: StoredSecret, value: bytes) -> None:
    secret = stored({**secret.data, "extra.key": value}, BASIC)

    after = written(AccountPasswordContent(b"u", b"p"), secret)

    assert after == {**secret.data, "username": b"u", "password": b"p"}


@pytest.mark.parametrize(
    ("content", "secret_type", "data"),
    [
        (DefaultContent({"a": EVERY_BYTE}), "Opaque", {"a": EVERY_BYTE}),
        (DefaultContent({}), "Opaque", {}),
        (CustomContent("a.b/c", {}), "a.b/c", {}),
        (CustomContent("a" * 253, {}), "a" * 253, {}),
        (TlsContent(CHAIN, KEY), TLS, {"tls.crt": CHAIN, "tls.key": KEY}),
        (
            TlsContent(CHAIN, KEY, CA, {"a": b"x"}),
            TLS,
            {"a": b"x", "tls.crt": CHAIN, "tls.key": KEY, "ca.crt": CA},
        ),
        (TlsContent(CHAIN, KEY, None), TLS, {"tls.crt": CHAIN, "tls.key": KEY}),
        (AccountPasswordContent(b"", ABSENT), BASIC, {"username": b""}),
        (AccountPasswordContent(None, b"p"), BASIC, {"password": b"p"}),
        (SshAuthContent(b"k", b"h"), SSH, {"ssh-privatekey": b"k", "known_hosts": b"h"}),
        (ServiceAccountTokenContent("builder"), TOKEN, {}),
        (
            registries(RegistryEdit("a.example", "u", "p")),
            DOCKER,
            {".dockerconfigjson": b'{"auths":{"a.example":{"username":"u","password":"p","auth":"dTpw"}}}'},
        ),
    ],
)
def test_a_new_secret_holds_what_its_content_says(content: Content, secret_type: str, data: Data) -> None:
    assert type_of(content) == secret_type
    assert written(content) == data


def test_the_type_of_a_raw_content_is_its_own() -> None:
    assert type_of(RawContent("a/b", {})) == "a/b"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            DefaultContent({"a b": b"", "..": b""}),
            [("/content/data/a b", "KEY_INVALID"), ("/content/data/..", "KEY_INVALID")],
        ),
        (DefaultContent({"a": b"x" * (MAX_VALUES + 1)}), [("/content/data", "VALUES_TOO_LARGE")]),
        (CustomContent("", {}), [("/content/type", "TYPE_REQUIRED")]),
        (CustomContent(" \t", {}), [("/content/type", "TYPE_REQUIRED")]),
        (CustomContent(TLS, {}), [("/content/type", "TYPE_HAS_KIND")]),
        (CustomContent("Opaque", {}), [("/content/type", "TYPE_HAS_KIND")]),
        (CustomContent(" a", {}), [("/content/type", "TYPE_INVALID")]),
        (CustomContent("a\x07", {}), [("/content/type", "TYPE_INVALID")]),
        (CustomContent("a" * 254, {}), [("/content/type", "TYPE_INVALID")]),
        (RawContent("a/b", {}), [("/content/kind", "INVALID_VALUE")]),
        (TlsContent(b"", KEY), [("/content/certificate", "CERTIFICATE_INVALID")]),
        (TlsContent(CHAIN, b""), [("/content/privateKey", "PRIVATE_KEY_INVALID")]),
        (TlsContent(CHAIN, OTHER), [("/content/privateKey", "KEY_PAIR_MISMATCH")]),
        (
            TlsContent(KEY, CHAIN),
            [("/content/certificate", "CERTIFICATE_INVALID"), ("/content/privateKey", "PRIVATE_KEY_INVALID")],
        ),
        (TlsContent(CHAIN, KEY, extra={"tls.key": b""}), [("/content/extra/tls.key", "EXTRA_KEY_TAKEN")]),
        (AccountPasswordContent(), [("/content", "CREDENTIAL_REQUIRED")]),
        (AccountPasswordContent(None, None), [("/content", "CREDENTIAL_REQUIRED")]),
        (AccountPasswordContent(extra={"username": b""}), [("/content/extra/username", "EXTRA_KEY_TAKEN")]),
        (SshAuthContent(b""), [("/content/privateKey", "SSH_KEY_REQUIRED")]),
        (SshAuthContent(b"k", extra={"a b": b""}), [("/content/a b", "KEY_INVALID")]),
        (ServiceAccountTokenContent("A"), [("/content/serviceAccount", "NAME_INVALID")]),
        (registries(), [("/content/registries", "REGISTRY_REQUIRED")]),
        (registries(RegistryEdit("a", "u")), [("/content/registries/0/password", "REGISTRY_PASSWORD_REQUIRED")]),
        (registries(RegistryEdit("a", "", "p")), [("/content/registries/0/username", "REGISTRY_USERNAME_INVALID")]),
        (registries(RegistryEdit("a", "u:v", "p")), [("/content/registries/0/username", "REGISTRY_USERNAME_INVALID")]),
        (
            registries(RegistryEdit("a", "u", "p"), RegistryEdit("b b", "u"), RegistryEdit("a", "v", "p")),
            [
                ("/content/registries/0/server", "REGISTRY_REPEATED"),
                ("/content/registries/1/server", "REGISTRY_SERVER_INVALID"),
                ("/content/registries/1/password", "REGISTRY_PASSWORD_REQUIRED"),
                ("/content/registries/2/server", "REGISTRY_REPEATED"),
            ],
        ),
    ],
)
def test_a_new_secret_is_held_to_the_rules_of_its_kind(content: Content, expected: list[tuple[str, str]]) -> None:
    assert faults(content) == expected


def test_all_that_is_wrong_is_told_at_once() -> None:
    content = TlsContent(b"", b"", extra={"tls.crt": b"", "a b": b"x" * (MAX_VALUES + 1)})

    assert faults(content) == [
        ("/content/certificate", "CERTIFICATE_INVALID"),
        ("/content/privateKey", "PRIVATE_KEY_INVALID"),
        ("/content/extra/tls.crt", "EXTRA_KEY_TAKEN"),
        ("/content/a b", "KEY_INVALID"),
        ("/content", "VALUES_TOO_LARGE"),
    ]


def test_values_may_be_as_large_as_kubernetes_lets_them() -> None:
    assert len(written(DefaultContent({"a": b"x" * MAX_VALUES}))["a"]) == MAX_VALUES


def test_the_number_of_keys_has_a_limit() -> None:
    two = {"a": b"", "b": b""}

    assert written(DefaultContent(two), max_keys=2) == two
    assert faults(DefaultContent(two), max_keys=1) == [("/content/data", "TOO_MANY_KEYS")]


def test_a_secret_that_was_made_larger_elsewhere_can_be_edited_but_not_grow() -> None:
    secret = stored({"a": b"", "b": b"", "c": b""})

    assert written(DefaultContent(secret.data), secret, max_keys=1) == secret.data
    assert written(DefaultContent({"a": b"1", "b": b"2", "d": b"3"}), secret, max_keys=1)["d"] == b"3"
    assert faults(DefaultContent({**secret.data, "d": b""}), secret, max_keys=1) == [("/content/data", "TOO_MANY_KEYS")]


@pytest.mark.parametrize(
    ("content", "secret", "after"),
    [
        (DefaultContent({"b": b"2"}), stored({"a": b"1"}), {"b": b"2"}),
        (CustomContent("a/b", {}), stored({"a": b"1"}, "a/b"), {}),
        (CustomContent(" odd ", {}), stored({"a": b"1"}, " odd "), {}),
        (RawContent("Opaque", {"b": b"2"}), stored({"a": b"1"}), {"b": b"2"}),
        (
            TlsContent(CHAIN, KEY),
            stored({"tls.crt": b"", "tls.key": b"", "ca.crt": CA, "a": b"x"}, TLS),
            {"tls.crt": CHAIN, "tls.key": KEY, "ca.crt": CA, "a": b"x"},
        ),
        (
            TlsContent(CHAIN, KEY, None, {}),
            stored({"tls.crt": b"", "tls.key": b"", "ca.crt": CA, "a": b"x"}, TLS),
            {"tls.crt": CHAIN, "tls.key": KEY},
        ),
        (
            AccountPasswordContent(b"v"),
            stored({"username": b"u", "password": b"p"}, BASIC),
            {"username": b"v", "password": b"p"},
        ),
        (AccountPasswordContent(ABSENT, None), stored({"username": b"u", "password": b"p"}, BASIC), {"username": b"u"}),
        (
            SshAuthContent(b"new", extra={"b": b"y"}),
            stored({"ssh-privatekey": b"k", "known_hosts": b"h", "a": b"x"}, SSH),
            {"ssh-privatekey": b"new", "known_hosts": b"h", "b": b"y"},
        ),
    ],
)
def test_an_edit_keeps_what_it_leaves_out_and_removes_what_it_nulls(
    content: Content, secret: StoredSecret, after: Data
) -> None:
    assert written(content, secret) == after


def test_a_pair_that_was_stored_broken_can_stay_but_not_be_made_anew() -> None:
    secret = stored({"tls.crt": CHAIN, "tls.key": OTHER}, TLS)

    assert written(TlsContent(CHAIN, OTHER, CA), secret) == {**secret.data, "ca.crt": CA}
    assert faults(TlsContent(CHAIN + b"\n", OTHER), secret) == [("/content/privateKey", "KEY_PAIR_MISMATCH")]


@pytest.mark.parametrize(
    ("content", "secret", "pointer"),
    [
        (TlsContent(CHAIN, KEY), stored({}), "/content/kind"),
        (DefaultContent({}), stored({}, TLS), "/content/kind"),
        (CustomContent("a/b", {}), stored({}, "a/c"), "/content/type"),
        (CustomContent("a/b", {}), stored({}, "Opaque"), "/content/type"),
        (RawContent(TLS, {}), stored({}, SSH), "/content/type"),
        (RawContent(DOCKER, {}), stored({}, DOCKER_OLD), "/content/type"),
    ],
)
def test_the_type_of_a_secret_stays(content: Content, secret: StoredSecret, pointer: str) -> None:
    assert faults(content, secret) == [(pointer, "TYPE_IMMUTABLE")]


@pytest.mark.parametrize("secret_type", [TLS, "Opaque"])
def test_a_type_with_a_kind_of_its_own_is_never_custom(secret_type: str) -> None:
    assert faults(CustomContent(secret_type, {}), stored({}, secret_type)) == [("/content/type", "TYPE_HAS_KIND")]


def test_a_token_stays_that_of_its_service_account() -> None:
    secret = stored({"token": b"t"}, TOKEN, annotations={SERVICE_ACCOUNT_NAME: "builder"})

    assert written(ServiceAccountTokenContent("builder"), secret) == {"token": b"t"}
    assert faults(ServiceAccountTokenContent("other"), secret) == [
        ("/content/serviceAccount", "SERVICE_ACCOUNT_IMMUTABLE")
    ]


@pytest.mark.parametrize(
    ("secret_type", "data", "missing"),
    [
        (TLS, {}, [("/data/tls.crt", "DATA_REQUIRED_BY_TYPE"), ("/data/tls.key", "DATA_REQUIRED_BY_TYPE")]),
        (TLS, {"tls.crt": b"", "tls.key": b""}, []),
        (DOCKER, {}, [("/data/.dockerconfigjson", "DATA_REQUIRED_BY_TYPE")]),
        (DOCKER_OLD, {}, [("/data/.dockercfg", "DATA_REQUIRED_BY_TYPE")]),
        (SSH, {"a": b""}, [("/data/ssh-privatekey", "DATA_REQUIRED_BY_TYPE")]),
        (BASIC, {"a": b""}, [("/data", "CREDENTIAL_REQUIRED")]),
        (BASIC, {"password": b""}, []),
        ("Opaque", {}, []),
        ("a/b", {}, []),
    ],
)
def test_types_ask_for_keys(secret_type: str, data: Data, missing: list[tuple[str, str]]) -> None:
    found = required_key_violations(secret_type, data, "/data")

    assert [(violation.pointer, violation.fault.code) for violation in found] == missing


def test_a_raw_edit_may_not_take_away_a_key_that_the_type_asks_for() -> None:
    secret = stored({"tls.crt": b"0\x82", "tls.key": b"0\x82"}, TLS)

    assert faults(RawContent(TLS, {"tls.crt": b"0\x82"}), secret) == [
        ("/content/data/tls.key", "DATA_REQUIRED_BY_TYPE")
    ]
    assert written(RawContent(TLS, {"tls.crt": b"", "tls.key": b""}), secret) == {"tls.crt": b"", "tls.key": b""}


def test_what_lacks_such_a_key_already_can_be_sent_back() -> None:
    assert written(RawContent(TLS, {}), stored({}, TLS)) == {}


def test_a_registry_that_is_left_alone_is_not_judged() -> None:
    secret = docker({"odd server": {"identitytoken": "t"}, "a.example": {"username": "u", "password": "p"}})
    edits = (RegistryEdit("odd server", ""), RegistryEdit("a.example", "u", "q"))

    after = json.loads(written(registries(*edits), secret)[".dockerconfigjson"])

    assert after["auths"]["odd server"] == {"identitytoken": "t"}
    assert after["auths"]["a.example"]["password"] == "q"


def test_a_registry_of_an_odd_address_can_be_given_another_password() -> None:
    secret = docker({"odd server": {"username": "u", "password": "p"}})

    after = json.loads(written(registries(RegistryEdit("odd server", "u", "q")), secret)[".dockerconfigjson"])

    assert after["auths"]["odd server"]["password"] == "q"


def test_the_last_registry_is_not_removed_but_none_can_stay_none() -> None:
    none = docker({})

    assert faults(registries(), docker({"a": {"username": "u"}})) == [("/content/registries", "REGISTRY_REQUIRED")]
    assert written(registries(), none) == none.data


def test_a_broken_file_is_replaced_as_a_whole_in_its_own_form() -> None:
    edit = registries(RegistryEdit("a.example", "u", "p"))

    new = written(edit, stored({".dockerconfigjson": b"{"}, DOCKER))
    old = written(edit, stored({".dockercfg": b"{"}, DOCKER_OLD))

    assert json.loads(new[".dockerconfigjson"])["auths"].keys() == {"a.example"}
    assert json.loads(old[".dockercfg"]).keys() == {"a.example"}
    assert faults(registries(RegistryEdit("a.example", "u")), stored({".dockercfg": b"{"}, DOCKER_OLD)) == [
        ("/content/registries/0/password", "REGISTRY_PASSWORD_REQUIRED")
    ]


def test_a_new_registry_needs_a_password_though_others_have_one() -> None:
    secret = docker({"a.example": {"username": "u", "password": "p"}})

    found = faults(registries(RegistryEdit("a.example", "u"), RegistryEdit("b.example", "u")), secret)

    assert found == [("/content/registries/1/password", "REGISTRY_PASSWORD_REQUIRED")]


@given(st.sampled_from([TLS, BASIC, SSH, DOCKER, "Opaque", "a/b"]), stored_secrets)
def test_no_refusal_holds_a_value(secret_type: str, secret: StoredSecret) -> None:
    text = canary("write")
    content = TlsContent(text.encode(), text.encode(), text.encode(), {"k": text.encode(), text + " ": b""})

    with pytest.raises(InvalidError) as caught:
        data_of(content, stored(secret.data, secret_type), max_keys=8)

    assert text not in f"{caught.value} {caught.value!r} {caught.value.args}"
