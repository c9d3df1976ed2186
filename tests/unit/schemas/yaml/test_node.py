import pytest

from app.schemas.yaml import Limits, read_secret
from tests.unit.schemas.yaml.document import HEAD, Refusal, refusals


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("type: &a Opaque\n", [("YAML_ALIAS", "/type", 5, 7)], id="an anchor"),
        pytest.param("type: Opaque\ndata: &a {}\n", [("YAML_ALIAS", "/data", 6, 7)], id="an anchor of a mapping"),
        pytest.param(
            "type: &a Opaque\nstringData:\n  k: *a\n",
            [("YAML_ALIAS", "/type", 5, 7), ("YAML_ALIAS", "/stringData/k", 7, 6)],
            id="an alias",
        ),
        pytest.param(
            "type: &a Opaque\n*a : b\n", [("YAML_ALIAS", "/type", 5, 7), ("YAML_ALIAS", "", 6, 1)], id="an alias as key"
        ),
        pytest.param("data:\n  <<: {k: YQ==}\n", [("YAML_ALIAS", "/data", 6, 3)], id="a merge key"),
        pytest.param("data:\n  !!merge <<: {}\n", [("YAML_TAG", "/data", 6, 3)], id="a merge key by its tag"),
    ],
)
def test_anchors_aliases_and_merge_keys_are_refused(text: str, found: list[Refusal]) -> None:
    assert refusals(HEAD + text) == found


@pytest.mark.parametrize(
    "tag",
    ["!", "!own", "!!python/object/apply:os.system", "!!set", "!!omap", "!!timestamp", "!!map", "!<tag:example.org:x>"],
)
def test_a_tag_that_is_not_of_the_core_or_does_not_fit_is_refused(tag: str) -> None:
    assert refusals(f"{HEAD}type: {tag} Opaque\n") == [("YAML_TAG", "/type", 5, 7)]


@pytest.mark.parametrize("value", ["!!str {k: YQ==}", "!!seq {k: YQ==}", "!own {k: YQ==}", "!!map [a]", "!own [a]"])
def test_a_tag_of_a_collection_is_that_of_a_mapping_or_a_list(value: str) -> None:
    assert refusals(f"{HEAD}data: {value}\n") == [("YAML_TAG", "/data", 5, 7)]


def test_core_tags_are_accepted_where_they_fit() -> None:
    text = HEAD + "type: !!str Opaque\ndata: !!map\n  !!str k: !!str YQ==\nimmutable: !!bool true\n"
    manifest = read_secret(text.encode())
    assert (manifest.type, manifest.data, manifest.immutable) == ("Opaque", {"k": b"a"}, True)


@pytest.mark.parametrize("again", ["name: b", '"name": b', "'name': b", "!!str name: b"])
def test_a_key_that_is_named_twice_is_refused_however_it_is_written(again: str) -> None:
    assert refusals(f"{HEAD}  {again}\n") == [("YAML_DUPLICATE_KEY", "/metadata/name", 5, 3)]


def test_a_duplicate_is_found_in_what_is_otherwise_ignored() -> None:
    assert refusals(HEAD + "status:\n- {a: 1, a: 2}\n") == [("YAML_DUPLICATE_KEY", "/status/0/a", 6, 10)]


@pytest.mark.parametrize("key", ["? [a]\n  ", "? {a: b}\n  "])
def test_a_key_that_is_no_text_is_refused(key: str) -> None:
    assert refusals(f"{HEAD}data:\n  {key}: YQ==\n") == [("YAML_KEY_NOT_TEXT", "/data", 6, 5)]


@pytest.mark.parametrize("key", ["yes", "1", "null", "1e3", "2026-11-24", "!!int 1"])
def test_a_key_that_some_reader_takes_for_something_else_is_to_be_quoted(key: str) -> None:
    assert refusals(f"{HEAD}data:\n  {key}: YQ==\n") == [("YAML_QUOTE_IT", "/data", 6, 3)]
    assert len(read_secret(f"{HEAD}data:\n  '{key}': YQ==\n".encode()).data) == 1


def test_one_fault_does_not_hide_the_next() -> None:
    text = HEAD + "type: !own x\ndata: {a: 1, a: 2, b: &b YQ==}\n"
    assert refusals(text) == [
        ("YAML_TAG", "/type", 5, 7),
        ("YAML_QUOTE_IT", "/data/a", 6, 11),
        ("YAML_DUPLICATE_KEY", "/data/a", 6, 14),
        ("YAML_ALIAS", "/data/b", 6, 23),
    ]


def test_what_was_refused_is_complained_of_once() -> None:
    assert refusals("apiVersion: v1\nkind: Secret\nmetadata: !own {name: a}\ndata: !own x\n") == [
        ("YAML_TAG", "/metadata", 3, 11),
        ("YAML_TAG", "/data", 4, 7),
    ]


def test_after_a_hundred_faults_reading_ends() -> None:
    assert len(refusals(HEAD + "data:\n" + "".join(f"  k{n}: 1\n" for n in range(1000)))) == 100


def test_a_pointer_escapes_what_means_something_in_it() -> None:
    text = HEAD + "  labels:\n    example.org/a~b: 1\n"
    assert refusals(text) == [("YAML_QUOTE_IT", "/metadata/labels/example.org~1a~0b", 6, 22)]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "--- \n...\n---\n"])
def test_no_document_is_not_one(text: str) -> None:
    assert refusals(text) == [("YAML_ONE_DOCUMENT", "", 1, 1)]


@pytest.mark.parametrize("other", [HEAD, '""', "null", "!!str"])
def test_two_documents_are_not_one(other: str) -> None:
    assert refusals(f"{HEAD}---\n{other}") == [("YAML_ONE_DOCUMENT", "", 6, 1)]


@pytest.mark.parametrize("text", [f"---\n{HEAD}---\n", f"---\n---\n{HEAD}...\n---\n# end\n", f"# a\n---\n{HEAD}..."])
def test_empty_documents_do_not_count(text: str) -> None:
    assert read_secret(text.encode()).name == "demo"


def test_limits_can_be_set() -> None:
    assert refusals(HEAD + "data: {a: YQ==, b: YQ==}\n", Limits(keys=1)) == [("TOO_MANY_KEYS", "", 2, 1)]
