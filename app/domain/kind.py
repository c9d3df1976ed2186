"""The kinds of Secrets in the words people use, and the Kubernetes types behind them.

Source of types and their keys: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.domain.secret import SERVICE_ACCOUNT_TOKEN


class Kind(StrEnum):
    """Our own closed set; the open Kubernetes `type` always stands beside it."""

    DEFAULT = "default"
    TLS = "tls"
    IMAGE_REGISTRY = "image-registry"
    ACCOUNT_PASSWORD = "account-password"
    SSH_AUTH = "ssh-auth"
    SERVICE_ACCOUNT_TOKEN = "service-account-token"
    CUSTOM = "custom"


OPAQUE: Final = "Opaque"
TLS: Final = "kubernetes.io/tls"
DOCKER_CONFIG_JSON: Final = "kubernetes.io/dockerconfigjson"
DOCKER_CFG: Final = "kubernetes.io/dockercfg"
BASIC_AUTH: Final = "kubernetes.io/basic-auth"
SSH_AUTH: Final = "kubernetes.io/ssh-auth"

TLS_CERTIFICATE: Final = "tls.crt"
TLS_PRIVATE_KEY: Final = "tls.key"
CA_CERTIFICATE: Final = "ca.crt"
DOCKER_CONFIG_JSON_KEY: Final = ".dockerconfigjson"
DOCKER_CFG_KEY: Final = ".dockercfg"
USERNAME: Final = "username"
PASSWORD: Final = "password"
SSH_PRIVATE_KEY: Final = "ssh-privatekey"
KNOWN_HOSTS: Final = "known_hosts"

_KINDS: Final[Mapping[str, Kind]] = {
    "": Kind.DEFAULT,
    OPAQUE: Kind.DEFAULT,
    TLS: Kind.TLS,
    DOCKER_CONFIG_JSON: Kind.IMAGE_REGISTRY,
    DOCKER_CFG: Kind.IMAGE_REGISTRY,
    BASIC_AUTH: Kind.ACCOUNT_PASSWORD,
    SSH_AUTH: Kind.SSH_AUTH,
    SERVICE_ACCOUNT_TOKEN: Kind.SERVICE_ACCOUNT_TOKEN,
}

REQUIRED_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    TLS: (TLS_CERTIFICATE, TLS_PRIVATE_KEY),
    DOCKER_CONFIG_JSON: (DOCKER_CONFIG_JSON_KEY,),
    DOCKER_CFG: (DOCKER_CFG_KEY,),
    SSH_AUTH: (SSH_PRIVATE_KEY,),
}
"""Keys that kube-apiserver asks of a type (k8s.io/kubernetes ValidateSecret); basic-auth is a rule of its own."""


def kind_of(secret_type: str) -> Kind:
    """The kind of a Kubernetes type; every type without a kind of its own is `custom`."""
    return _KINDS.get(secret_type, Kind.CUSTOM)
