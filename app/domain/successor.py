"""The successor of a Secret: the same but for an edit, under a name that tells its content.

Who uses an immutable Secret is moved to its successor by name, and back again if need be. The name is the one that
kubectl would have given it, so equal contents have equal names, and a second try makes no second Secret.
"""

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Final

from app.domain.annotation import shown_annotations
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.kind import OPAQUE
from app.domain.name import CREATOR, MAX_NAME, SecretName
from app.domain.secret import NewSecret, ProjectRef, SecretRef, StoredSecret
from app.domain.state import State

PREVIOUS: Final = "secretspace.io/previous-version"
"""The annotation that names the Secret that a successor was made from."""
_HASH_LENGTH: Final = 10
_NO_VOWELS: Final = str.maketrans("013ae", "ghkmt")
_AS_GO: Final = str.maketrans({each: f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"})
"""What Go's encoding/json escapes in strings, and Python's does not."""


def content_hash(name: str, secret_type: str, data: Mapping[str, bytes], *, immutable: bool) -> str:
    """Ten characters that tell name, type, values and mark, as `kubectl create secret --append-hash` makes them.

    Source: k8s.io/kubectl `pkg/util/hash/hash.go`; SHA-256 of JSON with sorted members, without vowels.
    """
    members: dict[str, object] = {
        "kind": "Secret",
        "name": name,
        "type": secret_type,
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
    }
    if immutable:
        members["immutable"] = True
    text = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).translate(_AS_GO)
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH].translate(_NO_VOWELS)


def base_name(stored: StoredSecret) -> str:
    """The name without its hash, if it ends in the one of the content; else all of it.

    The hash may be older than the mark, and than the type that the API server fills in.
    """
    base, dash, suffix = stored.metadata.name.rpartition("-")
    if not dash or len(suffix) != _HASH_LENGTH:
        return stored.metadata.name
    types = {stored.type, ""} if stored.type == OPAQUE else {stored.type}
    hashes = (content_hash(base, each, stored.data, immutable=mark) for each in types for mark in (True, False))
    return base if suffix in hashes else stored.metadata.name


def successor(
    stored: StoredSecret, after: State, project: ProjectRef, creator: str, hidden: Collection[str]
) -> NewSecret:
    """The Secret that takes the place of a stored one, in the state `after`; it is immutable if that one is.

    Annotations that hold a value, of then or of now, do not come along, nor do owners and finalizers.

    Raises:
        InvalidError: the name is too long with a hash behind it.
    """
    immutable = stored.immutable or after.immutable
    base = base_name(stored)
    name = f"{base}-{content_hash(base, stored.type, after.data, immutable=immutable)}"
    annotations = shown_annotations(after.annotations, hidden, [*stored.data.values(), *after.data.values()])
    if len(name) > MAX_NAME:
        raise InvalidError([Violation("", Fault.SUCCESSOR_NAME_TOO_LONG)])
    return NewSecret(
        ref=SecretRef(project, SecretName(name)),
        type=stored.type,
        data=after.data,
        labels=after.labels,
        annotations={**annotations, CREATOR: creator, PREVIOUS: stored.metadata.name},
        immutable=immutable,
    )
