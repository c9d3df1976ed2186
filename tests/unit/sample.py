"""Values that many unit tests start from."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.domain.call import Caller, Trace
from app.domain.identity import Identity
from app.domain.name import ProjectName, SecretName
from app.domain.secret import Metadata, ProjectRef, SecretRef, SecretRow, StoredSecret
from app.domain.version import Version

UID = "0b5b0e6c-7e4c-4f5e-9d3a-2f6f0c9a1d11"
OTHER_UID = "c0ffee00-7e4c-4f5e-9d3a-2f6f0c9a1d11"
NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
PROJECT = ProjectRef("demo-workspace", ProjectName("demo-project"))
REF = SecretRef(PROJECT, SecretName("demo"))
EVERY_BYTE = bytes(range(256))


def version(resource_version: int = 7, uid: str = UID) -> Version:
    return Version(uid, str(resource_version))


def metadata(name: str = "demo", **fields: Any) -> Metadata:
    return replace(Metadata(name, PROJECT.name, version(), NOW), **fields)


def stored(
    data: Mapping[str, bytes], secret_type: str = "Opaque", *, immutable: bool = False, **fields: Any
) -> StoredSecret:
    return StoredSecret(metadata(**fields), secret_type, dict(data), immutable)


def row(name: str = "demo", secret_type: str = "Opaque", key_count: int = 1, **fields: Any) -> SecretRow:
    return SecretRow(metadata(name, **fields), secret_type, key_count)


def caller(username: str = "secretspace:alice", *groups: str) -> Caller:
    return Caller(Identity(username, groups), Trace("request-1", deadline=float("inf")))
