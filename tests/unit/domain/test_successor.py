"""Successors: named as kubectl would name them, and all that comes along but values in annotations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.name import ALIAS, CREATOR, Key
from app.domain.secret import StoredSecret
from app.domain.state import State
from app.domain.successor import PREVIOUS, base_name, content_hash, successor
from tests.support.canary import canary
from tests.unit.sample import PROJECT, metadata, stored

KUBECTL = {
    "h6tk5tc6tc": ("", {"a": b"1"}),
    "mck6kk9cb2": ("Opaque", {"a": b"1"}),
    "6tt79m2fgk": ("", {"one": b"", "two": b"2"}),
    "28d56t6df4": ("", {}),
    "ktgfcf7m88": ("", {"bin": b"a\0\xff"}),
    "7ht689548k": ("example.com/x", {"a": b"1"}),
    "5mdh7fbghm": ("a<b>&c", {"a": b"1"}),
}
"""Of kubectl 1.32: `kubectl create secret generic demo [--type=…] --from-… --append-hash --dry-run=client -o name`."""


@pytest.mark.parametrize(("expected", "secret"), KUBECTL.items())
def test_the_hash_is_the_one_of_kubectl(expected: str, secret: tuple[str, dict[str, bytes]]) -> None:
    assert content_hash("demo", *secret, immutable=False) == expected


def test_the_mark_is_part_of_the_content() -> None:
    assert content_hash("demo", "Opaque", {}, immutable=True) != content_hash("demo", "Opaque", {}, immutable=False)


def named(name: str, data: dict[str, bytes], secret_type: str = "Opaque", *, immutable: bool = True) -> StoredSecret:
    return StoredSecret(metadata(name), secret_type, data, immutable)


@pytest.mark.parametrize("immutable", [True, False])
@pytest.mark.parametrize("name", ["demo-mck6kk9cb2", "demo-h6tk5tc6tc"], ids=["with its type", "without a type"])
def test_the_hash_of_the_content_is_no_part_of_the_base(name: str, *, immutable: bool) -> None:
    assert base_name(named(name, {"a": b"1"}, immutable=immutable)) == "demo"


@pytest.mark.parametrize(
    "secret",
    [
        named("demo", {"a": b"1"}),
        named("demo-h6tk5tc6tc", {"a": b"2"}),
        named("demo-h6tk5tc6tc", {"a": b"1"}, "example.com/x"),
        named("demo-app", {"a": b"1"}),
        named("mck6kk9cb2", {"a": b"1"}),
    ],
    ids=["no hash", "of other values", "of another type", "another word", "a hash alone"],
)
def test_what_only_looks_like_a_hash_belongs_to_the_name(secret: StoredSecret) -> None:
    assert base_name(secret) == secret.metadata.name


class TestSuccessor:
    def test_all_comes_along_with_who_made_it_and_of_what(self) -> None:
        old = stored(
            {"a": b"1"},
            "example.com/x",
            immutable=True,
            labels={"app": "demo"},
            annotations={ALIAS: "Demo", CREATOR: "secretspace:bob", PREVIOUS: "older"},
        )
        after = State({"a": b"2"}, {"app": "demo", "tier": "a"}, old.metadata.annotations, immutable=False)

        new = successor(old, after, PROJECT, "secretspace:alice", ())

        assert new.ref.project == PROJECT
        assert new.ref.name == "demo-" + content_hash("demo", "example.com/x", {"a": b"2"}, immutable=True)
        assert (new.type, new.data, new.labels) == ("example.com/x", {"a": b"2"}, {"app": "demo", "tier": "a"})
        assert new.annotations == {ALIAS: "Demo", CREATOR: "secretspace:alice", PREVIOUS: "demo"}
        assert new.immutable

    @pytest.mark.parametrize("immutable", [True, False])
    def test_it_is_immutable_if_the_old_one_is_or_the_edit_says_so(self, *, immutable: bool) -> None:
        after = State({}, immutable=immutable)

        assert successor(stored({}), after, PROJECT, "alice", ()).immutable is immutable
        assert successor(stored({}, immutable=True), after, PROJECT, "alice", ()).immutable

    def test_an_annotation_that_holds_a_value_of_either_stays_behind(self) -> None:
        then, now = canary("then"), canary("now")
        notes = {"example.com/then": f"was {then}", "example.com/now": f"is {now}", "last-applied": "{}"}
        old = stored({"a": then.encode()}, annotations=notes)
        after = State({"a": now.encode()}, {}, {**notes, "note": "x"})

        assert successor(old, after, PROJECT, "alice", {"last-applied"}).annotations.keys() == {
            "note",
            CREATOR,
            PREVIOUS,
        }

    def test_a_successor_of_a_successor_has_one_hash(self) -> None:
        first = successor(stored({"a": b"1"}, immutable=True), State({"a": b"2"}), PROJECT, "alice", ())
        kept = StoredSecret(metadata(first.ref.name), first.type, first.data, first.immutable)

        second = successor(kept, State({"a": b"1"}), PROJECT, "alice", ())

        assert second.ref.name == "demo-" + content_hash("demo", "Opaque", {"a": b"1"}, immutable=True)

    def test_a_name_has_room_for_the_hash(self) -> None:
        new = successor(named("a" * 242, {}), State(), PROJECT, "alice", ())

        assert len(new.ref.name) == 253

    def test_a_name_without_room_for_the_hash_has_no_successor(self) -> None:
        with pytest.raises(InvalidError) as caught:
            successor(named("a" * 243, {}), State(), PROJECT, "alice", ())

        assert caught.value.violations == (Violation("", Fault.SUCCESSOR_NAME_TOO_LONG),)


@given(st.dictionaries(st.text("aB9-_.", min_size=1, max_size=4).map(str), st.binary(max_size=9), max_size=3))
def test_equal_contents_have_equal_names_and_the_base_is_found_again(data: dict[str, bytes]) -> None:
    fine = {key: value for key, value in data.items() if Key.fault(key) is None}
    old = named("demo", {"other": b"1"})

    new = successor(old, State(fine), PROJECT, "alice", ())
    again = successor(old, State(dict(reversed(fine.items()))), PROJECT, "bob", ())

    assert new.ref == again.ref
    assert base_name(StoredSecret(metadata(new.ref.name), new.type, new.data, new.immutable)) == "demo"
