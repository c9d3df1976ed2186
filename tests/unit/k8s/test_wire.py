import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import UpstreamAnswerError
from app.k8s.wire import ManagedFields, MetadataList, MetadataOnly, ObjectMeta, SecretObject, Status, Table, decode
from tests.support.canary import canary


def answer(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def test_a_secret_is_decoded_into_the_fields_in_use() -> None:
    body = answer(
        apiVersion="v1",
        kind="Secret",
        metadata={
            "name": "a",
            "namespace": "n",
            "uid": "u",
            "resourceVersion": "7",
            "creationTimestamp": "2026-11-24T12:00:00Z",
            "deletionTimestamp": None,
            "labels": {"app": "demo"},
            "managedFields": [{"manager": "kubectl"}],
        },
        data={"k": "dg=="},
        type="a/b",
        immutable=True,
    )

    assert decode(body, SecretObject) == SecretObject(
        ObjectMeta(
            "a",
            "n",
            "u",
            "7",
            datetime(2026, 11, 24, 12, tzinfo=UTC),
            None,
            {"app": "demo"},
            managed_fields=[ManagedFields("kubectl")],
        ),
        "a/b",
        {"k": "dg=="},
        immutable=True,
    )


def test_what_an_answer_leaves_out_has_a_default() -> None:
    assert decode(answer(metadata={}), SecretObject) == SecretObject(ObjectMeta(), "Opaque", None, immutable=None)
    assert decode(answer(rows=None), Table) == Table()
    assert decode(b"{}", Status) == Status()


def test_a_table_has_rows_and_where_it_goes_on() -> None:
    row = {"cells": ["a", "Opaque", 2, "5m"], "object": {"kind": "PartialObjectMetadata", "metadata": {"name": "a"}}}

    table = decode(answer(rows=[row], metadata={"continue": "token", "resourceVersion": "9"}), Table)

    assert [(found.cells, found.object.metadata.name) for found in table.rows or ()] == [
        (["a", "Opaque", 2, "5m"], "a")
    ]
    assert (table.metadata.continue_, table.metadata.resource_version) == ("token", "9")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", MetadataOnly),
        (b"\xff", MetadataOnly),
        (b"{}", MetadataOnly),
        (b"null", MetadataOnly),
        (answer(metadata={"name": 5}), MetadataOnly),
        (answer(metadata={"creationTimestamp": "yesterday"}), MetadataOnly),
        (answer(metadata={}, data={"k": 5}), SecretObject),
        (answer(metadata={}, data=["k"]), SecretObject),
        (answer(items={}), MetadataList),
        (answer(rows=[{"cells": []}]), Table),
        (b'{"metadata": ' + b"[" * 100_000, MetadataOnly),
        (b'{"more": ' + b"[" * 100_000, MetadataOnly),
    ],
)
def test_an_answer_of_another_shape_is_refused_without_its_text(body: bytes, kind: type[Any]) -> None:
    with pytest.raises(UpstreamAnswerError) as caught:
        decode(body, kind)

    assert caught.value.args == ("200 Undecodable",)
    assert caught.value.__suppress_context__


@given(st.binary(max_size=60), st.sampled_from([MetadataOnly, SecretObject, Table, MetadataList]))
def test_whatever_is_answered_is_decoded_or_refused(body: bytes, kind: type[Any]) -> None:
    try:
        found = decode(body, kind)
    except UpstreamAnswerError:
        return

    assert isinstance(found, kind)


def test_no_answer_shows_what_it_holds() -> None:
    text = canary("wire")
    meta = {"name": "a", "namespace": "n", "annotations": {"last-applied": text}, "labels": {"a": text}}

    shown = repr(
        [
            decode(answer(metadata=meta, data={"k": text}), SecretObject),
            decode(answer(metadata=meta), MetadataOnly),
            decode(answer(rows=[{"cells": [], "object": {"metadata": meta}}]), Table),
            decode(answer(message=text, reason="Invalid", details={"name": text}), Status),
        ]
    )

    assert text not in shown
