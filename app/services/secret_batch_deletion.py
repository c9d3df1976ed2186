"""Deleting several Secrets of a project in one request."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.detail import Deleted
from app.domain.errors import AppError
from app.domain.name import SecretName
from app.domain.override import Overrides
from app.domain.secret import ProjectRef, SecretRef
from app.domain.terms import Terms
from app.domain.version import Precondition
from app.services.batch import each
from app.services.secret_writing import SecretWriter


@dataclass(frozen=True, slots=True)
class SecretBatchDeletion:
    """Deletes as one caller."""

    writer: SecretWriter

    async def delete(
        self,
        project: ProjectRef,
        expected: Mapping[SecretName, Precondition],
        *,
        override: Overrides = (),
        dry_run: bool = False,
    ) -> dict[SecretName, Deleted | AppError]:
        """Delete each of the Secrets at its expected version only; the error of each that stays.

        Raises:
            ProjectNotFoundError: there is no such project for this caller.
            UpstreamError: the cluster is the trouble, and was for every one of them.
        """
        writer = self.writer
        await writer.tenancy.require_visible(writer.caller, project)

        async def delete(name: SecretName) -> Deleted:
            return await writer.delete(SecretRef(project, name), Terms(expected[name], override, dry_run))

        return dict(zip(expected, await each(expected, delete), strict=True))
