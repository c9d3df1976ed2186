import json
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace as replace_in

from app.domain.errors import UpstreamAnswerError
from app.domain.secret import Metadata, Owner, Writer
from app.domain.version import Version
from app.k8s.metadata import to_metadata, to_version
from app.k8s.wire import ManagedFields, MetadataOnly, ObjectMeta, OwnerReference, decode
from tests.support.canary import canary
from tests.unit.sample import NOW, UID


def meta(
    annotations: dict[str, str] | None = None,
    labels: dict[str, str] | None = None,
    deleted: datetime | None = None,
) -> ObjectMeta:
    return ObjectMeta("demo", "demo-project", UID, "7", NOW, deleted, labels, annotations)


def test_metadata_is_taken_over_as_it_is() -> None:
    found = to_metadata(meta({"note": "x"}, {"app": "demo"}), ())

    assert found == Metadata(
        name="demo",
        namespace="demo-project",
        version=Version(UID, "7"),
        created_at=NOW,
        labels={"app": "demo"},
        annotations={"note": "x"},
    )
    assert to_version(meta()) == found.version


def test_what_is_missing_is_empty() -> None:
    found = to_metadata(meta(), ())

    assert (found.labels, found.annotations, found.deletion_pending) == ({}, {}, False)
    assert (found.alias, found.description, found.creator) == ("", "", "")


def test_hidden_annotations_are_dropped_at_once() -> None:
    whole = {"last-applied": canary("annotation"), "note": "x"}

    assert to_metadata(meta(whole), {"last-applied", "another"}).annotations == {"note": "x"}


def test_an_object_that_a_finalizer_holds_is_about_to_go() -> None:
    assert to_metadata(meta(deleted=datetime(2026, 1, 1, tzinfo=UTC)), ()).deletion_pending


def test_of_the_owners_only_the_one_that_controls_it_counts() -> None:
    references = [
        OwnerReference("apps/v1", "Deployment", "web"),
        OwnerReference("external-secrets.io/v1", "ExternalSecret", "db", controller=True),
    ]

    assert to_metadata(replace_in(meta(), owner_references=references), ()).owner == Owner(
        "external-secrets.io", "ExternalSecret", "db"
    )
    assert to_metadata(replace_in(meta(), owner_references=references[:1]), ()).owner is None


def test_an_owner_of_the_core_group_has_no_group() -> None:
    reference = OwnerReference("v1", "Pod", "web", controller=True)

    assert to_metadata(replace_in(meta(), owner_references=[reference]), ()).owner == Owner("", "Pod", "web")


def test_of_the_managed_fields_only_who_wrote_values_stays() -> None:
    body = json.dumps(
        {
            "metadata": {
                "managedFields": [
                    {"manager": "a", "operation": "Update", "fieldsV1": {"f:data": {".": {}, "f:password": {}}}},
                    {"manager": "b", "operation": "Apply", "fieldsV1": {"f:stringData": {"f:token": {}}}},
                    {"manager": "c", "operation": "Update", "fieldsV1": {"f:metadata": {"f:labels": {}}, "f:type": {}}},
                    {},
                ]
            }
        }
    )
    managed = decode(body.encode(), MetadataOnly).metadata.managed_fields

    found = to_metadata(replace_in(meta(), managed_fields=managed), ())

    assert found.writers == (Writer("a", applies=False), Writer("b", applies=True))
    assert "password" not in repr(managed) + repr(found)


def test_managed_fields_that_were_cleared_tell_of_nobody() -> None:
    assert to_metadata(replace_in(meta(), managed_fields=[ManagedFields()]), ()).writers == ()


def test_an_object_without_a_beginning_is_none() -> None:
    with pytest.raises(UpstreamAnswerError):
        to_metadata(ObjectMeta("demo"), ())


def test_metadata_does_not_show_annotations() -> None:
    text = canary("annotation")

    assert text not in repr(meta({"a": text})) + repr(to_metadata(meta({"a": text}), ()))
