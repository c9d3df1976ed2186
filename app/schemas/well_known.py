"""What others need to trust our tokens; names are those of OpenID Connect Discovery and RFC 7517."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True)


class IssuerDocument(_Document):
    """Who issues tokens here, and where the keys are (OpenID Connect Discovery 1.0 section 3)."""

    issuer: Annotated[str, Field(examples=["https://secretspace.example"])]
    jwks_uri: Annotated[str, Field(description="Where the keys are.")]
    token_endpoint: str
    revocation_endpoint: str
    grant_types_supported: list[str]
    response_types_supported: Annotated[list[str], Field(description="None is served; the standard asks for one.")]
    scopes_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    claims_supported: list[str]

    @classmethod
    def of(cls, issuer: str) -> "IssuerDocument":
        """The document of this issuer."""
        return cls(
            issuer=issuer,
            jwks_uri=f"{issuer}/.well-known/jwks.json",
            token_endpoint=f"{issuer}/oauth/token",
            revocation_endpoint=f"{issuer}/oauth/revoke",
            grant_types_supported=["password", "refresh_token"],
            response_types_supported=["id_token"],
            scopes_supported=["offline_access"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["ES256"],
            token_endpoint_auth_methods_supported=["none"],
            claims_supported=["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "groups"],
        )


class PublicKey(_Document):
    """A key that verifies our tokens (RFC 7518 section 6.2)."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str
    use: Literal["sig"]
    alg: Literal["ES256"]


class PublicKeySet(_Document):
    """All keys that verify our tokens (RFC 7517 section 5)."""

    keys: list[PublicKey]
