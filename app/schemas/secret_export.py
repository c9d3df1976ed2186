"""Secrets as files."""

import json
from dataclasses import dataclass, field
from typing import assert_never

from app.domain.dotenv import write_dotenv
from app.domain.exported import ExportFormat, exported_manifest
from app.domain.secret import StoredSecret
from app.schemas.value import Base64Value, to_view
from app.schemas.yaml import write_secret


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that holds values."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def write_file(stored: StoredSecret, form: ExportFormat) -> ExportedFile:
    """The file of a Secret, in a form that can hold it; an import of it gives the same bytes."""
    name = stored.metadata.name
    match form:
        case ExportFormat.ENV:
            return ExportedFile(f"{name}.env", "text/plain", write_dotenv(stored.data))
        case ExportFormat.JSON:
            return ExportedFile(f"{name}.json", "application/json", _json(stored))
        case ExportFormat.MANIFEST:
            manifest = write_secret(exported_manifest(stored), masked=False)
            return ExportedFile(f"{name}.secret.yaml", "application/yaml", manifest.encode())
        case _:
            assert_never(form)


def _json(stored: StoredSecret) -> bytes:
    values = {key: _value(value) for key, value in sorted(stored.data.items())}
    return json.dumps(values, indent=2, ensure_ascii=False).encode() + b"\n"


def _value(value: bytes) -> str | dict[str, str]:
    """Text as a string, other bytes as `{"base64": …}`: a value as it is sent."""
    shown = to_view(value)
    return {"base64": shown.base64} if isinstance(shown, Base64Value) else shown.text
