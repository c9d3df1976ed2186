"""Everything that can be set, in one frozen tree.

Read from the environment: `SECRETSPACE_` and the path of the field, parts joined by `__`
(`SECRETSPACE_LIMITS__BODY_BYTES=1048576`). An unknown name under a known part is an error, so a typo cannot pass. There
is no switch that turns safety off, and no default for anything secret. Durations are ISO 8601 (`PT30S`, `PT1H`), sizes
bytes, switches `true` or `false`, lists JSON (`["10.0.0.0/8"]`).
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, FilePath, PositiveInt, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.identity import check_identity_name, check_prefix
from app.domain.issuer import Algorithm, check_apart, check_issuer


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Server(_Part):
    """Where and how the service listens."""

    host: str = "127.0.0.1"
    """The address to listen on; `0.0.0.0` for all of IPv4, as the container image does."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """The TCP port; 0 takes any that is free."""
    root_path: str = ""
    """The path under which a proxy publishes the service, without a slash at the end."""
    tls_cert: Path | None = None
    """File with the certificate chain, PEM, the leaf first; without one the service speaks plain HTTP."""
    tls_key: Path | None = None
    """File with the private key of that certificate, PEM, not encrypted; given together with it."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; none by default."""
    docs: bool = True
    """Whether `/docs`, `/docs/problems` and `/openapi.json` are served, to anybody."""


class Kubernetes(_Part):
    """How the API server is reached. Without a kubeconfig: in-cluster, else the default kubeconfig."""

    kubeconfig: Path | None = None
    """File that says where the API server is and who we are there; it is looked for where this is not set."""
    context: str | None = None
    """The context of the kubeconfig; not set: its current one."""
    namespace: str = "secretspace-system"
    """The service's own namespace; its Secrets hold accounts and signing keys, and it is never a project."""
    hidden_namespaces: tuple[str, ...] = ()
    """More namespaces that are never projects, besides `kube-*` and the service's own."""
    connect_timeout: timedelta = timedelta(seconds=3)
    """How long a connection to the API server may take to open; after it the caller gets 504."""
    read_timeout: timedelta = timedelta(seconds=10)
    """How long the API server may be silent in the middle of a call; after it the caller gets 504."""
    connections: PositiveInt = 64
    """Connections to the API server that may be open at once; further calls wait for one of them. Where our credential
    is a client certificate, callers who bring their own token have as many of their own."""
    max_answer_bytes: PositiveInt = 32 * 1024 * 1024
    """Bytes of the largest answer of the API server that is read; a larger one is a 502."""


class Local(_Part):
    """Accounts kept in the cluster."""

    enabled: bool = False
    """Whether people sign in with such an account, at `POST /oauth/token`."""
    prefix: str = "secretspace:"
    """Stands before the names of local users and groups, so that none can be taken for a name the cluster knows. The
    bindings in `platform-roles.yaml` name groups with the default one: where another is set, change them too."""
    issuer: str = "secretspace"
    """`iss` of our tokens; a token that names it is judged here alone, and never shown to the cluster. Where it is the
    https URL of this service, without a slash at its end, `/.well-known/` tells others how to verify our tokens."""
    token_lifetime: timedelta = timedelta(hours=1)
    """How long an access token is good for."""
    session_lifetime: timedelta = timedelta(days=14)
    """How long refresh tokens can renew a sign-in; then the password is asked for again."""

    @field_validator("prefix")
    @classmethod
    def _no_name_of_others(cls, prefix: str) -> str:
        check_prefix(prefix)
        return prefix


class KubernetesTokens(_Part):
    """Any bearer token that the cluster accepts."""

    enabled: bool = False
    """Whether a token that the service has not issued is shown to the cluster, and taken if the cluster takes it."""
    cache: timedelta = timedelta(seconds=10)
    """How long it is remembered whose a token is; a token that was withdrawn may be taken for as long."""
    refusal_cache: timedelta = timedelta(seconds=2)
    """How long it is remembered that the cluster refused a token."""


class OidcIssuer(_Part):
    """An OpenID Connect provider whose tokens are taken; what is set here is what kube-apiserver's `--oidc-*` set."""

    issuer: str
    """`iss` of its tokens, an https URL; `/.well-known/openid-configuration` under it has the same `issuer`."""
    audiences: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    """Whom its tokens are for: client ids, one of which has to be in `aud`."""
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256",)
    """How its tokens may be signed: `RS…`, `PS…` and `ES…` with 256, 384 or 512, and `EdDSA`."""
    username_claim: Annotated[str, Field(min_length=1)] = "sub"
    """The claim with the user's name. Where it is `email`, an `email_verified` that is there has to be true."""
    username_prefix: str
    """Stands before the names of its users; nobody else's names begin so."""
    groups_claim: Annotated[str, Field(min_length=1)] | None = None
    """The claim with the user's groups, a list of strings or one; not set: users have none."""
    groups_prefix: str | None = None
    """Stands before the names of its groups; not set: `username_prefix`."""
    ca_file: FilePath | None = None
    """File with the certificates of the authorities that its address is verified by, PEM; not set: the system's."""
    leeway: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(seconds=60))] = timedelta(seconds=30)
    """How far its clock may be off, a minute at most."""

    @field_validator("issuer")
    @classmethod
    def _is_an_issuer(cls, issuer: str) -> str:
        check_issuer(issuer)
        return issuer

    @field_validator("username_prefix", "groups_prefix")
    @classmethod
    def _begins_a_name(cls, prefix: str | None) -> str | None:
        if prefix is not None:
            check_identity_name(prefix)
        return prefix

    @property
    def prefixes(self) -> tuple[str, str]:
        """What stands before names of users, and of groups."""
        return self.username_prefix, self.groups_prefix or self.username_prefix


class Oidc(_Part):
    """Tokens of OpenID Connect providers."""

    issuers: tuple[OidcIssuer, ...] = ()
    """The providers, a JSON list of objects; see below for their members. None: the way is off."""


class Identity(_Part):
    """The ways in; each fails closed, and at least one has to be on for anybody to get in."""

    local: Local = Local()
    kubernetes: KubernetesTokens = KubernetesTokens()
    oidc: Oidc = Oidc()

    @model_validator(mode="after")
    def _everybody_has_a_name_of_their_own(self) -> Self:
        issuers = self.oidc.issuers
        names = (self.local.issuer, *(each.issuer for each in issuers))
        if len(set(names)) < len(names):
            message = "Each issuer is there once, and none of them is the issuer of local accounts."
            raise ValueError(message)
        check_apart(self.local.prefix, [each.prefixes for each in issuers])
        return self


class Tenancy(_Part):
    """How namespaces become projects."""

    cluster_workspace: str = "cluster"
    """The workspace of the namespaces that carry no workspace label."""
    reconcile_interval: Annotated[timedelta, Field(gt=timedelta(0))] = timedelta(seconds=60)
    """How often it is looked whether admins and viewers of all workspaces have their roles in each project. A change
    made through the service is looked at at once, and so is everything at start-up."""


class Limits(_Part):
    """Over a limit: a problem document, at once."""

    body_bytes: PositiveInt = 4 * 1024 * 1024
    """Bytes of the body of any request; over it 413."""
    yaml_bytes: PositiveInt = 2 * 1024 * 1024
    """Bytes of a YAML body; over it 413."""
    header_bytes: PositiveInt = 16 * 1024
    """Bytes of all header lines of a request together; over it 431. A block that goes on after four times as many is
    cut off unread."""
    token_bytes: PositiveInt = 16 * 1024
    """Bytes of a bearer token, which `header_bytes` counts too; over it 401."""
    keys: PositiveInt = 1024
    """Keys of one Secret that is written, and of one mapping in a YAML body; over it 422."""
    page: PositiveInt = 500
    """Items on one page of a list, the most that `?limit=` may ask for; over it 422."""
    body_read: timedelta = timedelta(seconds=10)
    """How long a body may take to arrive, from when it is first asked for; after it 408."""
    request: timedelta = timedelta(seconds=30)
    """How long a request may take until its answer begins, calls to the API server included; after it 504. The same
    time is left to requests under way when the service is told to stop."""
    reveals: PositiveInt = 32
    """Reveals of values under way at once; over it 429, after `reveal_wait`."""
    reveals_per_user: PositiveInt = 4
    """The same for each user."""
    reveal_wait: timedelta = timedelta(seconds=2)
    """How long a reveal waits for one of the others to end."""


class Secrets(_Part):
    """What may be done with Secrets here, whatever RBAC says."""

    allow_service_account_tokens: bool = False
    """Whether Secrets of the kind `service-account-token` may be created: each mints a token that does not expire."""
    hidden_annotations: tuple[str, ...] = (
        "kubectl.kubernetes.io/last-applied-configuration",
        "kapp.k14s.io/original",
        "kapp.k14s.io/original-diff-md5",
        "objectset.rio.cattle.io/applied",
        "banzaicloud.com/last-applied",
    )
    """Annotations that other tools fill with whole objects, never answered; what is set here replaces all of them."""


class Log(_Part):
    """What is written to standard output."""

    level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    """The least level that is written: debug, info, warning or error; the line of a reveal is written at any."""
    json_lines: bool | None = None
    """Whether lines are JSON, else text for people; not set: JSON unless standard output is a terminal."""


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix="SECRETSPACE_", env_nested_delimiter="__", frozen=True, extra="forbid", hide_input_in_errors=True
    )

    server: Server = Server()
    kubernetes: Kubernetes = Kubernetes()
    identity: Identity = Identity()
    tenancy: Tenancy = Tenancy()
    limits: Limits = Limits()
    secrets: Secrets = Secrets()
    log: Log = Log()
