"""Guards that hold for every write over a Secret, until the caller sets them aside."""

from app.domain.errors import ManagedByControllerError, ReadOnlySecretError
from app.domain.managed_by import managed_by
from app.domain.override import Override, Overrides
from app.domain.secret import SecretRow, StoredSecret


def guard(secret: SecretRow | StoredSecret | None, override: Overrides) -> None:
    """Refuse to write over a Secret that is not for people to write; None is one that the caller may not look at.

    Raises:
        ReadOnlySecretError: a Helm release or a service-account token.
        ManagedByControllerError: a controller keeps it.
    """
    if secret is None:
        return
    if secret.read_only and Override.READ_ONLY not in override:
        raise ReadOnlySecretError
    keeper = managed_by(secret.metadata)
    if keeper is not None and Override.MANAGED not in override:
        raise ManagedByControllerError(keeper.controller, keeper.edit_at, keeper.reverts)
