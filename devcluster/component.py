"""The three components as command lines: data, so that a test can look at them without running anything."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Blueprint:
    """All that decides how the components of one run are started."""

    binaries: Binaries
    data: DataDir
    pki: Pki
    ports: Ports
    durable: bool = True
    apiserver_flags: tuple[str, ...] = ()

    def command_line(self, component: Component) -> list[str]:
        """The program and its flags."""
        match component:
            case "etcd":
                return [str(self.binaries.etcd), *self._etcd()]
            case "kube-apiserver":
                return [str(self.binaries.kube_apiserver), *self._kube_apiserver()]
            case "kube-controller-manager":
                return [str(self.binaries.kube_controller_manager), *self._kube_controller_manager()]

    def _etcd(self) -> list[str]:
        """One member, behind TLS with client certificates of an authority of its own."""
        pki = self.pki
        client, peer = f"https://127.0.0.1:{self.ports.etcd}", f"https://127.0.0.1:{self.ports.etcd_peer}"
        return [
            f"--data-dir={self.data.etcd}",
            "--name=devcluster",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=devcluster={peer}",
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
            *([] if self.durable else ["--unsafe-no-fsync"]),
        ]

    def _kube_apiserver(self) -> list[str]:
        """RBAC, nobody anonymous, an audit log; at the default verbosity, which logs no bodies."""
        pki = self.pki
        return [
            "--bind-address=127.0.0.1",
            f"--secure-port={self.ports.apiserver}",
            f"--etcd-servers=https://127.0.0.1:{self.ports.etcd}",
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
            f"--audit-policy-file={self.data.audit_policy}",
            f"--audit-log-path={self.data.audit_log}",
            "--audit-log-maxsize=100",  # megabytes
            "--audit-log-maxbackup=2",
            "--profiling=false",
            *self.apiserver_flags,  # last, so they win
        ]

    def _kube_controller_manager(self) -> list[str]:
        """The few controllers that are needed where no Pod ever runs."""
        pki = self.pki
        return [
            f"--kubeconfig={self.data.controller_manager_kubeconfig}",
            f"--controllers={','.join(_CONTROLLERS)}",
            "--use-service-account-credentials",  # each controller acts under its own role, as in a real cluster
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.ports.controller_manager}",
            f"--tls-cert-file={pki.controller_manager}",
            f"--tls-private-key-file={pki.controller_manager}",
            f"--service-account-private-key-file={pki.service_account}",
            f"--root-ca-file={pki.ca}",
            "--profiling=false",
        ]
