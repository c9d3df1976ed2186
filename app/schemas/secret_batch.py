"""Several Secrets to delete, and what became of each."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from app.domain.detail import Deleted
from app.domain.errors import AppError, InvalidError
from app.domain.fault import Fault, Violation, pointer
from app.domain.name import SecretName
from app.domain.version import ANY, Precondition, Version
from app.schemas.base import InputModel, WireModel
from app.schemas.metadata import NewName
from app.schemas.problem import ItemProblem

MAX_DELETED: Final = 100
"""Secrets that one request may delete."""

Failure = Annotated[ItemProblem | None, Field(description="Why it failed, where it did.")]


class SecretToDelete(InputModel):
    """A Secret to delete."""

    name: NewName
    etag: Annotated[
        str | None, Field(description="The version to delete; left out: whatever is there.", examples=['"MTIz"'])
    ] = None

    @property
    def expected(self) -> Precondition:
        """What is to be there; a tag that is none of ours matches nothing."""
        if self.etag is None:
            return ANY
        version = Version.from_etag(self.etag)
        return () if version is None else (version,)


class SecretBatchDelete(InputModel):
    """Secrets to delete, each by itself."""

    items: Annotated[list[SecretToDelete], Field(min_length=1, max_length=MAX_DELETED)]

    def to_domain(self) -> dict[SecretName, Precondition]:
        """What is to be there, by name.

        Raises:
            InvalidError: one is named twice.
        """
        names = [item.name for item in self.items]
        repeated = [at for at, name in enumerate(names) if name in names[:at]]
        if repeated:
            raise InvalidError([Violation(pointer("items", at, "name"), Fault.SECRET_NAMED_TWICE) for at in repeated])
        return {SecretName(item.name): item.expected for item in self.items}


class DeletionStatus(StrEnum):
    """What became of it."""

    DELETED = "deleted"
    FAILED = "failed"


class SecretDeletion(WireModel):
    """What became of one of the Secrets, or with `dryRun` would become."""

    name: Annotated[str, Field(examples=["demo-secret"])]
    status: DeletionStatus
    previous_etag: Annotated[str | None, Field(description="The version that was deleted, where it is known.")] = None
    deletion_pending: Annotated[bool | None, Field(description="Whether a finalizer still holds it.")] = None
    problem: Failure = None


class SecretBatchDeleted(WireModel):
    """What became of each of the Secrets, in the order of the request."""

    items: list[SecretDeletion]
    deleted: Annotated[int, Field(description="How many are deleted.", examples=[2])]
    failed: Annotated[int, Field(description="How many are not.", examples=[0])]

    @classmethod
    def from_domain(
        cls, outcomes: Mapping[SecretName, Deleted | AppError], problem_of: Callable[[AppError], ItemProblem]
    ) -> "SecretBatchDeleted":
        """The view of the outcomes; `problem_of` words an error."""
        items = [_deletion(name, outcome, problem_of) for name, outcome in outcomes.items()]
        failed = sum(item.status is DeletionStatus.FAILED for item in items)
        return cls(items=items, deleted=len(items) - failed, failed=failed)


def _deletion(
    name: SecretName, outcome: Deleted | AppError, problem_of: Callable[[AppError], ItemProblem]
) -> SecretDeletion:
    if isinstance(outcome, AppError):
        return SecretDeletion(name=name, status=DeletionStatus.FAILED, problem=problem_of(outcome))
    return SecretDeletion(
        name=name,
        status=DeletionStatus.DELETED,
        previous_etag=None if outcome.previous is None else outcome.previous.etag,
        deletion_pending=outcome.pending,
    )
