"""Writing Secrets: every write under a precondition, none that changes nothing, nothing lost that it does not name."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.domain.call import Caller
from app.domain.change import Compared, Written
from app.domain.content import Content, ServiceAccountTokenContent
from app.domain.detail import Created, Deleted, SecretDetail
from app.domain.edit import Edit, Proposal, edit_of
from app.domain.errors import (
    AlreadyExistsError,
    AppError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    PreconditionFailedError,
    SecretNotFoundError,
)
from app.domain.fault import Fault, Violation
from app.domain.lint_place import remarks_on_new
from app.domain.new_secret import NewSecretDraft
from app.domain.secret import NewSecret, SecretRef, StoredSecret
from app.domain.state import NOTHING, State
from app.domain.terms import Terms, UpsertTerms
from app.domain.version import ANY
from app.services.port import SecretStore
from app.services.secret_editing import SecretEditor
from app.services.tenancy import Tenancy


@dataclass(frozen=True, slots=True)
class SecretPolicy:
    """What may be written here, whatever RBAC says."""

    max_keys: int
    allow_service_account_tokens: bool
    hidden_annotations: frozenset[str]
    """Annotations that other tools fill with whole objects: never answered, and not taken from a document."""


@dataclass(frozen=True, slots=True)
class SecretWriter:
    """Writes as one caller; with `dry_run` in the terms all is done but the last step, which the API server only tries.

    All methods but `create` raise `SecretNotFoundError`, `PreconditionFailedError` (the Secret is no longer at
    `expected`), `ReadOnlySecretError` (Helm releases and service-account tokens) and `ManagedByControllerError` (what
    a controller keeps), unless these are overridden, and `ConflictError` (`expected` was "whatever is there", and
    others kept changing it).
    """

    caller: Caller
    tenancy: Tenancy
    store: SecretStore
    policy: SecretPolicy

    async def create(self, draft: NewSecretDraft, *, dry_run: bool = False) -> Created:
        """Make a new Secret; with `dry_run` only ask whether it could be made.

        Raises:
            AlreadyExistsError: the name is taken.
            InvalidError: the content breaks the rules of its kind.
        """
        async with self.tenancy.within(self.caller, draft.ref.project):
            self.require_enabled(draft.content)
            secret = draft.to_secret(self.caller.username, max_keys=self.policy.max_keys)
            created = await self.make(secret, dry_run=dry_run)
        now = datetime.now(UTC)
        return replace(created, warnings=remarks_on_new(draft.content, secret.data, now, immutable=secret.immutable))

    def require_enabled(self, content: Content) -> None:
        """Refuse a kind that the operator has switched off.

        Raises:
            InvalidError: it is.
        """
        if isinstance(content, ServiceAccountTokenContent) and not self.policy.allow_service_account_tokens:
            raise InvalidError([Violation("/content/kind", Fault.KIND_DISABLED)])

    async def upsert(self, draft: NewSecretDraft, terms: UpsertTerms) -> Created | Written:
        """Create or replace; what the draft does not name of an existing Secret stays.

        Raises:
            PreconditionFailedError: it exists, and was only to be created.
        """
        outcome = await self._upsert(draft, terms)
        return outcome.tried if terms.dry_run and isinstance(outcome, Created) else outcome

    async def edit(self, secret: SecretRef, proposal: Proposal, terms: Terms) -> Written:
        """Edit a Secret; of a change to information or to single keys no value is read.

        Raises:
            InvalidError: what is proposed breaks rules, or does not fit the Secret.
            NotApplicableError: a guard failed (a key to rename is missing, its target is there).
            ImmutableSecretError: the values, or the mark itself, cannot be changed.
        """
        return await self.carry_out(secret, self._edit(proposal), terms)

    async def carry_out(self, secret: SecretRef, edit: Edit, terms: Terms) -> Written:
        """Make any edit; raises as it does."""
        return await self._editor.edit(secret, edit, terms)

    async def compare(self, secret: SecretRef, proposal: Proposal) -> Compared:
        """Tell what an edit would change of what is there now; raises as the edit does, but for its guards."""
        return await self._editor.compare(secret, self._edit(proposal))

    async def delete(self, secret: SecretRef, terms: Terms) -> Deleted:
        """Delete the Secret, at the expected version only."""
        return await self._editor.delete(secret, terms)

    async def _upsert(self, draft: NewSecretDraft, terms: UpsertTerms) -> Created | Written:
        if terms.only_create:
            return await self._only_create(draft, terms)
        if terms.expected is not None:
            return await self._replace(draft, terms.over(terms.expected))
        try:
            return await self._replace(draft, terms.over(ANY))
        except SecretNotFoundError:
            return await self._create_or_replace(draft, terms)
        except ForbiddenError as error:
            return await self._create_unseen(draft, terms, error)

    async def _only_create(self, draft: NewSecretDraft, terms: UpsertTerms) -> Created:
        if terms.expected is not None:
            raise PreconditionFailedError  # nothing is both there and not there
        return await self._create_unseen(draft, terms, PreconditionFailedError())

    async def _create_or_replace(self, draft: NewSecretDraft, terms: UpsertTerms) -> Created | Written:
        """Create what was not there a moment ago; what somebody else has made since is replaced."""
        try:
            return await self.create(draft, dry_run=terms.dry_run)
        except AlreadyExistsError:
            pass
        try:
            return await self._replace(draft, terms.over(ANY))
        except SecretNotFoundError:
            raise ConflictError from None

    async def _create_unseen(self, draft: NewSecretDraft, terms: UpsertTerms, otherwise: AppError) -> Created:
        """Create what is not there, or may not be looked at; `otherwise` is what is wrong if it is there after all."""
        try:
            return await self.create(draft, dry_run=terms.dry_run)
        except AlreadyExistsError:
            raise otherwise from None

    async def _replace(self, draft: NewSecretDraft, terms: Terms) -> Written:
        return await self.edit(draft.ref, draft, terms)

    async def make(self, secret: NewSecret, *, dry_run: bool) -> Created:
        """Make a Secret that is known to follow the rules, in a project that is known to be visible.

        Raises:
            AlreadyExistsError: the name is taken.
        """
        metadata = await self.store.create(self.caller, secret, dry_run=dry_run)
        rules = await self.tenancy.rights.rules(self.caller, secret.ref.namespace)
        stored = StoredSecret(metadata, secret.type, secret.data, secret.immutable)
        diff = NOTHING.diff_to(State.of_new(secret, self.policy.hidden_annotations))
        return Created(SecretDetail.of(stored, rules, datetime.now(UTC)), diff)

    def _edit(self, proposal: Proposal) -> Edit:
        return edit_of(proposal, self.policy.max_keys, self.policy.hidden_annotations)

    @property
    def _editor(self) -> SecretEditor:
        return SecretEditor(self.caller, self.tenancy, self.store)
