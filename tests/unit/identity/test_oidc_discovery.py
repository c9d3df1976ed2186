import json

import pytest

from app.identity.oidc_discovery import PATH, ProviderError, discover_keys
from tests.support.oidc import KEYS_PATH, configuration
from tests.unit.identity.oidc_sample import ISSUER, KEY, DocumentsInMemory, an_issuer


@pytest.mark.parametrize(
    ("path", "document", "reason"),
    [
        (PATH, configuration("https://attacker.example"), "another issuer's"),
        (PATH, configuration(ISSUER + "/"), "another issuer's"),
        (PATH, b"{}", "another issuer's"),
        (PATH, b'{"issuer": ["https://login.example.com/realm"]}', "another issuer's"),
        (PATH, configuration(ISSUER, jwks_uri="http://login.example.com/keys"), "no https URL"),
        (PATH, configuration(ISSUER, jwks_uri="file:///etc/passwd"), "no https URL"),
        (PATH, configuration(ISSUER, jwks_uri="https:///keys"), "no https URL"),
        (PATH, configuration(ISSUER, jwks_uri=7), "no https URL"),
        (PATH, configuration(ISSUER, jwks_uri=None), "no https URL"),
        (PATH, b"", "no JSON object"),
        (PATH, b"<html>", "no JSON object"),
        pytest.param(PATH, b"[" * 100_000, "no JSON object", id="deep"),
        (PATH, b"[]", "no JSON object"),
        (PATH, b"\xff", "no JSON object"),
        (KEYS_PATH, b"[]", "no JSON object"),
        (KEYS_PATH, b"{}", "no JWK Set"),
        (KEYS_PATH, json.dumps({"keys": {"one": KEY.jwk}}).encode(), "no JWK Set"),
    ],
    ids=str,
)
async def test_documents_that_are_not_as_they_should_be_are_not_believed(
    path: str, document: bytes, reason: str
) -> None:
    documents = DocumentsInMemory(KEY)
    documents.pages[ISSUER + path] = document
    with pytest.raises(ProviderError, match=reason):
        await discover_keys(an_issuer(), documents)


async def test_an_issuer_with_a_slash_at_its_end_is_asked_without_a_second_one() -> None:
    documents = DocumentsInMemory()
    documents.pages[ISSUER + PATH] = configuration(ISSUER + "/", jwks_uri=ISSUER + KEYS_PATH)
    assert await discover_keys(an_issuer(issuer=ISSUER + "/"), documents) == ()
    assert documents.asked == [ISSUER + PATH, ISSUER + KEYS_PATH]
