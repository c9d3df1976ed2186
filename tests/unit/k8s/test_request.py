import json
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.k8s.request import KubeRequest, core_path, encode, group_path, path_part, write_query


def test_a_path_of_the_core_group() -> None:
    assert core_path("demo", "secrets") == "/api/v1/namespaces/demo/secrets"
    assert core_path("demo", "secrets", "a.b") == "/api/v1/namespaces/demo/secrets/a.b"


def test_a_path_of_a_named_group() -> None:
    assert group_path("g.io", "v1", "things") == "/apis/g.io/v1/things"
    assert group_path("g.io", "v1", "things", "a") == "/apis/g.io/v1/things/a"
    assert group_path("g.io", "v1", "things", "a", "demo") == "/apis/g.io/v1/namespaces/demo/things/a"


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: text not in {".", ".."}))
def test_a_name_stays_one_segment_whatever_is_in_it(name: str) -> None:
    part = path_part(name)

    assert unquote(part) == name
    assert not set(part) & set("/?#;% \r\n") - {"%"}
    assert core_path(name, "secrets", name).count("/") == 6


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_segment_that_would_be_another_path_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        core_path("demo", "secrets", name)


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/api/v1/secrets", "secrets"),
        ("/api/v1/namespaces/secrets", "namespaces"),
        ("/api/v1/namespaces/demo/secrets/namespaces", "secrets"),
        ("/apis/g.io/v1/namespaces/demo/things", "things"),
        ("/api", ""),
        ("/", ""),
    ],
)
def test_the_resource_of_a_path(path: str, resource: str) -> None:
    assert KubeRequest("GET", path).resource == resource


def test_a_write_is_strict_and_signed() -> None:
    assert write_query() == {"fieldManager": "secretspace", "fieldValidation": "Strict"}
    assert write_query(dry_run=True) == write_query() | {"dryRun": "All"}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")), st.lists))
def test_a_body_is_json_in_utf8(value: object) -> None:
    assert json.loads(encode(value).decode()) == value


def test_a_request_does_not_show_its_body() -> None:
    assert "canary" not in repr(KubeRequest("POST", "/api", body=b"canary"))
