import json
from typing import Any, Final

import pytest

from app.domain.content import DefaultContent, RegistryContent, TlsContent
from app.domain.content_write import data_of, type_of
from app.domain.docker_config import RegistryEdit
from app.domain.errors import InvalidError
from app.domain.fault import Fault, Violation
from app.domain.imported import Imported, imported_data, imported_docker_config, imported_env, imported_pem
from app.domain.kind import DOCKER_CONFIG_JSON, DOCKER_CONFIG_JSON_KEY
from tests.unit.domain.certificate import CHAIN, KEY

HUB: Final = "https://index.docker.io/v1/"


def config(auths: Any, **more: Any) -> bytes:
    """A file as docker indents it."""
    return json.dumps({"auths": auths, **more}, indent="\t").encode()


def faults(file: bytes) -> list[Violation]:
    with pytest.raises(InvalidError) as raised:
        imported_docker_config(file)
    return list(raised.value.violations)


def test_a_docker_configuration_is_kept_byte_for_byte() -> None:
    entry = {"auth": "cm9ib3Q6YTpi", "identitytoken": "kept"}
    file = config({HUB: entry}, credHelpers={"gcr.io": "gcloud"}, HttpHeaders={})

    content = imported_docker_config(file).content

    assert content == RegistryContent((RegistryEdit(HUB, "robot", "a:b", None),), file=file)
    assert type_of(content) == DOCKER_CONFIG_JSON
    assert data_of(content, None, max_keys=1) == {DOCKER_CONFIG_JSON_KEY: file}


@pytest.mark.parametrize("file", [b"", b"{", b"[]", b'{"auths": []}', config({HUB: {"auth": "bm8tY29sb24="}})])
def test_what_is_no_docker_configuration_is_refused(file: bytes) -> None:
    assert faults(file) == [Violation("", Fault.DOCKER_CONFIG_INVALID)]


def test_a_credential_that_a_helper_keeps_cannot_be_imported() -> None:
    file = config({HUB: {}, "a.example.com": {"identitytoken": "x"}, "b.example.com": {"auth": "YTpi"}}, credsStore="x")

    assert [(each.pointer, each.fault) for each in faults(file)] == [
        ("/auths/https:~1~1index.docker.io~1v1~1", Fault.REGISTRY_CREDENTIAL_MISSING),
        ("/auths/a.example.com", Fault.REGISTRY_CREDENTIAL_MISSING),
    ]


@pytest.mark.parametrize(
    ("auths", "at"), [({}, "/content/registries"), ({"not a host": {"auth": "YTpi"}}, "/content/registries/0/server")]
)
def test_what_no_registry_secret_may_hold_is_refused_when_it_is_made(auths: Any, at: str) -> None:
    with pytest.raises(InvalidError) as raised:
        data_of(imported_docker_config(config(auths)).content, None, max_keys=1)

    assert [each.pointer for each in raised.value.violations] == [at]


def test_each_format_becomes_a_content_of_its_kind() -> None:
    assert imported_env(b"A=1", max_keys=1).content == DefaultContent({"A": b"1"})
    assert imported_pem(KEY + CHAIN).content == TlsContent(CHAIN, KEY)


@pytest.mark.parametrize(
    ("imported", "at", "place"),
    [
        (imported_data({}), "/content/data/A", "/A"),
        (imported_data({}), "/content/data", ""),
        (imported_data({}), "/content", ""),
        (imported_data({}, at="/files"), "/content/data/A", "/files/A"),
        (imported_data({}, at="/files"), "/name", ""),
        (imported_pem(KEY + CHAIN), "/content/privateKey", ""),
        (imported_docker_config(config({HUB: {"auth": "YTpi"}})), "/content/registries", "/auths"),
        (
            imported_docker_config(config({f"r{number}.io": {"auth": "YTpi"} for number in range(11)})),
            "/content/registries/10/password",
            "/auths/r10.io/password",
        ),
    ],
)
def test_what_is_said_of_the_secret_is_said_of_the_place_in_the_file(imported: Imported, at: str, place: str) -> None:
    assert imported.place_of(at) == place
