"""What becomes of a Secret, key by key, without a value."""

from typing import Annotated

from pydantic import Field

from app.domain.diff import Fate, MapDiff, SecretDiff
from app.schemas.base import WireModel


class KeyChanges(WireModel):
    """What becomes of the keys of a map; each stands in one of the lists."""

    added: Annotated[list[str], Field(examples=[["salt"]])]
    changed: Annotated[list[str], Field(examples=[["password"]])]
    removed: list[str]
    same: Annotated[list[str], Field(examples=[["username"]])]

    @classmethod
    def from_domain(cls, diff: MapDiff) -> "KeyChanges":
        """The view of a diff of a map."""
        return cls(added=list(diff.added), changed=list(diff.changed), removed=list(diff.removed), same=list(diff.same))


class SecretChanges(WireModel):
    """What becomes of a Secret, by key; what was not there and will not be is the same."""

    data: KeyChanges
    labels: KeyChanges
    annotations: Annotated[KeyChanges, Field(description="But those of alias and description.")]
    alias: Fate
    description: Fate
    immutable: Fate

    @classmethod
    def from_domain(cls, diff: SecretDiff) -> "SecretChanges":
        """The view of a diff."""
        return cls(
            data=KeyChanges.from_domain(diff.data),
            labels=KeyChanges.from_domain(diff.labels),
            annotations=KeyChanges.from_domain(diff.annotations),
            alias=diff.alias,
            description=diff.description,
            immutable=diff.immutable,
        )

    @classmethod
    def known(cls, diff: SecretDiff | None) -> "SecretChanges | None":
        """The view of a diff, where there is one."""
        return None if diff is None else cls.from_domain(diff)
