"""The document is an artefact: what is committed is what the program generates."""

import json

import pytest

from app.cli.openapi import COMMITTED, openapi_document
from app.main import create_app
from app.openapi import dump, schema
from app.settings import Settings
from tests.architecture.source import ROOT


def test_the_committed_document_is_the_generated_one() -> None:
    assert (ROOT / COMMITTED).read_text(encoding="utf-8") == openapi_document(), "run `make openapi`, and commit it"


def test_the_document_is_the_same_bytes_each_time_whatever_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    before = openapi_document()
    monkeypatch.setenv("SECRETSPACE_SERVER__ROOT_PATH", "/secrets")
    monkeypatch.setenv("SECRETSPACE_IDENTITY__LOCAL__ENABLED", "true")
    assert openapi_document() == before


def test_its_members_are_sorted_and_it_ends_with_a_newline() -> None:
    document = openapi_document()
    assert document == json.dumps(json.loads(document), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_every_version_of_it_has_an_entry_in_its_changelog() -> None:
    version = json.loads(openapi_document())["info"]["version"]
    assert f"## {version}\n" in (ROOT / "openapi" / "CHANGELOG.md").read_text(encoding="utf-8")


def test_under_a_root_path_it_says_where_the_operations_and_the_sign_in_are() -> None:
    document = schema(create_app(Settings.model_construct()), root_path="/secrets")
    flow = document["components"]["securitySchemes"]["password"]["flows"]["password"]
    assert document["servers"] == [{"url": "/secrets"}]
    assert flow["tokenUrl"] == "/secrets/oauth/token"
    assert dump(document).startswith(b"{\n")
