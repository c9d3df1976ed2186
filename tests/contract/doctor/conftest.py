"""A control plane of its own: these tests break an installation, and mend it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from app.cli.program import program
from app.k8s.object_path import object_path
from app.k8s.request import group_path
from app.manifests import manifest_objects, profile_for
from devcluster import ControlPlane
from tests.architecture.source import ROOT
from tests.support.cluster import Admin, Cluster, admin_of, binaries, prepared

RBAC: Final = "rbac.authorization.k8s.io"


@dataclass(frozen=True)
class Seen:
    """What the command says as JSON."""

    exit_code: int
    document: Mapping[str, Any]

    @property
    def troubles(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Severity and message of all that is not ok, by check and subject."""
        return {
            (each["check"], each["subject"]): (each["severity"], each["message"])
            for each in self.document["findings"]
            if each["severity"] != "ok"
        }


@dataclass(frozen=True)
class Doctor:
    """The command, with the rights of one operator."""

    kubeconfig: Path

    async def run(self, *options: str) -> Result:
        """Run it as it is typed; a thread has an event loop of its own."""
        arguments = ["doctor", "--kubeconfig", str(self.kubeconfig), *options]
        return await asyncio.to_thread(CliRunner().invoke, program, arguments)

    async def seen(self) -> "Seen":
        """What it finds."""
        done = await self.run("--json")
        return Seen(done.exit_code, json.loads(done.stdout))

    async def as_process(self, *options: str) -> "subprocess.CompletedProcess[str]":
        """Run it as a program of its own."""
        return await asyncio.to_thread(run_doctor, "--kubeconfig", str(self.kubeconfig), *options)


@dataclass(frozen=True)
class Installation:
    """A healthy installation, and who can break it."""

    cluster: Cluster
    admin: Admin
    doctor: Doctor

    def shipped(self, kind: str, name: str) -> dict[str, Any]:
        """An object as it stands in `deploy/`."""
        (found,) = [
            each
            for each in manifest_objects(self.cluster.profile)
            if (each["kind"], each["metadata"]["name"]) == (kind, name)
        ]
        return found

    @asynccontextmanager
    async def with_object(self, manifest: Mapping[str, Any]) -> AsyncIterator[None]:
        """One object more, for a while."""
        path = object_path(manifest)
        await self.admin.post(path.rpartition("/")[0], manifest)
        try:
            yield
        finally:
            await self.admin.delete(path)

    @asynccontextmanager
    async def without(self, manifest: Mapping[str, Any]) -> AsyncIterator[None]:
        """Without one object, for a while."""
        path = object_path(manifest)
        await self.admin.delete(path)
        try:
            yield
        finally:
            await self.admin.post(path.rpartition("/")[0], manifest)

    @asynccontextmanager
    async def changed(self, manifest: Mapping[str, Any], change: Mapping[str, Any]) -> AsyncIterator[None]:
        """With one object changed by a merge patch, for a while."""
        path = object_path(manifest)
        before = await self.admin.get(path)
        await self.admin.merge(path, change)
        try:
            yield
        finally:
            await self.admin.delete(path)
            await self.admin.post(path.rpartition("/")[0], _bare(before))

    async def until_role_has(self, name: str, resource: str, *, has: bool = True) -> None:
        """Wait until the control plane has put an aggregated role together anew."""
        path = group_path(RBAC, "v1", "clusterroles", name)
        async with asyncio.timeout(20):
            while (resource in str((await self.admin.get(path))["rules"])) is not has:
                await asyncio.sleep(0.1)


def _bare(found: Mapping[str, Any]) -> dict[str, Any]:
    """An object, as it can be made again."""
    metadata = {key: found["metadata"][key] for key in ("name", "namespace", "labels") if key in found["metadata"]}
    return {**found, "metadata": metadata, "status": {}}


def run_doctor(*options: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """`secretspace doctor` as a program of its own."""
    command = [sys.executable, "-m", "app.cli", "doctor", *options]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def cluster_role(name: str, rule: Mapping[str, Any], label: str = "") -> dict[str, Any]:
    """A ClusterRole; the label has the value "true"."""
    metadata = {"name": name, **({"labels": {label: "true"}} if label else {})}
    return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": [rule]}


def binding(name: str, role: str, subject: Mapping[str, str], namespace: str | None = None) -> dict[str, Any]:
    """A binding of a ClusterRole; in the whole cluster without a namespace."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    }


def user(name: str) -> dict[str, str]:
    """A user as a subject."""
    return {"apiGroup": RBAC, "kind": "User", "name": name}


@pytest.fixture(scope="package")
def doctor_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with ControlPlane.start(binaries(), tmp_path_factory.mktemp("doctor"), durable=False) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def installation(doctor_plane: ControlPlane) -> AsyncIterator[Installation]:
    cluster = await prepared(doctor_plane, profile_for(binaries().version))
    async with admin_of(cluster) as admin:
        yield Installation(cluster, admin, Doctor(doctor_plane.kubeconfig))


@pytest.fixture
def doctor(installation: Installation) -> Doctor:
    """With the rights of the cluster's administrator."""
    return installation.doctor


@pytest_asyncio.fixture(loop_scope="session")
async def little(installation: Installation, tmp_path: Path) -> Doctor:
    """With the rights that everybody has who is known to the cluster."""
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    await installation.admin.post(accounts, {"metadata": {"name": "little"}})
    asked = await installation.admin.post(f"{accounts}/little/token", {"spec": {}})
    plane = installation.cluster.plane
    document = {
        "clusters": [{"name": "it", "cluster": {"server": plane.url, "certificate-authority": str(plane.ca_file)}}],
        "users": [{"name": "little", "user": {"token": asked["status"]["token"]}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "little"}}],
        "current-context": "it",
    }
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(document))
    return Doctor(kubeconfig)
