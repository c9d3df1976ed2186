"""Making Secrets of documents, each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.domain.detail import Created
from app.domain.edit import ManifestEdit
from app.domain.errors import AppError, InvalidError
from app.domain.lint_place import remarks_on_edit
from app.domain.manifest import Document, SecretManifest
from app.domain.new_manifest import blank, creator_warnings, new_secret, wanted_of_new
from app.domain.plan import Plan
from app.domain.secret import ProjectRef
from app.domain.state import State
from app.services.batch import each
from app.services.secret_writing import SecretWriter


@dataclass(frozen=True, slots=True)
class ManifestCreator:
    """Makes Secrets as one caller."""

    writer: SecretWriter

    async def create(
        self, project: ProjectRef, documents: Sequence[Document], *, dry_run: bool = False
    ) -> list[Created | AppError]:
        """Make a Secret of each document; the error of each that could not become one, in their order.

        Raises:
            ProjectNotFoundError: there is no such project for this caller.
            UpstreamError: the cluster is the trouble, and was for every one of them.
        """
        await self.writer.tenancy.require_visible(self.writer.caller, project)
        names = [document.name for document in documents]

        async def create(index: int) -> Created:
            read = documents[index].read
            if isinstance(read, InvalidError):
                raise read
            repeated = bool(names[index]) and names[index] in names[:index]
            return await self._create(project, read, repeated=repeated, dry_run=dry_run)

        return await each(range(len(documents)), create)

    async def _create(self, project: ProjectRef, manifest: SecretManifest, *, repeated: bool, dry_run: bool) -> Created:
        writer, now = self.writer, datetime.now(UTC)
        policy, creator = writer.policy, writer.caller.username
        edit = ManifestEdit(manifest, policy.hidden_annotations, policy.max_keys)
        base = blank(manifest, project, now)
        tokens = policy.allow_service_account_tokens
        wanted = wanted_of_new(edit, base, repeated=repeated, allow_tokens=tokens)
        after = State.of(base).changed_by(wanted.change)
        try:
            created = await writer.make(new_secret(project, base, after, creator), dry_run=dry_run)
        except InvalidError as error:
            raise edit.located(error) from None
        remarks = remarks_on_edit(edit, Plan(wanted.change), base, now)
        return replace(created, warnings=(*wanted.warnings, *creator_warnings(manifest, creator), *remarks))
