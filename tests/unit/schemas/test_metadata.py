from typing import Any

import pytest

from app.domain.name import MAX_ANNOTATIONS
from app.schemas.base import InputModel
from app.schemas.metadata import (
    Alias,
    AnnotationsPatch,
    Description,
    LabelsPatch,
    NewAnnotations,
    NewLabels,
    NewName,
)
from tests.unit.schemas.finding import faults


class New(InputModel):
    name: NewName | None = None
    alias: Alias | None = None
    description: Description | None = None
    labels: NewLabels
    annotations: NewAnnotations


class Patch(InputModel):
    labels: LabelsPatch
    annotations: AnnotationsPatch


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        (New, "name", "demo-secret"),
        (New, "alias", "Zoë's own\tsecret"),
        (New, "description", "two\nlines"),
        (New, "labels", {"app": "demo", "example.com/team": ""}),
        (New, "annotations", {"example.com/note": "any text é\n", "Example.COM/x": ""}),
        (Patch, "labels", {"app": "demo", "old": None}),
        (Patch, "annotations", {"note": "x", "old": None}),
    ],
)
def test_good_metadata_is_taken_as_it_is(model: type[InputModel], field: str, value: Any) -> None:
    assert getattr(model.model_validate({field: value}), field) == value


def test_labels_and_annotations_that_are_left_out_are_none() -> None:
    assert (New().labels, New().annotations, Patch().labels, Patch().annotations) == ({}, {}, {}, {})  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("model", "document", "expected"),
    [
        (New, {"name": "Demo"}, [("/name", "NAME_INVALID")]),
        (New, {"alias": "x" * 64}, [("/alias", "ALIAS_TOO_LONG")]),
        (New, {"alias": "\x00"}, [("/alias", "CONTROL_CHARACTER")]),
        (New, {"description": "x" * 257}, [("/description", "DESCRIPTION_TOO_LONG")]),
        (
            New,
            {"labels": {"-a": "x", "b": "-"}},
            [
                ("/labels/-a", "LABEL_KEY_INVALID"),
                ("/labels/b", "LABEL_VALUE_INVALID"),
            ],
        ),
        (New, {"labels": {"Example.com/a": "x"}}, [("/labels/Example.com~1a", "LABEL_KEY_INVALID")]),
        (
            New,
            {"labels": {"a": None}, "annotations": {"a": None}},
            [
                ("/labels/a", "NULL_NOT_ALLOWED"),
                ("/annotations/a", "NULL_NOT_ALLOWED"),
            ],
        ),
        (
            New,
            {"labels": None, "annotations": []},
            [
                ("/labels", "NULL_NOT_ALLOWED"),
                ("/annotations", "WRONG_TYPE"),
            ],
        ),
        (Patch, {"labels": {"a b": None, "b": 5}}, [("/labels/a b", "LABEL_KEY_INVALID"), ("/labels/b", "WRONG_TYPE")]),
        (New, {"annotations": {"a b": "x"}}, [("/annotations/a b", "LABEL_KEY_INVALID")]),
    ],
    ids=range(10),
)
def test_bad_metadata_is_told_by_its_place(
    model: type[InputModel], document: Any, expected: list[tuple[str, str]]
) -> None:
    assert faults(model, document) == expected


@pytest.mark.parametrize("model", [New, Patch])
@pytest.mark.parametrize(
    "key",
    [
        "kubesphere.io/alias-name",
        "kubesphere.io/description",
        "kubesphere.io/creator",
        "kubernetes.io/service-account.name",
    ],
)
def test_annotations_with_a_field_of_their_own_are_not_written(model: type[InputModel], key: str) -> None:
    place = "/annotations/" + key.replace("/", "~1")

    assert faults(model, {"annotations": {key: "x"}}) == [(place, "RESERVED_ANNOTATION")]


@pytest.mark.parametrize("model", [New, Patch])
def test_annotations_have_a_size_together_counted_in_bytes(model: type[InputModel]) -> None:
    whole = {"a": "é" * ((MAX_ANNOTATIONS - 2) // 2), "b": ""}

    assert model.model_validate({"annotations": whole}).model_dump()["annotations"] == whole
    assert faults(model, {"annotations": whole | {"b": "x"}}) == [("/annotations", "ANNOTATIONS_TOO_LARGE")]


def test_no_annotation_is_shown_in_a_repr() -> None:
    documents = [model.model_validate({"annotations": {"a": "canary"}}) for model in (New, Patch)]

    assert "canary" not in repr(documents)
