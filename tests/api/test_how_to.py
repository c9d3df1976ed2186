"""The how-tos for people who use the API: their blocks run as pasted; what is kubectl's in them is done here."""

import ast
import asyncio
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from app.dev import tutorial
from app.dev.apply import apply
from app.dev.home import DevHome
from app.dev.people import ensure_people
from app.dev.preparation import as_admin
from app.domain.access import METADATA
from app.identity.password import Passwords
from app.k8s.account import Accounts
from tests.support.canary import canary
from tests.support.cluster import Admin, Cluster
from tests.support.people import NAMESPACE, PREFIX, bind_metadata_user
from tests.support.service import RunningService
from tests.unit.docs.page import blocks, text_of

RBAC = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{tutorial.PROJECT}"
CORE = f"/api/v1/namespaces/{tutorial.PROJECT}"
REGULAR = [person for person in tutorial.PEOPLE if person.account == "project-regular"]


@dataclass(frozen=True)
class Folder:
    """A folder in which `make dev` seems to run: the tutorial's project, on the service of this run."""

    path: Path

    async def paste(self, page: str, environment: Mapping[str, str]) -> list[str]:
        """Run the blocks of a page one after the other, and return the lines that they print."""
        script = "\n".join(_pasted(page))
        done = await asyncio.to_thread(
            subprocess.run,
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.path,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


def _pasted(page: str) -> Iterator[str]:
    return (body for info, body in blocks(text_of(page)) if info == "bash" and "kubectl" not in body)


@pytest_asyncio.fixture
async def folder(cluster: Cluster, service: RunningService, tmp_path: Path) -> Folder:
    home = DevHome(tmp_path / ".secretspace/dev")
    passwords = Passwords()
    async with as_admin(cluster.plane.kubeconfig) as (transport, acting):
        workspace = await apply(tutorial.workspace(PREFIX), transport, acting)
        for manifest in tutorial.project(PREFIX, workspace.uid):
            await apply(manifest, transport, acting)
        await ensure_people(REGULAR, service.url, home, Accounts(transport, NAMESPACE), passwords, acting.trace)
    passwords.close()
    return Folder(tmp_path)


async def _service_account(admin: Admin, name: str, *rules: Mapping[str, object]) -> str:
    """Make a ServiceAccount with these rules on Secrets, and return a token of it."""
    await admin.post(f"{CORE}/serviceaccounts", {"metadata": {"name": name}})
    on_secrets = [{"apiGroups": [""], "resources": ["secrets"], **rule} for rule in rules]
    await admin.post(f"{RBAC}/roles", {"metadata": {"name": name}, "rules": on_secrets})
    subject = {"kind": "ServiceAccount", "name": name, "namespace": tutorial.PROJECT}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    await admin.post(f"{RBAC}/rolebindings", {"metadata": {"name": name}, "roleRef": role, "subjects": [subject]})
    made = await admin.post(f"{CORE}/serviceaccounts/{name}/token", {"spec": {"expirationSeconds": 900}})
    return str(made["status"]["token"])


async def test_editing_safely_refuses_the_second_and_loses_no_entry(folder: Folder) -> None:
    printed = await folder.paste("docs/how-to/edit-safely.md", {})

    *_, refused, merged, hosts, undone, deleted = printed
    assert (refused, merged) == ("412", "200")
    assert json.loads(undone)["changedKeys"] == ["allowed-hosts"]
    assert sorted(hosts.split(",")) == ["a.example.com", "b.example.com", "c.example.com"]
    assert "previousEtag" in json.loads(deleted)


async def test_several_at_once_are_done_each_by_itself(folder: Folder) -> None:
    printed = await folder.paste("docs/how-to/several-at-once.md", {})

    tried, done, one_failed, made, *told = printed
    assert (json.loads(tried)["deleted"], json.loads(tried)["failed"]) == (2, 1)
    assert (json.loads(done)["deleted"], json.loads(done)["failed"]) == (2, 1)
    assert one_failed == "batch-3 SECRET_NOT_FOUND"
    assert (json.loads(made)["created"], json.loads(made)["failed"]) == (1, 1)
    assert told == ["batch-2 INVALID"]


async def test_one_key_is_rotated_by_who_may_not_read(folder: Folder, admin: Admin) -> None:
    before = {"username": "postgres", "password": canary()}
    await admin.post(f"{CORE}/secrets", {"metadata": {"name": "demo-database"}, "stringData": before})
    rule = {"verbs": ["patch"], "resourceNames": ["demo-database"]}
    token = await _service_account(admin, "rotator", rule)

    written, *refused = await folder.paste("docs/how-to/rotate-one-key.md", {"TOKEN": token})
    stored = await admin.get(f"{CORE}/secrets/demo-database")

    assert json.loads(written)["changedKeys"] == ["password"]
    assert refused == ["403", "403", "403"]
    assert set(stored["data"]) == {"username", "password"}
    assert len(stored["data"]["password"]) == 64  # 48 hexadecimal digits in base64


async def test_a_pipeline_creates_replaces_and_is_told_what_was_there(folder: Folder, admin: Admin) -> None:
    changes = {"verbs": ["get", "patch", "delete"], "resourceNames": ["app-settings"]}
    token = await _service_account(admin, "pipeline", changes, {"verbs": ["create"]})

    printed = await folder.paste("docs/how-to/use-from-ci.md", {"TOKEN": token})

    created, same, only_create, replaced, deleted = printed
    assert json.loads(created)["creator"] == "system:serviceaccount:demo-project:pipeline"
    assert json.loads(same)["changedKeys"] == []
    assert only_create == "412"
    assert json.loads(replaced)["changedKeys"] == ["release"]
    assert json.loads(deleted)["deletionPending"] is False


async def test_a_viewer_sees_that_a_secret_is_there_and_not_its_values(folder: Folder, admin: Admin) -> None:
    data = {"username": canary(), "password": canary()}
    await admin.post(f"{CORE}/secrets", {"metadata": {"name": "demo-mail"}, "stringData": data})
    token = await _service_account(admin, "auditor", {"resources": [METADATA], "verbs": ["list"]})
    await bind_metadata_user(admin, tutorial.PROJECT)

    listed, detail, *refused = await folder.paste("docs/how-to/show-secrets-without-values.md", {"TOKEN": token})

    assert [(item["name"], item["keyCount"]) for item in json.loads(listed)["items"]] == [("demo-mail", 2)]
    assert (json.loads(detail)["keys"], json.loads(detail)["valuesVisible"]) == (None, False)
    assert refused == ["403", "403", "403"]


async def test_files_become_secrets_and_secrets_files_byte_for_byte(folder: Folder, admin: Admin) -> None:
    preview, *printed = await folder.paste("docs/how-to/import-and-export.md", {})

    assert [key["name"] for key in ast.literal_eval(preview)] == ["DB_PASSWORD", "DB_USER", "GREETING"]
    assert printed == [
        "3",
        "(2, 13, 'ENV_INTERPOLATION')",
        "pa$$word # not a comment",
        "first line",
        "second line",
        "2",
        "409",
        "2",
    ]


PAGES = ["edit-safely", "import-and-export", "rotate-one-key", "several-at-once", "use-from-ci"]


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_blocks_of_bash_alone(page: str) -> None:
    assert {info for info, _ in blocks(text_of(f"docs/how-to/{page}.md"))} == {"bash"}
