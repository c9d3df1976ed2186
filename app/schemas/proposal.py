"""Edits that are only proposed, and what they would change."""

from typing import Annotated, Final, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from app.domain.change import Compared
from app.domain.edit import Proposal
from app.domain.errors import InvalidError
from app.domain.secret import SecretRef
from app.schemas.base import InputModel, WireModel
from app.schemas.body import read_body
from app.schemas.secret_diff import SecretChanges
from app.schemas.secret_input import SecretDataPatch, SecretDataReplace, SecretInfoPatch, SecretUpsert
from app.schemas.secret_view import WarningView, warning_views

EDIT_AT: Final = "/edit"
"""Where the edit stands in the body."""


class ProposedDataReplace(SecretDataReplace):
    """The body of `replaceSecretData`, proposed."""

    operation: Literal["replaceSecretData"]

    def proposal(self, _: SecretRef) -> Proposal:
        """The edit."""
        return self.to_domain()


class ProposedDataPatch(SecretDataPatch):
    """The body of `patchSecretData`, proposed."""

    operation: Literal["patchSecretData"]

    def proposal(self, _: SecretRef) -> Proposal:
        """The edit."""
        return self.to_domain()


class ProposedInfoPatch(SecretInfoPatch):
    """The body of `updateSecretInfo`, proposed."""

    operation: Literal["updateSecretInfo"]

    def proposal(self, _: SecretRef) -> Proposal:
        """The edit."""
        return self.to_domain()


class ProposedUpsert(SecretUpsert):
    """The body of `upsertSecret`, proposed."""

    operation: Literal["upsertSecret"]

    def proposal(self, secret: SecretRef) -> Proposal:
        """The edit."""
        return self.to_domain(secret)


ProposedEdit = TypeAliasType(
    "ProposedEdit",
    Annotated[
        ProposedDataReplace | ProposedDataPatch | ProposedInfoPatch | ProposedUpsert, Field(discriminator="operation")
    ],
)
"""The body of an operation that edits a Secret, by the name of the operation."""


class SecretProposal(InputModel):
    """An edit to be looked at, and not made."""

    edit: ProposedEdit

    @classmethod
    def read(cls, body: bytes, secret: SecretRef) -> Proposal:
        """The edit that a body proposes for a Secret.

        Raises:
            InvalidError: it is no JSON, or no such edit.
        """
        edit = read_body(cls, body).edit
        try:
            return edit.proposal(secret)
        except InvalidError as error:
            raise error.under(EDIT_AT) from None


class SecretComparison(WireModel):
    """What an edit would change."""

    etag: Annotated[str, Field(description="The version that the edit was compared with.", examples=['"MTIz"'])]
    changed_keys: Annotated[list[str], Field(description="Keys whose values would be set or removed.")]
    changes: SecretChanges
    warnings: list[WarningView]

    @classmethod
    def from_domain(cls, compared: Compared) -> "SecretComparison":
        """The view of a comparison."""
        return cls(
            etag=compared.version.etag,
            changed_keys=list(compared.diff.data.touched),
            changes=SecretChanges.from_domain(compared.diff),
            warnings=warning_views(compared.warnings),
        )
