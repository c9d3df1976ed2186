"""The keys that sign our tokens: ES256, kept in the cluster, shared by all replicas.

Sources: RFC 7517 (JWK Set), RFC 7518 section 6.2 (elliptic curve keys), RFC 7638 (thumbprint as key id).
"""

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Protocol, Self

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from jwt.algorithms import ECAlgorithm
from jwt.exceptions import InvalidKeyError

from app.domain.call import Trace
from app.domain.errors import AlreadyExistsError, UpstreamAnswerError
from app.identity.clock import Stopwatch

ALGORITHM: Final = "ES256"
RELOAD_SECONDS: Final = 30.0
"""Tokens with a key id that is not known make us read the keys again, but no more often than this."""


class SigningKeyStore(Protocol):
    """Where the keys are kept, as one document that means nothing to the store."""

    async def read(self, trace: Trace) -> bytes | None:
        """The document, None where there is none yet."""

    async def create(self, document: bytes, trace: Trace) -> None:
        """Store the first document.

        Raises:
            AlreadyExistsError: another replica was faster.
        """


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair and the name by which tokens call it."""

    kid: str
    private: EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def of(cls, private: EllipticCurvePrivateKey) -> Self:
        """The key under its thumbprint."""
        jwk = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
        digest = sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
        return cls(urlsafe_b64encode(digest).decode().rstrip("="), private)

    @classmethod
    def generate(cls) -> Self:
        """A new key."""
        return cls.of(generate_private_key(SECP256R1()))

    @property
    def public(self) -> EllipticCurvePublicKey:
        """The half that verifies."""
        return self.private.public_key()


def encode_keys(keys: Iterable[SigningKey]) -> bytes:
    """The document of these keys: a JWK Set with private keys, the one that signs first."""
    return json.dumps({"keys": [_to_jwk(key) for key in keys]}).encode()


def decode_keys(document: bytes) -> tuple[SigningKey, ...]:
    """The keys of a document, at least one.

    Raises:
        UpstreamAnswerError: it is no such document.
    """
    try:
        keys = tuple(_from_jwk(jwk) for jwk in json.loads(document)["keys"])
    except (ValueError, TypeError, KeyError, InvalidKeyError):
        keys = ()
    if not keys:
        raise UpstreamAnswerError(200, "Undecodable")
    return keys


class KeyRing:
    """All keys in use: the first signs, every one verifies."""

    def __init__(self, store: SigningKeyStore, stopwatch: Stopwatch = time.monotonic) -> None:
        self._store = store
        self._stopwatch = stopwatch
        self._keys: tuple[SigningKey, ...] = ()
        self._read_at = float("-inf")
        self._lock = asyncio.Lock()

    async def signer(self, trace: Trace) -> SigningKey:
        """The key that signs; made, and stored, where there is none in the whole cluster."""
        async with self._lock:
            if not self._keys:
                self._keys = await self._read(trace) or await self._create(trace)
        return self._keys[0]

    async def find(self, kid: str, trace: Trace) -> SigningKey | None:
        """The key of this id; one that another replica has made since is found as well."""
        return self._known(kid) or await self._find_again(kid, trace)

    async def _find_again(self, kid: str, trace: Trace) -> SigningKey | None:
        async with self._lock:
            if self._stopwatch() - self._read_at >= RELOAD_SECONDS:
                self._keys = await self._read(trace)
        return self._known(kid)

    def _known(self, kid: str) -> SigningKey | None:
        return next((key for key in self._keys if key.kid == kid), None)

    async def _read(self, trace: Trace) -> tuple[SigningKey, ...]:
        document = await self._store.read(trace)
        self._read_at = self._stopwatch()
        return () if document is None else decode_keys(document)

    async def _create(self, trace: Trace) -> tuple[SigningKey, ...]:
        keys = (SigningKey.generate(),)
        try:
            await self._store.create(encode_keys(keys), trace)
        except AlreadyExistsError:
            return await self._read(trace)
        return keys


def _to_jwk(key: SigningKey) -> dict[str, Any]:
    return {**ECAlgorithm.to_jwk(key.private, as_dict=True), "kid": key.kid, "use": "sig", "alg": ALGORITHM}


def _from_jwk(jwk: dict[str, Any]) -> SigningKey:
    private = ECAlgorithm.from_jwk(jwk)
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise TypeError
    return SigningKey.of(private)
