"""kubeconfig files: whole in themselves, so one can be copied elsewhere on this machine."""

from base64 import b64encode

import yaml

from devcluster.pki import KeyPair


def kubeconfig(url: str, ca_pem: bytes, user: str, pair: KeyPair) -> bytes:
    """A kubeconfig with which `user` reaches `url` by client certificate."""
    cluster = {"server": url, "certificate-authority-data": _encoded(ca_pem)}
    credentials = {
        "client-certificate-data": _encoded(pair.certificate_pem()),
        "client-key-data": _encoded(pair.key_pem()),
    }
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "devcluster", "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": "devcluster", "context": {"cluster": "devcluster", "user": user}}],
        "current-context": "devcluster",
    }
    return yaml.safe_dump(document, sort_keys=False).encode()


def _encoded(content: bytes) -> str:
    return b64encode(content).decode()
