"""Secrets as they may stand in a cluster, whoever made them: strategies for property tests."""

import base64
import json
from typing import Any

from hypothesis import strategies as st

from app.domain.name import SERVICE_ACCOUNT_NAME, Key
from app.domain.secret import StoredSecret
from tests.unit.domain.certificate import CA, CHAIN, KEY
from tests.unit.sample import stored

keys = st.text("aB9-_.", min_size=1, max_size=5).filter(lambda text: Key.fault(text) is None)
values = st.binary(max_size=12) | st.text(max_size=8).map(str.encode)
others = st.dictionaries(keys, values, max_size=4)
texts = st.text(st.characters(codec="utf-8"), max_size=6)

_credentials = st.fixed_dictionaries(
    {},
    optional={
        "username": texts,
        "password": texts,
        "email": texts,
        "identitytoken": texts,
        "auth": st.builds(lambda user, word: base64.b64encode(f"{user}:{word}".encode()).decode(), texts, texts),
    },
)
_auths = st.dictionaries(texts, _credentials, max_size=3)
_broken = st.sampled_from(
    [b"{}", b"[]", b"{", b'{"auths": {"a": {"auth": "!"}}}', b'{"auths": {"a": {"password": 1}}}']
)
_docker_config = (
    st.builds(lambda auths, more: json.dumps({"auths": auths, "x": more}).encode(), _auths, texts) | _broken
)
_docker_cfg = _auths.map(lambda auths: json.dumps(auths, indent=1).encode()) | _broken
_certificates = st.sampled_from([CHAIN, CA, b"", b"0\x82"])
_private_keys = st.sampled_from([KEY, b"", b"0\x82"])


def _of(secret_type: str, required: dict[str, Any], optional: dict[str, Any], **fields: Any) -> Any:
    named = st.fixed_dictionaries(required, optional=optional)
    return st.builds(lambda more, own: stored(more | own, secret_type, **fields), others, named)


stored_secrets: st.SearchStrategy[StoredSecret] = st.one_of(
    _of("Opaque", {}, {}),
    _of("helm.sh/release.v1", {}, {}),
    _of(" odd\ttype ", {}, {}),
    _of("kubernetes.io/tls", {"tls.crt": _certificates, "tls.key": _private_keys}, {"ca.crt": values}),
    _of("kubernetes.io/dockerconfigjson", {".dockerconfigjson": _docker_config}, {}),
    _of("kubernetes.io/dockercfg", {".dockercfg": _docker_cfg}, {}),
    _of("kubernetes.io/basic-auth", {"username": values}, {"password": values}),
    _of("kubernetes.io/basic-auth", {"password": values}, {}),
    _of("kubernetes.io/ssh-auth", {"ssh-privatekey": values.filter(bool)}, {"known_hosts": values}),
    _of("kubernetes.io/service-account-token", {}, {"token": values}, annotations={SERVICE_ACCOUNT_NAME: "builder"}),
)
"""Of every type, with what the API server asks for in Secrets of that type, and anything else beside it."""
