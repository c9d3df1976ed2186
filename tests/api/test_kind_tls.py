"""Secrets of kind `tls`: a certificate with its chain, its private key, perhaps the CA's certificate."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.x509 import load_pem_x509_certificate

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import encoded, faults, made, made_elsewhere, refusal, replaced, revealed, stored
from tests.support.tls import DAY, Pair, pair, reversed_chain

TYPE = "kubernetes.io/tls"


@pytest.fixture(scope="module")
def demo() -> Pair:
    return pair("demo.example.com", "*.demo.example.com", "192.0.2.7")


def content(pair: Pair, **more: object) -> dict[str, object]:
    return {"kind": "tls", "certificate": pair.certificate, "privateKey": pair.private_key, **more}


async def test_a_pair_is_stored_under_the_keys_that_kubernetes_knows(
    operator: Person, project: Project, admin: Admin, demo: Pair
) -> None:
    truststore = {"base64": encoded(b"\xfe\xed\xfe\xed" + canary().encode())}
    more = {"caCertificate": demo.ca_certificate, "extra": {"truststore.jks": truststore}}

    await made(operator, project, content(demo, **more))

    there = await stored(admin, project)
    assert there.type == TYPE
    assert {key: encoded(value) for key, value in there.data.items()} == {
        "tls.crt": encoded(demo.certificate),
        "tls.key": encoded(demo.private_key),
        "ca.crt": encoded(demo.ca_certificate),
        "truststore.jks": truststore["base64"],
    }


async def test_the_detail_says_what_the_certificate_says(operator: Person, project: Project, demo: Pair) -> None:
    await made(operator, project, content(demo))

    detail = (await operator.get(f"{project.secrets}/demo")).json()

    facts = detail["tls"]
    leaf = facts["leaf"]
    assert (detail["kind"], detail["type"], detail["keyCount"]) == ("tls", TYPE, 2)
    assert leaf["subject"] == load_pem_x509_certificate(demo.certificate.encode()).subject.rfc4514_string()
    assert leaf["subject"].startswith("CN=demo.example.com,OU=")
    assert leaf["issuer"] == facts["chain"][1]["subject"]
    assert sorted(leaf["subjectAlternativeNames"]) == ["*.demo.example.com", "192.0.2.7", "demo.example.com"]
    assert leaf["sha256Fingerprint"] == sha256(demo.der).hexdigest()
    assert leaf["keyType"] == "ECDSA secp256r1"
    assert leaf["notBefore"] < detail["createdAt"] < leaf["notAfter"]
    assert (facts["pairMatches"], facts["chainOk"], facts["state"]) == (True, True, "valid")
    assert len(facts["chain"]) == 2


@pytest.mark.parametrize(
    ("starts", "ends", "state"),
    [
        (-DAY, 60 * DAY, "valid"),
        (-DAY, 29 * DAY, "expiring"),
        (-9 * DAY, -DAY, "expired"),
        (DAY, 9 * DAY, "not-yet-valid"),
    ],
)
async def test_the_state_tells_where_a_certificate_stands_in_its_life(
    operator: Person, project: Project, starts: timedelta, ends: timedelta, state: str
) -> None:
    created = await made(operator, project, content(pair("demo.example.com", starts=starts, ends=ends)))
    assert created.json()["tls"]["state"] == state


async def test_a_chain_in_the_wrong_order_is_accepted_and_told(operator: Person, project: Project, demo: Pair) -> None:
    turned = reversed_chain(demo.certificate)
    created = await made(operator, project, {"kind": "tls", "certificate": turned, "privateKey": demo.private_key})
    facts = created.json()["tls"]
    assert (facts["pairMatches"], facts["chainOk"]) == (True, False)
    assert facts["leaf"]["subject"].startswith("CN=demo.example.com")
    assert facts["leaf"] == facts["chain"][1]


async def test_a_pair_that_kubectl_stored_mismatched_is_told_and_stays_editable(
    operator: Person, project: Project, admin: Admin, demo: Pair
) -> None:
    other = pair("other.example.com")
    data = {"tls.crt": demo.certificate, "tls.key": other.private_key}
    await made_elsewhere(admin, project, data, TYPE)

    facts = (await operator.get(f"{project.secrets}/demo")).json()["tls"]
    same = await replaced(operator, project, await revealed(operator, project))
    mended = await replaced(operator, project, content(demo))

    assert (facts["pairMatches"], facts["leaf"]["subject"][:19]) == (False, "CN=demo.example.com")
    assert same.json()["changedKeys"] == []
    assert mended.json()["changedKeys"] == ["tls.key"]


async def test_a_reveal_shows_the_pair_in_the_words_of_the_kind(operator: Person, project: Project, demo: Pair) -> None:
    extra = {"note": {"text": canary()}}
    await made(operator, project, content(demo, extra=extra))
    assert await revealed(operator, project) == {
        "kind": "tls",
        "certificate": {"text": demo.certificate},
        "privateKey": {"text": demo.private_key},
        "extra": extra,
    }


_EDITS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "left out": ({}, {"tls.crt", "tls.key", "ca.crt", "note", "other"}),
    "a null CA certificate": ({"caCertificate": None}, {"tls.crt", "tls.key", "note", "other"}),
    "no extra keys": ({"extra": {}}, {"tls.crt", "tls.key", "ca.crt"}),
    "other extra keys": ({"extra": {"new": "x", "note": "y"}}, {"tls.crt", "tls.key", "ca.crt", "new", "note"}),
}


@pytest.mark.parametrize(("more", "keys"), _EDITS.values(), ids=_EDITS)
async def test_what_an_edit_leaves_out_stays_and_null_removes(
    operator: Person, project: Project, admin: Admin, demo: Pair, more: dict[str, Any], keys: set[str]
) -> None:
    extra = {"note": canary(), "other": canary()}
    await made(operator, project, content(demo, caCertificate=demo.ca_certificate, extra=extra))
    renewed = pair("demo.example.com")

    response = await replaced(operator, project, content(renewed, **more))

    data = (await stored(admin, project)).data
    assert {"tls.crt", "tls.key"} <= set(response.json()["changedKeys"])
    assert data["tls.crt"] == renewed.certificate.encode()
    assert data["tls.key"] == renewed.private_key.encode()
    assert data.keys() == keys


_REFUSED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "no certificate": ({"certificate": "x"}, {"/content/certificate": "CERTIFICATE_INVALID"}),
    "half a certificate": (
        {"certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
        {"/content/certificate": "CERTIFICATE_INVALID"},
    ),
    "no key": ({"privateKey": ""}, {"/content/privateKey": "PRIVATE_KEY_INVALID"}),
    "neither": (
        {"certificate": {"base64": "AAAA"}, "privateKey": {"base64": "AAAA"}},
        {"/content/certificate": "CERTIFICATE_INVALID", "/content/privateKey": "PRIVATE_KEY_INVALID"},
    ),
    "the key of another": (
        {"privateKey": pair("other.example.com").private_key},
        {"/content/privateKey": "KEY_PAIR_MISMATCH"},
    ),
    "a key of the kind among the extra ones": (
        {"extra": {"tls.key": "x", "a b": ""}},
        {"/content/extra/a b": "KEY_INVALID"},
    ),
    "a key of the kind twice": ({"extra": {"ca.crt": "x"}}, {"/content/extra/ca.crt": "EXTRA_KEY_TAKEN"}),
    "null where something has to be": ({"privateKey": None}, {"/content/privateKey": "VALUE_AMBIGUOUS"}),
}


@pytest.mark.parametrize(("change", "expected"), _REFUSED.values(), ids=_REFUSED)
async def test_what_is_no_pair_is_refused_with_its_place(
    operator: Person, project: Project, demo: Pair, change: dict[str, Any], expected: dict[str, str]
) -> None:
    response = await operator.post(project.secrets, {"name": "demo", "content": content(demo) | change})
    assert refusal(response) == (422, "INVALID")
    assert faults(response) == expected


async def test_an_edit_is_checked_as_a_create_is(operator: Person, project: Project, admin: Admin, demo: Pair) -> None:
    await made(operator, project, content(demo))
    before = await stored(admin, project)
    mismatch = content(demo) | {"privateKey": pair("other.example.com").private_key}
    response = await replaced(operator, project, mismatch)
    assert faults(response) == {"/content/privateKey": "KEY_PAIR_MISMATCH"}
    assert await stored(admin, project) == before
