import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.change import KeyChange, SecretChange
from app.domain.name import Key
from app.domain.secret import NewSecret
from app.domain.version import Version
from app.k8s import secret_request as requests
from app.k8s.request import JSON_PATCH, MERGE_PATCH, METADATA_ONLY, TABLE, KubeRequest
from tests.support.canary import canary
from tests.unit.k8s.patch_model import FailedPatchError, json_patched, merge_patched
from tests.unit.sample import EVERY_BYTE, REF, UID, version

PATH = "/api/v1/namespaces/demo-project/secrets"
STRICT = {"fieldManager": "secretspace", "fieldValidation": "Strict"}
A, B, C = Key("a"), Key("b"), Key("c")
AT_7 = [
    {"op": "test", "path": "/metadata/uid", "value": UID},
    {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
]

names = st.sampled_from("abcdef").map(Key)
bytes_ = st.binary(max_size=3)
stored_data = st.none() | st.dictionaries(st.sampled_from("abcdef"), bytes_)


def encoded(data: dict[str, bytes]) -> dict[str, str]:
    return {key: base64.b64encode(value).decode() for key, value in data.items()}


def body(request: KubeRequest) -> Any:
    return json.loads(request.body or b"null")


@st.composite
def key_changes(draw: st.DrawFn, *, guarded: bool) -> KeyChange:
    """Any change of single keys; one without guards has neither renames nor keys that have to be absent."""
    first, second, third, fourth, source, target = map(Key, draw(st.permutations("abcdef")))
    change: dict[str, Any] = {
        "set": draw(st.dictionaries(st.sampled_from([first, second]), bytes_)),
        "remove": draw(st.frozensets(st.just(third))),
        "set_if_absent": draw(st.dictionaries(st.just(fourth), bytes_)) if guarded else {},
        "rename": draw(st.sampled_from([{}, {source: target}])) if guarded else {},
    }
    assume(any(change.values()))
    return KeyChange(**change, overwrite=draw(st.booleans()))


def changed(data: dict[str, bytes], change: KeyChange) -> dict[str, bytes] | None:
    """What a change means, said without patches; None where a guard fails."""
    missing = any(source not in data for source in change.rename)
    taken = not change.overwrite and any(target in data for target in change.rename.values())
    if missing or taken or any(key in data for key in change.set_if_absent):
        return None
    gone = {*change.remove, *change.rename}
    moved = {target: data[source] for source, target in change.rename.items()}
    return (
        {key: value for key, value in data.items() if key not in gone}
        | moved
        | {
            **change.set,
            **change.set_if_absent,
        }
    )


def document(data: dict[str, bytes] | None) -> dict[str, Any]:
    """A stored Secret; one without any data has no such member."""
    metadata = {"uid": UID, "resourceVersion": "7"}
    return {"metadata": metadata} if data is None else {"metadata": metadata, "data": encoded(data)}


def patched(data: dict[str, bytes] | None, request: KubeRequest) -> dict[str, str] | None:
    """The data that a patch leaves behind; None where it fails."""
    patch = merge_patched if request.content_type == MERGE_PATCH else json_patched
    try:
        result: dict[str, str] = patch(document(data), body(request)).get("data", {})
    except FailedPatchError:
        return None
    return result


expectations = st.none() | st.just(version())


@given(stored_data.filter(bool), key_changes(guarded=False), expectations)
def test_a_json_patch_means_what_the_merge_patch_of_the_same_change_means(
    data: dict[str, bytes], change: KeyChange, expected: Version | None
) -> None:
    operations = requests.json_patch(change, expected)
    merge = requests.patch_keys(REF, change, expected)

    assert merge.content_type == MERGE_PATCH
    assert json_patched(document(data), operations) == merge_patched(document(data), body(merge))


@given(stored_data, key_changes(guarded=True), expectations)
def test_whichever_patch_is_sent_it_does_what_the_change_says(
    data: dict[str, bytes] | None, change: KeyChange, expected: Version | None
) -> None:
    request = requests.patch_keys(REF, change, expected)
    outcome = patched(data, request)
    if data is None and outcome is None and not change.rename:
        outcome = patched(data, requests.patch_first_keys(REF, change, expected))

    after = changed(data or {}, change)
    assert outcome == (None if after is None else encoded(after))


@given(key_changes(guarded=True), st.dictionaries(st.sampled_from("abcdef"), bytes_, min_size=1))
def test_the_first_keys_are_added_only_where_there_are_none(change: KeyChange, data: dict[str, bytes]) -> None:
    assert patched(data, requests.patch_first_keys(REF, change, version())) is None


@given(key_changes(guarded=True))
def test_a_json_patch_holds_at_its_version_only(change: KeyChange) -> None:
    operations = requests.json_patch(change, replace(version(), uid="another"))

    with pytest.raises(FailedPatchError):
        json_patched(document({"a": b"", "b": b""}), operations)
    assert requests.json_patch(change, version())[:2] == AT_7
    assert body(requests.patch_first_keys(REF, change, version()))[:2] == AT_7


def test_a_rename_is_guarded_against_a_target_that_is_there() -> None:
    assert requests.json_patch(KeyChange(rename={A: B}), version()) == [
        *AT_7,
        {"op": "test", "path": "/data/b", "value": None},
        {"op": "move", "from": "/data/a", "path": "/data/b"},
    ]


def test_a_rename_that_may_overwrite_is_not() -> None:
    change = KeyChange(rename={A: B}, overwrite=True)

    assert requests.json_patch(change, None) == [{"op": "move", "from": "/data/a", "path": "/data/b"}]


def test_no_operation_reads_a_value() -> None:
    change = KeyChange({A: b"1"}, {B: b"2"}, frozenset({C}), {Key("d"): Key("e")})

    operations = requests.json_patch(change, version())

    assert not [each for each in operations if each["op"] == "copy"]
    assert {each["value"] for each in operations if each["op"] == "test" and each["path"] != "/metadata/uid"} == {None}


def test_a_change_of_keys_without_guards_sends_only_the_keys_it_names() -> None:
    request = requests.patch_keys(REF, KeyChange({A: EVERY_BYTE}, remove=frozenset({B})), version())

    assert body(request) == {
        "metadata": {"uid": UID, "resourceVersion": "7"},
        "data": {"a": base64.b64encode(EVERY_BYTE).decode(), "b": None},
    }


def test_a_guarded_change_is_a_json_patch() -> None:
    request = requests.patch_keys(REF, KeyChange(set_if_absent={A: b"x"}), None)

    assert request == KubeRequest("PATCH", f"{PATH}/demo", STRICT, METADATA_ONLY, JSON_PATCH, request.body)
    assert body(request) == [
        {"op": "test", "path": "/data/a", "value": None},
        {"op": "add", "path": "/data/a", "value": "eA=="},
    ]


def test_a_change_is_a_merge_patch_of_what_differs() -> None:
    change = SecretChange({"a": b"", "b": None}, {"app": None}, {"note": "x"}, immutable=True)

    request = requests.patch(REF, change, version())

    assert request == KubeRequest("PATCH", f"{PATH}/demo", STRICT, METADATA_ONLY, MERGE_PATCH, request.body)
    assert body(request) == {
        "metadata": {
            "uid": UID,
            "resourceVersion": "7",
            "labels": {"app": None},
            "annotations": {"note": "x"},
        },
        "data": {"a": "", "b": None},
        "immutable": True,
    }


def test_a_change_of_nothing_at_no_version_is_an_empty_patch() -> None:
    assert requests.merge_patch(SecretChange(), None) == {}
    assert requests.merge_patch(SecretChange(immutable=False), None) == {"immutable": False}


@given(st.dictionaries(names, bytes_ | st.none()), expectations)
def test_a_merge_patch_turns_the_stored_keys_into_the_new_ones(
    change: dict[str, bytes | None], expected: Version | None
) -> None:
    before = {"a": b"1", "b": b"2"}

    after = merge_patched(document(before), requests.merge_patch(SecretChange(change), expected))

    assert after["data"] == encoded({key: value for key, value in {**before, **change}.items() if value is not None})
    assert after["metadata"] == document(before)["metadata"]


@pytest.mark.parametrize(("dry_run", "query"), [(False, STRICT), (True, STRICT | {"dryRun": "All"})])
def test_a_new_secret_is_posted_whole(dry_run: bool, query: dict[str, str]) -> None:
    secret = NewSecret(REF, "Opaque", {"a": EVERY_BYTE}, {"app": "demo"}, {"note": "x"}, immutable=True)

    request = requests.create(secret, dry_run=dry_run)

    assert request == KubeRequest("POST", PATH, query, METADATA_ONLY, "application/json", request.body)
    assert body(request) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "demo", "labels": {"app": "demo"}, "annotations": {"note": "x"}},
        "type": "Opaque",
        "data": {"a": base64.b64encode(EVERY_BYTE).decode()},
        "immutable": True,
    }


def test_a_new_secret_that_may_be_changed_does_not_speak_of_it() -> None:
    assert "immutable" not in body(requests.create(NewSecret(REF, "Opaque", {}), dry_run=False))


@pytest.mark.parametrize(
    ("selector", "continue_", "more"),
    [
        (None, "", {}),
        ("", "", {}),
        ("app=demo", "", {"labelSelector": "app=demo"}),
        ("app=demo", "token", {"labelSelector": "app=demo", "continue": "token"}),
    ],
)
def test_a_list_asks_for_metadata_in_chunks(selector: str | None, continue_: str, more: dict[str, str]) -> None:
    request = requests.list_rows("demo-project", selector, continue_)

    assert request == KubeRequest("GET", PATH, {"limit": "500", "includeObject": "Metadata"} | more, TABLE)


def test_a_look_asks_for_no_value() -> None:
    dry = STRICT | {"dryRun": "All", "includeObject": "Metadata"}

    found = {"fieldSelector": "metadata.name=demo", "includeObject": "Metadata"}

    assert requests.find_row(REF) == KubeRequest("GET", PATH, found, TABLE)
    assert requests.get_row(REF) == KubeRequest("GET", f"{PATH}/demo", {"includeObject": "Metadata"}, TABLE)
    assert requests.patched_row(REF) == KubeRequest("PATCH", f"{PATH}/demo", dry, TABLE, MERGE_PATCH, b"{}")


def test_only_a_read_of_the_whole_secret_is_answered_with_values() -> None:
    change, keys = SecretChange({"a": b""}), KeyChange({A: b""})
    writes = [
        requests.create(NewSecret(REF, "Opaque", {}), dry_run=True),
        requests.patch(REF, change, None),
        requests.patch_keys(REF, keys, None),
        requests.patch_first_keys(REF, keys, None),
        requests.delete(REF, None),
    ]

    assert {request.accept for request in writes} == {METADATA_ONLY}
    assert requests.get(REF) == KubeRequest("GET", f"{PATH}/demo", accept="application/json")


def test_a_delete_has_its_options_in_the_body_alone() -> None:
    request = requests.delete(REF, version())

    assert (request.method, request.path, request.query) == ("DELETE", f"{PATH}/demo", {})
    assert body(request) == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": UID, "resourceVersion": "7"},
    }
    assert body(requests.delete(REF, None)) == {"apiVersion": "v1", "kind": "DeleteOptions"}


def test_a_dry_run_of_a_change_is_the_same_request_but_for_the_query() -> None:
    pairs = [
        (requests.patch(REF, each, version(), dry_run=True), requests.patch(REF, each, version()))
        for each in (SecretChange({"a": b""}), SecretChange(labels={"a": "b"}))
    ] + [
        (ask(REF, each, version(), dry_run=True), ask(REF, each, version()))
        for each in (KeyChange({A: b"1"}), KeyChange(set_if_absent={A: b"1"}))
        for ask in (requests.patch_keys, requests.patch_first_keys)
    ]

    assert [tried for tried, _ in pairs] == [replace(done, query=STRICT | {"dryRun": "All"}) for _, done in pairs]


def test_a_dry_run_of_a_delete_says_so_in_the_body_where_alone_it_is_heeded() -> None:
    tried, done = requests.delete(REF, version(), dry_run=True), requests.delete(REF, version())

    assert body(tried) == body(done) | {"dryRun": ["All"]}
    assert replace(tried, body=done.body) == done


def test_no_request_shows_a_value() -> None:
    text = canary("request")
    shown = repr(
        [
            requests.create(NewSecret(REF, "Opaque", {"a": text.encode()}), dry_run=False),
            requests.patch(REF, SecretChange({"a": text.encode()}), None),
            requests.patch_keys(REF, KeyChange(set_if_absent={A: text.encode()}), None),
        ]
    )

    assert text not in shown
    assert base64.b64encode(text.encode()).decode() not in shown


def test_an_earlier_version_is_asked_for_as_a_list_of_one() -> None:
    query = {"fieldSelector": "metadata.name=demo", "resourceVersion": "7", "resourceVersionMatch": "Exact"}

    request = requests.get_at(REF, "7")

    assert (request, request.verb) == (KubeRequest("GET", PATH, query), "list")
