"""How far the roles of a workspace have come in its projects, as the workspace's status says it."""

from dataclasses import dataclass
from enum import StrEnum


class SyncReason(StrEnum):
    """Why a workspace is in sync with its projects, or is not."""

    SYNCED = "Synced"
    NAME_TAKEN = "NameTaken"
    WRITE_FAILED = "WriteFailed"
    SUBJECT_REFUSED = "SubjectRefused"


@dataclass(frozen=True, slots=True)
class SyncState:
    """What is said of the workspace as it was at `generation`; names no people."""

    reason: SyncReason
    message: str
    generation: int

    @property
    def synced(self) -> bool:
        """Whether all is as it has to be."""
        return self.reason is SyncReason.SYNCED
