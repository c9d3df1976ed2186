"""What a create would say, without creating: the page's first step alone, or the whole of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.change import Warning
from app.domain.content import Content
from app.domain.content_write import data_of
from app.domain.errors import AlreadyExistsError, InvalidError, RefusedByAdmissionError
from app.domain.fault import Fault, Violation
from app.domain.kind import OPAQUE
from app.domain.lint_place import remarks_on_new
from app.domain.name import SecretName
from app.domain.new_secret import NewSecretDraft
from app.domain.secret import NewSecret, ProjectRef, SecretRef
from app.services.secret_writing import SecretWriter


@dataclass(frozen=True, slots=True)
class SecretValidator:
    """Asks as one caller; the API server's own dry run has the last word."""

    writer: SecretWriter

    async def judge(
        self,
        project: ProjectRef,
        *,
        draft: NewSecretDraft | None = None,
        name: SecretName | None = None,
        content: Content | None = None,
    ) -> list[Violation]:
        """What speaks against the draft, or, where it is not yet whole, against its name and its content alone.

        Raises:
            ProjectNotFoundError: there is no such project for this caller.
        """
        await self.writer.tenancy.require_visible(self.writer.caller, project)
        if draft is not None:
            return list(await self.whole(draft))
        faults = [] if content is None else self._content_faults(content)
        return [*(await self.step_one(project, name) if name is not None else ()), *faults]

    def remarks(self, *, draft: NewSecretDraft | None = None, content: Content | None = None) -> Sequence[Warning]:
        """What there is to remark on the content; nothing yet where it could not be stored as it is."""
        content = content if draft is None else draft.content
        if content is None:
            return ()
        try:
            data = data_of(content, None, max_keys=self.writer.policy.max_keys)
        except InvalidError:
            return ()
        immutable = draft is not None and draft.immutable is True
        return remarks_on_new(content, data, datetime.now(UTC), immutable=immutable)

    async def step_one(self, project: ProjectRef, name: SecretName) -> Sequence[Violation]:
        """Whether the name is free; an empty Secret is tried, so that nothing but its name can be at fault."""
        probe = NewSecret(SecretRef(project, name), OPAQUE, {})
        async with self.writer.tenancy.within(self.writer.caller, project):
            try:
                await self.writer.store.create(self.writer.caller, probe, dry_run=True)
            except AlreadyExistsError:
                return [Violation("/name", Fault.NAME_TAKEN)]
            except (InvalidError, RefusedByAdmissionError):
                return []  # a policy may ask for labels or keys that step one does not have yet
        return []

    def _content_faults(self, content: Content) -> Sequence[Violation]:
        try:
            self.writer.require_enabled(content)
            data_of(content, None, max_keys=self.writer.policy.max_keys)
        except InvalidError as error:
            return error.violations
        return []

    async def whole(self, draft: NewSecretDraft) -> Sequence[Violation]:
        """All that is wrong with the Secret."""
        try:
            await self.writer.create(draft, dry_run=True)
        except AlreadyExistsError:
            return [Violation("/name", Fault.NAME_TAKEN)]
        except InvalidError as error:
            return [*error.violations, *await self.step_one(draft.ref.project, draft.ref.name)]
        except RefusedByAdmissionError:
            return [Violation("", Fault.REFUSED_BY_ADMISSION)]
        return []
