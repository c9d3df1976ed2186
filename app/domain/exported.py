"""A Secret as a file: in which forms its values may leave, and what a form can hold."""

from dataclasses import replace
from enum import StrEnum

from app.domain.dotenv import dotenv_faults
from app.domain.errors import NotExportableError
from app.domain.manifest import SecretManifest, manifest_of
from app.domain.name import CREATOR
from app.domain.secret import StoredSecret


class ExportFormat(StrEnum):
    """What a file shall be."""

    ENV = "env"
    JSON = "json"
    MANIFEST = "manifest"


def require_exportable(stored: StoredSecret, form: ExportFormat) -> None:
    """Refuse a form that cannot hold every key and value as they are; JSON and a manifest can.

    Raises:
        NotExportableError: an environment cannot carry them.
    """
    faults = list(dotenv_faults(stored.data)) if form is ExportFormat.ENV else []
    if faults:
        raise NotExportableError(faults)


def exported_manifest(stored: StoredSecret) -> SecretManifest:
    """The Secret as a manifest for any namespace: without the one it is in, and without who made it here."""
    manifest = manifest_of(stored, ())
    annotations = {key: text for key, text in manifest.annotations.items() if key != CREATOR}
    return replace(manifest, namespace=None, annotations=annotations)
