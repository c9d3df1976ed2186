"""What a control plane offers while it runs; these tests share one, and leave it running."""

import json
import ssl
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from kubernetes_asyncio import client as kubernetes
from kubernetes_asyncio import config

from devcluster import Binaries, ControlPlane
from devcluster.errors import DataDirTakenError
from tests.contract.devcluster.conftest import client_of, namespace, secret

CANARY = "canary-7f3d91"


Found = TypeVar("Found")


def eventually(ask: Callable[[], Found | None], seconds: float = 20) -> Found | None:
    """What `ask` gives, once it gives something."""
    deadline = time.monotonic() + seconds
    while not (found := ask()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def test_it_is_ready_when_it_has_started(plane: ControlPlane, admin: httpx.Client) -> None:
    assert plane.failure() is None
    assert admin.get("/readyz").text == "ok"
    assert admin.get("/api/v1/namespaces/default/serviceaccounts/default").status_code == 200


def test_it_tells_the_version_that_was_asked_for(admin: httpx.Client, binaries: Binaries) -> None:
    version = admin.get("/version").json()

    assert version["gitVersion"] == f"v{binaries.version}"
    assert f"{version['major']}.{version['minor']}" == binaries.version.rpartition(".")[0]


@pytest.mark.parametrize("path", ["/api", "/readyz", "/version", "/api/v1/secrets"])
def test_an_anonymous_caller_is_refused(plane: ControlPlane, path: str) -> None:
    trusting = ssl.create_default_context(cafile=str(plane.ca_file))

    answer = httpx.get(plane.url + path, verify=trusting, trust_env=False)

    assert answer.status_code == 401


def test_its_certificate_is_of_its_own_authority(plane: ControlPlane) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(plane.url, trust_env=False)


async def test_its_kubeconfig_makes_an_ordinary_client_the_administrator(plane: ControlPlane) -> None:
    async with await config.new_client_from_config(config_file=str(plane.kubeconfig)) as api:
        review = await kubernetes.AuthenticationV1Api(api).create_self_subject_review(kubernetes.V1SelfSubjectReview())

    assert review.status.user_info.username == "admin"
    assert "system:masters" in review.status.user_info.groups


def test_only_this_user_may_read_what_it_writes(plane: ControlPlane) -> None:
    directory = plane.kubeconfig.parent

    open_to_others = [file for file in directory.rglob("*") if file.is_file() and file.stat().st_mode & 0o077]

    assert plane.kubeconfig.stat().st_mode & 0o777 == 0o600
    assert open_to_others == []


def test_who_did_what_is_in_the_audit_log_and_no_value_is(plane: ControlPlane, admin: httpx.Client) -> None:
    path = namespace(admin, "audited")

    admin.post(f"{path}/secrets", json=secret("watched", password=CANARY)).raise_for_status()
    admin.get(f"{path}/secrets/watched").raise_for_status()

    events = [json.loads(line) for line in plane.audit_log.read_text().splitlines()]
    of_secret = [event for event in events if event.get("objectRef", {}).get("name") == "watched"]
    assert [(event["verb"], event["user"]["username"], event["level"]) for event in of_secret] == [
        ("create", "admin", "Metadata"),
        ("get", "admin", "Metadata"),
    ]
    assert {event["stage"] for event in events}.isdisjoint({"RequestReceived"})


def test_no_value_is_in_any_log(plane: ControlPlane, admin: httpx.Client) -> None:
    path = namespace(admin, "logged")

    admin.post(f"{path}/secrets", json=secret("kept", password=CANARY)).raise_for_status()
    admin.post(
        f"{path}/secrets",
        json={"metadata": {"name": "refused"}, "type": "kubernetes.io/tls", "stringData": {"a": CANARY}},
    )

    logs = [plane.audit_log, *(plane.log_of(name) for name in ("etcd", "kube-apiserver", "kube-controller-manager"))]
    assert [log for log in logs if CANARY in log.read_text()] == []


def test_a_namespace_that_is_deleted_takes_its_content_along(admin: httpx.Client) -> None:
    path = namespace(admin, "deleted")
    admin.post(f"{path}/secrets", json=secret("inside", password="x")).raise_for_status()

    admin.delete(path).raise_for_status()

    assert eventually(lambda: admin.get(path).status_code == 404)
    assert admin.get(f"{path}/secrets/inside").status_code == 404


def test_a_secret_for_a_service_account_is_filled_with_a_token_that_is_accepted(admin: httpx.Client) -> None:
    path = namespace(admin, "tokens")
    asked: dict[str, Any] = {"name": "token", "annotations": {"kubernetes.io/service-account.name": "default"}}
    eventually(lambda: admin.get(f"{path}/serviceaccounts/default").is_success)
    admin.post(
        f"{path}/secrets", json={"metadata": asked, "type": "kubernetes.io/service-account-token"}
    ).raise_for_status()

    filled = eventually(lambda: admin.get(f"{path}/secrets/token").json().get("data"))

    token = b64decode((filled or {})["token"]).decode()
    review = admin.post("/apis/authentication.k8s.io/v1/tokenreviews", json={"spec": {"token": token}}).json()["status"]
    assert review["user"]["username"] == "system:serviceaccount:tokens:default"


def test_a_token_names_the_issuer(plane: ControlPlane, admin: httpx.Client) -> None:
    request = admin.post("/api/v1/namespaces/default/serviceaccounts/default/token", json={"spec": {}}).json()[
        "status"
    ]["token"]
    trusting = ssl.create_default_context(cafile=str(plane.ca_file))

    review = admin.post("/apis/authentication.k8s.io/v1/tokenreviews", json={"spec": {"token": request}}).json()[
        "status"
    ]
    anonymous = httpx.get(
        f"{plane.url}/api", headers={"Authorization": f"Bearer {request}"}, verify=trusting, trust_env=False
    )
    discovered = admin.get("/.well-known/openid-configuration").json()

    assert review["user"]["username"] == "system:serviceaccount:default:default"
    assert anonymous.status_code == 200
    assert discovered["issuer"] == plane.service_account_issuer


def test_the_use_of_a_quota_is_counted(admin: httpx.Client) -> None:
    path = namespace(admin, "counted")
    quota = {"metadata": {"name": "few"}, "spec": {"hard": {"count/secrets": "2"}}}
    admin.post(f"{path}/resourcequotas", json=quota).raise_for_status()
    eventually(lambda: admin.get(f"{path}/resourcequotas/few").json().get("status", {}).get("used"))

    statuses = [admin.post(f"{path}/secrets", json=secret(f"s{number}", a="x")).status_code for number in range(3)]

    assert statuses == [201, 201, 403]


def test_the_roles_for_people_are_filled(admin: httpx.Client) -> None:
    view = "/apis/rbac.authorization.k8s.io/v1/clusterroles/view"

    assert eventually(lambda: admin.get(view).json()["rules"])


def test_an_owner_that_is_deleted_takes_what_it_owns_along(admin: httpx.Client) -> None:
    path = namespace(admin, "owned")
    owner = admin.post(f"{path}/configmaps", json={"metadata": {"name": "owner"}}).json()["metadata"]
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["uid"]}
    owned = {"metadata": {"name": "owned", "ownerReferences": [reference]}}
    admin.post(f"{path}/secrets", json=owned).raise_for_status()

    admin.delete(f"{path}/configmaps/owner").raise_for_status()

    assert eventually(lambda: admin.get(f"{path}/secrets/owned").status_code == 404)


def test_etcd_refuses_whoever_has_no_certificate_of_its_own_authority(plane: ControlPlane) -> None:
    trusting = ssl.create_default_context(cafile=str(plane.kubeconfig.parent / "pki" / "etcd-ca.crt"))
    trusting.load_cert_chain(plane.kubeconfig.parent / "pki" / "admin.pem")

    with pytest.raises(httpx.TransportError):
        httpx.get(f"{etcd_url(plane)}/version", verify=trusting, trust_env=False)


def etcd_url(plane: ControlPlane) -> str:
    """Where etcd is reached, read from the command line that runs it."""
    command = Path(f"/proc/{plane.pids['etcd']}/cmdline").read_text().split("\0")
    return next(flag for flag in command if flag.startswith("--listen-client-urls=")).partition("=")[2]


def test_a_second_one_on_the_same_data_is_refused_and_the_first_runs_on(
    plane: ControlPlane, admin: httpx.Client, binaries: Binaries
) -> None:
    with pytest.raises(DataDirTakenError):
        ControlPlane.start(binaries, plane.kubeconfig.parent, durable=False)

    assert admin.get("/readyz").text == "ok"


def test_two_run_side_by_side_and_know_nothing_of_each_other(
    plane: ControlPlane, admin: httpx.Client, binaries: Binaries, tmp_path: Path
) -> None:
    with ControlPlane.start(binaries, tmp_path, durable=False) as other, client_of(other) as other_admin:
        namespace(other_admin, "elsewhere")

        assert other.url != plane.url
        assert admin.get("/api/v1/namespaces/elsewhere").status_code == 404
        assert admin.get("/readyz").text == "ok"


def test_a_frozen_kube_apiserver_answers_nobody_until_it_is_resumed(plane: ControlPlane) -> None:
    with client_of(plane, timeout=1) as impatient:
        plane.pause("kube-apiserver")
        with pytest.raises(httpx.TimeoutException):
            impatient.get("/readyz")
        plane.resume("kube-apiserver")

        assert impatient.get("/readyz").text == "ok"


def test_a_stopped_kube_apiserver_is_no_failure_and_comes_back_on_the_same_port(plane: ControlPlane) -> None:
    with client_of(plane) as client:
        plane.stop_component("kube-apiserver")
        with pytest.raises(httpx.ConnectError):
            client.get("/readyz")
        failure = plane.failure()
        plane.start_component("kube-apiserver")

        assert failure is None
        assert client.get("/readyz").text == "ok"
