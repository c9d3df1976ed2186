import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.absent import ABSENT
from app.domain.docker_config import BrokenDockerConfigError, DockerConfig, Registry, RegistryEdit, server_fault
from app.domain.fault import Fault

HUB = "https://index.docker.io/v1/"
texts = st.text(max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
credentials = st.fixed_dictionaries(
    {"username": texts.filter(lambda text: ":" not in text), "password": texts},
    optional={"email": texts | st.none(), "identitytoken": texts, "more": json_values},
)
entries = st.dictionaries(texts, credentials, max_size=4)
spacings = st.sampled_from([None, 2, "\t"])


def auth(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def parsed(entry: Any, server: str = "a.example") -> DockerConfig:
    return DockerConfig.parse(json.dumps({"auths": {server: entry}}).encode())


def only(config: DockerConfig) -> Registry:
    (registry,) = config.registries
    return registry


def after(config: DockerConfig, *edits: RegistryEdit) -> Any:
    written = config.edited(edits)
    assert written is not None
    return json.loads(written)


@pytest.mark.parametrize(
    ("entry", "username", "password"),
    [
        ({"username": "u", "password": "p"}, "u", "p"),
        ({"auth": auth("u:p")}, "u", "p"),
        ({"auth": auth("u:p:q:")}, "u", "p:q:"),
        ({"auth": auth(":p")}, "", "p"),
        ({"auth": auth("u:")}, "u", ""),
        ({"auth": auth("u:pass").rstrip("=")}, "u", "pass"),
        ({"auth": auth("zoë:日本")}, "zoë", "日本"),
        ({"username": "old", "password": "old", "auth": auth("new:p")}, "new", "p"),
        ({"username": "u", "password": "p", "auth": ""}, "u", "p"),
        ({"identitytoken": "t"}, "", ""),
        ({}, "", ""),
    ],
)
def test_a_credential_is_read_as_kubelet_reads_it(entry: dict[str, str], username: str, password: str) -> None:
    assert only(parsed(entry)) == Registry("a.example", username, password)


def test_registries_are_told_in_the_order_of_the_file() -> None:
    file = b'{ "auths" : {"b.example": {}, "a.example": {"email": "e"}}, "credHelpers": {"c": "d"} }'

    assert DockerConfig.parse(file).registries == (Registry("b.example", "", ""), Registry("a.example", "", "", "e"))


def test_the_older_form_has_its_entries_at_the_top() -> None:
    file = json.dumps({HUB: {"auth": auth("u:p")}}).encode()

    assert only(DockerConfig.parse(file, legacy=True)) == Registry(HUB, "u", "p")


def test_a_file_without_entries_has_no_registries() -> None:
    assert DockerConfig.parse(b"{}").registries == DockerConfig.parse(b" {} \n", legacy=True).registries == ()
    assert DockerConfig.parse(b' {"auths": {} } \n').registries == ()


BROKEN = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b"{} {}",
    b'{"auths": {},}',
    b'{"auths": {},} ',
    b"1}",
    b'{"auths": {} "a": 1}',
    b'{"auths"; {}}',
    b'{"auths": {}, "auths": {}}',
    b"{1: {}}",
    b'{"auths": []}',
    b'{"auths": null}',
    b'{"auths": {"a": null}}',
    b'{"auths": {"a": {}, "a": {}}}',
    b'{"auths": {"a": {"username": 5}}}',
    b'{"auths": {"a": {"password": null}}}',
    b'{"auths": {"a": {"email": 5}}}',
    b'{"auths": {"a": {"auth": 5}}}',
    b'{"auths": {"a": {"auth": "!"}}}',
    b'{"auths": {"a": {"auth": "d!Tpw"}}}',
    b'{"auths": {"a": {"auth": "bm8gY29sb24="}}}',
    b'{"auths": {"a": {"auth": "/zph"}}}',
    '{"auths": {"a": {"auth": "é"}}}'.encode(),
    b'{"auths": {"a": {"password": "\\ud800"}}}',
    b'{"auths": {"\\ud800": {}}}',
    b'{"auths": {"a": ' + b"[" * 100_000,
    b'{"auths": {"a": {"x": ' + b"9" * 5_000 + b"}}}",
    b"\xff\xfe{}",
    b"\xef\xbb\xbf{}",
]


@pytest.mark.parametrize("file", BROKEN, ids=range(len(BROKEN)))
def test_a_file_that_is_no_list_of_registries_is_refused_by_a_constant(file: bytes) -> None:
    with pytest.raises(BrokenDockerConfigError) as caught:
        DockerConfig.parse(file)

    assert caught.value.args == ("The docker configuration cannot be read as a list of registries.",)
    assert caught.value.__cause__ is None


@given(st.binary(max_size=40) | json_values.map(lambda value: json.dumps(value).encode()), st.booleans())
def test_whatever_the_file_it_is_read_or_broken(file: bytes, legacy: bool) -> None:
    try:
        config = DockerConfig.parse(file, legacy=legacy)
    except BrokenDockerConfigError:
        return

    assert all(isinstance(registry, Registry) for registry in config.registries)


@given(st.dictionaries(texts, st.dictionaries(st.sampled_from(["username", "auth", "email", "x"]), json_values)))
def test_whatever_the_entries_they_are_read_or_broken(auths: Any) -> None:
    try:
        config = DockerConfig.parse(json.dumps({"auths": auths}).encode())
    except BrokenDockerConfigError:
        return

    assert [registry.server for registry in config.registries] == list(auths)


@given(entries, json_values, spacings, st.booleans())
def test_what_is_sent_back_as_it_was_read_changes_nothing(auths: Any, helpers: Any, indent: Any, legacy: bool) -> None:
    file = json.dumps(auths if legacy else {"auths": auths, "credHelpers": helpers}, indent=indent).encode()
    config = DockerConfig.parse(file, legacy=legacy)

    edits = [RegistryEdit(each.server, each.username, each.password, each.email) for each in config.registries]

    assert config.edited(edits) is None
    assert config.edited([RegistryEdit(each.server, each.username) for each in reversed(edits)]) is None


@given(entries, json_values, spacings, st.booleans(), texts)
def test_an_edit_leaves_every_other_entry_as_it_is_byte_for_byte(
    auths: Any, helpers: Any, indent: Any, legacy: bool, password: str
) -> None:
    auths = {"a.example": {"username": "u", "password": "p"}} | auths
    file = json.dumps(auths if legacy else {"credHelpers": helpers, "auths": auths}, indent=indent).encode()
    config = DockerConfig.parse(file, legacy=legacy)
    edits = [RegistryEdit(each.server, each.username) for each in config.registries]
    edits[0] = RegistryEdit("a.example", "u", password + "!")

    written = config.edited(edits)

    assert written is not None
    again = DockerConfig.parse(written, legacy=legacy)
    assert again.registries == (Registry("a.example", "u", password + "!"), *config.registries[1:])
    assert {**again._entries, "a.example": ""} == {**config._entries, "a.example": ""}
    assert again._others == config._others


def test_a_changed_entry_is_written_as_kubectl_does_and_keeps_what_is_not_known_here() -> None:
    config = parsed({"auth": auth("u:old"), "email": "e", "identitytoken": "t", "x": {"y": [1.50, None]}})

    assert after(config, RegistryEdit("a.example", "u", "new")) == {
        "auths": {
            "a.example": {
                "username": "u",
                "password": "new",
                "email": "e",
                "auth": auth("u:new"),
                "identitytoken": "t",
                "x": {"y": [1.50, None]},
            }
        }
    }


def test_a_number_keeps_the_digits_that_it_was_written_in() -> None:
    config = DockerConfig.parse(b'{"auths": {"a.example": {"auth": "dTpw", "x": 1.500e+2}}, "y": 1.0}')

    written = config.edited([RegistryEdit("a.example", "u", "q")])

    assert b'"x":1.500e+2' in (written or b"")
    assert b'"y":1.0' in (written or b"")


def test_an_absent_password_or_email_stays() -> None:
    config = parsed({"username": "u", "password": "p:q", "email": "e"})

    entry = after(config, RegistryEdit("a.example", "v"))["auths"]["a.example"]

    assert entry == {"username": "v", "password": "p:q", "email": "e", "auth": auth("v:p:q")}


def test_an_email_of_none_is_removed() -> None:
    config = parsed({"username": "u", "password": "p", "email": "e"})

    entry = after(config, RegistryEdit("a.example", "u", ABSENT, None))["auths"]["a.example"]

    assert entry == {"username": "u", "password": "p", "auth": auth("u:p")}


def test_a_registry_that_is_missing_is_removed_and_a_new_one_is_added() -> None:
    config = parsed({"auth": auth("u:p")})

    written = after(config, RegistryEdit("b.example", "v", "q", "e"))

    assert written == {"auths": {"b.example": {"username": "v", "password": "q", "email": "e", "auth": auth("v:q")}}}


def test_the_older_form_is_written_back_in_its_own_form() -> None:
    config = DockerConfig.parse(json.dumps({HUB: {"auth": auth("u:p")}}).encode(), legacy=True)

    assert after(config, RegistryEdit(HUB, "u", "q"))[HUB]["auth"] == auth("u:q")


@given(texts.filter(lambda text: text and ":" not in text), texts)
def test_what_is_written_is_what_is_read(username: str, password: str) -> None:
    written = DockerConfig(()).edited([RegistryEdit("a.example", username, password)])

    assert only(DockerConfig.parse(written or b"")) == Registry("a.example", username, password)


def test_passwords_are_not_shown() -> None:
    config = parsed({"username": "u", "password": "canary", "auth": auth("u:canary")})
    edit = RegistryEdit("a.example", "u", "canary")

    assert "canary" not in repr(config) + repr(edit) + repr(only(config))
    assert auth("u:canary") not in repr(config)


@pytest.mark.parametrize(
    "server",
    [
        "a",
        "a:1",
        "registry.example.com",
        "registry.example.com:5000",
        "https://registry.example.com/v2/a_b~c",
        "http://registry",
        HUB,
        "*.example.com",
        "10.0.0.1:65535",
        "[2001:db8::1]:443",
    ],
)
def test_addresses_of_registries(server: str) -> None:
    assert server_fault(server) is None


@pytest.mark.parametrize(
    "server",
    [
        "",
        " ",
        "a b",
        "a\n",
        "ftp://a",
        "https://",
        "//a",
        "a:0",
        "a:65536",
        "a:x",
        "a:",
        "user@a",
        "user:password@a",
        "a/..",
        "a..b",
        "-a",
        "a/?q",
        "a#f",
        "é",
        "[2001:db8::1",
        "a" * 254,
        "a/" + "b" * 513,
    ],
)
def test_what_is_no_address_of_a_registry(server: str) -> None:
    assert server_fault(server) is Fault.REGISTRY_SERVER_INVALID
