import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.domain.manifest import Masked, SecretManifest
from app.schemas.yaml import read_secret, write_secret
from tests.unit.schemas.yaml.test_scalar import AMBIGUOUS, STRINGS

DEMO = SecretManifest(
    name="demo",
    namespace="demo-project",
    type="kubernetes.io/basic-auth",
    labels={"version": "1.0", "app": "demo"},
    annotations={"kubesphere.io/description": 'says "no"\r\nand \\', "kubesphere.io/creator": "secretspace:anna"},
    data={"username": b"admin", "password": b"\x00\xff", "1": b"", "n": b"\xb6\xbb\x9e"},
    immutable=True,
)

KEYS = st.from_regex(r"[-._a-zA-Z0-9]{1,20}", fullmatch=True)
TEXTS = st.text(max_size=40)
MANIFESTS = st.builds(
    SecretManifest,
    name=TEXTS,
    namespace=st.none() | TEXTS,
    type=st.none() | TEXTS,
    labels=st.dictionaries(TEXTS, TEXTS, max_size=4),
    annotations=st.dictionaries(TEXTS, TEXTS, max_size=4),
    data=st.dictionaries(KEYS, st.binary(max_size=60), max_size=6),
    immutable=st.none() | st.booleans(),
)


def test_the_values_stand_in_base64() -> None:
    assert write_secret(DEMO, masked=False) == (
        "apiVersion: v1\n"
        "kind: Secret\n"
        "metadata:\n"
        "  name: demo\n"
        "  namespace: demo-project\n"
        "  labels:\n"
        "    app: demo\n"
        '    version: "1.0"\n'
        "  annotations:\n"
        '    kubesphere.io/creator: "secretspace:anna"\n'
        '    kubesphere.io/description: "says \\"no\\"\\r\\nand \\\\"\n'
        "type: kubernetes.io/basic-auth\n"
        "immutable: true\n"
        "data:\n"
        '  "1": ""\n'
        '  "n": "true"\n'
        "  password: AP8=\n"
        "  username: YWRtaW4=\n"
    )


def test_masked_only_their_sizes_do() -> None:
    text = write_secret(DEMO, masked=True)
    assert text.partition("\ndata:\n")[2] == (
        '  "1": "<kept: 0 bytes>"\n'
        '  "n": "<kept: 3 bytes>"\n'
        '  password: "<kept: 2 bytes>"\n'
        '  username: "<kept: 5 bytes>"\n'
    )


def test_what_the_manifest_leaves_open_is_not_written() -> None:
    assert (
        write_secret(SecretManifest("demo"), masked=False) == "apiVersion: v1\nkind: Secret\nmetadata:\n  name: demo\n"
    )


@given(MANIFESTS)
def test_what_is_written_reads_back_as_the_same(manifest: SecretManifest) -> None:
    assert read_secret(write_secret(manifest, masked=False).encode()) == manifest


@given(MANIFESTS)
def test_masked_it_reads_back_as_masks_of_the_same_sizes(manifest: SecretManifest) -> None:
    masked = read_secret(write_secret(manifest, masked=True).encode())
    assert masked.data == {key: Masked(len(value)) for key, value in manifest.data.items()}  # type: ignore[arg-type]
    assert write_secret(masked, masked=False) == write_secret(manifest, masked=True)


@pytest.mark.parametrize("start", range(0, 0x110000, 0x1000))
def test_every_character_survives(start: int) -> None:
    text = "".join(chr(code) for code in range(start, start + 0x1000) if not 0xD800 <= code <= 0xDFFF)
    manifest = SecretManifest("demo", annotations={"text": text})
    assert read_secret(write_secret(manifest, masked=False).encode()) == manifest


@given(MANIFESTS)
def test_a_reader_of_yaml_1_1_understands_the_same(manifest: SecretManifest) -> None:
    document: dict[str, Any] = yaml.safe_load(write_secret(manifest, masked=True))
    assert document["metadata"].get("annotations", {}) == manifest.annotations
    assert document.get("data", {}) == {key: f"<kept: {len(value)} bytes>" for key, value in manifest.data.items()}  # type: ignore[arg-type]
    assert document.get("type") == manifest.type


@pytest.mark.parametrize("text", [text for texts in AMBIGUOUS.values() for text in texts])
def test_what_could_be_misread_is_quoted(text: str) -> None:
    assert f'type: "{text}"\n' in write_secret(SecretManifest("demo", type=text), masked=False)


@pytest.mark.parametrize(
    "text", ["Opaque", "kubernetes.io/tls", "a-b_c.d", "YWRtaW4=", "1.2.3", *filter(str.isalnum, STRINGS)]
)
def test_what_cannot_is_plain(text: str) -> None:
    assert f"type: {text}\n" in write_secret(SecretManifest("demo", type=text), masked=False)


@given(TEXTS)
def test_the_text_itself_holds_nothing_that_does_not_print(text: str) -> None:
    written = write_secret(SecretManifest("demo", annotations={"text": text}), masked=False)
    assert all(line.isprintable() for line in written.split("\n"))


def test_the_order_of_keys_does_not_depend_on_that_of_the_manifest() -> None:
    turned = SecretManifest("demo", labels={"b": "x", "a": "y"}, data={"z": b"", "a": b""})
    assert re.findall(r"^ +(\w):", write_secret(turned, masked=False), re.MULTILINE) == ["a", "b", "a", "z"]
