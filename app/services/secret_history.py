"""What others did to a Secret since the version that a write is based on, read as the caller while it is remembered."""

from dataclasses import dataclass

from app.domain.call import Caller
from app.domain.diff import Overtaken
from app.domain.errors import ForbiddenError, UpstreamError, UpstreamExpiredError
from app.domain.secret import SecretRef, StoredSecret
from app.domain.state import State
from app.domain.version import ANY, Precondition
from app.services.port import SecretStore


@dataclass(frozen=True, slots=True)
class SecretHistory:
    """Looks back as one caller."""

    caller: Caller
    store: SecretStore

    async def overtaken(self, secret: SecretRef, expected: Precondition) -> Overtaken:
        """What is known of a Secret that is not at the version that is expected; trouble in looking back is none.

        Raises:
            SecretNotFoundError: it is not even there any more.
        """
        try:
            current = await self.store.get(self.caller, secret)
            base = await self.base(secret, expected, current)
        except UpstreamExpiredError:
            return Overtaken(version_gone=True)
        except (ForbiddenError, UpstreamError):
            return Overtaken()
        return Overtaken() if base is None else Overtaken(State.of(base).diff_to(State.of(current)))

    async def base(self, secret: SecretRef, expected: Precondition, current: StoredSecret) -> StoredSecret | None:
        """The Secret at the newest of the versions that are expected; None where none of them is an earlier one.

        Raises:
            UpstreamExpiredError: the API server does not remember it any more.
            ForbiddenError: the caller may not look back, which takes `list`.
        """
        versions = () if expected == ANY else expected
        earlier = [version for version in versions if version.precedes(current.metadata.version)]
        newest = max(earlier, key=lambda version: int(version.resource_version), default=None)
        return None if newest is None else await self.store.get_at(self.caller, secret, newest)
