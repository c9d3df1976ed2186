"""Writing Secrets: every write under a precondition, none that changes nothing, nothing lost that it does not name."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.call import Caller
from app.domain.change import InfoChange, KeyChange, Written
from app.domain.content import Content, ServiceAccountTokenContent
from app.domain.detail import Created, Deleted, SecretDetail
from app.domain.edit import ContentEdit, DraftEdit, InfoEdit, KeyEdit, ManifestEdit
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
from app.domain.manifest import SecretManifest
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
            return await self._make(secret, dry_run=dry_run)

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

    async def update_info(self, secret: SecretRef, change: InfoChange, terms: Terms) -> Written:
        """Change alias, description, labels, annotations; values are neither read nor sent."""
        return await self._editor.edit(secret, InfoEdit(change), terms)

    async def change_keys(self, secret: SecretRef, change: KeyChange, terms: Terms) -> Written:
        """Change single keys; the others are not read, and the caller need not be allowed to.

        Raises:
            NotApplicableError: a guard failed (a key to rename is missing, its target is there).
            ImmutableSecretError: the values cannot be changed.
        """
        if len(change.adds) > self.policy.max_keys:
            raise InvalidError([Violation("/set", Fault.TOO_MANY_KEYS)])
        return await self._editor.edit(secret, KeyEdit(change), terms)

    async def replace_data(self, secret: SecretRef, content: Content, terms: Terms) -> Written:
        """Edit Secret: the values of its kind; needs to read them, since only what differs is written.

        Raises:
            InvalidError: the content breaks the rules of its kind, or is of another one.
            ImmutableSecretError: the values cannot be changed.
        """
        return await self._editor.edit(secret, ContentEdit(content, self.policy.max_keys), terms)

    async def update_yaml(self, secret: SecretRef, manifest: SecretManifest, terms: Terms) -> Written:
        """Edit YAML: the document is the whole of what the view shows; masked values stay.

        Raises:
            InvalidError: the document does not fit the Secret.
            ImmutableSecretError: the values, or the mark itself, cannot be changed.
        """
        edit = ManifestEdit(manifest, self.policy.hidden_annotations, self.policy.max_keys)
        return await self._editor.edit(secret, edit, terms)

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
        return await self._editor.edit(draft.ref, DraftEdit(draft, self.policy.max_keys), terms)

    async def _make(self, secret: NewSecret, *, dry_run: bool) -> Created:
        metadata = await self.store.create(self.caller, secret, dry_run=dry_run)
        rules = await self.tenancy.rights.rules(self.caller, secret.ref.namespace)
        stored = StoredSecret(metadata, secret.type, secret.data, secret.immutable)
        diff = NOTHING.diff_to(State.of_new(secret, self.policy.hidden_annotations))
        return Created(SecretDetail.of(stored, rules, datetime.now(UTC)), diff)

    @property
    def _editor(self) -> SecretEditor:
        return SecretEditor(self.caller, self.tenancy, self.store)
