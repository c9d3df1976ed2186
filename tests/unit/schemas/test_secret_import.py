import json
from typing import Any

import pytest

from app.domain.content import DefaultContent, RegistryContent, TlsContent
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.imported import Imported, ImportFormat, imported_data
from app.schemas.body import read_body
from app.schemas.secret_import import SecretFiles, read_file
from tests.unit.domain.certificate import CHAIN, KEY


def read(file: bytes, form: ImportFormat, *, max_keys: int = 10) -> Imported:
    return read_file(file, form, max_keys=max_keys)


def faults(file: bytes, form: ImportFormat, *, max_keys: int = 10) -> list[Violation]:
    with pytest.raises(InvalidError) as raised:
        read(file, form, max_keys=max_keys)
    return list(raised.value.violations)


def files(body: Any) -> SecretFiles:
    return read_body(SecretFiles, json.dumps(body).encode())


def test_each_format_is_read_by_its_own_rules() -> None:
    docker = b'{"auths": {"a.io": {"auth": "YTpi"}}}'

    assert read(b"A=1", ImportFormat.ENV).content == DefaultContent({"A": b"1"})
    assert read(b'{"A": "1"}', ImportFormat.JSON).content == DefaultContent({"A": b"1"})
    assert isinstance(read(docker, ImportFormat.DOCKER_CONFIG).content, RegistryContent)
    assert isinstance(read(KEY + CHAIN, ImportFormat.PEM).content, TlsContent)


@pytest.mark.parametrize("form", ImportFormat)
@pytest.mark.parametrize("archive", [b"PK\x03\x04\x14", b"PK\x05\x06\x00"])
def test_a_zip_archive_is_refused_whatever_it_is_said_to_be(form: ImportFormat, archive: bytes) -> None:
    assert faults(archive, form) == [Violation("", Fault.ARCHIVE_NOT_ACCEPTED)]


def test_names_are_limited_while_they_are_read() -> None:
    assert faults(b"A=1\nB=2", ImportFormat.ENV, max_keys=1) == [Violation("", Fault.TOO_MANY_KEYS, 2, 1)]


@pytest.mark.parametrize(
    ("file", "at", "fault"),
    [
        (b'"x"', "", Fault.WRONG_TYPE),
        (b"[]", "", Fault.WRONG_TYPE),
        (b"{", "", Fault.MALFORMED_JSON),
        (b'{"a": 1}', "/a", Fault.VALUE_AMBIGUOUS),
        (b'{"a": true}', "/a", Fault.VALUE_AMBIGUOUS),
        (b'{"a": {"b": "c"}}', "/a", Fault.VALUE_AMBIGUOUS),
        (b'{"edit": {"text": 1}}', "/edit/text", Fault.WRONG_TYPE),
        (b'{"content": {"base64": "!"}}', "/content/base64", Fault.INVALID_BASE64),
        (b'{"a": "x", "a": "y"}', "/a", Fault.DUPLICATE_MEMBER),
        (b'{"a": "\\ud800"}', "/a", Fault.LONE_SURROGATE),
        (b'{"": "x"}', "/", Fault.KEY_INVALID),
    ],
)
def test_a_json_file_is_one_flat_object_of_values(file: bytes, at: str, fault: Fault) -> None:
    assert faults(file, ImportFormat.JSON) == [Violation(at, fault)]


def test_values_of_a_json_file_are_sent_as_everywhere() -> None:
    file = b'{"a": " x\\n", "b": {"text": "y"}, "c": {"base64": "/w=="}}'

    assert read(file, ImportFormat.JSON).content == DefaultContent({"a": b" x\n", "b": b"y", "c": b"\xff"})


def test_many_files_are_keys_and_stand_under_files() -> None:
    body = files({"name": "demo", "files": {"a.ini": "x", "b": {"base64": "/w=="}}})

    assert (body.name, body.to_domain()) == ("demo", imported_data({"a.ini": b"x", "b": b"\xff"}, at="/files"))


def test_no_repr_shows_what_files_hold() -> None:
    body = files({"name": "demo", "files": {"a": "canary"}})

    assert "canary" not in repr(body) + repr(body.to_domain()) + repr(read(b"A=canary", ImportFormat.ENV))
