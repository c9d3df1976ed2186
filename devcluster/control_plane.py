"""A running control plane: kube-apiserver, kube-controller-manager and etcd on loopback."""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from devcluster.binaries import Binaries
from devcluster.component import AUDIT_POLICY, SERVICE_ACCOUNT_ISSUER, Blueprint, Component, Ports
from devcluster.data_dir import DataDir
from devcluster.errors import ComponentFailedError, ControlPlaneError
from devcluster.kubeconfig import kubeconfig
from devcluster.pki import KeyPair, ensure_pki, write_private
from devcluster.port import PortReservation
from devcluster.readiness import Probe
from devcluster.supervision import CommandFailedError, Ended, Order, Supervision

_READY_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.05


class ControlPlane:
    """One control plane; use `start`, and `stop` or a `with` block.

    It ends with this process, whatever way that ends: see `_supervisor`.
    """

    def __init__(self, blueprint: Blueprint, supervision: Supervision, held: ExitStack) -> None:
        """Join what `start` has made; `held` is let go by `stop`."""
        self._blueprint = blueprint
        self._data = blueprint.data
        self._supervision = supervision
        self._held = held
        self._probe = Probe(blueprint.pki.ca, blueprint.pki.admin)
        self._pids: dict[Component, int] = {}
        self._failure: ControlPlaneError | None = None
        self._stopped = False

    @classmethod
    def start(
        cls, binaries: Binaries, data_dir: Path, *, durable: bool = True, apiserver_flags: Sequence[str] = ()
    ) -> Self:
        """Start a control plane, and return when it is ready.

        Args:
            binaries: what to run.
            data_dir: where it keeps its data, keys and logs; one of an earlier run comes up with its data.
            durable: whether a write is on the disk before it is answered; tests can do without.
            apiserver_flags: further flags of kube-apiserver.

        Raises:
            DataDirTakenError: another control plane uses `data_dir`.
            ComponentFailedError: a component ended, or is not ready after two minutes.
        """
        data = DataDir(data_dir.absolute())
        with ExitStack() as held:
            lock = held.enter_context(data.locked())
            data.prepare()
            pki = ensure_pki(data.pki, dt.datetime.now(dt.UTC))
            ports = Ports(*held.enter_context(PortReservation.of(4)).ports)
            blueprint = Blueprint(binaries, data, pki, ports, durable, tuple(apiserver_flags))
            _write_files(blueprint)
            supervision = Supervision.begin(lock, data.log_of("supervisor"))
            held.callback(supervision.end)
            plane = cls(blueprint, supervision, held.pop_all())
        try:
            plane._bring_up()
        except BaseException:
            plane.stop()
            raise
        return plane

    @property
    def url(self) -> str:
        """Where kube-apiserver is reached: https://127.0.0.1:PORT, another port at each start."""
        return self._blueprint.ports.apiserver_url

    @property
    def ca_file(self) -> Path:
        """The authority that signed kube-apiserver's certificate."""
        return self._blueprint.pki.ca

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig (system:masters); readable by this user alone."""
        return self._data.kubeconfig

    @property
    def audit_log(self) -> Path:
        """kube-apiserver's audit log, one JSON event a line, without bodies."""
        return self._data.audit_log

    @property
    def service_account_issuer(self) -> str:
        """The `iss` of the tokens of service accounts."""
        return SERVICE_ACCOUNT_ISSUER

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of the supervisor and of the components, by name."""
        return {"supervisor": self._supervision.pid} | {str(component): pid for component, pid in self._pids.items()}

    def log_of(self, component: Component) -> Path:
        """What a component has written since the start."""
        return self._data.log_of(component)

    def failure(self) -> ControlPlaneError | None:
        """Why it does not run any more, or nothing while it runs; after `stop`, what was known then."""
        if self._failure is None and not self._stopped:
            match self._supervision.poll():
                case Ended(component, status):
                    self._failure = ComponentFailedError(
                        component, f"ended with status {status}", self._data.log_of(component)
                    )
                case lost:
                    self._failure = lost
        return self._failure

    def stop(self) -> None:
        """Stop all components in good order, and wait until they are gone; may be called again."""
        self.failure()
        self._stopped = True
        self._held.close()

    def stop_component(self, component: Component) -> None:
        """Stop one component, and wait until it is gone; `start_component` brings it back on the same port."""
        self._tell("stop", component)

    def start_component(self, component: Component) -> None:
        """Start a stopped component, and wait until it is ready.

        Raises:
            ComponentFailedError: it ended, or is not ready after two minutes.
        """
        self._launch(component)
        self._await(component)

    def pause(self, component: Component = "kube-apiserver") -> None:
        """Freeze a component: connections to it are accepted by the kernel, and nothing answers."""
        self._tell("pause", component)

    def resume(self, component: Component = "kube-apiserver") -> None:
        """Let a frozen component go on."""
        self._tell("resume", component)

    def __enter__(self) -> Self:
        """Run for the length of a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _bring_up(self) -> None:
        """Start all three; kube-apiserver waits for etcd by itself, kube-controller-manager gives up after 10 s."""
        self._launch("etcd")
        self.start_component("kube-apiserver")
        self.start_component("kube-controller-manager")

    def _launch(self, component: Component) -> None:
        command_line = self._blueprint.command_line(component)
        try:
            self._pids[component] = self._supervision.start(component, command_line, self._data.log_of(component))
        except CommandFailedError as error:
            raise self._why(component, f"cannot be started ({error})") from error

    def _tell(self, do: Order, component: Component) -> None:
        try:
            self._supervision.tell(do, component)
        except CommandFailedError as error:
            raise self._why(component, f"does not {do} ({error})") from error

    def _why(self, component: Component, problem: str) -> ControlPlaneError:
        """The failure that is behind a problem, if there is one: the supervisor ends when a component does."""
        return self.failure() or ComponentFailedError(component, problem, self._data.log_of(component))

    def _await(self, component: Component) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        is_ready = self._readiness_of(component)
        while not is_ready():
            failure = self.failure()
            if failure is not None:
                raise failure
            if time.monotonic() > deadline:
                raise self._why(component, f"is not ready after {_READY_SECONDS:.0f} s")
            time.sleep(_POLL_SECONDS)

    def _readiness_of(self, component: Component) -> Callable[[], bool]:
        probe, ports = self._probe, self._blueprint.ports
        match component:
            case "etcd" | "kube-apiserver":  # kube-apiserver is ready only when it reaches etcd
                return lambda: probe.apiserver_is_ready(ports.apiserver)
            case "kube-controller-manager":
                return lambda: (
                    probe.controller_manager_is_healthy(ports.controller_manager)
                    and probe.default_service_account_exists(ports.apiserver)
                )


def _write_files(blueprint: Blueprint) -> None:
    """Write what the components and the administrator read; anew at each start, since the ports change."""
    data, pki = blueprint.data, blueprint.pki
    for file, user, pair in (
        (data.kubeconfig, "admin", pki.admin),
        (data.controller_manager_kubeconfig, "kube-controller-manager", pki.controller_manager),
    ):
        write_private(file, kubeconfig(blueprint.ports.apiserver_url, pki.ca.read_bytes(), user, KeyPair.read(pair)))
    write_private(data.audit_policy, AUDIT_POLICY.encode())
