"""Undo: an earlier version of a Secret, or one that is deleted, is put back while the API server remembers it."""

from dataclasses import dataclass, replace

from app.domain.change import Written
from app.domain.detail import Created
from app.domain.edit import Restoring
from app.domain.errors import (
    AlreadyExistsError,
    InvalidError,
    PreconditionFailedError,
    UpstreamExpiredError,
    VersionGoneError,
)
from app.domain.fault import Fault, Violation
from app.domain.secret import SERVICE_ACCOUNT_TOKEN, NewSecret, SecretRef, StoredSecret
from app.domain.terms import UpsertTerms
from app.domain.version import ANY, Version
from app.services.secret_guard import guard
from app.services.secret_writing import SecretWriter

_AT = "/etag"


@dataclass(frozen=True, slots=True)
class SecretRestorer:
    """Restores as one caller."""

    writer: SecretWriter

    async def restore(self, secret: SecretRef, version: Version, terms: UpsertTerms) -> Created | Written:
        """Put a version back: over what is there, or, where only that is asked for, anew.

        Raises:
            VersionGoneError: the API server does not remember it any more.
            InvalidError: the Secret never was at this version, or is of a kind that is switched off.
            TypeDiffersError, ImmutableSecretError: what is there cannot become that again.
            PreconditionFailedError: what is there is not what was expected.
        """
        writer = self.writer
        async with writer.tenancy.within(writer.caller, secret.project):
            earlier = await self._read(secret, version)
            if terms.only_create:
                return await self._make(secret, earlier, terms)
        shown = _without(earlier, writer.policy.hidden_annotations)
        return await writer.carry_out(secret, Restoring(shown), terms.over(terms.expected or ANY))

    async def _read(self, secret: SecretRef, version: Version) -> StoredSecret:
        writer = self.writer
        try:
            earlier = await writer.store.get_at(writer.caller, secret, version, whole=True)
        except UpstreamExpiredError:
            raise VersionGoneError from None
        if earlier is None:
            raise InvalidError([Violation(_AT, Fault.NOT_A_VERSION)])
        return earlier

    async def _make(self, secret: SecretRef, earlier: StoredSecret, terms: UpsertTerms) -> Created | Written:
        """Make a Secret anew that is not there any more; its owners and finalizers do not come back with it."""
        if terms.expected is not None:
            raise PreconditionFailedError  # nothing is both there and not there
        guard(earlier, terms.override)
        if earlier.type == SERVICE_ACCOUNT_TOKEN and not self.writer.policy.allow_service_account_tokens:
            raise InvalidError([Violation(_AT, Fault.KIND_DISABLED)])
        metadata = earlier.metadata
        new = NewSecret(secret, earlier.type, earlier.data, metadata.labels, metadata.annotations, earlier.immutable)
        try:
            created = await self.writer.make(new, dry_run=terms.dry_run)
        except AlreadyExistsError:
            raise PreconditionFailedError from None
        return created.tried if terms.dry_run else created


def _without(stored: StoredSecret, hidden: frozenset[str]) -> StoredSecret:
    """The Secret as a read shows it: what is hidden there is neither compared nor put back over what is there."""
    shown = {key: text for key, text in stored.metadata.annotations.items() if key not in hidden}
    return replace(stored, metadata=replace(stored.metadata, annotations=shown))
