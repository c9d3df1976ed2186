"""Where to copy a Secret to, and which one to compare it with."""

from typing import Annotated

from pydantic import Field

from app.domain.diff import MapDiff
from app.domain.name import ProjectName, SecretName, label_value_fault
from app.domain.secret import ProjectRef, SecretRef
from app.schemas.base import InputModel, WireModel, checked_by
from app.schemas.metadata import NewName
from app.schemas.tenancy_input import NewLabelName


class _OtherPlace(InputModel):
    workspace: Annotated[
        str | None,
        Field(description="Left out: the one of the path.", examples=["demo-workspace"]),
        checked_by(label_value_fault),
    ] = None
    project: Annotated[
        NewLabelName | None, Field(description="Left out: the one of the path.", examples=["other-project"])
    ] = None

    def _project(self, beside: SecretRef) -> ProjectRef:
        project = beside.project
        name = project.name if self.project is None else ProjectName(self.project)
        return ProjectRef(project.workspace if self.workspace is None else self.workspace, name)


class SecretCopy(_OtherPlace):
    """Where a copy is to be made."""

    name: Annotated[NewName | None, Field(description="Left out: the same.")] = None

    def to_domain(self, source: SecretRef) -> SecretRef:
        """The copy of this Secret."""
        return SecretRef(self._project(source), source.name if self.name is None else SecretName(self.name))


class OtherSecret(_OtherPlace):
    """The Secret to compare with."""

    name: NewName

    def to_domain(self, beside: SecretRef) -> SecretRef:
        """Where it is, seen from the one of the path."""
        return SecretRef(self._project(beside), SecretName(self.name))


class SecretsCompared(WireModel):
    """How the values of two Secrets differ, by key; each key stands in one of the lists."""

    same: list[str]
    differs: list[str]
    only_left: Annotated[list[str], Field(description="Keys that only the Secret of the path has.")]
    only_right: Annotated[list[str], Field(description="Keys that only the other one has.")]

    @classmethod
    def from_domain(cls, diff: MapDiff) -> "SecretsCompared":
        """The view of what would turn the left one into the right one."""
        return cls(
            same=list(diff.same),
            differs=list(diff.changed),
            only_left=list(diff.removed),
            only_right=list(diff.added),
        )
