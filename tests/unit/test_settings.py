"""Settings refuse what would be unsafe, and what is not known."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.settings import Identity, Limits, Local, OidcIssuer, Settings

CORP: dict[str, Any] = {
    "issuer": "https://login.example.com",
    "audiences": ["console"],
    "username_prefix": "corp:",
}
PARTNER = {**CORP, "issuer": "https://id.partner.example", "username_prefix": "partner:"}


@pytest.mark.parametrize("prefix", ["", "people", ":", "system:", "secretspace-system:"])
def test_a_prefix_that_could_lend_somebody_elses_name_is_refused(prefix: str) -> None:
    with pytest.raises(ValidationError):
        Local(prefix=prefix)


def test_a_prefix_of_its_own_is_fine() -> None:
    assert Local(prefix="people:").prefix == "people:"


def test_a_misspelt_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETSPACE_LIMITS__BODY_BITES", "1")
    with pytest.raises(ValidationError):
        Settings()


def test_a_refusal_does_not_repeat_what_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETSPACE_SERVER__PORT", "canary-port")
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "canary-port" not in str(refused.value)


def test_settings_cannot_be_changed_once_made() -> None:
    with pytest.raises(ValidationError):
        Limits().page = 7


def test_nobody_gets_in_unless_a_way_in_is_switched_on() -> None:
    identity = Settings().identity
    assert (identity.local.enabled, identity.kubernetes.enabled, identity.oidc.issuers) == (False, False, ())


def test_issuers_are_set_as_a_list_in_json(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authorities = tmp_path / "ca.pem"
    authorities.touch()
    more = {"algorithms": ["ES256", "EdDSA"], "leeway": "PT5S", "ca_file": str(authorities), "groups_claim": "groups"}
    monkeypatch.setenv("SECRETSPACE_IDENTITY__OIDC__ISSUERS", json.dumps([CORP, {**PARTNER, **more}]))
    corp, partner = Settings().identity.oidc.issuers
    assert (corp.issuer, corp.audiences, corp.algorithms) == ("https://login.example.com", ("console",), ("RS256",))
    assert (corp.username_claim, corp.groups_claim, corp.ca_file) == ("sub", None, None)
    assert (partner.algorithms, partner.leeway) == (("ES256", "EdDSA"), timedelta(seconds=5))
    assert (partner.ca_file, partner.groups_claim) == (authorities, "groups")


def test_the_prefix_of_users_is_that_of_groups_unless_they_have_their_own() -> None:
    assert OidcIssuer.model_validate(CORP).prefixes == ("corp:", "corp:")
    assert OidcIssuer.model_validate({**CORP, "groups_prefix": "team:"}).prefixes == ("corp:", "team:")


@pytest.mark.parametrize("name", ["issuer", "audiences", "username_prefix"])
def test_an_issuer_is_refused_without_what_it_needs(name: str) -> None:
    with pytest.raises(ValidationError):
        OidcIssuer.model_validate({each: value for each, value in CORP.items() if each != name})


@pytest.mark.parametrize(
    "members",
    [
        {"issuer": "http://login.example.com"},
        {"issuer": "https://login.example.com/?realm=a"},
        {"audiences": []},
        {"audiences": [""]},
        {"audiences": "console"},
        {"algorithms": []},
        {"algorithms": ["none"]},
        {"algorithms": ["HS256"]},
        {"algorithms": ["RS256", "HS512"]},
        {"algorithms": ["ES256K"]},
        {"algorithms": ["rs256"]},
        {"username_claim": ""},
        {"username_prefix": ""},
        {"username_prefix": "-\n"},
        {"username_prefix": " corp:"},
        {"username_prefix": "cafe\u0301:"},
        {"username_prefix": None},
        {"groups_claim": ""},
        {"groups_prefix": ""},
        {"ca_file": "/nowhere/ca.pem"},
        {"ca_file": "/"},
        {"leeway": "PT61S"},
        {"leeway": "-PT1S"},
        {"insecure": True},
    ],
    ids=str,
)
def test_an_issuer_that_could_not_be_trusted_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OidcIssuer.model_validate({**CORP, **members})


@pytest.mark.parametrize(
    "identity",
    [
        {"oidc": {"issuers": [CORP, {**CORP, "username_prefix": "other:"}]}},
        {"oidc": {"issuers": [CORP]}, "local": {"issuer": CORP["issuer"]}},
        {"oidc": {"issuers": [CORP, {**PARTNER, "username_prefix": "corp:"}]}},
        {"oidc": {"issuers": [CORP, {**PARTNER, "groups_prefix": "corp:"}]}},
        {"oidc": {"issuers": [CORP]}, "local": {"prefix": "corp:"}},
        {"oidc": {"issuers": [{**CORP, "username_prefix": "system:"}]}},
        {"oidc": {"issuers": [{**CORP, "groups_prefix": "secretspace:"}]}},
    ],
    ids=["twice", "ours", "prefix", "group prefix", "local prefix", "reserved prefix", "prefix of local groups"],
)
def test_issuers_whose_users_could_be_taken_for_others_are_refused(identity: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Identity.model_validate(identity)


def test_issuers_that_are_apart_are_fine() -> None:
    assert len(Identity.model_validate({"oidc": {"issuers": [CORP, PARTNER]}}).oidc.issuers) == 2
