"""Compiling the pinned Go modules into the three binaries."""

import os
import signal
import subprocess
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from devcluster.errors import BuildError, CompileError, ModulesUnreachableError, NoDiskSpaceError
from devcluster.progress import step
from devcluster.toolchain import find_go, go_environment
from devcluster.version import ETCD_PACKAGE, ETCD_VERSION, KUBERNETES_PACKAGES, VERSIONS_DIR

_NETWORK_SIGNS: Final = (
    "dial tcp",
    "no such host",
    "i/o timeout",
    "connection refused",
    "connection reset",
    "network is unreachable",
    "proxyconnect",
    "TLS handshake",
    "x509:",
    "module lookup disabled by GOPROXY=off",
    "unexpected EOF",
)
_KEPT_LINES: Final = 30
_END_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Program:
    """A program to compile: a package of a pinned module, with the linker flags that tell it its version."""

    name: str
    version: str
    module: Path
    package: str
    ldflags: str = "-s -w"

    @property
    def title(self) -> str:
        """How it is called in front of a person."""
        return f"{self.name} {self.version}"


def module_files(version: str) -> list[Path]:
    """All that decides what is compiled: the pinned go.mod and go.sum files."""
    return [
        VERSIONS_DIR / version / module / file for module in ("kubernetes", "etcd") for file in ("go.mod", "go.sum")
    ]


def compile_into(directory: Path, version: str) -> None:
    """Compile kube-apiserver, kube-controller-manager and etcd of `version` into `directory`.

    Takes some five minutes on two cores the first time, and about 5 GB of Go's caches.

    Raises:
        NoGoError: no Go toolchain is new enough.
        NoDiskSpaceError: the disk is full.
        ModulesUnreachableError: the module proxy does not answer.
        CompileError: anything else that `go` says.
    """
    programs = _programs(version)
    go = find_go(*(program.module for program in programs))
    # `go` leaves its own work directory behind when it is ended early; this one goes in any case.
    with TemporaryDirectory(dir=directory, ignore_cleanup_errors=True) as work:
        compiled: set[str] = set()
        for program in programs:
            compiled |= _compile(program, directory / program.name, _Go(go, Path(work)), compiled)


def _programs(version: str) -> list[Program]:
    major, minor, _ = version.split(".")
    stamp = {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor}
    ldflags = " ".join(
        ["-s -w", *(f"-X k8s.io/component-base/version.{name}={value}" for name, value in stamp.items())]
    )
    modules = VERSIONS_DIR / version
    return [
        *(
            Program(name, version, modules / "kubernetes", package, ldflags)
            for name, package in KUBERNETES_PACKAGES.items()
        ),
        Program("etcd", ETCD_VERSION, modules / "etcd", ETCD_PACKAGE),
    ]


@dataclass(frozen=True, slots=True)
class _Go:
    """A `go` that keeps in the directory `work` what it makes on its way."""

    binary: Path
    work: Path

    def lines(self, program: Program, arguments: Sequence[str]) -> Iterator[str]:
        """Run it in the program's module, and yield its lines as they come.

        Raises:
            BuildError: it failed; which one is told from its last lines.
        """
        said: deque[str] = deque(maxlen=_KEPT_LINES)
        environment = go_environment() | {"GOTMPDIR": str(self.work)}
        with _running([str(self.binary), *arguments], program.module, environment) as process:
            for line in process.stdout or ():
                said.append(line.rstrip())
                yield said[-1]
        if process.returncode != 0:
            raise _failure(program, list(said))


def _compile(program: Program, binary: Path, go: _Go, compiled: set[str]) -> set[str]:
    """Compile a program, and return its packages; those `compiled` for another one are not counted."""
    with step(f"Fetching the Go modules of {program.title}"):
        packages = set(go.lines(program, ["list", "-deps", program.package])) - compiled
    build = ["build", "-v", "-trimpath", f"-ldflags={program.ldflags}", f"-o={binary}", program.package]
    with step(f"Compiling {program.title} (once)", len(packages)) as shown:
        for line in go.lines(program, build):
            if line in packages:  # `-v` names each package as it is compiled
                shown.advance()
    return packages


@contextmanager
def _running(argv: Sequence[str], directory: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A child in a process group of its own, so that leaving early (Ctrl-C) also ends the compilers that it started."""
    with subprocess.Popen(
        argv,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        process_group=0,
    ) as process:
        try:
            yield process
        except BaseException:
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(_END_SECONDS)
            raise


def _failure(program: Program, said: Sequence[str]) -> BuildError:
    text = "\n".join(said)
    if "no space left on device" in text:
        return NoDiskSpaceError(program.title)
    unreachable = [line for line in said if any(sign in line for sign in _NETWORK_SIGNS)]
    if unreachable:
        return ModulesUnreachableError(program.title, unreachable[-1].strip())
    return CompileError(program.title, text)
