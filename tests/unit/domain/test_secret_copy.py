"""Copies: the same values, and none of the marks by which a controller would take the copy for its own."""

from typing import Any

import pytest

from app.domain.managed_by import managed_by
from app.domain.name import ALIAS, CREATOR, DESCRIPTION, ProjectName, SecretName
from app.domain.secret import NewSecret, ProjectRef, SecretRef
from app.domain.secret_copy import COPIED_FROM, copy_of
from tests.unit.domain.test_managed_by import CASES
from tests.unit.sample import EVERY_BYTE, REF, metadata, stored

TARGET = SecretRef(ProjectRef("other-workspace", ProjectName("other-project")), SecretName("copy"))


def copied(data: dict[str, bytes] | None = None, hidden: tuple[str, ...] = (), **fields: Any) -> NewSecret:
    return copy_of(stored(data or {"a": EVERY_BYTE}, **fields), REF, TARGET, "secretspace:alice", hidden)


def test_values_type_and_mark_come_along_to_the_target() -> None:
    new = copied({"a": EVERY_BYTE, "b": b""}, secret_type="example.com/x", immutable=True)

    assert (new.ref, new.type, new.immutable) == (TARGET, "example.com/x", True)
    assert new.data == {"a": EVERY_BYTE, "b": b""}


def test_what_people_say_of_it_comes_along() -> None:
    said = {ALIAS: "Demo", DESCRIPTION: "first", "example.com/note": "x"}

    new = copied(labels={"app": "demo", "example.com/tier": "a"}, annotations=said)

    assert new.labels == {"app": "demo", "example.com/tier": "a"}
    assert said.items() <= new.annotations.items()


def test_it_tells_who_copied_it_and_where_from() -> None:
    before = {CREATOR: "secretspace:bob", COPIED_FROM: "a/b/c", "secretspace.io/previous-version": "demo-1"}

    assert copied(annotations=before).annotations == {
        CREATOR: "secretspace:alice",
        COPIED_FROM: "demo-workspace/demo-project/demo",
    }


def test_annotations_that_are_hidden_or_hold_a_value_stay_behind() -> None:
    new = copied({"a": b"s3cret"}, hidden=("kapp",), annotations={"kapp": "x", "example.com/note": "it is s3cret"})

    assert new.annotations.keys() == {CREATOR, COPIED_FROM}


@pytest.mark.parametrize("case", CASES)
def test_no_controller_takes_the_copy_for_its_own(case: str) -> None:
    fields, _ = CASES[case]
    new = copied(**fields)

    assert managed_by(metadata(new.ref.name, labels=new.labels, annotations=new.annotations)) is None


@pytest.mark.parametrize(
    "mark",
    [
        "reflector.v1.k8s.emberstack.com/reflection-allowed",
        "replicator.v1.mittwald.de/replicate-to",
        "kubectl.kubernetes.io/last-applied-configuration",
        "app.kubernetes.io/managed-by",
        "helm.sh/hook",
        "argocd.argoproj.io/sync-options",
    ],
)
def test_marks_that_would_prune_or_spread_it_stay_behind(mark: str) -> None:
    new = copied(labels={mark: "x"}, annotations={mark: "x"})

    assert mark not in {*new.labels, *new.annotations}


@pytest.mark.parametrize("key", ["nothelm.sh/chart", "helm.sh.example.com/x", "helm.sh", "app.kubernetes.io/name"])
def test_what_only_looks_like_a_mark_comes_along(key: str) -> None:
    assert copied(labels={key: "x"}).labels == {key: "x"}
