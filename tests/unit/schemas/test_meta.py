import json
from datetime import timedelta
from typing import Any

import pytest

from app.domain.identity import Identity, OwnToken, Source
from app.domain.kind import Kind, kind_of
from app.schemas.meta import Me, Meta
from app.settings import Identity as IdentitySettings
from app.settings import KubernetesTokens, Limits, Local, Secrets, Settings
from tests.unit.sample import NOW


def meta(**parts: Any) -> Any:
    return json.loads(Meta.from_settings(Settings(**parts), "1.2.3").model_dump_json())


def test_the_caller_is_told_who_they_are_to_kubernetes() -> None:
    identity = Identity(
        "secretspace:alice", ("secretspace:team",), expires_at=NOW + timedelta(hours=1), display_name="alice"
    )

    assert json.loads(Me.from_domain(identity).model_dump_json()) == {
        "username": "secretspace:alice",
        "groups": ["secretspace:team"],
        "displayName": "alice",
        "source": "local",
        "expiresAt": "2026-11-24T13:00:00Z",
    }


def test_a_caller_without_a_display_name_is_shown_by_their_own() -> None:
    robot = Identity("system:serviceaccount:ci:robot", (), Source.KUBERNETES, OwnToken("canary"))

    me = Me.from_domain(robot)

    assert (me.display_name, me.source, me.expires_at) == ("system:serviceaccount:ci:robot", "kubernetes", None)
    assert "canary" not in me.model_dump_json()


def test_every_kind_is_told_with_its_types() -> None:
    kinds = meta()["kinds"]

    assert [each["kind"] for each in kinds] == list(Kind)
    assert all(kind_of(each_type) == each["kind"] for each in kinds for each_type in each["types"])
    assert {each["kind"]: each["requiredFields"] for each in kinds if each["requiredFields"]} == {
        "default": ["data"],
        "tls": ["certificate", "privateKey"],
        "image-registry": ["registries"],
        "ssh-auth": ["privateKey"],
        "service-account-token": ["serviceAccount"],
        "custom": ["type", "data"],
    }


@pytest.mark.parametrize("allowed", [False, True])
def test_tokens_are_enabled_by_a_setting_alone(allowed: bool) -> None:
    kinds = meta(secrets=Secrets(allow_service_account_tokens=allowed))["kinds"]

    enabled = {each["kind"] for each in kinds if each["enabled"]}
    assert ("service-account-token" in enabled) is allowed
    assert enabled >= set(Kind) - {Kind.SERVICE_ACCOUNT_TOKEN}


def test_limits_are_those_of_the_settings() -> None:
    limits = meta(limits=Limits(body_bytes=1, yaml_bytes=2, keys=3, page=4))["limits"]

    assert limits == {
        "bodyBytes": 1,
        "yamlBytes": 2,
        "keys": 3,
        "page": 4,
        "valueBytes": 1_048_576,
        "annotationBytes": 262_144,
    }


@pytest.mark.parametrize(
    ("local", "kubernetes", "ways"),
    [
        (False, False, []),
        (True, False, ["local"]),
        (False, True, ["kubernetes"]),
        (True, True, ["local", "kubernetes"]),
    ],
)
def test_the_ways_in_that_are_on_are_told(local: bool, kubernetes: bool, ways: list[str]) -> None:
    identity = IdentitySettings(local=Local(enabled=local), kubernetes=KubernetesTokens(enabled=kubernetes))

    told = meta(identity=identity)

    assert told["signIn"] == ways
    assert told["version"] == "1.2.3"


def test_fields_have_rules_in_words() -> None:
    fields = {each["field"]: each for each in meta()["fields"]}

    assert {name: each["maxLength"] for name, each in fields.items()} == {
        "name": 253,
        "alias": 63,
        "description": 256,
        "content.data.key": 253,
        "labels.value": 63,
    }
    assert all(each["rule"].endswith(".") for each in fields.values())
