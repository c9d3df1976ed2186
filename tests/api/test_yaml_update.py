"""Edit YAML: the document is the whole of what the view shows; what it masks or hides stays as it is stored."""

import httpx
import pytest

from tests.support.canary import canary
from tests.support.cluster import Admin
from tests.support.people import Person, Project
from tests.support.secret import encoded, made, made_elsewhere, refusal, stored

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
ALIAS, CREATOR = "kubesphere.io/alias-name", "kubesphere.io/creator"
BINARY = b"\xff\x00\xfe"


async def updated(person: Person, project: Project, text: str | bytes, if_match: str = "*") -> httpx.Response:
    """The answer to an update by a document."""
    return await person.put_yaml(f"{project.secrets}/demo/yaml", text, if_match)


async def masked(person: Person, project: Project) -> str:
    """The document of the view."""
    return (await person.get(f"{project.secrets}/demo/yaml")).raise_for_status().text


@pytest.fixture
def demo() -> dict[str, bytes]:
    """Values of many a form."""
    return {"text": canary().encode(), "binary": BINARY + canary().encode(), "empty": b"", "lines": b"a\r\nb\n"}


async def test_the_view_sent_back_writes_nothing(
    operator: Person, project: Project, admin: Admin, demo: dict[str, bytes]
) -> None:
    annotations = {ALIAS: "Demo", CREATOR: "somebody", LAST_APPLIED: "{}", "copy": demo["text"].decode(), "note": "x"}
    before = await made_elsewhere(admin, project, demo, labels={"app": "demo", "yes": "no"}, annotations=annotations)
    path = f"{project.secrets}/demo/yaml"
    read = await operator.get(path)
    plain = (await operator.get(f"{path}?values=plain")).text

    answers = [await updated(operator, project, text, read.headers["ETag"]) for text in (read.text, plain)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert {answer.headers["ETag"] for answer in answers} == {read.headers["ETag"]}
    assert [answer.json()["changedKeys"] for answer in answers] == [[], []]
    assert await stored(admin, project) == before


async def test_masked_values_stay_byte_for_byte_beside_those_that_change(
    operator: Person, project: Project, admin: Admin, demo: dict[str, bytes]
) -> None:
    before = await made_elsewhere(admin, project, demo)
    text = await masked(operator, project)
    new = canary()
    changed = text.replace('empty: "<kept: 0 bytes>"', f"empty: {encoded(new)}\n  added: /w==")

    response = await updated(operator, project, changed)

    assert response.json()["changedKeys"] == ["added", "empty"]
    assert (await stored(admin, project)).data == {**before.data, "empty": new.encode(), "added": b"\xff"}


async def test_what_the_document_lacks_is_removed(
    operator: Person, project: Project, admin: Admin, demo: dict[str, bytes]
) -> None:
    annotations = {ALIAS: "Demo", CREATOR: "somebody", "note": "x"}
    await made_elsewhere(admin, project, demo, labels={"app": "demo"}, annotations=annotations)
    text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: demo\nstringData:\n  only: one\n"

    response = await updated(operator, project, text)

    after = await stored(admin, project)
    assert response.json()["changedKeys"] == sorted([*demo, "only"])
    assert (after.data, after.labels, after.annotations) == ({"only": b"one"}, {}, {CREATOR: "somebody"})


async def test_what_the_view_hides_stays(operator: Person, project: Project, admin: Admin) -> None:
    value = canary()
    hidden = {LAST_APPLIED: f'{{"data":{{"k":"{encoded(value)}"}}}}', "copy": f"it is {value}"}
    owner = await admin.post(f"/api/v1/namespaces/{project.name}/configmaps", {"metadata": {"name": "owner"}})
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    before = await made_elsewhere(
        admin,
        project,
        {"k": value},
        annotations={**hidden, "note": "x"},
        finalizers=["example.com/hold"],
        ownerReferences=[reference],
    )
    text = await masked(operator, project)

    response = await updated(operator, project, text.replace("note: x", "note: changed"))

    after = await stored(admin, project)
    kept = ("finalizers", "ownerReferences", "uid", "creationTimestamp")
    assert response.status_code == 200
    assert after.annotations == {**hidden, "note": "changed"}
    assert {name: after.object["metadata"][name] for name in kept} == {
        name: before.object["metadata"][name] for name in kept
    }
    await admin.merge(f"{project.kube_secrets}/demo", {"metadata": {"finalizers": None}})


async def test_what_kubectl_prints_is_taken_and_what_belongs_to_the_server_is_passed_over(
    operator: Person, project: Project, admin: Admin
) -> None:
    value = canary()
    applied = f'{{"data":{{"k":"{encoded(value)}"}}}}'
    before = await made_elsewhere(admin, project, {"k": value}, annotations={LAST_APPLIED: applied})
    printed = before.object | {"apiVersion": "v1", "kind": "Secret", "data": {"k": encoded("new")}}
    printed["metadata"] = printed["metadata"] | {"annotations": {LAST_APPLIED: "{}"}}
    printed["metadata"]["managedFields"] = [{"manager": "kubectl"}]

    response = await operator.request(
        "PUT",
        f"{project.secrets}/demo/yaml",
        json=printed,
        headers={"If-Match": "*", "Content-Type": "application/yaml"},
    )

    after = await stored(admin, project)
    assert response.status_code == 200, response.text
    assert sorted((warning["pointer"], warning["code"]) for warning in response.json()["warnings"]) == [
        ("/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration", "HIDDEN_ANNOTATION"),
        ("/metadata/creationTimestamp", "SERVER_OWNED_FIELD"),
        ("/metadata/managedFields", "SERVER_OWNED_FIELD"),
        ("/metadata/resourceVersion", "SERVER_OWNED_FIELD"),
        ("/metadata/uid", "SERVER_OWNED_FIELD"),
    ]
    assert (after.data, after.annotations) == ({"k": b"new"}, {LAST_APPLIED: applied})


@pytest.mark.parametrize(
    ("line", "annotation"),
    [("", "somebody"), (f'    {CREATOR}: "somebody"\n', "somebody")],
    ids=["left out", "unchanged"],
)
async def test_the_creator_stays(operator: Person, project: Project, admin: Admin, line: str, annotation: str) -> None:
    await made_elsewhere(admin, project, {}, annotations={CREATOR: "somebody"})
    text = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: demo\n  annotations:\n    {ALIAS}: New\n{line}"
    response = await updated(operator, project, text)
    assert response.status_code == 200
    assert (await stored(admin, project)).annotations == {CREATOR: annotation, ALIAS: "New"}


async def test_an_absent_type_and_an_absent_mark_stay(operator: Person, project: Project, admin: Admin) -> None:
    value = canary()
    before = await made_elsewhere(admin, project, {"k": value}, "example.com/x", immutable=True)
    text = (
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: demo, labels: {{app: demo}}}}\nstringData: {{k: {value}}}\n"
    )
    response = await updated(operator, project, text)
    after = await stored(admin, project)
    assert (response.status_code, response.json()["changedKeys"]) == (200, [])
    assert (after.type, after.data, after.object["immutable"]) == ("example.com/x", before.data, True)
    assert after.labels == {"app": "demo"}


async def test_a_document_can_make_a_secret_immutable(operator: Person, project: Project, admin: Admin) -> None:
    await made_elsewhere(admin, project, {"k": canary()})
    response = await updated(operator, project, await masked(operator, project) + "immutable: true\n")
    assert response.status_code == 200
    assert (await stored(admin, project)).object["immutable"] is True


_FORMS: dict[str, tuple[str, bytes]] = {
    "base64": ("data:\n  k: AAEC\n", b"\x00\x01\x02"),
    "base64 in lines": ("data:\n  k: |\n    AA\n    EC\n", b"\x00\x01\x02"),
    "a tag of its own": ("data:\n  k: !!binary AAEC\n", b"\x00\x01\x02"),
    "text": ('stringData:\n  k: "é\\n"\n', b"\xc3\xa9\n"),
    "text in lines": ("stringData:\n  k: |\n    one\n     two\n\n", b"one\n two\n"),
    "both, of which text counts": ("data:\n  k: AAEC\nstringData:\n  k: text\n", b"text"),
    "a word in quotes": ('stringData:\n  k: "no"\n', b"no"),
    "JSON": ('"stringData": {"k": "x"}\n', b"x"),
}


@pytest.mark.parametrize(("form", "value"), _FORMS.values(), ids=_FORMS)
async def test_values_come_in_all_forms_that_kubernetes_knows(
    operator: Person, project: Project, admin: Admin, form: str, value: bytes
) -> None:
    await made_elsewhere(admin, project, {})
    text = f"# a comment\n---\napiVersion: v1\nkind: Secret\nmetadata: {{name: demo}}\n{form}"
    response = await updated(operator, project, text)
    assert response.status_code == 200, response.text
    assert (await stored(admin, project)).data == {"k": value}


@pytest.mark.parametrize("media_type", ["application/yaml", "application/x-yaml", "text/yaml; charset=utf-8"])
async def test_the_media_types_of_yaml_are_taken(operator: Person, project: Project, media_type: str) -> None:
    await made(operator, project, {"kind": "default", "data": {}})
    text = await masked(operator, project)
    headers = {"If-Match": "*", "Content-Type": media_type}
    response = await operator.request("PUT", f"{project.secrets}/demo/yaml", content=text, headers=headers)
    assert response.status_code == 200


@pytest.mark.parametrize("headers", [{"Content-Type": "application/json"}, {"Content-Type": "text/plain"}, {}])
async def test_other_media_types_are_not_taken(operator: Person, project: Project, headers: dict[str, str]) -> None:
    await made(operator, project, {"kind": "default", "data": {}})
    response = await operator.request(
        "PUT", f"{project.secrets}/demo/yaml", content=b"{}", headers={"If-Match": "*", **headers}
    )
    assert refusal(response) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert "application/yaml" in response.headers["Accept"]
