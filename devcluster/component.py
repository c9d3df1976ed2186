"""The three components as command lines: data, so that a test can look at them without running anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from devcluster.binaries import Binaries
from devcluster.data_dir import DataDir
from devcluster.pki import Pki

Component = Literal["etcd", "kube-apiserver", "kube-controller-manager"]

SERVICE_ACCOUNT_ISSUER: Final = "https://kubernetes.default.svc.cluster.local"

AUDIT_POLICY: Final = """\
# Who did what to which object, and never a body: "Request" would write every Secret into the log.
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
"""

_CONTROLLERS: Final = (
    "clusterrole-aggregation-controller",  # without it `admin`, `edit` and `view` have no rules
    "garbage-collector-controller",
    "namespace-controller",
    "resourcequota-controller",  # without it a quota's use is never counted
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",  # fills Secrets of type kubernetes.io/service-account-token
)


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one run, all on 127.0.0.1."""

    etcd: int
    etcd_peer: int
    apiserver: int
    controller_manager: int

    @property
    def apiserver_url(self) -> str:
        """Where kube-apiserver is reached."""
        return f"https://127.0.0.1:{self.apiserver}"


def etcd(binary: Path, ports: Ports, data: DataDir, pki: Pki, *, durable: bool) -> list[str]:
    """etcd with one member, behind TLS with client certificates of its own authority."""
    client, peer = f"https://127.0.0.1:{ports.etcd}", f"https://127.0.0.1:{ports.etcd_peer}"
    return [
        str(binary),
        f"--data-dir={data.etcd}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        f"--cert-file={pki.etcd}",
        f"--key-file={pki.etcd}",
        f"--trusted-ca-file={pki.etcd_ca}",
        "--client-cert-auth",
        f"--peer-cert-file={pki.etcd}",
        f"--peer-key-file={pki.etcd}",
        f"--peer-trusted-ca-file={pki.etcd_ca}",
        "--peer-client-cert-auth",
        "--enable-grpc-gateway=false",
        "--log-level=warn",
        *([] if durable else ["--unsafe-no-fsync"]),
    ]


def kube_apiserver(binary: Path, ports: Ports, data: DataDir, pki: Pki, flags: Sequence[str]) -> list[str]:
    """kube-apiserver: RBAC, nobody anonymous, an audit log; `flags` come last, so they win."""
    return [
        str(binary),
        "--bind-address=127.0.0.1",
        f"--secure-port={ports.apiserver}",
        f"--etcd-servers=https://127.0.0.1:{ports.etcd}",
        f"--etcd-cafile={pki.etcd_ca}",
        f"--etcd-certfile={pki.etcd_client}",
        f"--etcd-keyfile={pki.etcd_client}",
        f"--tls-cert-file={pki.apiserver}",
        f"--tls-private-key-file={pki.apiserver}",
        f"--client-ca-file={pki.ca}",
        "--anonymous-auth=false",
        "--authorization-mode=RBAC",
        f"--service-account-issuer={SERVICE_ACCOUNT_ISSUER}",
        f"--service-account-signing-key-file={pki.service_account}",
        f"--service-account-key-file={pki.service_account}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",  # a loopback address cannot be published as an endpoint
        f"--audit-policy-file={data.audit_policy}",
        f"--audit-log-path={data.audit_log}",
        "--audit-log-maxsize=100",  # megabytes
        "--audit-log-maxbackup=2",
        "--profiling=false",
        *flags,
    ]


def kube_controller_manager(binary: Path, ports: Ports, data: DataDir, pki: Pki) -> list[str]:
    """kube-controller-manager with the few controllers that objects without a kubelet need."""
    return [
        str(binary),
        f"--kubeconfig={data.controller_manager_kubeconfig}",
        f"--controllers={','.join(_CONTROLLERS)}",
        "--use-service-account-credentials",  # each controller acts under its own role, as in a real cluster
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        f"--secure-port={ports.controller_manager}",
        f"--tls-cert-file={pki.controller_manager}",
        f"--tls-private-key-file={pki.controller_manager}",
        f"--service-account-private-key-file={pki.service_account}",
        f"--root-ca-file={pki.ca}",
        "--profiling=false",
    ]


def command_lines(
    binaries: Binaries, ports: Ports, data: DataDir, pki: Pki, *, durable: bool, apiserver_flags: Sequence[str]
) -> dict[Component, list[str]]:
    """All components, in the order in which they are started."""
    return {
        "etcd": etcd(binaries.etcd, ports, data, pki, durable=durable),
        "kube-apiserver": kube_apiserver(binaries.kube_apiserver, ports, data, pki, apiserver_flags),
        "kube-controller-manager": kube_controller_manager(binaries.kube_controller_manager, ports, data, pki),
    }
