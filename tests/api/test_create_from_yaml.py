"""Secrets made of YAML documents: each by itself, nothing of one that fails, and the answer says which."""

from typing import Any

import httpx
import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import READER, MakeProject, People, Person, Project
from tests.support.problem import assert_problem
from tests.support.secret import NAME, encoded, faults, made, made_elsewhere, refusal, revealed, stored
from tests.unit.sample import EVERY_BYTE


def document(name: str, more: str = "") -> str:
    """A Secret as YAML."""
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\n{more}"


async def sent(
    person: Person, project: Project, *texts: str, query: str = "", media_type: str = "application/yaml"
) -> httpx.Response:
    """The answer to who sends these documents."""
    path = f"{project.path}/secret-actions/create-from-yaml{query}"
    headers = {"Content-Type": media_type}
    return await person.request("POST", path, content="---\n".join(texts), headers=headers)


def codes(response: httpx.Response) -> list[str | None]:
    """Why nothing was made of each document; None where it was."""
    return [item.get("problem", {}).get("code") for item in response.json()["items"]]


def places(item: dict[str, Any]) -> list[tuple[str, str, int, int]]:
    """What is wrong with a document, and where."""
    return [(each["pointer"], each["code"], each["line"], each["column"]) for each in item["problem"]["errors"]]


async def there(admin: Admin, project: Project) -> set[str]:
    """The names of the Secrets that are there."""
    return {item["metadata"]["name"] for item in (await admin.get(project.kube_secrets))["items"]}


async def test_each_document_becomes_a_secret(operator: Person, project: Project, admin: Admin) -> None:
    password = canary()
    more = (
        "  labels: {app: demo}\n  annotations: {kubesphere.io/alias-name: Demo}\n"
        f"type: example.com/x\nimmutable: true\ndata: {{a.bin: {encoded(EVERY_BYTE)}}}\nstringData: {{b: {password}}}\n"
    )

    response = await sent(operator, project, document("one", more), document("two"))

    one, two = response.json()["items"]
    after = await stored(admin, project, "one")
    etag = (await operator.get(f"{project.secrets}/one")).headers["ETag"]
    assert response.status_code == 200
    assert (response.json()["created"], response.json()["failed"]) == (2, 0)
    assert (one["index"], one["line"], one["name"], one["status"], one["etag"]) == (0, 1, "one", "created", etag)
    assert (two["index"], two["line"], two["name"], two["warnings"]) == (1, 12, "two", [])
    assert (after.type, after.data) == ("example.com/x", {"a.bin": EVERY_BYTE, "b": password.encode()})
    assert after.object["immutable"]
    assert after.labels == {"app": "demo"}
    assert after.annotations == {"kubesphere.io/alias-name": "Demo", "kubesphere.io/creator": operator.username}
    assert (await stored(admin, project, "two")).type == "Opaque"


async def test_nothing_is_made_of_what_fails_and_the_others_are_made(
    operator: Person, project: Project, admin: Admin
) -> None:
    before = await made_elsewhere(admin, project, {"a": canary()}, name="taken")

    response = await sent(
        operator,
        project,
        document("good"),
        document("quote-it", f"stringData:\n  password: {canary()}\n  port: 5432\n"),
        document("taken", f"stringData: {{a: {canary()}}}\n"),
        "apiVersion: v1\nkind: ConfigMap\n",
        document("good"),
        document("masked", 'data:\n  password: "<kept: 24 bytes>"\n'),
        document("last"),
    )

    items = response.json()["items"]
    assert response.status_code == 200
    assert codes(response) == [None, "INVALID", "ALREADY_EXISTS", "INVALID", "INVALID", "INVALID", None]
    assert (response.json()["created"], response.json()["failed"]) == (2, 5)
    assert places(items[1]) == [("/stringData/port", "YAML_QUOTE_IT", 12, 9)]
    assert places(items[3]) == [("/kind", "YAML_NOT_A_SECRET", 21, 7)]
    assert places(items[4]) == [("/metadata/name", "SECRET_NAMED_TWICE", 26, 3)]
    assert places(items[5]) == [("/data/password", "MASK_NOT_ALLOWED", 33, 3)]
    assert "name" not in items[3]
    assert await there(admin, project) == {"good", "taken", "last"}
    assert await stored(admin, project, "taken") == before


async def test_a_dry_run_makes_nothing(operator: Person, project: Project, admin: Admin) -> None:
    await made(operator, project, {"kind": "default", "data": {"password": canary()}})

    response = await sent(operator, project, document("one"), document(NAME), query="?dryRun=true")

    assert codes(response) == [None, "ALREADY_EXISTS"]
    assert "etag" not in response.json()["items"][0]
    assert await there(admin, project) == {NAME}


async def test_what_was_downloaded_can_be_uploaded_elsewhere(
    operator: Person, project: Project, make_project: MakeProject, admin: Admin
) -> None:
    other = await make_project()
    content = {"kind": "default", "data": {"a.bin": {"base64": encoded(EVERY_BYTE)}, "password": canary()}}
    await made(operator, project, content, alias="Demo", labels={"app": "demo"})
    text = (await operator.get(f"{project.secrets}/{NAME}/yaml", params={"values": "plain"})).text

    here = await sent(operator, project, text)
    elsewhere = await sent(operator, other, text.replace(f"  namespace: {project.name}\n", ""))
    misplaced = await sent(operator, other, text)

    assert (codes(here), codes(elsewhere)) == (["ALREADY_EXISTS"], [None])
    assert [place[:2] for place in places(misplaced.json()["items"][0])] == [
        ("/metadata/namespace", "PROJECT_MISMATCH")
    ]
    assert await revealed(operator, other) == await revealed(operator, project)
    assert (await stored(admin, other)).annotations == (await stored(admin, project)).annotations


async def test_values_are_remarked_on_and_never_quoted(operator: Person, project: Project) -> None:
    text = document("one", f'stringData:\n  line: "{canary()}\\n"\n')

    (item,) = (await sent(operator, project, text)).json()["items"]

    assert [(each["pointer"], each["code"]) for each in item["warnings"]] == [("/stringData/line", "TRAILING_NEWLINE")]


async def test_what_kubernetes_refuses_is_told_of_the_document(operator: Person, project: Project) -> None:
    text = document("one", "type: kubernetes.io/tls\n")

    response = await sent(operator, project, text, document("two"))

    assert codes(response) == ["INVALID", None]


async def test_who_may_not_create_is_told_so_of_each(people: People, project: Project, admin: Admin) -> None:
    response = await sent(people[READER], project, document("one"), document("two"))

    assert codes(response) == ["FORBIDDEN", "FORBIDDEN"]
    assert await there(admin, project) == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (document("one") + "---\ndata: [\n", "YAML_MALFORMED"),
        (document("one") + "---\n" * 60 + "[" * 100, "YAML_TOO_MANY_DOCUMENTS"),
        (document("one") + "---\n" + "[" * 100, "YAML_TOO_DEEP"),
        (document("one") + "---\n" + "[" * 100_000, "YAML_MALFORMED"),
        ("# nothing\n", "YAML_NO_DOCUMENT"),
    ],
)
async def test_a_text_that_cannot_be_read_to_its_end_is_a_problem_of_the_whole(
    operator: Person, project: Project, admin: Admin, text: str, code: str
) -> None:
    response = await sent(operator, project, text)

    assert_problem(response, 422, "INVALID")
    assert faults(response) == {"": code}
    assert await there(admin, project) == set()


async def test_it_takes_yaml_by_each_of_its_names_and_nothing_else(operator: Person, project: Project) -> None:
    types = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"]

    taken = [await sent(operator, project, document(f"one-{at}"), media_type=each) for at, each in enumerate(types)]
    refused = await sent(operator, project, document("one"), media_type="application/json")
    empty = await sent(operator, project, "")
    large = await sent(operator, project, document("one", f"# {'x' * 2 * 1024 * 1024}\n"))

    assert [codes(each) for each in taken] == [[None]] * len(types)
    assert refusal(refused) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert faults(empty) == {"": "BODY_REQUIRED"}
    assert refusal(large) == (413, "BODY_TOO_LARGE")


async def test_a_project_that_is_not_there_is_a_problem_of_the_whole(operator: Person) -> None:
    assert_problem(await sent(operator, Project("absent"), document("one")), 404, "PROJECT_NOT_FOUND")
