"""Writing Secrets: every write under a precondition, none that changes nothing, nothing lost that it does not name."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from app.domain.call import Caller
from app.domain.change import InfoChange, KeyChange, SecretChange, Written, difference
from app.domain.content import Content, Data, ServiceAccountTokenContent
from app.domain.content_write import data_of, required_key_violations
from app.domain.detail import Created, Deleted, SecretDetail
from app.domain.errors import (
    AlreadyExistsError,
    AppError,
    ConflictError,
    ForbiddenError,
    ImmutableSecretError,
    InvalidError,
    NotApplicableError,
    PreconditionFailedError,
    ReadOnlySecretError,
    SecretNotFoundError,
)
from app.domain.fault import Fault, Violation
from app.domain.manifest import PLACES, SecretManifest, resolve
from app.domain.new_secret import NewSecretDraft
from app.domain.override import Override, Overrides
from app.domain.secret import SecretRef, SecretRow, StoredSecret
from app.domain.version import ANY, Precondition, Version
from app.services.port import SecretStore
from app.services.precondition import at_expected
from app.services.tenancy import Tenancy

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class SecretPolicy:
    """What may be written here, whatever RBAC says."""

    max_keys: int
    allow_service_account_tokens: bool
    hidden_annotations: frozenset[str]
    """Annotations that other tools fill with whole objects: never answered, and not taken from a document."""


@dataclass(frozen=True, slots=True)
class SecretWriter:
    """Writes as one caller.

    All methods but `create` raise `SecretNotFoundError`, `PreconditionFailedError` (the Secret is no longer at
    `expected`), `ReadOnlySecretError` (Helm releases and service-account tokens, unless overridden), and
    `ConflictError` (`expected` was "whatever is there", and others kept changing it).
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
            metadata = await self.store.create(self.caller, secret, dry_run=dry_run)
            rules = await self.tenancy.rights.rules(self.caller, draft.ref.namespace)
        stored = StoredSecret(metadata, secret.type, secret.data, secret.immutable)
        return Created(SecretDetail.of(stored, rules, datetime.now(UTC)))

    def require_enabled(self, content: Content) -> None:
        """Refuse a kind that the operator has switched off.

        Raises:
            InvalidError: it is.
        """
        if isinstance(content, ServiceAccountTokenContent) and not self.policy.allow_service_account_tokens:
            raise InvalidError([Violation("/content/kind", Fault.KIND_DISABLED)])

    async def upsert(
        self, draft: NewSecretDraft, *, expected: Precondition | None, only_create: bool, override: Overrides
    ) -> Created | Written:
        """Create or replace; what the draft does not name of an existing Secret stays.

        Raises:
            PreconditionFailedError: it exists, and was only to be created.
        """
        if only_create:
            return await self._only_create(draft, expected)
        if expected is not None:
            return await self._replace(draft, expected, override)
        try:
            return await self._replace(draft, ANY, override)
        except SecretNotFoundError:
            return await self._create_or_replace(draft, override)
        except ForbiddenError as error:
            return await self._create_unseen(draft, error)

    async def update_info(
        self, secret: SecretRef, change: InfoChange, *, expected: Precondition, override: Overrides
    ) -> Written:
        """Change alias, description, labels, annotations; values are neither read nor sent."""

        async def write(row: SecretRow | None, version: Version | None) -> Written:
            self._guard(row, override)
            return await self._apply(secret, change.to_change(), version)

        return await self._looking(secret, expected, write)

    async def change_keys(
        self, secret: SecretRef, change: KeyChange, *, expected: Precondition, override: Overrides
    ) -> Written:
        """Change single keys; the others are not read, and the caller need not be allowed to.

        Raises:
            NotApplicableError: a guard failed (a key to rename is missing, its target is there).
            ImmutableSecretError: the values cannot be changed.
        """
        if len(change.adds) > self.policy.max_keys:
            raise InvalidError([Violation("/set", Fault.TOO_MANY_KEYS)])

        async def write(row: SecretRow | None, version: Version | None) -> Written:
            self._guard(row, override)
            try:
                now = await self.store.change_keys(self.caller, secret, change, version)
            except InvalidError as error:
                raise error.relocated({}) from None  # what the keys come to is at fault, not any one of them
            except NotApplicableError:
                await self._require_still_at(version, secret)
                raise
            return Written(now, version, () if now == version else change.touched)

        return await self._looking(secret, expected, write)

    async def replace_data(
        self, secret: SecretRef, content: Content, *, expected: Precondition, override: Overrides
    ) -> Written:
        """Edit Secret: the values of its kind; needs to read them, since only what differs is written.

        Raises:
            InvalidError: the content breaks the rules of its kind, or is of another one.
            ImmutableSecretError: the values cannot be changed.
        """

        async def write(stored: StoredSecret, _: Version | None) -> Written:
            data = data_of(content, stored, max_keys=self.policy.max_keys)
            return await self._apply_to(stored, secret, SecretChange(difference(stored.data, data)), override)

        return await self._reading(secret, expected, write)

    async def update_yaml(
        self, secret: SecretRef, manifest: SecretManifest, *, expected: Precondition, override: Overrides
    ) -> Written:
        """Edit YAML: the document is the whole of what the view shows; masked values stay.

        Raises:
            InvalidError: the document does not fit the Secret.
            ImmutableSecretError: the values, or the mark itself, cannot be changed.
        """

        async def write(stored: StoredSecret, _: Version | None) -> Written:
            wanted = resolve(manifest, stored, self.policy.hidden_annotations)
            faults = list(self._faults_of(wanted.data, stored)) if wanted.changed_keys else []
            if faults:
                raise InvalidError([manifest.violation(each.pointer, each.fault) for each in faults])
            try:
                written = await self._apply_to(stored, secret, wanted.change, override)
            except InvalidError as error:
                moved = error.relocated(PLACES).violations
                raise InvalidError([manifest.violation(each.pointer, each.fault) for each in moved]) from None
            return replace(written, warnings=wanted.warnings)

        return await self._reading(secret, expected, write)

    async def delete(self, secret: SecretRef, *, expected: Precondition, override: Overrides) -> Deleted:
        """Delete the Secret, at the expected version only."""

        async def write(row: SecretRow | None, version: Version | None) -> Deleted:
            self._guard(row, override)
            return Deleted(version, await self.store.delete(self.caller, secret, version))

        return await self._looking(secret, expected, write)

    async def _only_create(self, draft: NewSecretDraft, expected: Precondition | None) -> Created:
        if expected is not None:
            raise PreconditionFailedError  # nothing is both there and not there
        return await self._create_unseen(draft, PreconditionFailedError())

    async def _create_or_replace(self, draft: NewSecretDraft, override: Overrides) -> Created | Written:
        """Create what was not there a moment ago; what somebody else has made since is replaced."""
        try:
            return await self.create(draft)
        except AlreadyExistsError:
            pass
        try:
            return await self._replace(draft, ANY, override)
        except SecretNotFoundError:
            raise ConflictError from None

    async def _create_unseen(self, draft: NewSecretDraft, otherwise: AppError) -> Created:
        """Create what is not there, or may not be looked at; `otherwise` is what is wrong if it is there after all."""
        try:
            return await self.create(draft)
        except AlreadyExistsError:
            raise otherwise from None

    async def _replace(self, draft: NewSecretDraft, expected: Precondition, override: Overrides) -> Written:
        async def write(stored: StoredSecret, _: Version | None) -> Written:
            return await self._apply_to(stored, draft.ref, draft.over(stored, max_keys=self.policy.max_keys), override)

        return await self._reading(draft.ref, expected, write)

    async def _reading(
        self,
        secret: SecretRef,
        expected: Precondition,
        write: Callable[[StoredSecret, Version | None], Awaitable[Result]],
    ) -> Result:
        """Write over what is there, which the caller must be allowed to read."""

        async def read() -> StoredSecret:
            return await self.store.get(self.caller, secret)

        async with self.tenancy.within(self.caller, secret.project):
            return await at_expected(expected, read, _version_of, write)

    async def _looking(
        self,
        secret: SecretRef,
        expected: Precondition,
        write: Callable[[SecretRow | None, Version | None], Awaitable[Result]],
    ) -> Result:
        """Write without reading values; None stands for a Secret that the caller may not look at."""

        async def read() -> SecretRow | None:
            return await self.store.look(self.caller, secret)

        async with self.tenancy.within(self.caller, secret.project):
            return await at_expected(expected, read, _version_of, write)

    async def _apply_to(
        self, stored: StoredSecret, secret: SecretRef, change: SecretChange, override: Overrides
    ) -> Written:
        version = stored.metadata.version
        if change.changes_nothing:
            return Written(version, version)
        self._guard(stored, override)
        if stored.immutable and (change.data or change.immutable is False):
            raise ImmutableSecretError
        return await self._apply(secret, change, version)

    async def _apply(self, secret: SecretRef, change: SecretChange, version: Version | None) -> Written:
        now = await self.store.change(self.caller, secret, change, version)
        return Written(now, version, change.keys)

    async def _require_still_at(self, version: Version | None, secret: SecretRef) -> None:
        """Tell a change that was overtaken from one that does not fit: the API server looks at the keys first."""
        row = await self.store.look(self.caller, secret)
        if row is not None and row.metadata.version != version:
            raise PreconditionFailedError from None

    def _guard(self, secret: SecretRow | StoredSecret | None, override: Overrides) -> None:
        if secret is not None and secret.read_only and Override.READ_ONLY not in override:
            raise ReadOnlySecretError

    def _faults_of(self, data: Data, stored: StoredSecret) -> Iterator[Violation]:
        """What is wrong with new data as a whole: what kubectl made larger than allowed may be edited, but not grow."""
        yield from required_key_violations(stored.type, data, "/data")
        if len(data) > max(self.policy.max_keys, len(stored.data)):
            yield Violation("/data", Fault.TOO_MANY_KEYS)


def _version_of(secret: StoredSecret | SecretRow | None) -> Version | None:
    return None if secret is None else secret.metadata.version
