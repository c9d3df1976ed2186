"""Secrets that others made, with kubectl or a controller: each reads right, and no edit loses what it does not name."""

import json
from typing import Any

import pytest

from tests.support.canary import canary, leaks
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import Stored, encoded, faults, made_elsewhere, refusal, replaced, revealed, stored
from tests.support.tls import pair

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
DOCKER_CONFIG, DOCKER_CFG = "kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"
TLS = "kubernetes.io/tls"
PAIR = pair("demo.example.com")
PASSWORD, TOKEN = canary("password"), canary("token")
AUTH = encoded(f"robot:{PASSWORD}:with:colons")

CONFIG = (
    '{ "credsStore": "desktop",\n'
    f'  "auths": {{ "one.example.com": {{"auth": "{AUTH}", "unknown": [1.0, 1e2]}},\n'
    f'             "two.example.com" : {{"username": "u", "password": "{PASSWORD}", "email": "u@example.com"}},\n'
    f'             "three.example.com": {{"identitytoken": "{TOKEN}"}}, "four.example.com": {{ }} }},\n'
    f'  "credHelpers": {{"five.example.com": "gcloud"}}, "HttpHeaders": {{"X-Meta": "{TOKEN}"}}\n}}'
)
"""As Docker and people leave such a file: formatted by hand, with entries and members that are not known here."""

SHAPES: dict[str, tuple[str, dict[str, bytes | str]]] = {
    "nothing": ("Opaque", {}),
    "binary data": ("Opaque", {"keystore.jks": b"\xfe\xed\xfe\xed\x00" + canary().encode(), "crlf": "a\r\nb"}),
    "a pair with its CA": (
        TLS,
        {"tls.crt": PAIR.certificate, "tls.key": PAIR.private_key, "ca.crt": PAIR.ca_certificate},
    ),
    "an empty pair": (TLS, {"tls.crt": "", "tls.key": ""}),
    "a certificate that is no PEM": (TLS, {"tls.crt": PAIR.der, "tls.key": PAIR.private_key, "more": canary()}),
    "a docker configuration": (DOCKER_CONFIG, {".dockerconfigjson": CONFIG, "more": canary()}),
    "an older docker configuration": (
        DOCKER_CFG,
        {".dockercfg": f'{{"a.example.com": {{"auth": "{encoded(f"u:{PASSWORD}")}"}}}}'},
    ),
    "one without registries": (DOCKER_CONFIG, {".dockerconfigjson": '{"credHelpers": {"a.example.com": "gcloud"}}'}),
    "a broken one": (
        DOCKER_CONFIG,
        {".dockerconfigjson": f'{{"auths": {{"a.example.com": {{"auth": "{PASSWORD}"}}}}}}'},
    ),
    "one of another shape": (DOCKER_CONFIG, {".dockerconfigjson": f'{{"auths": ["{PASSWORD}"]}}'}),
    "half an account": ("kubernetes.io/basic-auth", {"password": b"\xff" + canary().encode()}),
    "an SSH key with more": ("kubernetes.io/ssh-auth", {"ssh-privatekey": canary(), "ssh-publickey": canary()}),
    "a type of its own": ("bootstrap.kubernetes.io/token", {"token-id": canary()}),
}


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> tuple[str, dict[str, bytes | str]]:
    """Type and data of one of them."""
    return SHAPES[request.param]


async def there(admin: Admin, project: Project, shape: tuple[str, dict[str, bytes | str]]) -> Stored:
    """It, with all else that others leave on a Secret."""
    secret_type, data = shape
    applied = json.dumps({"data": {key: encoded(value) for key, value in data.items()}})
    return await made_elsewhere(
        admin,
        project,
        data,
        secret_type,
        labels={"theirs": "x"},
        annotations={"example.com/theirs": "y", LAST_APPLIED: applied},
    )


async def test_no_value_is_seen_but_in_a_reveal(
    operator: Person, project: Project, admin: Admin, shape: tuple[str, dict[str, bytes | str]]
) -> None:
    await there(admin, project, shape)
    answers = [
        await operator.get(project.secrets),
        await operator.get(f"{project.secrets}/demo"),
        await operator.get(f"{project.secrets}/demo/yaml"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [leaks(answer.content) for answer in answers] == [[], [], []]
    assert [LAST_APPLIED in answer.text for answer in answers] == [False] * 3
    assert answers[1].json()["annotations"] == {"example.com/theirs": "y"}


async def test_a_reveal_sent_back_writes_nothing(
    operator: Person, project: Project, admin: Admin, shape: tuple[str, dict[str, bytes | str]]
) -> None:
    before = await there(admin, project, shape)
    read = await operator.get(f"{project.secrets}/demo")
    etag = read.headers["ETag"]

    typed = await replaced(operator, project, await revealed(operator, project), etag)
    raw = await replaced(operator, project, await revealed(operator, project, view="raw"), etag)
    upserted = await operator.put(f"{project.secrets}/demo", {"content": await revealed(operator, project)}, etag)
    text = (await operator.get(f"{project.secrets}/demo/yaml")).text
    document = await operator.put_yaml(f"{project.secrets}/demo/yaml", text, etag)

    answers = (typed, raw, upserted, document)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {answer.headers["ETag"] for answer in answers} == {etag}
    assert await stored(admin, project) == before


async def test_edits_of_all_else_lose_no_byte(
    operator: Person, project: Project, admin: Admin, shape: tuple[str, dict[str, bytes | str]]
) -> None:
    before = await there(admin, project, shape)
    path = f"{project.secrets}/demo"

    answers = [
        await operator.patch(path, {"alias": "Demo", "labels": {"app": "demo"}}),
        await operator.patch(f"{path}/data", {"set": {"added.1": "x"}}),
        await operator.patch(f"{path}/data", {"setIfAbsent": {"added.2": "y"}}),
        await operator.patch(f"{path}/data", {"rename": {"added.2": "added.3"}}),
    ]
    text = (await operator.get(f"{path}/yaml")).text
    answers.append(await operator.put_yaml(f"{path}/yaml", text.replace("theirs: x", "theirs: z")))
    raw = await revealed(operator, project, view="raw")
    raw["data"] = {key: value for key, value in raw["data"].items() if key != "added.1"}
    answers.append(await replaced(operator, project, raw))

    after = await stored(admin, project)
    assert [answer.status_code for answer in answers] == [200] * 6
    assert after.data == {**before.data, "added.3": b"y"}
    assert after.type == before.type
    assert after.labels == {"theirs": "z", "app": "demo"}
    assert after.annotations == {**before.annotations, "kubesphere.io/alias-name": "Demo"}


async def test_a_der_certificate_is_shown_raw_and_says_why(operator: Person, project: Project, admin: Admin) -> None:
    await there(admin, project, SHAPES["a certificate that is no PEM"])
    content = await revealed(operator, project)
    detail = (await operator.get(f"{project.secrets}/demo")).json()
    assert (content["kind"], content["type"]) == ("raw", TLS)
    assert content["problem"] == "The certificate is not PEM that can be read."
    assert content["data"]["tls.crt"] == {"base64": encoded(PAIR.der)}
    assert (detail["kind"], detail["tls"]) == ("tls", None)


@pytest.mark.parametrize("name", ["a broken one", "one of another shape"])
async def test_a_broken_docker_configuration_is_shown_raw_and_says_why(
    operator: Person, project: Project, admin: Admin, name: str
) -> None:
    shape = SHAPES[name]
    await there(admin, project, shape)
    content = await revealed(operator, project)
    detail = (await operator.get(f"{project.secrets}/demo")).json()
    assert (content["kind"], content["type"]) == ("raw", DOCKER_CONFIG)
    assert content["problem"] == "The docker configuration cannot be read as a list of registries."
    assert content["data"][".dockerconfigjson"] == {"text": shape[1][".dockerconfigjson"]}
    assert (detail["kind"], detail["registries"]) == ("image-registry", None)


async def test_a_broken_docker_configuration_can_be_replaced_by_a_good_one(
    operator: Person, project: Project, admin: Admin
) -> None:
    await there(admin, project, SHAPES["a broken one"])
    registry = {"server": "a.example.com", "username": "u", "password": PASSWORD}
    response = await replaced(operator, project, {"kind": "image-registry", "registries": [registry]})
    assert response.status_code == 200
    assert (await revealed(operator, project))["registries"] == [registry]


async def test_registries_are_read_as_the_kubelet_reads_them(operator: Person, project: Project, admin: Admin) -> None:
    await there(admin, project, SHAPES["a docker configuration"])
    content = await revealed(operator, project)
    detail = (await operator.get(f"{project.secrets}/demo")).json()
    assert content["registries"] == [
        {"server": "one.example.com", "username": "robot", "password": f"{PASSWORD}:with:colons"},
        {"server": "two.example.com", "username": "u", "password": PASSWORD, "email": "u@example.com"},
        {"server": "three.example.com", "username": "", "password": ""},
        {"server": "four.example.com", "username": "", "password": ""},
    ]
    assert [registry["username"] for registry in detail["registries"]] == ["robot", "u", "", ""]


async def test_an_edit_of_one_registry_leaves_the_others_and_all_unknown_members(
    operator: Person, project: Project, admin: Admin
) -> None:
    await there(admin, project, SHAPES["a docker configuration"])
    content = await revealed(operator, project)
    new = canary()
    content["registries"][0]["password"] = new
    del content["registries"][3]

    response = await replaced(operator, project, content)

    text = (await stored(admin, project)).data[".dockerconfigjson"].decode()
    document: dict[str, Any] = json.loads(text)
    auth = encoded(f"robot:{new}")
    assert response.json()["changedKeys"] == [".dockerconfigjson"]
    assert document["auths"].keys() == {"one.example.com", "two.example.com", "three.example.com"}
    assert document["auths"]["one.example.com"] == {
        "username": "robot",
        "password": new,
        "auth": auth,
        "unknown": [1.0, 1e2],
    }
    assert '"unknown":[1.0, 1e2]' in text
    assert f'{{"username": "u", "password": "{PASSWORD}", "email": "u@example.com"}}' in text
    assert f'{{"identitytoken": "{TOKEN}"}}' in text
    assert document["credHelpers"] == {"five.example.com": "gcloud"}
    assert (document["credsStore"], document["HttpHeaders"]) == ("desktop", {"X-Meta": TOKEN})


async def test_the_older_form_is_read_and_written_back_in_its_own_form(
    operator: Person, project: Project, admin: Admin
) -> None:
    await there(admin, project, SHAPES["an older docker configuration"])
    content = await revealed(operator, project)
    added = {"server": "b.example.com", "username": "v", "password": canary()}
    shown = {"server": "a.example.com", "username": "u", "password": PASSWORD}

    await replaced(operator, project, content | {"registries": [*content["registries"], added]})

    after = await stored(admin, project)
    document = json.loads(after.data[".dockercfg"])
    assert content == {"kind": "image-registry", "registries": [shown], "extra": {}}
    assert (after.type, list(after.data)) == (DOCKER_CFG, [".dockercfg"])
    assert document == {
        "a.example.com": {"auth": encoded(f"u:{PASSWORD}")},
        "b.example.com": {
            "username": "v",
            "password": added["password"],
            "auth": encoded(f"v:{added['password']}"),
        },
    }


async def test_a_null_value_reads_as_an_empty_one(operator: Person, project: Project, admin: Admin) -> None:
    await admin.post(project.kube_secrets, {"metadata": {"name": "demo"}, "data": {"k": None}})
    detail = (await operator.get(f"{project.secrets}/demo")).json()
    assert detail["keys"] == [{"name": "k", "size": 0, "binary": False}]
    assert await revealed(operator, project) == {"kind": "default", "data": {"k": {"text": ""}}}


async def test_text_that_kubectl_sent_as_text_reads_as_text(operator: Person, project: Project, admin: Admin) -> None:
    value = f"{canary()} é\n"
    await admin.post(project.kube_secrets, {"metadata": {"name": "demo"}, "stringData": {"k": value}})
    assert await revealed(operator, project) == {"kind": "default", "data": {"k": {"text": value}}}


async def test_the_creator_is_unknown_where_nobody_is_named(operator: Person, project: Project, admin: Admin) -> None:
    await made_elsewhere(admin, project, {})
    (item,) = (await operator.get(project.secrets)).json()["items"]
    assert (item["creator"], item["alias"], item["description"]) == ("", "", "")


@pytest.mark.parametrize("tool", [LAST_APPLIED, "kapp.k14s.io/original", "objectset.rio.cattle.io/applied"])
async def test_copies_of_values_in_the_annotations_of_other_tools_are_never_answered(
    operator: Person, project: Project, admin: Admin, tool: str
) -> None:
    await made_elsewhere(admin, project, {}, annotations={tool: f"of an older version: {canary()}", "note": "x"})
    detail = await operator.get(f"{project.secrets}/demo")
    view = await operator.get(f"{project.secrets}/demo/yaml")
    assert detail.json()["annotations"] == {"note": "x"}
    assert tool not in view.text


async def test_a_secret_with_more_keys_than_are_allowed_here_is_edited_and_does_not_grow(
    operator: Person, project: Project, admin: Admin
) -> None:
    await made_elsewhere(admin, project, {f"k{number:04}": canary() for number in range(1100)})
    path = f"{project.secrets}/demo"
    content = await revealed(operator, project)
    text = (await operator.get(f"{path}/yaml")).text

    same = [await replaced(operator, project, content), await operator.put_yaml(f"{path}/yaml", text)]
    edited = [
        await operator.patch(f"{path}/data", {"set": {"k0000": "x"}}),
        await operator.patch(f"{path}/data", {"remove": ["k0001"]}),
    ]
    content["data"]["one.more"] = {"text": "x"}
    text = (await operator.get(f"{path}/yaml")).text + "  one.more: eA==\n"
    grown = [await replaced(operator, project, content), await operator.put_yaml(f"{path}/yaml", text)]

    assert [answer.status_code for answer in same] == [200, 200]
    assert [answer.json()["changedKeys"] for answer in edited] == [["k0000"], ["k0001"]]
    assert [faults(answer) for answer in grown] == [{"/content/data": "TOO_MANY_KEYS"}, {"/data": "TOO_MANY_KEYS"}]
    assert len((await stored(admin, project)).data) == 1099


async def test_a_key_that_nobody_asked_for_is_not_found(operator: Person, project: Project, admin: Admin) -> None:
    await there(admin, project, SHAPES["half an account"])
    response = await operator.get(f"{project.secrets}/demo/data/username")
    assert refusal(response) == (404, "KEY_NOT_FOUND")
