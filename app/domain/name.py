"""Names, keys, labels and annotations, by Kubernetes' own rules.

Sources: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and
k8s.io/apimachinery/pkg/util/validation.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Self

from typing_extensions import override

from app.domain.errors import InvalidFieldError
from app.domain.fault import Fault, Violation, pointer

MAX_NAME: Final = 253
MAX_LABEL: Final = 63
MAX_ALIAS: Final = 63
"""Characters of an alias, as the page's form allows."""
MAX_DESCRIPTION: Final = 256
MAX_ANNOTATIONS: Final = 256 * 1024
"""Bytes of all annotation keys and values together."""

ALIAS: Final = "kubesphere.io/alias-name"
DESCRIPTION: Final = "kubesphere.io/description"
CREATOR: Final = "kubesphere.io/creator"
OWN_ANNOTATIONS: Final = frozenset({ALIAS, DESCRIPTION, CREATOR})
"""Annotations with a field of their own; not to be written through `annotations`."""

SUBDOMAIN: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
KEY: Final = r"\.?[-_a-zA-Z0-9][-._a-zA-Z0-9]*"
QUALIFIED: Final = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
LINE: Final = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*"
"""A text without control characters but tab, LF and CR."""

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN, _KEY, _QUALIFIED, _LINE = (re.compile(pattern) for pattern in (SUBDOMAIN, KEY, QUALIFIED, LINE))


class _Checked(str):
    """A text that cannot be built wrong."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        fault = cls.fault(text)
        if fault is not None:
            raise InvalidFieldError(fault)
        return super().__new__(cls, text)

    @staticmethod
    def fault(text: str) -> Fault | None:
        """What is wrong with `text`, if anything."""
        raise NotImplementedError


class SecretName(_Checked):
    """The name of a Secret: a DNS subdomain of at most 253 characters."""

    __slots__ = ()

    @staticmethod
    @override
    def fault(text: str) -> Fault | None:
        return None if is_subdomain(text) else Fault.NAME_INVALID


class ProjectName(_Checked):
    """The name of a project, that is, of a namespace: a DNS label of at most 63 characters."""

    __slots__ = ()

    @staticmethod
    @override
    def fault(text: str) -> Fault | None:
        return None if _LABEL.fullmatch(text) else Fault.LABEL_NAME_INVALID


class Key(_Checked):
    """A key of a Secret's data."""

    __slots__ = ()

    @staticmethod
    @override
    def fault(text: str) -> Fault | None:
        return None if len(text) <= MAX_NAME and _KEY.fullmatch(text) else Fault.KEY_INVALID


def is_subdomain(text: str) -> bool:
    """Whether `text` is a DNS subdomain of at most 253 characters."""
    return len(text) <= MAX_NAME and _SUBDOMAIN.fullmatch(text) is not None


def metadata_key_fault(text: str) -> Fault | None:
    """What is wrong with the key of a label or an annotation."""
    prefix, slash, name = text.rpartition("/")
    good = _QUALIFIED.fullmatch(name) and (not slash or is_subdomain(prefix))
    return None if good else Fault.LABEL_KEY_INVALID


def label_value_fault(text: str) -> Fault | None:
    """What is wrong with a label's value."""
    return None if not text or _QUALIFIED.fullmatch(text) else Fault.LABEL_VALUE_INVALID


def alias_fault(text: str) -> Fault | None:
    """What is wrong with an alias."""
    return _line_fault(text, MAX_ALIAS, Fault.ALIAS_TOO_LONG)


def description_fault(text: str) -> Fault | None:
    """What is wrong with a description."""
    return _line_fault(text, MAX_DESCRIPTION, Fault.DESCRIPTION_TOO_LONG)


def label_violations(labels: Mapping[str, str | None], at: str = "/labels") -> Iterator[Violation]:
    """All faults of a map of labels; None stands for a label to remove, whose key alone counts."""
    for key, value in labels.items():
        fault = metadata_key_fault(key) or (label_value_fault(value) if value is not None else None)
        if fault is not None:
            yield Violation(at + pointer(key), fault)


def annotation_violations(annotations: Mapping[str, str | None], at: str = "/annotations") -> Iterator[Violation]:
    """All faults of a map of annotations; the keys may have upper case, as Kubernetes allows."""
    for key in annotations:
        if key in OWN_ANNOTATIONS:
            yield Violation(at + pointer(key), Fault.RESERVED_ANNOTATION)
        elif metadata_key_fault(key.lower()) is not None:
            yield Violation(at + pointer(key), Fault.LABEL_KEY_INVALID)
    if sum(len(key.encode()) + len((value or "").encode()) for key, value in annotations.items()) > MAX_ANNOTATIONS:
        yield Violation(at, Fault.ANNOTATIONS_TOO_LARGE)


def _line_fault(text: str, limit: int, too_long: Fault) -> Fault | None:
    if len(text) > limit:
        return too_long
    return None if _LINE.fullmatch(text) else Fault.CONTROL_CHARACTER
