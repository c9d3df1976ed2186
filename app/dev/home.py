"""Where `secretspace dev` keeps what outlives a run."""

from dataclasses import dataclass
from pathlib import Path

from app.dev.failure import OlderKubernetesError


@dataclass(frozen=True, slots=True)
class DevHome:
    """The folder of one development cluster; its data, kubeconfig and audit log are devcluster's, the rest is ours."""

    root: Path

    @property
    def credentials(self) -> Path:
        """The people's passwords and the service's address, JSON."""
        return self.root / "credentials.json"

    @property
    def service_kubeconfig(self) -> Path:
        """How the service itself reaches the cluster: as its own ServiceAccount."""
        return self.root / "service.kubeconfig"

    @property
    def service_token(self) -> Path:
        """The token that this kubeconfig names."""
        return self.root / "service.token"

    def admit(self, version: str) -> None:
        """Note down the Kubernetes version (such as "1.37.2") that is about to use the data.

        Raises:
            OlderKubernetesError: a newer minor version has used it, which an older one may not be able to read.
        """
        note = self.root / "kubernetes-version"
        known = note.read_text(encoding="utf-8") if note.is_file() else version
        if _minor(version) < _minor(known):
            raise OlderKubernetesError(self.root, known, version)
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        note.write_text(version, encoding="utf-8")


def _minor(version: str) -> tuple[int, int]:
    major, minor, *_ = version.split(".")
    return int(major), int(minor)
