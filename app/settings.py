"""Everything that can be set, in one frozen tree.

Read from the environment: `SECRETSPACE_` and the path of the field, parts joined by `__`
(`SECRETSPACE_LIMITS__BODY_BYTES=1048576`). An unknown name under a known part is an error, so a typo cannot pass. There
is no switch that turns safety off, and no default for anything secret. Durations are seconds or ISO 8601, sizes bytes.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.identity import check_prefix


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Server(_Part):
    """Where and how the service listens."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    root_path: str = ""
    """The path under which a proxy publishes the service, without a slash at the end."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; none by default."""
    docs: bool = True
    """Whether `/docs` and `/openapi.json` are served."""


class Kubernetes(_Part):
    """How the API server is reached. Without a kubeconfig: in-cluster, else the default kubeconfig."""

    kubeconfig: Path | None = None
    context: str | None = None
    namespace: str = "secretspace-system"
    """The service's own namespace; its Secrets hold accounts and signing keys, and it is never a project."""
    hidden_namespaces: tuple[str, ...] = ()
    """More namespaces that are never projects, besides `kube-*` and the service's own."""
    connect_timeout: timedelta = timedelta(seconds=3)
    read_timeout: timedelta = timedelta(seconds=10)
    connections: PositiveInt = 64
    max_answer_bytes: PositiveInt = 32 * 1024 * 1024


class Local(_Part):
    """Accounts kept in the cluster."""

    enabled: bool = False
    prefix: str = "secretspace:"
    """Stands before the names of local users and groups, so that none can be taken for a name the cluster knows."""
    issuer: str = "secretspace"
    """`iss` of our tokens; a URL if other verifiers, such as kube-apiserver, are to accept them."""
    token_lifetime: timedelta = timedelta(hours=1)

    @field_validator("prefix")
    @classmethod
    def _no_name_of_others(cls, prefix: str) -> str:
        check_prefix(prefix)
        return prefix


class KubernetesTokens(_Part):
    """Any bearer token that the cluster accepts."""

    enabled: bool = False
    cache: timedelta = timedelta(seconds=10)
    refusal_cache: timedelta = timedelta(seconds=2)


class Identity(_Part):
    """The ways in; each fails closed, and at least one has to be on for anybody to get in."""

    local: Local = Local()
    kubernetes: KubernetesTokens = KubernetesTokens()


class Tenancy(_Part):
    """How namespaces become projects."""

    cluster_workspace: str = "cluster"
    """The workspace of the namespaces that carry no workspace label."""


class Limits(_Part):
    """Over a limit: a problem document, at once."""

    body_bytes: PositiveInt = 4 * 1024 * 1024
    yaml_bytes: PositiveInt = 2 * 1024 * 1024
    header_bytes: PositiveInt = 16 * 1024
    token_bytes: PositiveInt = 16 * 1024
    keys: PositiveInt = 1024
    page: PositiveInt = 500
    body_read: timedelta = timedelta(seconds=10)
    request: timedelta = timedelta(seconds=30)
    reveals: PositiveInt = 32
    reveals_per_user: PositiveInt = 4
    reveal_wait: timedelta = timedelta(seconds=2)


class Secrets(_Part):
    """What may be done with Secrets here, whatever RBAC says."""

    allow_service_account_tokens: bool = False
    """Creating a Secret of this kind mints a token that does not expire."""
    hidden_annotations: tuple[str, ...] = (
        "kubectl.kubernetes.io/last-applied-configuration",
        "kapp.k14s.io/original",
        "kapp.k14s.io/original-diff-md5",
        "objectset.rio.cattle.io/applied",
        "banzaicloud.com/last-applied",
    )
    """Annotations that other tools fill with whole objects; never answered."""


class Log(_Part):
    """What is written to standard output."""

    level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    json_lines: bool | None = None
    """JSON, or text for people; unset: JSON unless standard output is a terminal."""


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
