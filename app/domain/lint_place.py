"""Where in a body stands what a remark is about, and the remark as a warning at that place."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from app.domain.change import KeyChange, SecretChange, Warning
from app.domain.content import Content, CustomContent, DefaultContent, RawContent, RegistryContent
from app.domain.content_write import type_of
from app.domain.edit import ContentEdit, DraftEdit, Edit, KeyEdit, ManifestEdit, Step
from app.domain.fault import pointer
from app.domain.kind import (
    CA_CERTIFICATE,
    DOCKER_CFG_KEY,
    DOCKER_CONFIG_JSON_KEY,
    KNOWN_HOSTS,
    PASSWORD,
    SSH_PRIVATE_KEY,
    TLS_CERTIFICATE,
    TLS_PRIVATE_KEY,
    USERNAME,
    Kind,
    kind_of,
)
from app.domain.lint import Lint, Remark, lint
from app.domain.plan import Plan
from app.domain.secret import SecretRow, StoredSecret
from app.domain.state import State

_FIELDS: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.TLS: {TLS_CERTIFICATE: "certificate", TLS_PRIVATE_KEY: "privateKey", CA_CERTIFICATE: "caCertificate"},
    Kind.ACCOUNT_PASSWORD: {USERNAME: "username", PASSWORD: "password"},
    Kind.SSH_AUTH: {SSH_PRIVATE_KEY: "privateKey", KNOWN_HOSTS: "knownHosts"},
    Kind.IMAGE_REGISTRY: {DOCKER_CONFIG_JSON_KEY: "registries", DOCKER_CFG_KEY: "registries"},
}
"""The field of `content` that a key of the kind is written from."""


def remarks_on_new(
    content: Content, data: Mapping[str, bytes], now: datetime, *, immutable: bool
) -> tuple[Warning, ...]:
    """What there is to remark on a Secret that is to be made of this content, at a time (UTC)."""
    secret_type = type_of(content)
    found = lint(secret_type, data, data, now)
    return (*_on_mark(seals=immutable), *(_warning(each, _in_content(content, secret_type, each)) for each in found))


def remarks_on_edit(
    edit: Edit, plan: Plan, seen: StoredSecret | SecretRow | None, now: datetime
) -> tuple[Warning, ...]:
    """What there is to remark on the values that an edit brings, at a time (UTC).

    An edit that needs no values is judged by those that it sends alone, also where the caller might read the others.
    """
    secret_type = "" if seen is None else seen.type
    step = plan.step if edit.unseen is None else edit.unseen
    brought = _brought(step)
    data: Mapping[str, bytes] = brought
    if edit.unseen is None and isinstance(seen, StoredSecret) and isinstance(step, SecretChange):
        data = State.of(seen).changed_by(step).data
    found = lint(secret_type, data, brought, now)
    seals = isinstance(step, SecretChange) and step.immutable is True
    return (*_on_mark(seals=seals), *(_warning(each, _in_edit(edit, secret_type, each)) for each in found))


def _on_mark(*, seals: bool) -> Iterator[Warning]:
    if seals:
        yield _warning(Remark(Lint.CANNOT_BE_UNDONE, None), "/immutable")


def _brought(step: Step) -> dict[str, bytes]:
    """The values that a step sends."""
    if isinstance(step, KeyChange):
        return {key: value for each in (step.set, step.set_if_absent) for key, value in each.items()}
    return {key: value for key, value in step.data.items() if value is not None}


def _warning(remark: Remark, place: str) -> Warning:
    return Warning(place, remark.lint.code, remark.lint.message, remark.lint.severity)


def _in_edit(edit: Edit, secret_type: str, remark: Remark) -> str:
    match edit:
        case ContentEdit(content=content):
            return _in_content(content, secret_type, remark)
        case DraftEdit(draft=draft):
            return _in_content(draft.content, secret_type, remark)
        case ManifestEdit(manifest=manifest):
            return "/data" if remark.key is None else manifest.place_of(remark.key)
        case KeyEdit(change=change):
            return _in_keys(change, remark.key)
        case _:
            return ""


def _in_keys(change: KeyChange, key: str | None) -> str:
    if key is None:
        return ""
    return pointer("set" if key in change.set else "setIfAbsent", key)


def _in_content(content: Content, secret_type: str, remark: Remark) -> str:
    key = remark.key
    if key is None:
        return "/content"
    if isinstance(content, DefaultContent | CustomContent | RawContent):
        return pointer("content", "data", key)
    field = _FIELDS.get(kind_of(secret_type), {}).get(key)
    if field is None:
        return pointer("content", "extra", key)
    if isinstance(content, RegistryContent) and remark.server is not None:
        servers = [each.server for each in content.registries]
        return pointer("content", field, servers.index(remark.server), "password")
    return pointer("content", field)
