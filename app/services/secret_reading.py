"""Reading Secrets: lists and details without values, and reveals, which leave a line behind first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.domain.access import Rules
from app.domain.call import Caller
from app.domain.content import RawContent
from app.domain.content_view import content_of
from app.domain.detail import Revealed, SecretDetail
from app.domain.errors import ForbiddenError, KeyNotFoundError
from app.domain.exported import ExportFormat, require_exportable
from app.domain.listing import SecretPage, SecretQuery, secret_page
from app.domain.manifest import SecretManifest, manifest_of
from app.domain.secret import ProjectRef, SecretRef, SecretRow, StoredSecret
from app.domain.version import Version
from app.services.port import RevealRecorder, SecretLister, SecretStore
from app.services.reveal_gate import RevealGate
from app.services.tenancy import Tenancy


@dataclass(frozen=True, slots=True)
class SecretReader:
    """Reads as one caller."""

    caller: Caller
    tenancy: Tenancy
    store: SecretStore
    lister: SecretLister
    recorder: RevealRecorder
    gate: RevealGate

    async def list(self, project: ProjectRef, query: SecretQuery) -> SecretPage:
        """A page of the project's Secrets; no value is read for it."""
        async with self.tenancy.within(self.caller, project):
            rows = await self._rows(project, query.label_selector)
            rules = await self._rules(project)
        return secret_page(rows, query, rules)

    async def detail(self, secret: SecretRef) -> SecretDetail:
        """A Secret without its values; they are read for its facts, and not kept.

        For who may see it and not read it, they are not read.

        Raises:
            SecretNotFoundError: it is not there.
        """
        async with self.tenancy.within(self.caller, secret.project):
            found = await self._read_or_see(secret)
            rules = await self._rules(secret.project)
        if isinstance(found, SecretRow):
            return SecretDetail.unread(found, rules)
        return SecretDetail.of(found, rules, datetime.now(UTC))

    async def reveal(self, secret: SecretRef, keys: Sequence[str], *, raw: bool) -> Revealed:
        """The values: all in the words of the kind, or raw, or of some keys only.

        Raises:
            SecretNotFoundError, KeyNotFoundError: it, or one of the keys, is not there.
            AuditUnavailableError: the line of the reveal could not be written.
            TooManyRequestsError: too many reveals are under way.
        """
        stored = await self._reveal(secret, keys)
        content = RawContent(stored.type, stored.data) if keys or raw else content_of(stored)
        return Revealed(content, stored.metadata.version)

    async def reveal_key(self, secret: SecretRef, key: str) -> tuple[bytes, Version]:
        """The bytes of one key; raises as `reveal` does."""
        stored = await self._reveal(secret, [key])
        return stored.data[key], stored.metadata.version

    async def export(self, secret: SecretRef, form: ExportFormat) -> StoredSecret:
        """The whole Secret, whose values are about to leave in a form; raises as `reveal` does.

        Raises:
            NotExportableError: the form cannot hold it; no line is written then.
        """
        async with self.gate.passing(self.caller.username):
            stored = await self._get(secret)
            require_exportable(stored, form)
            await self._record(secret, stored.data)
        return stored

    async def manifest(self, secret: SecretRef, *, reveal: bool) -> tuple[SecretManifest, Version]:
        """The Secret as a manifest; with `reveal` its values are about to leave, and leave a line first."""
        stored = await self._reveal(secret, []) if reveal else await self._get(secret)
        return manifest_of(stored, ()), stored.metadata.version

    async def _rows(self, project: ProjectRef, label_selector: str | None) -> Sequence[SecretRow]:
        """As the caller; where that is refused, for who may at least see them."""
        try:
            return await self.lister.list_rows(self.caller, project, label_selector)
        except ForbiddenError:
            if not (await self._rules(project)).sees():
                raise
        return await self.lister.list_for_viewer(project, label_selector, self.caller.trace)

    async def _read_or_see(self, secret: SecretRef) -> StoredSecret | SecretRow:
        try:
            return await self.store.get(self.caller, secret)
        except ForbiddenError:
            if not (await self._rules(secret.project)).sees(secret.name):
                raise
        return await self.lister.look_for_viewer(secret, self.caller.trace)

    async def _rules(self, project: ProjectRef) -> Rules:
        return await self.tenancy.rights.rules(self.caller, project.name)

    async def _get(self, secret: SecretRef) -> StoredSecret:
        async with self.tenancy.within(self.caller, secret.project):
            return await self.store.get(self.caller, secret)

    async def _reveal(self, secret: SecretRef, keys: Sequence[str]) -> StoredSecret:
        """The Secret with the keys that are asked for, all if none; its line is written by then."""
        async with self.gate.passing(self.caller.username):
            stored = await self._get(secret)
            shown = _only(stored, keys)
            await self._record(secret, shown)
        return replace(stored, data=shown)

    async def _record(self, secret: SecretRef, keys: Iterable[str]) -> None:
        await self.recorder.record(
            user=self.caller.username,
            workspace=secret.project.workspace,
            project=secret.namespace,
            secret=secret.name,
            keys=sorted(keys),
            request_id=self.caller.trace.request_id,
        )


def _only(stored: StoredSecret, keys: Sequence[str]) -> dict[str, bytes]:
    if not keys:
        return dict(stored.data)
    if any(key not in stored.data for key in keys):
        raise KeyNotFoundError
    return {key: stored.data[key] for key in keys}
