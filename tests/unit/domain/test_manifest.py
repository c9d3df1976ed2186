from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.change import SecretChange, Warning
from app.domain.errors import ImmutableSecretError, InvalidError
from app.domain.fault import Fault, Violation
from app.domain.manifest import ManifestChange, Masked, SecretManifest, Value, manifest_of, resolve
from app.domain.name import ALIAS, CREATOR, DESCRIPTION
from app.domain.secret import MAX_VALUES, Metadata, StoredSecret
from app.domain.version import Version

VERSION = Version("5f0b7a3e-0000-4000-8000-000000000000", "7")
HIDDEN = frozenset({"kubectl.kubernetes.io/last-applied-configuration"})


def _stored(
    data: Mapping[str, bytes] | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    secret_type: str = "Opaque",
    *,
    immutable: bool = False,
) -> StoredSecret:
    metadata = Metadata(
        name="demo",
        namespace="demo-project",
        version=VERSION,
        created_at=datetime(2026, 11, 24, tzinfo=UTC),
        labels=labels or {},
        annotations=annotations or {},
    )
    return StoredSecret(metadata, secret_type, data or {}, immutable)


def _violations(manifest: SecretManifest, stored: StoredSecret) -> list[Violation]:
    with pytest.raises(InvalidError) as refused:
        resolve(manifest, stored, HIDDEN)
    return list(refused.value.violations)


class TestView:
    def test_it_shows_what_an_update_may_write(self) -> None:
        stored = _stored({"k": b"v"}, {"app": "demo"}, {CREATOR: "secretspace:anna", ALIAS: "Demo"}, "example.org/own")
        assert manifest_of(stored, HIDDEN) == SecretManifest(
            name="demo",
            namespace="demo-project",
            type="example.org/own",
            labels={"app": "demo"},
            annotations={CREATOR: "secretspace:anna", ALIAS: "Demo"},
            data={"k": b"v"},
            immutable=None,
        )

    def test_it_says_immutable_only_of_what_is(self) -> None:
        assert manifest_of(_stored(immutable=True), HIDDEN).immutable is True
        assert manifest_of(_stored(), HIDDEN).immutable is None

    def test_it_hides_annotations_that_are_hidden_or_hold_a_value(self) -> None:
        annotations = {next(iter(HIDDEN)): "{}", "copy": "k=hunter2", "a": "b"}
        assert manifest_of(_stored({"k": b"hunter2"}, annotations=annotations), HIDDEN).annotations == {"a": "b"}

    def test_its_repr_holds_neither_values_nor_annotations(self) -> None:
        manifest = manifest_of(_stored({"k": b"hunter2"}, annotations={"a": "hunter3"}), HIDDEN)
        change = resolve(
            SecretManifest("demo", data={"k": b"hunter4"}, annotations={"a": "hunter5"}), _stored(), HIDDEN
        )
        assert "hunter" not in repr(manifest) + repr(change)


class TestWhole:
    def test_the_view_sent_back_changes_nothing(self) -> None:
        stored = _stored({"k": b"v"}, {"l": "x"}, {CREATOR: "c", "copy": "has hunter2"}, "t", immutable=True)
        change = resolve(manifest_of(stored, HIDDEN), stored, HIDDEN)
        assert change == ManifestChange({"k": b"v"}, SecretChange())
        assert change.changes_nothing
        assert change.changed_keys == ()

    def test_the_data_are_what_the_document_says(self) -> None:
        stored = _stored({"kept": b"1", "changed": b"2", "gone": b"3", "masked": b"four"})
        data: dict[str, Value] = {"kept": b"1", "changed": b"22", "new": b"", "masked": Masked(4)}
        change = resolve(SecretManifest("demo", data=data), stored, HIDDEN)
        assert change.data == {"kept": b"1", "changed": b"22", "new": b"", "masked": b"four"}
        assert change.change.data == {"changed": b"22", "gone": None, "new": b""}
        assert change.changed_keys == ("changed", "gone", "new")
        assert not change.changes_nothing

    def test_labels_and_annotations_are_what_the_document_says(self) -> None:
        stored = _stored(labels={"kept": "1", "gone": "2"}, annotations={"gone": "1", "changed": "2", "kept": "3"})
        manifest = SecretManifest("demo", labels={"kept": "1", "new": "x"}, annotations={"changed": "22", "kept": "3"})
        change = resolve(manifest, stored, HIDDEN).change
        assert change == SecretChange(labels={"gone": None, "new": "x"}, annotations={"gone": None, "changed": "22"})

    def test_what_the_view_hides_stays(self) -> None:
        hidden = next(iter(HIDDEN))
        stored = _stored({"k": b"hunter2"}, annotations={hidden: "{}", "copy": "k=hunter2", "shown": "x"})
        change = resolve(SecretManifest("demo", data={"k": Masked(7)}), stored, HIDDEN).change
        assert change == SecretChange(annotations={"shown": None})

    def test_a_hidden_annotation_that_the_document_names_is_ignored_with_a_warning(self) -> None:
        hidden = next(iter(HIDDEN))
        earlier = Warning("/metadata/uid", "SERVER_OWNED_FIELD", "…")
        manifest = SecretManifest("demo", annotations={hidden: "{}"}, warnings=(earlier,))
        change = resolve(manifest, _stored(), HIDDEN)
        assert change.changes_nothing
        assert [(warning.pointer, warning.code) for warning in change.warnings] == [
            ("/metadata/uid", "SERVER_OWNED_FIELD"),
            ("/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration", "HIDDEN_ANNOTATION"),
        ]

    def test_an_annotation_that_is_hidden_for_its_text_can_be_changed_by_name(self) -> None:
        stored = _stored({"k": b"hunter2"}, annotations={"copy": "k=hunter2"})
        manifest = SecretManifest("demo", annotations={"copy": "k=hunter2"}, data={"k": Masked(7)})
        assert resolve(manifest, stored, HIDDEN).changes_nothing
        manifest = SecretManifest("demo", annotations={"copy": "none"}, data={"k": Masked(7)})
        assert resolve(manifest, stored, HIDDEN).change == SecretChange(annotations={"copy": "none"})

    @given(
        st.dictionaries(st.sampled_from("abcd"), st.binary(max_size=3)),
        st.dictionaries(st.sampled_from("abcd"), st.binary(max_size=3)),
    )
    def test_the_change_turns_what_is_stored_into_what_the_document_says(
        self, before: dict[str, bytes], after: dict[str, bytes]
    ) -> None:
        change = resolve(SecretManifest("demo", data=after), _stored(before), HIDDEN).change
        patched = {key: value for key, value in {**before, **change.data}.items() if value is not None}
        assert patched == after


class TestIdentity:
    def test_the_namespace_may_be_left_out(self) -> None:
        assert resolve(SecretManifest("demo"), _stored(), HIDDEN).changes_nothing
        assert resolve(SecretManifest("demo", "demo-project"), _stored(), HIDDEN).changes_nothing

    def test_another_name_or_namespace_is_refused(self) -> None:
        positions = {"/metadata/name": (4, 3), "/metadata/namespace": (5, 3)}
        assert _violations(SecretManifest("other", "elsewhere", positions=positions), _stored()) == [
            Violation("/metadata/name", Fault.NAME_MISMATCH, 4, 3),
            Violation("/metadata/namespace", Fault.PROJECT_MISMATCH, 5, 3),
        ]

    def test_an_absent_type_stays(self) -> None:
        assert resolve(SecretManifest("demo"), _stored(secret_type="t"), HIDDEN).changes_nothing

    def test_an_empty_type_is_opaque(self) -> None:
        assert resolve(SecretManifest("demo", type=""), _stored(), HIDDEN).changes_nothing

    @pytest.mark.parametrize("wanted", ["", "Opaque", "kubernetes.io/tls"])
    def test_another_type_is_refused(self, wanted: str) -> None:
        manifest = SecretManifest("demo", type=wanted, positions={"/type": (3, 1)})
        assert _violations(manifest, _stored(secret_type="t")) == [Violation("/type", Fault.TYPE_IMMUTABLE, 3, 1)]


class TestImmutable:
    def test_a_secret_can_be_made_immutable(self) -> None:
        change = resolve(SecretManifest("demo", immutable=True), _stored(), HIDDEN).change
        assert change == SecretChange(immutable=True)

    @pytest.mark.parametrize("said", [None, False])
    def test_one_that_is_not_stays_so(self, said: bool | None) -> None:
        assert resolve(SecretManifest("demo", immutable=said), _stored(), HIDDEN).changes_nothing

    @pytest.mark.parametrize("said", [None, True])
    def test_one_that_is_stays_so(self, said: bool | None) -> None:
        assert resolve(SecretManifest("demo", immutable=said), _stored(immutable=True), HIDDEN).changes_nothing

    def test_the_mark_cannot_be_taken_back(self) -> None:
        with pytest.raises(ImmutableSecretError):
            resolve(SecretManifest("demo", immutable=False), _stored(immutable=True), HIDDEN)

    @pytest.mark.parametrize("data", [{}, {"k": b"w"}, {"k": b"v", "l": b""}])
    def test_the_values_cannot_be_changed(self, data: dict[str, Value]) -> None:
        with pytest.raises(ImmutableSecretError):
            resolve(SecretManifest("demo", data=data), _stored({"k": b"v"}, immutable=True), HIDDEN)

    def test_labels_and_annotations_can(self) -> None:
        manifest = SecretManifest("demo", labels={"l": "x"}, annotations={"a": "y"}, data={"k": Masked(1)})
        change = resolve(manifest, _stored({"k": b"v"}, immutable=True), HIDDEN).change
        assert change == SecretChange(labels={"l": "x"}, annotations={"a": "y"})


class TestMask:
    @pytest.mark.parametrize("size", [0, 2, 4])
    def test_one_of_another_size_is_stale(self, size: int) -> None:
        manifest = SecretManifest("demo", data={"k": Masked(size)}, positions={"/data/k": (7, 3)})
        assert _violations(manifest, _stored({"k": b"abc"})) == [Violation("/data/k", Fault.MASK_NOT_ALLOWED, 7, 3)]

    @pytest.mark.parametrize("size", [0, 3])
    def test_one_without_a_stored_value_stands_for_nothing(self, size: int) -> None:
        assert _violations(SecretManifest("demo", data={"k": Masked(size)}), _stored({"l": b"abc"})) == [
            Violation("/data/k", Fault.MASK_NOT_ALLOWED)
        ]


class TestAnnotation:
    @pytest.mark.parametrize("annotations", [{}, {CREATOR: "secretspace:anna"}])
    def test_the_creator_absent_or_unchanged_stays(self, annotations: dict[str, str]) -> None:
        stored = _stored(annotations={CREATOR: "secretspace:anna"})
        assert resolve(SecretManifest("demo", annotations=annotations), stored, HIDDEN).changes_nothing

    @pytest.mark.parametrize("stored", [{}, {CREATOR: "secretspace:anna"}])
    def test_another_creator_is_refused(self, stored: dict[str, str]) -> None:
        at = "/metadata/annotations/kubesphere.io~1creator"
        manifest = SecretManifest("demo", annotations={CREATOR: "secretspace:bert"}, positions={at: (6, 5)})
        assert _violations(manifest, _stored(annotations=stored)) == [Violation(at, Fault.RESERVED_ANNOTATION, 6, 5)]

    def test_alias_and_description_can_be_edited(self) -> None:
        stored = _stored(annotations={ALIAS: "Demo", DESCRIPTION: "old"})
        change = resolve(SecretManifest("demo", annotations={DESCRIPTION: "new"}), stored, HIDDEN).change
        assert change == SecretChange(annotations={ALIAS: None, DESCRIPTION: "new"})

    def test_their_own_rules_hold(self) -> None:
        manifest = SecretManifest("demo", annotations={ALIAS: "x" * 64, DESCRIPTION: "a\x07"})
        assert [each.fault for each in _violations(manifest, _stored())] == [
            Fault.ALIAS_TOO_LONG,
            Fault.CONTROL_CHARACTER,
        ]

    def test_upper_case_is_allowed_in_a_key(self) -> None:
        change = resolve(SecretManifest("demo", annotations={"Example.org/Key": "x"}), _stored(), HIDDEN)
        assert change.change.annotations == {"Example.org/Key": "x"}

    def test_all_together_have_a_limit(self) -> None:
        kept = {"kept": "x" * (256 * 1024 - 8)}
        manifest = SecretManifest("demo", annotations={**kept, "new": "1"})
        assert resolve(manifest, _stored(annotations=kept), HIDDEN).change.annotations == {"new": "1"}
        manifest = SecretManifest("demo", annotations={**kept, "new": "12"})
        assert _violations(manifest, _stored(annotations=kept)) == [
            Violation("/metadata/annotations", Fault.ANNOTATIONS_TOO_LARGE)
        ]


class TestRules:
    def test_all_faults_are_found_at_once(self) -> None:
        manifest = SecretManifest(
            "other",
            type="t",
            labels={"-": "x", "ok": "not ok"},
            annotations={"a b": ""},
            data={"..": b"", "k": Masked(1), "text": b""},
            positions={"/stringData/..": (9, 3), "/metadata": (2, 1), "/metadata/labels/ok": (3, 5), "": (1, 1)},
        )
        assert _violations(manifest, _stored()) == [
            Violation("/metadata/name", Fault.NAME_MISMATCH, 2, 1),
            Violation("/type", Fault.TYPE_IMMUTABLE, 1, 1),
            Violation("/metadata/labels/-", Fault.LABEL_KEY_INVALID, 2, 1),
            Violation("/metadata/labels/ok", Fault.LABEL_VALUE_INVALID, 3, 5),
            Violation("/metadata/annotations/a b", Fault.LABEL_KEY_INVALID, 2, 1),
            Violation("/stringData/..", Fault.KEY_INVALID, 9, 3),
            Violation("/data/k", Fault.MASK_NOT_ALLOWED, 1, 1),
        ]

    def test_what_is_stored_already_is_not_judged_again(self) -> None:
        odd = {ALIAS: "x" * 100, DESCRIPTION: "y" * 1000}
        stored = _stored({"k": b""}, {"l": ""}, odd)
        manifest = SecretManifest("demo", labels={"l": ""}, annotations=odd, data={"k": Masked(0), "new": b"x"})
        assert resolve(manifest, stored, HIDDEN).change == SecretChange(data={"new": b"x"})

    def test_the_values_have_a_limit_that_keys_do_not_count_for(self) -> None:
        stored = _stored({"masked": b"x" * 10})
        data: dict[str, Value] = {"masked": Masked(10), "big": b"x" * (MAX_VALUES - 10)}
        assert resolve(SecretManifest("demo", data=data), stored, HIDDEN).changed_keys == ("big",)
        assert _violations(SecretManifest("demo", data={**data, "more": b"x"}), stored) == [
            Violation("/data", Fault.VALUES_TOO_LARGE)
        ]


def test_manifests_that_say_the_same_are_equal_wherever_they_say_it() -> None:
    assert SecretManifest("demo", positions={"": (1, 1)}) == SecretManifest("demo")
