"""New versions: a Secret beside the one that is there, the same but for an edit."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.domain.detail import Created
from app.domain.edit import Edit, Proposal, edit_of
from app.domain.errors import InvalidError, ReadOnlySecretError
from app.domain.lint_place import remarks_on_edit
from app.domain.override import Overrides
from app.domain.plan import Plan
from app.domain.secret import SecretRef, StoredSecret
from app.domain.state import State
from app.domain.successor import successor
from app.services.secret_guard import guard
from app.services.secret_writing import SecretWriter


@dataclass(frozen=True, slots=True)
class SecretVersioner:
    """Makes new versions as one caller."""

    writer: SecretWriter

    async def succeed(
        self, secret: SecretRef, proposal: Proposal, *, override: Overrides = (), dry_run: bool = False
    ) -> Created:
        """Make the successor of a Secret; that one stays as it is, and whoever uses it keeps using it.

        Raises:
            SecretNotFoundError: it is not there.
            AlreadyExistsError: there is a successor of this content already.
            InvalidError, NotApplicableError: the edit breaks rules, or does not fit the Secret.
            ReadOnlySecretError: Helm releases and service-account tokens have no successors.
            ManagedByControllerError: a controller keeps it, and would not know of another one.
        """
        writer = self.writer
        edit = edit_of(proposal, writer.policy.max_keys, writer.policy.hidden_annotations)
        async with writer.tenancy.within(writer.caller, secret.project):
            stored = await writer.store.get(writer.caller, secret)
            if stored.read_only:
                raise ReadOnlySecretError
            guard(stored, override)
            return await self._make(secret, stored, edit, dry_run=dry_run)

    async def _make(self, secret: SecretRef, stored: StoredSecret, edit: Edit, *, dry_run: bool) -> Created:
        writer = self.writer
        unsealed = replace(stored, immutable=False)  # what is edited is a copy, so the mark does not stand in the way
        wanted, before = edit.wanted(unsealed), State.of(stored)
        after = before.changed_by(wanted.change)
        diff = before.diff_to(after)
        new = successor(stored, after, secret.project, writer.caller.username, writer.policy.hidden_annotations)
        try:
            created = await writer.make(new, dry_run=dry_run)
        except InvalidError as error:
            raise edit.located(error) from None
        remarks = remarks_on_edit(edit, Plan(wanted.change, diff), unsealed, datetime.now(UTC))
        return replace(created, diff=diff, warnings=(*wanted.warnings, *remarks))
