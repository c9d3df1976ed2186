import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.domain.content import DefaultContent
from app.domain.exported import ExportFormat
from app.domain.imported import ImportFormat
from app.schemas.secret_export import write_file
from app.schemas.secret_import import read_file
from app.schemas.yaml import read_secret
from tests.unit.sample import stored

keys = st.from_regex(r"[-_a-zA-Z0-9][-._a-zA-Z0-9]{0,9}", fullmatch=True)
data = st.dictionaries(keys, st.binary(max_size=20) | st.text(max_size=20).map(str.encode), max_size=4)


def test_an_env_file_is_for_shells() -> None:
    file = write_file(stored({"B": b"it's", "A": b"1"}), ExportFormat.ENV)

    assert (file.name, file.media_type, file.content) == ("demo.env", "text/plain", b"A='1'\nB=\"it's\"\n")


def test_a_json_file_has_text_as_strings_and_other_bytes_as_base64() -> None:
    file = write_file(stored({"b": b"\xff", "a": "ä\n".encode()}), ExportFormat.JSON)

    assert (file.name, file.media_type) == ("demo.json", "application/json")
    assert file.content == '{\n  "a": "ä\\n",\n  "b": {\n    "base64": "/w=="\n  }\n}\n'.encode()


def test_a_manifest_is_for_any_namespace_and_tells_not_who_made_it() -> None:
    annotations = {"kubesphere.io/creator": "alice", "kubesphere.io/alias-name": "Demo"}
    file = write_file(stored({"a": b"1"}, annotations=annotations), ExportFormat.MANIFEST)

    assert (file.name, file.media_type) == ("demo.secret.yaml", "application/yaml")
    document: dict[str, Any] = yaml.safe_load(file.content)
    assert document["metadata"] == {"name": "demo", "annotations": {"kubesphere.io/alias-name": "Demo"}}
    assert document["data"] == {"a": "MQ=="}


def test_no_repr_shows_what_a_file_holds() -> None:
    assert "canary" not in repr(write_file(stored({"A": b"canary"}), ExportFormat.ENV))


@given(data)
def test_an_import_of_a_json_export_is_the_same_bytes(data: dict[str, bytes]) -> None:
    file = write_file(stored(data), ExportFormat.JSON).content

    assert json.loads(file).keys() == data.keys()
    assert read_file(file, ImportFormat.JSON, max_keys=10).content == DefaultContent(data)


@given(data)
def test_a_manifest_holds_the_same_bytes(data: dict[str, bytes]) -> None:
    assert read_secret(write_file(stored(data), ExportFormat.MANIFEST).content).data == data
