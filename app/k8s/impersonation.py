"""On whose behalf a call is made, and the only function that builds the headers which say so.

Source: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/ and KEP-5284.
"""

from dataclasses import dataclass, field

from app.domain.call import Caller, Trace
from app.domain.identity import Impersonation, OwnToken, check_identity_name


@dataclass(frozen=True, slots=True)
class AsCaller:
    """As the person or script that calls us."""

    caller: Caller

    @property
    def trace(self) -> Trace:
        """The request that this call belongs to."""
        return self.caller.trace


@dataclass(frozen=True, slots=True)
class AsReserved:
    """As one of the service's own users (`secretspace-system:…`), with the rights that RBAC gives that user."""

    user: str
    trace: Trace


@dataclass(frozen=True, slots=True)
class AsService:
    """As the service account itself; the transport refuses the resource `secrets` in this form."""

    trace: Trace


@dataclass(frozen=True, slots=True)
class AsToken:
    """With a bearer token that is yet to be proved, to ask the cluster whose it is."""

    token: str = field(repr=False)
    trace: Trace


Acting = AsCaller | AsReserved | AsService | AsToken


def shows_own_credential(acting: Acting) -> bool:
    """Whether a call is made with the service's credential; the others carry nothing but the caller's own token.

    Those must not travel over a connection with our client certificate: kube-apiserver looks at the certificate first,
    and every caller would be us.
    """
    match acting:
        case AsToken():
            return False
        case AsCaller(caller=caller):
            return not isinstance(caller.identity.credential, OwnToken)
        case _:
            return True


def outbound_headers(acting: Acting, own_token: str | None) -> list[tuple[str, str]]:
    """All headers that say who calls; nothing of an inbound request is ever copied.

    `own_token` is the service's credential, None where a client certificate is it. Exactly one `Impersonate-User` is
    sent and it is never blank (a blank one would act as ourselves); one `Impersonate-Group` a group, never joined by
    commas, which would be one group; `system:authenticated` is added by the server.
    """
    headers = [("Audit-ID", acting.trace.next_audit_id())]
    match acting:
        case AsToken(token=token):
            headers.append(("Authorization", f"Bearer {token}"))
        case AsService():
            headers.extend(_own(own_token))
        case AsReserved(user=user):
            check_identity_name(user)
            headers.extend(_own(own_token))
            headers.append(("Impersonate-User", user))
        case AsCaller(caller=caller):
            headers.extend(_as_identity(caller, own_token))
    return headers


def _as_identity(caller: Caller, own_token: str | None) -> list[tuple[str, str]]:
    identity = caller.identity
    match identity.credential:
        case OwnToken(token=token):
            return [("Authorization", f"Bearer {token}")]
        case Impersonation():
            return [
                *_own(own_token),
                ("Impersonate-User", identity.username),
                *(("Impersonate-Group", group) for group in identity.groups),
            ]


def _own(own_token: str | None) -> list[tuple[str, str]]:
    return [] if own_token is None else [("Authorization", f"Bearer {own_token}")]
