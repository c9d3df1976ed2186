import json
from typing import Any

import pytest
from hypothesis import given
from pydantic import TypeAdapter

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
)
from app.domain.content_view import content_of
from app.domain.content_write import data_of
from app.domain.detail import Revealed
from app.domain.docker_config import RegistryEdit
from app.domain.secret import StoredSecret
from app.schemas.content_input import ContentEdit
from app.schemas.content_view import content_view
from app.schemas.secret_view import SecretData
from tests.support.canary import canary
from tests.unit.domain.stored_secret import stored_secrets
from tests.unit.sample import version

EDIT: TypeAdapter[Any] = TypeAdapter(ContentEdit)


def shown(content: Content) -> Any:
    """The content of the answer to a reveal."""
    answer = SecretData.from_domain(Revealed(content, version()))
    return json.loads(answer.model_dump_json(exclude_none=True))["content"]


@given(stored_secrets)
def test_what_is_revealed_can_be_sent_back_and_changes_nothing(secret: StoredSecret) -> None:
    document = shown(content_of(secret))

    assert data_of(EDIT.validate_python(document).to_domain(), secret, max_keys=8) == secret.data


@given(stored_secrets)
def test_what_is_revealed_raw_can_be_sent_back_and_changes_nothing(secret: StoredSecret) -> None:
    document = shown(RawContent(secret.type, secret.data))

    assert data_of(EDIT.validate_python(document).to_domain(), secret, max_keys=8) == secret.data


@pytest.mark.parametrize(
    ("content", "document"),
    [
        (
            DefaultContent({"b": b"\xff", "a": b"x"}),
            {"kind": "default", "data": {"a": {"text": "x"}, "b": {"base64": "/w=="}}},
        ),
        (CustomContent("a/b", {}), {"kind": "custom", "type": "a/b", "data": {}}),
        (
            TlsContent(b"c", b"k", ABSENT, {}),
            {"kind": "tls", "certificate": {"text": "c"}, "privateKey": {"text": "k"}, "extra": {}},
        ),
        (
            TlsContent(b"c", b"k", b"a", {"z": b"1"}),
            {
                "kind": "tls",
                "certificate": {"text": "c"},
                "privateKey": {"text": "k"},
                "caCertificate": {"text": "a"},
                "extra": {"z": {"text": "1"}},
            },
        ),
        (
            AccountPasswordContent(ABSENT, b"", {}),
            {"kind": "account-password", "password": {"text": ""}, "extra": {}},
        ),
        (
            SshAuthContent(b"k", b"h", {}),
            {"kind": "ssh-auth", "privateKey": {"text": "k"}, "knownHosts": {"text": "h"}, "extra": {}},
        ),
        (
            ServiceAccountTokenContent("builder", {"token": b"t"}),
            {"kind": "service-account-token", "serviceAccount": "builder", "extra": {"token": {"text": "t"}}},
        ),
        (
            RegistryContent((RegistryEdit("a", "u", "p", "e"), RegistryEdit("b", "", "", None)), {}),
            {
                "kind": "image-registry",
                "registries": [
                    {"server": "a", "username": "u", "password": "p", "email": "e"},
                    {"server": "b", "username": "", "password": ""},
                ],
                "extra": {},
            },
        ),
        (RawContent("a/b", {"a": b""}), {"kind": "raw", "type": "a/b", "data": {"a": {"text": ""}}}),
        (
            RawContent("a/b", {}, "The private key is missing."),
            {"kind": "raw", "type": "a/b", "data": {}, "problem": "The private key is missing."},
        ),
    ],
    ids=range(10),
)
def test_a_content_is_shown_in_the_words_of_its_kind(content: Content, document: Any) -> None:
    assert shown(content) == document


def test_no_view_shows_its_values_in_a_repr() -> None:
    text = canary("view")
    value = text.encode()
    contents: list[Content] = [
        DefaultContent({"k": value}),
        CustomContent("a/b", {"k": value}),
        TlsContent(value, value, value, {"k": value}),
        RegistryContent((RegistryEdit("a", text, text, text),), {"k": value}),
        AccountPasswordContent(value, value, {"k": value}),
        SshAuthContent(value, value, {"k": value}),
        ServiceAccountTokenContent("a", {"k": value}),
        RawContent("a/b", {"k": value}),
    ]

    assert text not in repr([content_view(content) for content in contents])
