"""The copy of a Secret: its values and what people say of it, without the marks of what keeps the original."""

from collections.abc import Collection, Mapping
from typing import Final

from app.domain.annotation import shown_annotations
from app.domain.name import CREATOR
from app.domain.secret import NewSecret, SecretRef, StoredSecret

COPIED_FROM: Final = "secretspace.io/copied-from"
"""The annotation that names the original, as `workspace/project/name`; nothing of its values is in it."""
_DOMAINS: Final = (
    "argoproj.io",
    "bitnami.com",
    "cert-manager.io",
    "emberstack.com",
    "external-secrets.io",
    "fluxcd.io",
    "helm.sh",
    "kubectl.kubernetes.io",
    "kubefed.io",
    "mittwald.de",
    "secretspace.io",
)
"""Whose labels and annotations are about one very object: a copy that bore them would be pruned, overwritten or
spread further by what keeps, or mirrors, the original."""
_MANAGED_BY: Final = "app.kubernetes.io/managed-by"


def copy_of(
    stored: StoredSecret, source: SecretRef, target: SecretRef, creator: str, hidden: Collection[str]
) -> NewSecret:
    """The copy of a stored Secret, immutable if that one is; owners, finalizers and `hidden` annotations stay behind.

    Annotations that hold one of the values do so as well.
    """
    annotations = shown_annotations(stored.metadata.annotations, hidden, stored.data.values())
    origin = f"{source.project.workspace}/{source.namespace}/{source.name}"
    return NewSecret(
        ref=target,
        type=stored.type,
        data=stored.data,
        labels=_unmarked(stored.metadata.labels),
        annotations={**_unmarked(annotations), CREATOR: creator, COPIED_FROM: origin},
        immutable=stored.immutable,
    )


def _unmarked(texts: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in texts.items() if not _is_mark(key)}


def _is_mark(key: str) -> bool:
    domain = "." + key.rpartition("/")[0].lower()
    return key == _MANAGED_BY or any(domain.endswith("." + each) for each in _DOMAINS)
