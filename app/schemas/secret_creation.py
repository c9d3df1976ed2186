"""What became of each of several documents."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from app.domain.detail import Created
from app.domain.errors import AppError
from app.domain.manifest import Document
from app.schemas.base import WireModel
from app.schemas.problem import ItemProblem
from app.schemas.secret_batch import Failure
from app.schemas.secret_view import WarningView, warning_views


class CreationStatus(StrEnum):
    """What became of it."""

    CREATED = "created"
    FAILED = "failed"


class SecretCreation(WireModel):
    """What became of one of the documents, or with `dryRun` would become."""

    index: Annotated[int, Field(description="Which document it is, from 0; empty ones do not count.")]
    line: Annotated[int, Field(description="Where it begins, from 1.")]
    name: Annotated[str | None, Field(description="The name in it, where it is one.", examples=["demo-secret"])] = None
    status: CreationStatus
    etag: Annotated[str | None, Field(description="The version, where it was made.", examples=['"MTIz"'])] = None
    warnings: list[WarningView]
    problem: Failure = None


class SecretsFromYaml(WireModel):
    """What became of each document, in their order."""

    items: list[SecretCreation]
    created: Annotated[int, Field(description="How many Secrets were made.", examples=[2])]
    failed: Annotated[int, Field(description="How many documents nothing was written of.", examples=[0])]

    @classmethod
    def from_domain(
        cls,
        documents: Sequence[Document],
        outcomes: Sequence[Created | AppError],
        problem_of: Callable[[AppError], ItemProblem],
    ) -> "SecretsFromYaml":
        """The view of the outcomes; `problem_of` words an error."""
        pairs = enumerate(zip(documents, outcomes, strict=True))
        items = [_creation(index, document, outcome, problem_of) for index, (document, outcome) in pairs]
        failed = sum(item.status is CreationStatus.FAILED for item in items)
        return cls(items=items, created=len(items) - failed, failed=failed)


def _creation(
    index: int, document: Document, outcome: Created | AppError, problem_of: Callable[[AppError], ItemProblem]
) -> SecretCreation:
    told: dict[str, Any] = {"index": index, "line": document.line, "name": document.name or None}
    if isinstance(outcome, AppError):
        return SecretCreation(**told, status=CreationStatus.FAILED, warnings=[], problem=problem_of(outcome))
    return SecretCreation(
        **told,
        status=CreationStatus.CREATED,
        etag=outcome.detail.secret.metadata.version.etag or None,
        warnings=warning_views(outcome.warnings),
    )
