"""The keys that sign our tokens: ES256, kept in the cluster, shared by all replicas.

Sources: RFC 7517 (JWK Set), RFC 7518 section 6.2 (elliptic curve keys), RFC 7638 (thumbprint as key id).
"""

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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
from app.identity.clock import Clock, Stopwatch, utc_now

ALGORITHM: Final = "ES256"
RELOAD_SECONDS: Final = 30.0
"""Tokens with a key id that is not known make us read the keys again, but no more often than this."""
FRESH_SECONDS: Final = 60.0
"""Keys are read again after this, known or not: one that was taken out verifies nothing any more."""
ANNOUNCED: Final = timedelta(minutes=5)
"""How long a new key is there before it signs, so that every replica, and every cluster that trusts us, knows it."""
MARGIN: Final = timedelta(minutes=5)
"""How much longer than its last token a key that does not sign any more is kept."""

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SigningKeyStore(Protocol):
    """Where the keys are kept, as one document that means nothing to the store."""

    async def read(self, trace: Trace) -> bytes | None:
        """The document, None where there is none yet."""

    async def create(self, document: bytes, trace: Trace) -> None:
        """Store the first document.

        Raises:
            AlreadyExistsError: another replica was faster.
        """

    async def replace(self, document: bytes, instead_of: bytes, trace: Trace) -> None:
        """Store another document in the place of the one that was read.

        Raises:
            PreconditionFailedError: it is not there any more.
        """


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair and the name by which tokens call it."""

    kid: str
    private: EllipticCurvePrivateKey = field(repr=False)
    signs_from: datetime = _LONG_AGO
    """From when on it signs, until a later one does."""

    @classmethod
    def of(cls, private: EllipticCurvePrivateKey, signs_from: datetime = _LONG_AGO) -> Self:
        """The key under its thumbprint."""
        jwk = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
        digest = sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
        return cls(urlsafe_b64encode(digest).decode().rstrip("="), private, signs_from)

    @classmethod
    def generate(cls, signs_from: datetime = _LONG_AGO) -> Self:
        """A new key."""
        return cls.of(generate_private_key(SECP256R1()), signs_from)

    @property
    def public(self) -> EllipticCurvePublicKey:
        """The half that verifies."""
        return self.private.public_key()

    @property
    def public_jwk(self) -> dict[str, Any]:
        """What others verify our tokens with (RFC 7517); nothing of the private half."""
        return {**ECAlgorithm.to_jwk(self.public, as_dict=True), "kid": self.kid, "use": "sig", "alg": ALGORITHM}


def encode_keys(keys: Iterable[SigningKey]) -> bytes:
    """The document of these keys: a JWK Set with private keys, the latest first."""
    return json.dumps({"keys": [_to_jwk(key) for key in keys]}).encode()


def decode_keys(document: bytes) -> tuple[SigningKey, ...]:
    """The keys of a document, at least one.

    Raises:
        UpstreamAnswerError: it is no such document.
    """
    try:
        keys = tuple(_from_jwk(jwk) for jwk in json.loads(document)["keys"])
    except (ValueError, TypeError, KeyError, OverflowError, OSError, InvalidKeyError):
        keys = ()
    if not keys:
        raise UpstreamAnswerError(200, "Undecodable")
    return keys


def signer_of(keys: Sequence[SigningKey], now: datetime) -> SigningKey:
    """The key that signs now: the latest whose time has come."""
    return next((key for key in keys if key.signs_from <= now), keys[-1])


def rotated(keys: Sequence[SigningKey], now: datetime, tokens_last: timedelta) -> tuple[SigningKey, ...]:
    """The keys with a new one in front, which signs when it is known everywhere; nobody is signed out.

    Left out are those of which no token can be good any more: whose successor has signed for as long as tokens last.
    """
    new = SigningKey.generate(now.replace(microsecond=0) + ANNOUNCED)
    successors = (new, *keys)
    kept = [
        key
        for key, successor in zip(keys, successors, strict=False)
        if now < successor.signs_from + tokens_last + MARGIN
    ]
    return (new, *kept)


async def rotate_keys(
    store: SigningKeyStore, tokens_last: timedelta, trace: Trace, now: datetime, *, revoke: bool = False
) -> SigningKey:
    """Store a new key besides those that are there, and return it; with `revoke` in their place, and at once.

    Raises:
        PreconditionFailedError, AlreadyExistsError: somebody else did so at the same time.
    """
    before = await store.read(trace)
    if before is None:
        keys: tuple[SigningKey, ...] = (SigningKey.generate(),)
        await store.create(encode_keys(keys), trace)
        return keys[0]
    keys = (SigningKey.generate(),) if revoke else rotated(decode_keys(before), now, tokens_last)
    await store.replace(encode_keys(keys), before, trace)
    return keys[0]


class KeyRing:
    """All keys in use: the latest whose time has come signs, every one verifies."""

    def __init__(self, store: SigningKeyStore, stopwatch: Stopwatch = time.monotonic, clock: Clock = utc_now) -> None:
        self._store = store
        self._clock = clock
        self._stopwatch = stopwatch
        self._keys: tuple[SigningKey, ...] = ()
        self._read_at = float("-inf")
        self._lock = asyncio.Lock()

    async def signer(self, trace: Trace) -> SigningKey:
        """The key that signs; made, and stored, where there is none in the whole cluster."""
        return signer_of(await self.keys(trace), self._clock())

    async def keys(self, trace: Trace) -> Sequence[SigningKey]:
        """All keys, those among them that are yet to sign; at least one."""
        async with self._lock:
            if not self._keys or not self._are_fresh:
                self._keys = await self._read(trace) or await self._create(trace)
        return self._keys

    async def find(self, kid: str, trace: Trace) -> SigningKey | None:
        """The key of this id; one that another replica has made since is found as well."""
        known = self._known(kid) if self._are_fresh else None
        return known or await self._find_again(kid, trace)

    async def _find_again(self, kid: str, trace: Trace) -> SigningKey | None:
        async with self._lock:
            if self._stopwatch() - self._read_at >= RELOAD_SECONDS:
                self._keys = await self._read(trace)
        return self._known(kid)

    @property
    def _are_fresh(self) -> bool:
        return self._stopwatch() - self._read_at < FRESH_SECONDS

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
    private = ECAlgorithm.to_jwk(key.private, as_dict=True)
    return {**private, **key.public_jwk, "nbf": int(key.signs_from.timestamp())}


def _from_jwk(jwk: dict[str, Any]) -> SigningKey:
    private = ECAlgorithm.from_jwk(jwk)
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise TypeError
    return SigningKey.of(private, datetime.fromtimestamp(jwk.get("nbf", 0), UTC))
