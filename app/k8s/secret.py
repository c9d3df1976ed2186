"""Secrets at the API server, each call as the caller."""

import base64
import binascii
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from app.domain.call import RESERVED_USER_METADATA, Caller, Trace
from app.domain.change import SecretChange
from app.domain.edit import Step
from app.domain.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotApplicableError,
    OwnAccessError,
    PreconditionFailedError,
    SecretNotFoundError,
    UpstreamAnswerError,
    UpstreamExpiredError,
)
from app.domain.fault import Fault, Violation
from app.domain.secret import Metadata, NewSecret, ProjectRef, SecretRef, SecretRow, StoredSecret
from app.domain.version import Version
from app.k8s import secret_request as requests
from app.k8s.impersonation import Acting, AsCaller, AsReserved
from app.k8s.metadata import to_metadata, to_version
from app.k8s.request import KubeRequest
from app.k8s.transport import Transport
from app.k8s.wire import MetadataOnly, SecretObject, SecretObjectList, Table, TableRow, decode

_BAD_REQUEST = 400


class KubeSecrets:
    """Reads, lists and writes Secrets; keeps none.

    Every method raises what `app.k8s.status` makes of a refusal (`ForbiddenError`, `SecretNotFoundError`, …); the
    writes raise `PreconditionFailedError` where the Secret is no longer at the expected version.
    """

    def __init__(self, transport: Transport, hidden_annotations: Collection[str]) -> None:
        self._transport = transport
        self._hidden = frozenset(hidden_annotations)

    async def get(self, caller: Caller, secret: SecretRef) -> StoredSecret:
        """The whole Secret; needs `get`."""
        answer = await self._transport.send(requests.get(secret), AsCaller(caller))
        return _to_stored(decode(answer.body, SecretObject), self._hidden)

    async def get_at(
        self, caller: Caller, secret: SecretRef, version: Version, *, whole: bool = False
    ) -> StoredSecret | None:
        """The Secret as it was at a version, also when it is deleted by now; needs `list`.

        None where the Secret of this name never was at this version. With `whole` the annotations that other tools
        fill with whole objects are not left out: to be written back, and never to be answered.

        Raises:
            UpstreamExpiredError: the API server does not remember it any more.
        """
        try:
            answer = await self._transport.send(requests.get_at(secret, version.resource_version), AsCaller(caller))
        except SecretNotFoundError:
            return None
        hidden = frozenset[str]() if whole else self._hidden
        found = (_to_stored(each, hidden) for each in decode(answer.body, SecretObjectList).items or ())
        return next((stored for stored in found if stored.metadata.version == version), None)

    async def look(self, caller: Caller, secret: SecretRef) -> SecretRow | None:
        """The Secret without its values; None where the caller may neither read nor patch it."""
        for request in (requests.get_row(secret), requests.patched_row(secret)):
            try:
                return await self._row(request, AsCaller(caller))
            except ForbiddenError:
                continue
        return None

    async def list_rows(self, caller: Caller, project: ProjectRef, label_selector: str | None) -> list[SecretRow]:
        """Every Secret of the project, without values; needs `list`.

        Raises:
            InvalidError: the API server does not take the label selector.
        """
        return await self._rows(project, label_selector, AsCaller(caller))

    async def list_for_viewer(self, project: ProjectRef, label_selector: str | None, trace: Trace) -> list[SecretRow]:
        """The same by the service's own user, for who may see Secrets and not read them.

        Raises:
            ForbiddenError: that user has no right here: it is bound in the projects that the service makes.
            InvalidError: the API server does not take the label selector.
        """
        with _as_not_bound():
            return await self._rows(project, label_selector, AsReserved(RESERVED_USER_METADATA, trace))

    async def look_for_viewer(self, secret: SecretRef, trace: Trace) -> SecretRow:
        """One Secret by the service's own user, for who may see it and not read it.

        Raises:
            ForbiddenError: that user has no right here: it is bound in the projects that the service makes.
        """
        with _as_not_bound():
            return await self._row(requests.find_row(secret), AsReserved(RESERVED_USER_METADATA, trace))

    async def create(self, caller: Caller, secret: NewSecret, *, dry_run: bool = False) -> Metadata:
        """Make a new Secret.

        Raises:
            AlreadyExistsError: the name is taken.
        """
        answer = await self._transport.send(requests.create(secret, dry_run=dry_run), AsCaller(caller))
        return to_metadata(decode(answer.body, MetadataOnly).metadata, self._hidden)

    async def change(
        self, caller: Caller, secret: SecretRef, step: Step, expected: Version | None, *, dry_run: bool = False
    ) -> Version:
        """Apply a change as one step; needs `patch`. A change without effect leaves the version as it is.

        Raises:
            NotApplicableError: a guard failed; which one, the API server does not say.
        """
        if isinstance(step, SecretChange):
            return await self._write(caller, requests.patch(secret, step, expected, dry_run=dry_run))
        try:
            return await self._write(caller, requests.patch_keys(secret, step, expected, dry_run=dry_run))
        except NotApplicableError:
            if step.rename:  # in a Secret that holds no data at all only adding can succeed
                raise
        return await self._write(caller, requests.patch_first_keys(secret, step, expected, dry_run=dry_run))

    async def delete(
        self, caller: Caller, secret: SecretRef, expected: Version | None, *, dry_run: bool = False
    ) -> bool:
        """Delete the Secret; needs `delete`. Whether it is still there, held by a finalizer."""
        try:
            answer = await self._transport.send(requests.delete(secret, expected, dry_run=dry_run), AsCaller(caller))
        except ConflictError:
            raise PreconditionFailedError from None
        return decode(answer.body, MetadataOnly).metadata.deletion_timestamp is not None

    async def _rows(self, project: ProjectRef, label_selector: str | None, acting: Acting) -> list[SecretRow]:
        try:
            return await self._chunks(project, label_selector, acting)
        except UpstreamExpiredError:
            return await self._chunks(project, label_selector, acting)

    async def _chunks(self, project: ProjectRef, label_selector: str | None, acting: Acting) -> list[SecretRow]:
        rows: list[SecretRow] = []
        continue_ = ""
        while True:
            request = requests.list_rows(project.name, label_selector, continue_)
            try:
                answer = await self._transport.send(request, acting)
            except UpstreamAnswerError as error:
                if label_selector and error.status == _BAD_REQUEST:
                    raise InvalidError([Violation("?labelSelector", Fault.LABEL_SELECTOR_INVALID)]) from None
                raise
            table = decode(answer.body, Table)
            rows.extend(self._to_row(row) for row in table.rows or ())
            continue_ = table.metadata.continue_
            if not continue_:
                return rows

    async def _row(self, request: KubeRequest, acting: Acting) -> SecretRow:
        answer = await self._transport.send(request, acting)
        rows = decode(answer.body, Table).rows
        if not rows:
            raise SecretNotFoundError
        return self._to_row(rows[0])

    def _to_row(self, row: TableRow) -> SecretRow:
        """A row; its cells are name, type, number of keys and age."""
        return SecretRow(to_metadata(row.object.metadata, self._hidden), str(row.cells[1]), int(row.cells[2]))

    async def _write(self, caller: Caller, request: KubeRequest) -> Version:
        try:
            answer = await self._transport.send(request, AsCaller(caller))
        except ConflictError:
            raise PreconditionFailedError from None
        return to_version(decode(answer.body, MetadataOnly).metadata)


@contextmanager
def _as_not_bound() -> Iterator[None]:
    """Take a refusal of the service's own user for one of the caller: the binding is missing, which the log tells."""
    try:
        yield
    except OwnAccessError as error:
        raise ForbiddenError(error.verb, error.resource) from None


def _to_stored(found: SecretObject, hidden_annotations: Collection[str]) -> StoredSecret:
    return StoredSecret(
        metadata=to_metadata(found.metadata, hidden_annotations),
        type=found.type,
        data={key: _decoded(value) for key, value in (found.data or {}).items()},
        immutable=found.immutable is True,
    )


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value)
    except (binascii.Error, ValueError):
        raise UpstreamAnswerError(200, "Undecodable") from None
