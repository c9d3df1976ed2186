"""The keys that sign our tokens: one Secret in the service's own namespace, its content opaque here."""

from base64 import b64decode, b64encode
from typing import Final

from app.domain.call import RESERVED_USER_ACCOUNTS, Trace
from app.domain.errors import NotFoundError, PreconditionFailedError, UpstreamAnswerError
from app.domain.version import Version
from app.k8s.impersonation import AsReserved
from app.k8s.metadata import to_version
from app.k8s.precondition import guarded, precondition_failed
from app.k8s.request import JSON, MERGE_PATCH, METADATA_ONLY, KubeRequest, core_path, encode, write_query
from app.k8s.transport import Transport
from app.k8s.wire import SecretObject, decode

SIGNING_KEYS_TYPE: Final = "secretspace.io/signing-keys"
SIGNING_KEYS_NAME: Final = "signing-keys"

_DOCUMENT = "jwks.json"


class SigningKeys:
    """The signing keys of one namespace; an `identity.signing.SigningKeyStore`."""

    def __init__(self, transport: Transport, namespace: str) -> None:
        self._transport = transport
        self._namespace = namespace

    async def read(self, trace: Trace) -> bytes | None:
        """The document, None where there is none yet.

        Raises:
            UpstreamAnswerError: the Secret is there, and is not ours.
        """
        request = KubeRequest("GET", core_path(self._namespace, "secrets", SIGNING_KEYS_NAME))
        try:
            answer = await self._transport.send(request, AsReserved(RESERVED_USER_ACCOUNTS, trace))
        except NotFoundError:
            return None
        return to_document(decode(answer.body, SecretObject))

    async def create(self, document: bytes, trace: Trace) -> None:
        """Store the first document.

        Raises:
            AlreadyExistsError: another replica was faster.
        """
        request = create_signing_keys(self._namespace, document)
        await self._transport.send(request, AsReserved(RESERVED_USER_ACCOUNTS, trace))

    async def replace(self, document: bytes, instead_of: bytes, trace: Trace) -> None:
        """Store another document in the place of the one that was read.

        Raises:
            PreconditionFailedError: it is not there any more.
        """
        acting = AsReserved(RESERVED_USER_ACCOUNTS, trace)
        path = core_path(self._namespace, "secrets", SIGNING_KEYS_NAME)
        secret = decode((await self._transport.send(KubeRequest("GET", path), acting)).body, SecretObject)
        if to_document(secret) != instead_of:
            raise PreconditionFailedError
        request = replace_signing_keys(self._namespace, document, to_version(secret.metadata))
        with precondition_failed():
            await self._transport.send(request, acting)


def replace_signing_keys(namespace: str, document: bytes, expected: Version) -> KubeRequest:
    """Store the document in the place of the one at this version."""
    return KubeRequest(
        "PATCH",
        core_path(namespace, "secrets", SIGNING_KEYS_NAME),
        write_query(),
        accept=METADATA_ONLY,
        content_type=MERGE_PATCH,
        body=encode({"metadata": guarded(expected), "data": {_DOCUMENT: b64encode(document).decode()}}),
    )


def create_signing_keys(namespace: str, document: bytes) -> KubeRequest:
    """Store the document where there is none."""
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SIGNING_KEYS_NAME, "namespace": namespace},
        "type": SIGNING_KEYS_TYPE,
        "data": {_DOCUMENT: b64encode(document).decode()},
    }
    return KubeRequest(
        "POST",
        core_path(namespace, "secrets"),
        write_query(),
        accept=METADATA_ONLY,
        content_type=JSON,
        body=encode(body),
    )


def to_document(secret: SecretObject) -> bytes:
    """The document in a Secret.

    Raises:
        UpstreamAnswerError: the Secret is of another type, or holds no document.
    """
    try:
        if secret.type == SIGNING_KEYS_TYPE:
            return b64decode((secret.data or {})[_DOCUMENT], validate=True)
    except (KeyError, ValueError):
        pass
    raise UpstreamAnswerError(200, "NotSigningKeys")
