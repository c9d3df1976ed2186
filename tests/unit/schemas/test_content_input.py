from typing import Any

import pytest
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
from app.domain.docker_config import RegistryEdit
from app.schemas.content_input import ContentEdit, ContentInput
from tests.support.canary import canary
from tests.unit.schemas.finding import faults


def read(document: dict[str, Any], kind: Any = ContentInput) -> Content:
    content: Content = TypeAdapter(kind).validate_python(document).to_domain()
    return content


def found(document: Any, kind: Any = ContentInput) -> list[tuple[str, str]]:
    return faults(kind, document, content_at=())


@pytest.mark.parametrize(
    ("document", "content"),
    [
        ({"kind": "default", "data": {}}, DefaultContent({})),
        (
            {"kind": "default", "data": {"a": "x", "b": {"text": "y"}, "c": {"base64": "/w=="}}},
            DefaultContent({"a": b"x", "b": b"y", "c": b"\xff"}),
        ),
        ({"kind": "custom", "type": "a/b", "data": {"a": ""}}, CustomContent("a/b", {"a": b""})),
        ({"kind": "tls", "certificate": "c", "privateKey": {"text": "k"}}, TlsContent(b"c", b"k", ABSENT, ABSENT)),
        (
            {"kind": "tls", "certificate": "c", "privateKey": "k", "caCertificate": "a", "extra": {"x": "y"}},
            TlsContent(b"c", b"k", b"a", {"x": b"y"}),
        ),
        (
            {"kind": "tls", "certificate": "c", "privateKey": "k", "caCertificate": None, "extra": {}},
            TlsContent(b"c", b"k", None, {}),
        ),
        ({"kind": "account-password"}, AccountPasswordContent(ABSENT, ABSENT, ABSENT)),
        (
            {"kind": "account-password", "username": "", "password": None},
            AccountPasswordContent(b"", None, ABSENT),
        ),
        ({"kind": "ssh-auth", "privateKey": "k"}, SshAuthContent(b"k", ABSENT, ABSENT)),
        ({"kind": "ssh-auth", "privateKey": "k", "knownHosts": None}, SshAuthContent(b"k", None, ABSENT)),
        (
            {"kind": "service-account-token", "serviceAccount": "builder", "extra": {"a": "x"}},
            ServiceAccountTokenContent("builder", {"a": b"x"}),
        ),
        (
            {
                "kind": "image-registry",
                "registries": [
                    {"server": "a", "username": "u", "password": "p", "email": "e"},
                    {"server": "b", "username": "u"},
                    {"server": "c", "username": "u", "password": None, "email": None},
                ],
            },
            RegistryContent(
                (
                    RegistryEdit("a", "u", "p", "e"),
                    RegistryEdit("b", "u", ABSENT, ABSENT),
                    RegistryEdit("c", "u", ABSENT, None),
                ),
                ABSENT,
            ),
        ),
    ],
    ids=range(12),
)
def test_a_content_is_read_in_the_words_of_its_kind(document: dict[str, Any], content: Content) -> None:
    assert read(document) == content
    assert read(document, ContentEdit) == content


def test_only_an_edit_may_be_raw_and_its_problem_is_passed_over() -> None:
    document = {"kind": "raw", "type": "a/b", "data": {"a": "x"}, "problem": "The key is missing."}

    assert read(document, ContentEdit) == RawContent("a/b", {"a": b"x"})
    assert found(document) == [("/kind", "INVALID_VALUE")]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, [("/kind", "REQUIRED")]),
        ({"kind": None, "data": {}}, [("/kind", "INVALID_VALUE")]),
        ({"kind": "Opaque", "data": {}}, [("/kind", "INVALID_VALUE")]),
        ({"kind": "default"}, [("/data", "REQUIRED")]),
        ({"kind": "default", "data": None}, [("/data", "NULL_NOT_ALLOWED")]),
        ({"kind": "default", "data": {"a": None}}, [("/data/a", "VALUE_AMBIGUOUS")]),
        ({"kind": "default", "data": {}, "type": "Opaque"}, [("/type", "UNKNOWN_FIELD")]),
        ({"kind": "custom"}, [("/type", "REQUIRED"), ("/data", "REQUIRED")]),
        ({"kind": "tls"}, [("/certificate", "REQUIRED"), ("/privateKey", "REQUIRED")]),
        (
            {"kind": "tls", "certificate": "c", "private_key": "k"},
            [
                ("/privateKey", "REQUIRED"),
                ("/private_key", "UNKNOWN_FIELD"),
            ],
        ),
        ({"kind": "tls", "certificate": "c", "privateKey": None}, [("/privateKey", "VALUE_AMBIGUOUS")]),
        ({"kind": "ssh-auth", "privateKey": "k", "extra": None}, [("/extra", "NULL_NOT_ALLOWED")]),
        ({"kind": "ssh-auth", "privateKey": "k", "extra": {"..": "x"}}, [("/extra/..", "KEY_INVALID")]),
        ({"kind": "account-password", "username": {}}, [("/username", "VALUE_AMBIGUOUS")]),
        ({"kind": "image-registry", "registries": {}}, [("/registries", "WRONG_TYPE")]),
        (
            {"kind": "image-registry", "registries": [{"username": 5}]},
            [
                ("/registries/0/server", "REQUIRED"),
                ("/registries/0/username", "WRONG_TYPE"),
            ],
        ),
        (
            {"kind": "image-registry", "registries": [{"server": "a", "username": "u", "password": {"text": "p"}}]},
            [
                ("/registries/0/password", "WRONG_TYPE"),
            ],
        ),
    ],
    ids=range(17),
)
def test_a_content_of_another_form_is_told_by_its_places(document: Any, expected: list[tuple[str, str]]) -> None:
    assert found(document) == expected


def test_no_content_shows_what_it_holds() -> None:
    text = canary("input")
    documents = [
        {"kind": "default", "data": {"a": text}},
        {"kind": "custom", "type": "a/b", "data": {"a": {"text": text}}},
        {"kind": "tls", "certificate": text, "privateKey": text, "caCertificate": text, "extra": {"a": text}},
        {"kind": "account-password", "username": text, "password": text},
        {"kind": "ssh-auth", "privateKey": text, "knownHosts": text},
        {"kind": "image-registry", "registries": [{"server": "a", "username": text, "password": text, "email": text}]},
        {"kind": "raw", "type": "a/b", "data": {"a": text}},
    ]

    assert text not in repr([TypeAdapter(ContentEdit).validate_python(document) for document in documents])
