"""Fields about an object that several bodies share: alias, description, labels, annotations."""

from typing import Annotated

from pydantic import AfterValidator, Field

from app.domain.fault import Fault
from app.domain.name import (
    LINE,
    MAX_ALIAS,
    MAX_ANNOTATIONS,
    MAX_DESCRIPTION,
    MAX_LABEL,
    MAX_NAME,
    OWN_ANNOTATIONS,
    QUALIFIED,
    SUBDOMAIN,
    SecretName,
    alias_fault,
    description_fault,
    label_value_fault,
    metadata_key_fault,
)
from app.schemas.base import checked_by, documented, fault_error

_LABEL_KEY = documented(f"({SUBDOMAIN}/)?{QUALIFIED}", MAX_NAME + 1 + MAX_LABEL)
_ANNOTATION_KEY = documented(f"({SUBDOMAIN.replace('a-z', 'a-zA-Z')}/)?{QUALIFIED}", MAX_NAME + 1 + MAX_LABEL)


def annotation_key_fault(key: str) -> Fault | None:
    """What is wrong with the key of an annotation; upper case is allowed in its prefix, as in Kubernetes."""
    return Fault.RESERVED_ANNOTATION if key in OWN_ANNOTATIONS else metadata_key_fault(key.lower())


def _not_too_large(annotations: dict[str, str | None]) -> dict[str, str | None]:
    if sum(len(key.encode()) + len((text or "").encode()) for key, text in annotations.items()) > MAX_ANNOTATIONS:
        raise fault_error(Fault.ANNOTATIONS_TOO_LARGE)
    return annotations


LabelKey = Annotated[str, Field(json_schema_extra=_LABEL_KEY), checked_by(metadata_key_fault)]
LabelValue = Annotated[
    str, Field(json_schema_extra=documented(f"({QUALIFIED})?", MAX_LABEL)), checked_by(label_value_fault)
]
AnnotationKey = Annotated[
    str,
    Field(json_schema_extra=_ANNOTATION_KEY | {"not": {"enum": sorted(OWN_ANNOTATIONS)}}),
    checked_by(annotation_key_fault),
]

NewName = Annotated[
    str,
    Field(
        description="DNS subdomain of at most 253 characters.",
        examples=["demo-secret"],
        json_schema_extra=documented(SUBDOMAIN, MAX_NAME),
    ),
    checked_by(SecretName.fault),
]
Alias = Annotated[
    str,
    Field(
        description="Display name, at most 63 characters.",
        examples=["Demo"],
        json_schema_extra=documented(LINE, MAX_ALIAS),
    ),
    checked_by(alias_fault),
]
Description = Annotated[
    str,
    Field(
        description="What it is for, at most 256 characters.",
        examples=["first"],
        json_schema_extra=documented(LINE, MAX_DESCRIPTION),
    ),
    checked_by(description_fault),
]
NewLabels = Annotated[
    dict[LabelKey, LabelValue], Field(default_factory=dict, description="Labels.", examples=[{"app": "demo"}])
]
NewAnnotations = Annotated[
    dict[AnnotationKey, str],
    Field(default_factory=dict, description="Annotations, at most 256 KiB together.", repr=False),
    AfterValidator(_not_too_large),
]
LabelsPatch = Annotated[
    dict[LabelKey, LabelValue | None],
    Field(default_factory=dict, description="Labels to set, null to remove.", examples=[{"app": "demo", "old": None}]),
]
AnnotationsPatch = Annotated[
    dict[AnnotationKey, str | None],
    Field(default_factory=dict, description="Annotations to set, null to remove.", repr=False),
    AfterValidator(_not_too_large),
]
