import json

import pytest

from app.domain.absent import ABSENT
from app.domain.content import (
    AccountPasswordContent,
    Content,
    CustomContent,
    DefaultContent,
    RawContent,
    RegistryContent,
    ServiceAccountTokenContent,
    SshAuthContent,
    TlsContent,
    kind_of_content,
)
from app.domain.content_view import content_of, docker_config_key
from app.domain.docker_config import RegistryEdit
from app.domain.kind import Kind
from app.domain.name import SERVICE_ACCOUNT_NAME
from tests.support.canary import canary
from tests.unit.domain.certificate import CA, CHAIN, KEY
from tests.unit.sample import EVERY_BYTE, stored

DOCKER = json.dumps({"auths": {"a.example": {"username": "u", "password": "p"}, "b.example": {"email": "e"}}}).encode()
REGISTRIES = (RegistryEdit("a.example", "u", "p", None), RegistryEdit("b.example", "", "", "e"))


@pytest.mark.parametrize(
    ("secret_type", "data", "content"),
    [
        ("Opaque", {"a": EVERY_BYTE, "b": b""}, DefaultContent({"a": EVERY_BYTE, "b": b""})),
        ("Opaque", {}, DefaultContent({})),
        ("", {}, DefaultContent({})),
        ("example.com/license", {"a": b"x"}, CustomContent("example.com/license", {"a": b"x"})),
        ("kubernetes.io/tls", {"tls.crt": CHAIN, "tls.key": KEY}, TlsContent(CHAIN, KEY, ABSENT, {})),
        (
            "kubernetes.io/tls",
            {"tls.crt": CHAIN, "tls.key": KEY, "ca.crt": CA, "truststore.jks": b"\xff"},
            TlsContent(CHAIN, KEY, CA, {"truststore.jks": b"\xff"}),
        ),
        (
            "kubernetes.io/dockerconfigjson",
            {".dockerconfigjson": DOCKER, "more": b"x"},
            RegistryContent(REGISTRIES, {"more": b"x"}),
        ),
        (
            "kubernetes.io/dockercfg",
            {".dockercfg": json.dumps(json.loads(DOCKER)["auths"]).encode()},
            RegistryContent(REGISTRIES, {}),
        ),
        ("kubernetes.io/basic-auth", {"username": b"u"}, AccountPasswordContent(b"u", ABSENT, {})),
        ("kubernetes.io/basic-auth", {"password": b"", "a": b"x"}, AccountPasswordContent(ABSENT, b"", {"a": b"x"})),
        ("kubernetes.io/ssh-auth", {"ssh-privatekey": b"k"}, SshAuthContent(b"k", ABSENT, {})),
        (
            "kubernetes.io/ssh-auth",
            {"ssh-privatekey": b"k", "known_hosts": b"h", "a": b"x"},
            SshAuthContent(b"k", b"h", {"a": b"x"}),
        ),
    ],
)
def test_a_secret_is_shown_in_the_words_of_its_kind(secret_type: str, data: dict[str, bytes], content: Content) -> None:
    assert content_of(stored(data, secret_type)) == content


def test_a_token_shows_whose_it_is_and_the_rest_as_extra() -> None:
    secret = stored(
        {"token": b"t", "ca.crt": CA},
        "kubernetes.io/service-account-token",
        annotations={SERVICE_ACCOUNT_NAME: "builder"},
    )

    assert content_of(secret) == ServiceAccountTokenContent("builder", {"token": b"t", "ca.crt": CA})


@pytest.mark.parametrize(
    ("secret_type", "data", "problem"),
    [
        ("kubernetes.io/tls", {}, "The certificate is not PEM that can be read."),
        ("kubernetes.io/tls", {"tls.crt": b"0\x82", "tls.key": KEY}, "The certificate is not PEM that can be read."),
        ("kubernetes.io/tls", {"tls.crt": CHAIN, "tls.key": b""}, "The private key is not PEM that can be read."),
        (
            "kubernetes.io/dockerconfigjson",
            {".dockerconfigjson": b"{"},
            "The docker configuration cannot be read as a list of registries.",
        ),
        ("kubernetes.io/dockercfg", {}, "The docker configuration cannot be read as a list of registries."),
        ("kubernetes.io/ssh-auth", {"a": b"x"}, "The private key is missing."),
    ],
)
def test_what_a_kind_cannot_say_is_shown_raw_with_the_reason(
    secret_type: str, data: dict[str, bytes], problem: str
) -> None:
    assert content_of(stored(data, secret_type)) == RawContent(secret_type, data, problem)


def test_the_older_docker_file_has_a_key_of_its_own() -> None:
    assert docker_config_key("kubernetes.io/dockercfg") == ".dockercfg"
    assert docker_config_key("kubernetes.io/dockerconfigjson") == ".dockerconfigjson"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (DefaultContent({}), Kind.DEFAULT),
        (TlsContent(b"", b""), Kind.TLS),
        (RegistryContent(()), Kind.IMAGE_REGISTRY),
        (AccountPasswordContent(), Kind.ACCOUNT_PASSWORD),
        (SshAuthContent(b""), Kind.SSH_AUTH),
        (ServiceAccountTokenContent("a"), Kind.SERVICE_ACCOUNT_TOKEN),
        (CustomContent("a/b", {}), Kind.CUSTOM),
    ],
)
def test_every_typed_content_has_a_kind(content: DefaultContent, kind: Kind) -> None:
    assert kind_of_content(content) is kind


def test_no_content_shows_its_values() -> None:
    text = canary("content")
    value = text.encode()
    contents = [
        DefaultContent({"k": value}),
        CustomContent("a/b", {"k": value}),
        TlsContent(value, value, value, {"k": value}),
        RegistryContent((RegistryEdit("a", "u", text),), {"k": value}),
        AccountPasswordContent(value, value, {"k": value}),
        SshAuthContent(value, value, {"k": value}),
        ServiceAccountTokenContent("a", {"k": value}),
        RawContent("a/b", {"k": value}),
    ]

    assert text not in repr(contents)
