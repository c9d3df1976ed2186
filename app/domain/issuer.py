"""Issuers of tokens, other than ourselves: what their addresses, algorithms and prefixes have to be.

Sources: OpenID Connect Discovery 1.0 section 3 (issuer), RFC 7518 section 3.1 and RFC 8037 (algorithms).
"""

from collections.abc import Collection
from itertools import combinations, product
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from app.domain.identity import RESERVED_PREFIX, SYSTEM_PREFIX

Algorithm: TypeAlias = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""How a token may be signed: with a key pair, so that who can verify cannot sign."""


def is_https_url(url: str) -> bool:
    """Whether this is an https URL of a host, without a user in it, a fragment, or anything to be percent-encoded."""
    if not url.isascii() or not url.isprintable() or " " in url or "#" in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False


def check_issuer(url: str) -> None:
    """Refuse what cannot be the `iss` of a provider.

    Raises:
        ValueError: it is no https URL, or has a query.
    """
    if not is_https_url(url) or "?" in url:
        message = "An issuer is an https URL without user, query and fragment, as its discovery document has it."
        raise ValueError(message)


def check_apart(local_prefix: str, issuers: Collection[Collection[str]]) -> None:
    """Refuse prefixes under which somebody could bear the name of somebody else; `issuers` are the prefixes of each.

    Where no prefix of one begins with a prefix of another, no name under the one is a name under the other.

    Raises:
        ValueError: one does; the local prefix, `system:` and `secretspace-system:` count.
    """
    sources = ({local_prefix}, {SYSTEM_PREFIX}, {RESERVED_PREFIX}, *issuers)
    for one, other in combinations(sources, 2):
        if any(a.startswith(b) or b.startswith(a) for a, b in product(one, other)):
            message = (
                "The prefixes of issuers do not begin with one another, nor with that of local accounts, 'system:' "
                "or 'secretspace-system:', nor these with them."
            )
            raise ValueError(message)
