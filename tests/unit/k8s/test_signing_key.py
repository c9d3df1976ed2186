import json
from base64 import b64encode
from typing import Any

import pytest

from app.domain.errors import UpstreamAnswerError
from app.domain.version import Version
from app.k8s.request import METADATA_ONLY
from app.k8s.signing_key import create_signing_keys, replace_signing_keys, to_document
from app.k8s.wire import SecretObject, decode


def stored(**changed: Any) -> SecretObject:
    body = json.loads(create_signing_keys("own", b"canary").body or b"")
    return decode(json.dumps(body | changed).encode(), SecretObject)


def test_the_keys_are_one_secret_with_a_type_of_its_own_whose_values_do_not_come_back() -> None:
    request = create_signing_keys("own", b"canary")
    body = json.loads(request.body or b"")
    assert (request.method, request.path, request.accept) == ("POST", "/api/v1/namespaces/own/secrets", METADATA_ONLY)
    assert (body["type"], body["metadata"]["name"]) == ("secretspace.io/signing-keys", "signing-keys")


def test_the_document_comes_back_byte_by_byte() -> None:
    assert to_document(stored()) == b"canary"


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "Opaque"},
        {"type": "secretspace.io/account"},
        {"data": None},
        {"data": {}},
        {"data": {"other": "YQ=="}},
        {"data": {"jwks.json": "not base64"}},
    ],
)
def test_another_secret_of_that_name_is_not_taken_for_the_keys(changed: dict[str, Any]) -> None:
    with pytest.raises(UpstreamAnswerError):
        to_document(stored(**changed))


def test_requests_and_answers_do_not_show_the_keys() -> None:
    shown = repr(create_signing_keys("own", b"canary")) + repr(stored())
    assert "canary" not in shown
    assert b64encode(b"canary").decode() not in shown


def test_the_keys_are_replaced_only_in_the_version_that_was_read() -> None:
    request = replace_signing_keys("own", b"canary", Version("uid", "41"))
    body = json.loads(request.body or b"")
    assert (request.method, request.path, request.accept) == (
        "PATCH",
        "/api/v1/namespaces/own/secrets/signing-keys",
        METADATA_ONLY,
    )
    assert body["metadata"] == {"uid": "uid", "resourceVersion": "41"}
    assert body["data"] == {"jwks.json": b64encode(b"canary").decode()}
    assert "canary" not in repr(request)
