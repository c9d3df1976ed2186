import json
from pathlib import Path

import pytest

from app.domain.change import Warning
from app.domain.manifest import Masked
from app.schemas.yaml import read_secret
from tests.unit.schemas.yaml.document import HEAD, refusals
from tests.unit.schemas.yaml.test_scalar import AMBIGUOUS

DATA = Path(__file__).parents[3] / "data" / "yaml"

AMBIGUOUS_VALUES = [text for kind, texts in AMBIGUOUS.items() for text in texts if kind != "merge"]


def test_a_document_says_all_that_the_view_shows() -> None:
    text = HEAD + (
        "  namespace: demo-project\n"
        "  labels: {app: demo}\n"
        "  annotations: {kubesphere.io/description: A first one}\n"
        "type: kubernetes.io/basic-auth\n"
        "immutable: true\n"
        "data:\n  username: YWRtaW4=\n"
    )
    manifest = read_secret(text.encode())
    assert (manifest.name, manifest.namespace, manifest.type) == ("demo", "demo-project", "kubernetes.io/basic-auth")
    assert manifest.labels == {"app": "demo"}
    assert manifest.annotations == {"kubesphere.io/description": "A first one"}
    assert manifest.data == {"username": b"admin"}
    assert manifest.immutable is True
    assert manifest.warnings == ()


def test_what_it_does_not_say_is_left_open() -> None:
    manifest = read_secret(HEAD.encode())
    assert (manifest.namespace, manifest.type, manifest.immutable) == (None, None, None)
    assert (manifest.labels, manifest.annotations, manifest.data) == ({}, {}, {})


def test_null_says_nothing() -> None:
    text = HEAD + "  namespace:\n  labels: ~\n  annotations: null\n  creationTimestamp: null\n"
    assert read_secret(f"{text}type: null\nimmutable:\ndata:\nstringData: null\nstatus:\n".encode()) == read_secret(
        HEAD.encode()
    )


def test_json_is_read_as_yaml() -> None:
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "demo", "annotations": {"a": 'tab\t"quote" 😀 /'}},
        "immutable": False,
        "data": {"k": "YQ=="},
    }
    for text in (json.dumps(body, ensure_ascii=False), json.dumps(body, ensure_ascii=False, indent="\t")):
        manifest = read_secret(text.encode())
        assert manifest.annotations == {"a": 'tab\t"quote" 😀 /'}
        assert (manifest.data, manifest.immutable) == ({"k": b"a"}, False)


def test_what_kubectl_makes_is_read() -> None:
    manifest = read_secret((DATA / "kubectl-create.yaml").read_bytes())
    assert manifest.data == {"password": b"hunter2", "yes": b"no", "n": b"1"}
    assert manifest.warnings == ()


def test_what_kubectl_gets_is_read_and_the_servers_fields_leave_warnings() -> None:
    manifest = read_secret((DATA / "kubectl-get.yaml").read_bytes())
    assert {key: value for key, value in manifest.data.items() if key != "cert.der"} == {
        "digits": bytes.fromhex("d76df8e7aefc"),
        "empty": b"",
        "n": b"\0\0\0",
        "password": b"hunter2-canary",
        "true": bytes.fromhex("b6bb9e"),
    }
    assert [warning.pointer for warning in manifest.warnings] == [
        "/metadata/creationTimestamp",
        "/metadata/managedFields",
        "/metadata/resourceVersion",
        "/metadata/uid",
    ]


@pytest.mark.parametrize(
    "field",
    [
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "finalizers",
        "generateName",
        "generation",
        "managedFields",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    ],
)
def test_a_field_of_the_server_is_ignored_with_a_warning(field: str) -> None:
    message = "This field belongs to the server and was ignored."
    manifest = read_secret(f"{HEAD}  {field}: [anything, 1, true]\n".encode())
    assert manifest.warnings == (Warning(f"/metadata/{field}", "SERVER_OWNED_FIELD", message),)


def test_a_status_is_ignored_with_a_warning() -> None:
    assert [warning.pointer for warning in read_secret(f"{HEAD}status: {{}}\n".encode()).warnings] == ["/status"]


def test_other_fields_are_unknown() -> None:
    assert refusals(HEAD + "  clusterName: a\nspec: {}\nData:\n") == [
        ("UNKNOWN_FIELD", "/metadata/clusterName", 5, 3),
        ("UNKNOWN_FIELD", "/spec", 6, 1),
        ("UNKNOWN_FIELD", "/Data", 7, 1),
    ]


def test_a_name_too_long_to_be_repeated_is_told_by_its_place() -> None:
    text = f"{HEAD}data:\n  {'k' * 300}: YQ\n  {'l' * 300}: YQ==\n? {'m' * 1_000_000}\n: x\n"
    assert refusals(text) == [("INVALID_BASE64", "/data", 6, 305), ("UNKNOWN_FIELD", "", 8, 3)]
    fine = read_secret(f"{HEAD}data:\n  {'k' * 300}: YQ==\n".encode())
    assert fine.positions["/data"] == (5, 1)


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nspec: 1\n", [("/kind", 2, 7)]),
        ("apiVersion: v2\nkind: Secret\nmetadata: {name: a}\n", [("/apiVersion", 1, 13)]),
        ("apiVersion: v1\nkind: List\nitems: []\n", [("/kind", 2, 7)]),
        ("kind: Secret\n", [("/apiVersion", 1, 1)]),
        ("apiVersion: v1\nkind: [Secret]\n", [("/kind", 2, 7)]),
        ("- apiVersion: v1\n", [("/apiVersion", 1, 1), ("/kind", 1, 1)]),
        ("just text\n", [("/apiVersion", 1, 1), ("/kind", 1, 1)]),
    ],
)
def test_what_is_no_secret_is_told_so_and_no_more(text: str, pointers: list[tuple[str, int, int]]) -> None:
    assert refusals(text) == [("YAML_NOT_A_SECRET", *each) for each in pointers]


@pytest.mark.parametrize("metadata", ["", "metadata:\n", "metadata: {name: }\n", "metadata: {labels: {a: b}}\n"])
def test_a_name_is_required(metadata: str) -> None:
    [(code, pointer, _, _)] = refusals(f"kind: Secret\napiVersion: v1\n{metadata}")
    assert (code, pointer) == ("REQUIRED", "/metadata/name")


@pytest.mark.parametrize("plain", AMBIGUOUS_VALUES)
@pytest.mark.parametrize("place", ["data", "stringData"])
def test_a_value_that_some_reader_takes_for_something_else_is_to_be_quoted(place: str, plain: str) -> None:
    assert refusals(f"{HEAD}{place}:\n  k: {plain}\n") == [("YAML_QUOTE_IT", f"/{place}/k", 6, 6 if plain else 5)]


@pytest.mark.parametrize("plain", AMBIGUOUS_VALUES)
@pytest.mark.parametrize("form", ["'{}'", '"{}"', "!!str {}", "|-\n    {}", ">-\n    {}"])
def test_quoted_it_is_the_text_itself(plain: str, form: str) -> None:
    text = f"{HEAD}stringData:\n  k: {form.format(plain)}\n"
    assert read_secret(text.encode()).data == {"k": plain.encode()}


@pytest.mark.parametrize("place", ["labels", "annotations"])
def test_labels_and_annotations_are_texts_as_well(place: str) -> None:
    assert refusals(f"{HEAD}  {place}: {{a: 1.0, b: [x], c: '', d: !!binary YQ==, f: , e: fine}}\n") == [
        ("YAML_QUOTE_IT", f"/metadata/{place}/a", 5, len(place) + 9),
        ("WRONG_TYPE", f"/metadata/{place}/b", 5, len(place) + 17),
        ("YAML_TAG", f"/metadata/{place}/d", 5, len(place) + 32),
        ("YAML_QUOTE_IT", f"/metadata/{place}/f", 5, len(place) + 50),
    ]


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        ("type: 1\n", "YAML_QUOTE_IT", "/type"),
        ("type: {}\n", "WRONG_TYPE", "/type"),
        ("data: text\n", "WRONG_TYPE", "/data"),
        ("stringData: [text]\n", "WRONG_TYPE", "/stringData"),
        ("data: {k: {}}\n", "WRONG_TYPE", "/data/k"),
        ("immutable: 'true'\n", "WRONG_TYPE", "/immutable"),
        ("immutable: yes\n", "WRONG_TYPE", "/immutable"),
        ("immutable: 1\n", "WRONG_TYPE", "/immutable"),
        ("immutable: !!str true\n", "WRONG_TYPE", "/immutable"),
        ("immutable: []\n", "WRONG_TYPE", "/immutable"),
    ],
)
def test_a_value_of_another_type_is_refused(text: str, code: str, pointer: str) -> None:
    assert [(each[0], each[1]) for each in refusals(HEAD + text)] == [(code, pointer)]


@pytest.mark.parametrize(("word", "value"), [("true", True), ("TRUE", True), ("False", False), ("!!bool false", False)])
def test_immutable_is_true_or_false(word: str, value: bool) -> None:
    assert read_secret(f"{HEAD}immutable: {word}\n".encode()).immutable is value


@pytest.mark.parametrize(
    "value",
    [
        "YWJjZGVm",
        "'YWJjZGVm'",
        "|\n    YWJj\n    ZGVm\n",
        "|-\n    YWJj\n\n    ZGVm",
        ">\n    YWJj\n    ZGVm\n",
        "!!str YWJjZGVm",
        "!!binary YWJjZGVm",
        "!!binary |\n    YWJj\n    ZGVm\n",
    ],
)
def test_a_value_under_data_is_base64_with_line_breaks_in_a_block_only(value: str) -> None:
    assert read_secret(f"{HEAD}data:\n  k: {value}\n".encode()).data == {"k": b"abcdef"}


@pytest.mark.parametrize(
    "value",
    ["YWJ", "YW Jj", '"YWJj\n    ZGVm"', "YWJj\n    ZGVm", "|\n    YWJj ZGVm\n", "a_b-", "!!binary YWJ", "'YWJj '"],
)
def test_anything_else_is_no_base64(value: str) -> None:
    assert refusals(f"{HEAD}data:\n  k: {value}\n") == [("INVALID_BASE64", "/data/k", 6, 6)]


def test_binary_stands_under_data_only() -> None:
    [(code, pointer, _, _)] = refusals(f"{HEAD}stringData:\n  k: !!binary YQ==\n")
    assert (code, pointer) == ("YAML_TAG", "/stringData/k")


def test_string_data_wins_over_data() -> None:
    text = HEAD + "data: {a: b2xk, b: b2xk, c: '<kept: 3 bytes>'}\nstringData: {b: new, c: newer}\n"
    assert read_secret(text.encode()).data == {"a": b"old", "b": b"new", "c": b"newer"}


def test_string_data_is_bytes_exact() -> None:
    text = HEAD + (
        "stringData:\n"
        "  literal: |\n    one\n      two\n\n    three\n"
        "  stripped: |-\n    one\n    two\n"
        "  kept: |+\n    one\n\n"
        "  folded: >\n    one\n    two\n\n    three\n"
        '  escapes: "\\0\\x01\\r\\n\\t\\u00e9\\U0001F600 "\n'
        "  blanks: '  a  '\n"
        "  spans: 'one\n    two'\n"
    )
    assert read_secret(text.encode()).data == {
        "literal": b"one\n  two\n\nthree\n",
        "stripped": b"one\ntwo",
        "kept": b"one\n\n",
        "folded": b"one two\nthree\n",
        "escapes": "\0\x01\r\n\té😀 ".encode(),
        "blanks": b"  a  ",
        "spans": b"one two",
    }


@pytest.mark.parametrize(
    "value", ['"<kept: 24 bytes>"', "'<kept: 24 bytes>'", "|-\n    <kept: 24 bytes>", ">-\n    <kept: 24 bytes>"]
)
def test_a_mask_under_data_stands_for_what_is_stored(value: str) -> None:
    assert read_secret(f"{HEAD}data:\n  k: {value}\n".encode()).data == {"k": Masked(24)}


def test_a_mask_in_string_data_is_refused() -> None:
    assert refusals(HEAD + 'stringData:\n  k: "<kept: 24 bytes>"\n') == [("MASK_NOT_ALLOWED", "/stringData/k", 6, 6)]


@pytest.mark.parametrize("value", ["<kept: 024 bytes>", "<kept: 24 bytes> ", "<kept: x bytes>", "<kept>"])
def test_what_only_looks_like_a_mask_is_no_base64_either(value: str) -> None:
    assert [each[0] for each in refusals(f'{HEAD}data:\n  k: "{value}"\n')] == ["INVALID_BASE64"]


def test_the_keys_of_both_maps_are_counted_together() -> None:
    one, other = ("".join(f"  {prefix}{n}: YQ==\n" for n in range(513)) for prefix in "ab")
    assert refusals(f"{HEAD}data:\n{one}stringData:\n{other}") == [("TOO_MANY_KEYS", "/data", 5, 1)]


def test_all_faults_are_told_at_once_in_the_order_of_the_text() -> None:
    text = (
        "kind: Secret\ndata: {a: 1, b: YQ}\nfoo: bar\napiVersion: v1\nmetadata: {labels: {l: on}}\nimmutable: maybe\n"
    )
    assert refusals(text) == [
        ("YAML_QUOTE_IT", "/data/a", 2, 11),
        ("INVALID_BASE64", "/data/b", 2, 17),
        ("UNKNOWN_FIELD", "/foo", 3, 1),
        ("REQUIRED", "/metadata/name", 5, 1),
        ("YAML_QUOTE_IT", "/metadata/labels/l", 5, 24),
        ("WRONG_TYPE", "/immutable", 6, 12),
    ]


def test_where_each_part_stood_is_remembered() -> None:
    text = HEAD + "  labels:\n    é: x\ntype: Opaque\ndata: {a: YQ==}\nstringData: {b: c}\n"
    assert read_secret(text.encode()).positions == {
        "": (1, 1),
        "/apiVersion": (1, 1),
        "/kind": (2, 1),
        "/metadata": (3, 1),
        "/metadata/name": (4, 3),
        "/metadata/labels": (5, 3),
        "/metadata/labels/é": (6, 5),
        "/type": (7, 1),
        "/data": (8, 1),
        "/data/a": (8, 8),
        "/stringData": (9, 1),
        "/stringData/b": (9, 14),
    }
