"""From the address of a provider to its keys (OpenID Connect Discovery 1.0 section 4)."""

import json
from collections.abc import Mapping
from typing import Any, Final, Protocol

from app.domain.issuer import is_https_url
from app.identity.oidc_key import VerifyingKey, read_keys
from app.settings import OidcIssuer

PATH: Final = "/.well-known/openid-configuration"


class ProviderError(Exception):
    """A provider's keys could not be had; its text says why, in words of ours."""


class Documents(Protocol):
    """What a provider publishes."""

    async def get(self, url: str) -> bytes:
        """The document at an https URL.

        Raises:
            ProviderError: there is none, or it is too large, or too slow.
        """


async def discover_keys(issuer: OidcIssuer, documents: Documents) -> tuple[VerifyingKey, ...]:
    """The keys that the provider publishes now, as far as they are for the algorithms that are set.

    Raises:
        ProviderError: a document cannot be had, or is not what it should be, or speaks for another issuer.
    """
    configuration = _object(await documents.get(issuer.issuer.rstrip("/") + PATH))
    if configuration.get("issuer") != issuer.issuer:
        raise ProviderError("the discovery document is another issuer's")
    address = configuration.get("jwks_uri")
    if not isinstance(address, str) or not is_https_url(address):
        raise ProviderError("the address of the keys is no https URL")
    key_set = _object(await documents.get(address))
    try:
        return read_keys(key_set, issuer.algorithms)
    except ValueError:
        raise ProviderError("the keys are no JWK Set") from None


def _object(document: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(document)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ProviderError("a document is no JSON object")
    return value
