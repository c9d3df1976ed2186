"""A provider of tokens for unit tests: what is set, its key, and claims that are good at `NOW`."""

import asyncio
from typing import Any, Final

from app.identity.oidc_discovery import PATH, ProviderError
from app.settings import OidcIssuer
from tests.support.oidc import KEYS_PATH, ProviderKey, configuration, key_set, rsa_key
from tests.unit.identity.in_memory import NOW

ISSUER: Final = "https://login.example.com/realm"
KEY: Final = rsa_key("one")
CLAIMS: Final[dict[str, Any]] = {
    "iss": ISSUER,
    "aud": "console",
    "sub": "anna",
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 3600,
    "groups": ["devs"],
}


def an_issuer(**members: Any) -> OidcIssuer:
    """What is set of the provider."""
    defaults: dict[str, Any] = {
        "issuer": ISSUER,
        "audiences": ("console", "cli"),
        "username_prefix": "corp:",
        "groups_claim": "groups",
        "groups_prefix": "corp-group:",
    }
    return OidcIssuer.model_validate({**defaults, **members})


class DocumentsInMemory:
    """What a provider publishes; `asked` are the addresses, `down` says that it does not answer."""

    def __init__(self, *keys: ProviderKey) -> None:
        self.pages = {ISSUER + PATH: configuration(ISSUER)}
        self.asked: list[str] = []
        self.down = False
        self.publish(*keys)

    def publish(self, *keys: ProviderKey) -> None:
        self.pages[ISSUER + KEYS_PATH] = key_set(*(key.jwk for key in keys))

    async def get(self, url: str) -> bytes:
        self.asked.append(url)
        await asyncio.sleep(0)
        if self.down or url not in self.pages:
            raise ProviderError("down")
        return self.pages[url]
