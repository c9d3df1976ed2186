"""The directory in which one control plane keeps all it has; one control plane at a time may use it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devcluster.errors import DataDirTakenError


@dataclass(frozen=True, slots=True)
class DataDir:
    """Where everything lies below `root`."""

    root: Path

    @property
    def pki(self) -> Path:
        """Keys and certificates."""
        return self.root / "pki"

    @property
    def etcd(self) -> Path:
        """The data of etcd: all objects of the cluster."""
        return self.root / "etcd"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.root / "kubeconfig"

    @property
    def controller_manager_kubeconfig(self) -> Path:
        """How kube-controller-manager reaches kube-apiserver."""
        return self.root / "controller-manager.kubeconfig"

    @property
    def audit_policy(self) -> Path:
        """What kube-apiserver writes into its audit log."""
        return self.root / "audit-policy.yaml"

    @property
    def audit_log(self) -> Path:
        """kube-apiserver's audit log, one JSON event a line."""
        return self.root / "audit.log"

    def log_of(self, component: str) -> Path:
        """What `component` has written since the last start."""
        return self.root / "logs" / f"{component}.log"

    def prepare(self) -> None:
        """Make the directories, and drop the logs of the last run, lest its errors be taken for ours."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        logs = self.root / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        for log in logs.iterdir():
            log.unlink()

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Hold the directory, and yield the descriptor that holds it.

        The kernel keeps the lock as long as anyone has a copy of that descriptor open: handed to the supervisor and to
        the components, it says that the directory is taken until the last of them has ended, whatever became of us.

        Raises:
            DataDirTakenError: another control plane uses it.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._lock(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataDirTakenError(self.root, os.pread(descriptor, 32, 0).decode()) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
