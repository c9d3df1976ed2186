"""One Secret from its creation to its end, over HTTP, on the real control plane."""

from tests.support.canary import canary
from tests.support.people import Person, Project


async def test_a_secret_is_created_listed_read_edited_and_deleted(operator: Person, project: Project) -> None:
    value = canary()
    body = {"name": "demo", "alias": "Demo", "content": {"kind": "default", "data": {"password": value}}}

    created = await operator.post(project.secrets, body)
    listed = await operator.get(project.secrets)
    revealed = await operator.get(f"{project.secrets}/demo/data")
    deleted = await operator.delete(f"{project.secrets}/demo", created.headers["ETag"])
    gone = await operator.get(f"{project.secrets}/demo")

    assert created.status_code == 201
    assert [item["name"] for item in listed.json()["items"]] == ["demo"]
    assert revealed.json()["content"] == {"kind": "default", "data": {"password": {"text": value}}}
    assert deleted.json()["previousEtag"] == created.headers["ETag"]
    assert (gone.status_code, gone.json()["code"]) == (404, "SECRET_NOT_FOUND")
