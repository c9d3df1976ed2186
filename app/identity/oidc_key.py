"""The keys that a provider publishes: a JWK Set (RFC 7517), of which we take what we can verify with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError

MAX_KEYS: Final = 100
"""More in one set is not what a provider publishes."""
RSA_BITS: Final = range(2048, 8192 + 1)
"""RFC 7518 section 3.3 asks for 2048 at least; what is longer costs more than it gives."""

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey

_OF_RSA: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_OF_CURVE: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_READERS: Final = {"RSA": RSAAlgorithm.from_jwk, "EC": ECAlgorithm.from_jwk, "OKP": OKPAlgorithm.from_jwk}


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key, the id by which tokens call it, and the algorithms that it is for."""

    kid: str | None
    key: PublicKey = field(repr=False)
    algorithms: frozenset[str]


def read_keys(key_set: Mapping[str, Any], algorithms: Collection[str]) -> tuple[VerifyingKey, ...]:
    """The keys of a set that can verify one of `algorithms`; entries that are anything else are passed over.

    Raises:
        ValueError: it is no set of keys, or of too many.
    """
    entries = key_set.get("keys")
    if not isinstance(entries, list) or len(entries) > MAX_KEYS:
        raise ValueError
    found = (_read(entry, frozenset(algorithms)) for entry in entries if isinstance(entry, dict))
    return tuple(key for key in found if key is not None)


def _read(entry: Mapping[str, Any], algorithms: frozenset[str]) -> VerifyingKey | None:
    kid = entry.get("kid")
    if not isinstance(kid, str | None) or not _is_for_verifying(entry):
        return None
    key = _public_key(entry)
    if key is None:
        return None
    usable = frozenset(each for each in _algorithms_of(key) & algorithms if entry.get("alg", each) == each)
    return VerifyingKey(kid, key, usable) if usable else None


def _is_for_verifying(entry: Mapping[str, Any]) -> bool:
    """By RFC 7517 sections 4.2 and 4.3; a key whose private half is published as well is nobody's any more."""
    operations = entry.get("key_ops", ["verify"])
    is_named = isinstance(operations, list) and "verify" in operations
    return is_named and entry.get("use", "sig") == "sig" and "d" not in entry


def _public_key(entry: Mapping[str, Any]) -> PublicKey | None:
    try:
        key = _READERS[entry["kty"]](dict(entry))
    except (PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, PublicKey) else None


def _algorithms_of(key: PublicKey) -> frozenset[str]:
    match key:
        case RSAPublicKey(key_size=bits) if bits in RSA_BITS:
            return _OF_RSA
        case EllipticCurvePublicKey(curve=curve) if curve.name in _OF_CURVE:
            return frozenset({_OF_CURVE[curve.name]})
        case Ed25519PublicKey() | Ed448PublicKey():
            return frozenset({"EdDSA"})
        case _:
            return frozenset()
