"""Several documents in one text: each is read, or refused, by itself; what ends the reading is of them all."""

import pytest

from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.manifest import Document, SecretManifest
from app.schemas.yaml import Limits, read_secret, read_secrets


def document(name: str, more: str = "") -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\n{more}"


def read(*texts: str) -> list[Document]:
    return read_secrets("---\n".join(texts).encode())


def faults(found: Document) -> list[tuple[str, Fault, int | None]]:
    assert isinstance(found.read, InvalidError)
    return [(each.pointer, each.fault, each.line) for each in found.read.violations]


def whole(text: bytes, limits: Limits | None = None) -> tuple[Violation, ...]:
    with pytest.raises(InvalidError) as caught:
        read_secrets(text, limits or Limits())
    return caught.value.violations


def test_each_document_says_what_it_says_alone() -> None:
    texts = [document("one", "data: {a: YQ==}\n"), document("two", "type: example.com/x\n")]

    found = read(*texts)

    assert [each.read for each in found] == [read_secret(text.encode()) for text in texts]
    assert [(each.line, each.name) for each in found] == [(1, "one"), (6, "two")]


def test_what_is_wrong_with_one_is_not_wrong_with_another() -> None:
    found = read(document("one", "data: {a: '*'}\n"), document("two"), document("three", "spec: {}\nstatus: {}\n"))

    assert faults(found[0]) == [("/data/a", Fault.INVALID_BASE64, 4)]
    assert isinstance(found[1].read, SecretManifest)
    assert faults(found[2]) == [("/spec", Fault.UNKNOWN_FIELD, 13)]
    assert [each.name for each in found] == ["one", "two", "three"]


def test_what_is_found_on_the_way_to_the_fields_is_of_its_own_document() -> None:
    found = read(document("one", "data: &a {}\n"), document("two"))

    assert faults(found[0]) == [("/data", Fault.YAML_ALIAS, 4)]
    assert isinstance(found[1].read, SecretManifest)


@pytest.mark.parametrize("other", ["kind: ConfigMap\n", "[]\n", "text\n", "{apiVersion: v1, kind: [Secret]}\n"])
def test_what_is_no_secret_is_refused_alone(other: str) -> None:
    first, second = read(other, document("two"))

    assert isinstance(first.read, InvalidError)
    assert isinstance(second.read, SecretManifest)


@pytest.mark.parametrize("metadata", ["{}", "{name: [a]}", "{name: No Name}", "x", "{name: 'a\\nb'}"])
def test_what_is_no_name_is_not_repeated(metadata: str) -> None:
    (found,) = read_secrets(f"apiVersion: v1\nkind: Secret\nmetadata: {metadata}\n".encode())

    assert found.name == ""


def test_empty_documents_do_not_count() -> None:
    found = read_secrets(f"---\n---\n# nothing\n---\n{document('one')}---\n".encode())

    assert [(each.line, each.name) for each in found] == [(5, "one")]


@pytest.mark.parametrize("text", [b"", b"---\n---\n", b"# nothing\n"])
def test_a_text_without_documents_is_refused(text: bytes) -> None:
    assert [each.fault for each in whole(text)] == [Fault.YAML_NO_DOCUMENT]


def test_what_cannot_be_read_to_its_end_is_refused_as_a_whole() -> None:
    broken = f"{document('one')}---\n{document('two')}---\ndata: [\n".encode()

    assert [each.fault for each in whole(broken)] == [Fault.YAML_MALFORMED]


def test_the_limits_are_those_of_the_whole_text() -> None:
    text = "---\n".join(document(f"secret-{number}") for number in range(51)).encode()

    assert [each.fault for each in whole(text)] == [Fault.YAML_TOO_MANY_DOCUMENTS]
    assert [each.fault for each in whole(text, Limits(documents=60, events=100))] == [Fault.YAML_TOO_MANY_EVENTS]
    assert len(read_secrets(text, Limits(documents=51))) == 51


def test_an_anchor_after_the_last_document_is_not_overlooked() -> None:
    assert [each.fault for each in whole(f"{document('one')}---\n&a\n".encode())] == [Fault.YAML_ALIAS]
